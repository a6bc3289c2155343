//! Results to bytes: tables with typed columns, written as CSV, JSON or Parquet into a folder that appears whole.
//!
//! One file per result says what its table looks like; [`format`](mod@format) knows the encodings, [`writer`] owns destinations.
//! Computes nothing, and does not print.

pub mod backtest;
pub mod dictionary;
pub mod drift;
pub mod evaluation;
pub mod features;
pub mod forecast;
pub mod format;
pub mod funnel;
pub mod lags;
pub mod previous;
pub mod quality;
pub mod revisions;
pub mod scores;
pub mod sources;
pub mod stagnation;
pub mod table;
pub mod trace;
pub mod waterfall;
pub mod writer;
