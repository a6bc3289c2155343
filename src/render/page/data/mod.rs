//! What the script of the page works on: columns of the run's tables, small enough for 20,000 open deals.

mod changes;
mod columns;
mod factors;
mod inlined;
mod lists;

pub(super) use inlined::inlined;
pub(super) use lists::{CASES, DEAL, FORECAST, FUNNEL, GAPS, PACE, POSITIONS, RUNS, STAGNATION};
