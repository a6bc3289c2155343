//! How far is everyone from quota, and what is in the pipeline to close the gap?
//!
//! Timeline, snapshot, scores and quotas to a [`Forecast`]: one [`ForecastRow`] per node, period, currency and basis,
//! money exact in minor units; with an `Outlook` also how the period may end.
//!
//! | column | definition | empty |
//! |---|---|---|
//! | `quota` | see [`quota`](crate::books::quota) | null without a quota |
//! | `won`, `lost` | amounts of deals closed in the period, as known on the as-of day | 0 |
//! | `quota_rollup` | the roll-up: what lies below the node adds up to, beside the quota set for it | null for owners and where nothing lies below |
//! | `gap` | quota - won; negative beyond the quota | null without a quota |
//! | `pipeline` | open deals, but omitted ones, whose expected close date lies in the period: the sum over all categories | 0 |
//! | `best_case`, `commit`, `pipeline_single` | the part of `pipeline` in exactly that category (single): together they are `pipeline`. An open deal called closed counts as commit, one without a category as pipeline | 0 |
//! | `omitted` | open deals of that category whose expected close date lies in the period; in no other column but expected_from_open | 0 |
//! | `commit_cumulative` | won + commit | 0 |
//! | `best_case_cumulative` | commit_cumulative + best_case | 0 |
//! | `pipeline_cumulative` | best_case_cumulative + pipeline_single = won + pipeline | 0 |
//! | `weighted` | `pipeline` deals x the CRM's chance to win: the deal's, else its stage's, else the stage's past win rate | null where no deal has one |
//! | `expected_from_open` | all open deals x the model's chance to be won in the period, at the pace of past periods, x what amounts become | null without scores, 0 for past periods |
//! | `expected_from_new` | deals not yet created, see [`outlook`](crate::analyses::outlook) | null without scores and under a category filter, 0 for past periods |
//! | `expected` | won + expected_from_open + expected_from_new | null without scores |
//! | `p10`, `p50`, `p90` | what will have been won, won included; native rows from the deals in their currency | null without scores, for past periods, under a category filter |
//! | `p_hit_quota` | chance that what will have been won reaches the quota, 0 to 1 | as above, and without a quota |
//! | `p_beat_last` | chance to win more than in the period before | as above, and while that runs |
//! | `deals_to_close` | fewest open deals whose expected wins cover the gap; [`forecast_deals`] names them | as above, and where all of them do not |
//! | `attainment` | won / quota, 0 and up | null without a quota, or a quota of 0 |
//! | `coverage` | pipeline / (quota - won) | null where nothing remains |
//! | `required_coverage` | 1 / own dollar conversion, 1 and up; see `conversion` | null for past periods |
//! | `overdue` | open deals, but omitted ones, expected to close before the as-of day; on running periods only | null elsewhere |
//!
//! A closed deal belongs to where its owner stood on the closing day, an open one to where its owner stood on the last
//! known day (the one before the as-of day). Base amounts are converted deal by deal, at the closing day's rate or the
//! last known one, and rounded once; so is every product with a probability. A deal without such a rate is 0 in base rows
//! and itself in native ones. All sums are sums of those integers:
//! owners, teams, regions and the company agree to the cent, and so do the months of a quarter for what is won, lost
//! and in the pipeline.
//!
//! Rows exist where a node has a deal, a quota or something submitted in the period, and always for the company in the
//! running periods.

mod axes;
mod base_money;
mod build;
mod cells;
mod chances;
pub mod columns;
mod conversion;
pub mod deal_columns;
mod deal_sums;
mod facts;
mod final_sum;
pub mod findings;
mod gather;
mod input;
mod listing;
mod measures;
mod open_deals;
mod ranges;
mod row_builder;
mod row_money;
mod rows;
mod run_forecast;
#[cfg(test)]
mod tests;
mod win_rates;
mod without_rate;
mod worth;

pub use base_money::BaseRows;
pub use build::forecast;
pub use final_sum::FinalSum;
pub use input::{ForecastError, ForecastInput};
pub use listing::{DealInRow, ForecastDeals, forecast_deals};
pub use row_money::{RowMoney, RowsOfMoney};
pub use rows::{Forecast, ForecastQuality, ForecastRow, RowBasis};
pub use run_forecast::{RunForecast, runs_spec, runs_table};
pub use win_rates::stage_win_rates;
pub use without_rate::WithoutRate;

pub(crate) use base_money::base_rows;
pub(crate) use chances::{Chances, expected_value};
pub(crate) use worth::DealMoney;

pub(crate) use input::MOST_MONEY;
