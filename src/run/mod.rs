//! Every flow, spelled once: what commands are made of. Prints nothing.

pub mod dictionary;
mod marketing;
pub mod outputs;
pub mod questions;
pub mod replay;
pub mod sections;
mod stagnation_backtest;

pub use marketing::Selection;
pub use stagnation_backtest::judge_stagnation;
