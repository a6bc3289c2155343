//! One question per file, answered from the timeline, the snapshot and the scores.
//!
//! Results are plain structs with exact money; what they look like is `report`'s business.

pub mod backtest;
pub mod currency;
pub mod deal_values;
pub mod forecast;
pub mod funnel;
mod funnel_cohort;
pub mod funnel_compare;
mod funnel_counts;
pub mod funnel_flow;
mod funnel_flow_leads;
mod funnel_leads;
mod funnel_walk;
pub mod lags;
pub mod leads;
pub mod outlook;
pub mod quota;
pub mod revisions;
pub mod segment;
pub mod sources;
pub mod stagnation;
pub mod stagnation_judged;
pub mod stagnation_levels;
pub mod stagnation_norms;
pub mod stagnation_summary;
pub mod structure;
pub mod survival;
mod survival_counts;
pub mod trace;
pub mod two_samples;
pub mod waterfall;
