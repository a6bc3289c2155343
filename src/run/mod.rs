//! Every flow, spelled once: what commands are made of. Prints nothing and reads no clock.

pub mod answers;
pub mod champion;
pub mod check;
mod compared_runs;
pub mod copies;
pub mod error;
pub mod input_quality;
pub mod inputs;
mod misspelt;
pub mod morning;
pub mod nightly;
pub mod outputs;
pub mod questions;
pub mod replay;
pub mod sections;
mod stagnation_backtest;
pub mod watch;
