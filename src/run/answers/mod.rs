//! One question each, from the inputs to the table that answers it: what a command, a notebook or a job on a cluster
//! calls.
//!
//! Inputs and what is asked in, [`Answer`] out; what to know before trusting it goes to the watcher.

mod actions;
mod answer;
mod backtest;
mod check;
mod check_outputs;
mod compare;
mod digests;
mod explain;
mod features;
mod forecast;
mod foreseen;
mod funnel;
mod gaps;
mod history;
mod model;
pub mod models;
mod report;
mod score;
mod sources;
mod stagnation;
mod train;
mod waterfall;

pub use crate::analyses::funnel::CURRENT as CURRENT_PROCESS;
pub use crate::analyses::revisions::findings::{Appended, appended};
pub use crate::analyses::sources::Attribution;
pub use crate::run::compared_runs::RunsCompared;
pub use actions::actions;
pub use answer::Answer;
pub use backtest::backtest;
pub use check::{CheckedInputs, check, named_model};
pub use check_outputs::{CheckedOutputs, check_outputs};
pub use compare::compare as compare_runs;
pub use digests::digests;
pub use explain::{Explanation, explain};
pub use features::features;
pub use forecast::{ForecastQuestion, forecast};
pub use funnel::{DealGroup, compare, funnel, funnel_flow, funnel_summary};
pub use gaps::{GapsQuestion, gaps};
pub use history::{HistoryAnswer, history};
pub use model::ModelWanted;
pub use report::{ReportFile, charts, report};
pub use score::score;
pub use sources::{SourcesQuestion, sources};
pub use stagnation::{stagnation, stagnation_backtest};
pub use train::{TrainedModel, train};
pub use waterfall::{WaterfallQuestion, waterfall};
