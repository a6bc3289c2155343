//! How right would the forecasts of past days have been, and would a simpler one have done?
//!
//! The forecasts of past days ([`ReplayedDay`]) and what was won in the end, to [`Replayed`] cases and [`BacktestLine`]s.
//! Replays nothing itself.
//!
//! | measure | definition |
//! |---|---|
//! | `wape` | sum of absolute errors / sum of what was won |
//! | `bias` | sum of (forecast - won) / sum of what was won |
//! | `pinball` | mean loss of the 10, 50 and 90 % quantiles / mean of what was won |
//! | `crps` | twice the mean loss of the nine deciles / mean of what was won: the continuous ranked probability score |
//! | `coverage` | share of cases in which p10 to p90 held what was won |
//! | `hit_brier` | mean squared error of the chance to hit the quota |
//! | `hit_slope` | slope of the log-odds of hitting it on those of the chance given: 1 is calibrated, below 1 too sure |

mod actuals;
mod cases;
pub mod columns;
pub mod findings;
mod judge;
mod past;
mod rows;
mod spread;

pub use actuals::Actuals;
pub use cases::cases;
pub use judge::judge;
pub use past::{PastEnd, PastForecast, ReplayedDay};
pub use rows::{BacktestLine, Forecaster, Replayed};
pub use spread::{Spread, before_stretch, stretched};
