//! The command as people and schedulers use it: what it writes, what it says, what it refuses, what it leaves behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod as_of;
mod backtest;
mod calendar;
mod champion;
mod check;
mod check_outputs;
mod commands;
mod crm_shapes;
mod custom_history;
mod dirty_data;
mod dirty_world;
mod export_world;
mod faults;
mod forecast;
mod funnel;
mod gaps;
mod golden;
mod harness;
mod help;
mod history;
mod init;
mod init_answers;
mod init_exports;
mod init_files;
mod lists;
mod models;
mod nightly;
mod numbers;
mod odd_exports;
mod order;
mod other_deals;
mod places;
mod process;
mod push;
mod report;
mod revise;
mod safety;
mod short_cycles;
mod snapshot;
mod sources;
mod waterfall;
mod workbooks;
mod world;
