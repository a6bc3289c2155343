//! The vocabulary every stage shares: days, money, periods, stages, codes, the input tables.
//!
//! Plain values only: no polars, no input or output, no clock.

pub mod code;
pub mod day;
pub mod ids;
pub mod inputs;
pub mod maybe;
pub mod money;
pub mod period;
pub mod probability;
pub mod progress;
pub mod spelling;
pub mod stage;
