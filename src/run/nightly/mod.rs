//! The nightly run: check, train, score, every report, one folder that appears whole.
//!
//! [`Inputs`](crate::run::inputs::Inputs), a folder of models and an open output folder to a [`RunResult`], which carries
//! what people read. Prints nothing; the clock comes in through the watcher.

mod evidence;
mod flow;
mod loading;
mod manifest;
mod quality;
mod rehearsal;
mod reports;
mod result;
mod sections;
mod since;
mod tables;

pub use flow::{ModelChoice, Nightly, nightly};
pub(crate) use loading::load;
pub(crate) use rehearsal::rehearse;
pub use reports::Reports;
pub use result::{NightResults, RunResult, ScoredModel, Stuck};
