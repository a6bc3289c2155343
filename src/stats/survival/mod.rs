//! How long do stays last and how do they end? Counted by day in [`ExitCounts`], estimated in [`ExitCurves`].

mod counts;
mod curves;
mod exit_cause;
#[cfg(test)]
mod tests;

pub use crate::domain::probability::{Share, wilson};
pub use counts::{ExitCounts, MAX_DAYS};
pub use curves::{CurveStep, ExitCurves, SampleShare};
pub use exit_cause::ExitCause;
