//! One question per folder, answered from the timeline, the snapshot, the scores and the books.
//!
//! Each has its result types, the columns it is shown in and what it has to say. Nothing here prints or touches a file.

pub mod actions;
pub mod backtest;
pub mod compare;
pub mod forecast;
pub mod funnel;
pub mod gaps;
pub mod history;
pub mod outlook;
pub mod period_deals;
pub mod positions;
pub mod quality;
pub mod revisions;
pub mod scores;
pub mod sources;
pub mod stagnation;
pub mod waterfall;
