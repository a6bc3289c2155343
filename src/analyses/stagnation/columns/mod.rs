//! The tables of stagnation: `stagnation`, one row per open deal; `stagnation_summary`, the same by group;
//! `stagnation_backtest`, how right its alerts of past mornings were.

mod backtest;
mod deals;
mod summary;

pub use backtest::{backtest_spec, backtest_table};
pub use deals::{StagnationLine, spec, table};
pub use summary::{StagnationSummaryLine, summary_spec, summary_table};
