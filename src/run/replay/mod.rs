//! Past days replayed: at each of them the model is trained anew on what was known that morning, the forecast made, and
//! held against what was won in the end.
//!
//! What was forecast is kept ([`ForecastRecord`](crate::store::forecasts::ForecastRecord)) under the checksum of what it
//! rests on, so that the nightly run and the next backtest need only replay what is new.

mod backtest;
mod history_sums;
mod past_day;
mod past_forecasts;
mod plan;

pub use backtest::{Backtest, SkippedDay, backtest};
pub(crate) use history_sums::HistorySums;
pub use past_forecasts::PastForecasts;
pub use plan::BacktestPlan;
