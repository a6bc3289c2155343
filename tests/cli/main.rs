//! The command as people and schedulers use it: what it writes, what it says, what it refuses, what it leaves behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod as_of;
mod backtest;
mod calendar;
mod champion;
mod check_outputs;
mod commands;
mod dirty_world;
mod faults;
mod forecast;
mod funnel;
mod gaps;
mod golden;
mod harness;
mod help;
mod history;
mod models;
mod nightly;
mod numbers;
mod order;
mod places;
mod process;
mod revise;
mod safety;
mod sources;
mod waterfall;
mod world;
