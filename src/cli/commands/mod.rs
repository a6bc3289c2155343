//! One file per command: its arguments, its settings, one call of the library, and what is printed of the result.

pub(super) mod actions;
pub(super) mod backtest;
pub(super) mod check;
pub(super) mod compare;
pub(super) mod completions;
pub(super) mod explain;
pub(super) mod features;
pub(super) mod forecast;
pub(super) mod funnel;
pub(super) mod gaps;
pub(super) mod help;
pub(super) mod history;
pub(super) mod init;
pub(super) mod models;
pub(super) mod push;
pub(super) mod report;
pub(super) mod revise;
pub(super) mod run;
pub(super) mod schema;
pub(super) mod score;
pub(super) mod simulate;
pub(super) mod snapshot;
pub(super) mod sources;
pub(super) mod stagnation;
pub(super) mod train;
pub(super) mod waterfall;
