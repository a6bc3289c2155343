//! Landmark rows to a [`WinModel`]: fitted, evaluated out of time, calibrated, stored.
//!
//! Trains and evaluates; does not score today's deals (`scoring`) and writes no report.

mod artifact;
mod baselines;
mod candidate;
mod card;
mod card_json;
mod cause;
mod claim;
pub mod columns;
mod contest;
mod contradiction;
mod coverage;
mod cross_validation;
mod due;
mod encoded;
mod error;
mod evaluate;
mod evaluation;
mod evidence;
pub mod findings;
mod fingerprint;
#[cfg(test)]
mod fixtures;
mod fold_trial;
mod folds;
mod heads;
mod intervals;
mod leak_findings;
mod limits;
pub mod logistic;
mod matured;
mod metrics;
mod newton;
mod penalties;
mod period;
mod predictions;
mod rates;
mod recalibrate;
mod rows;
mod side_by_side;
mod stage_outcomes;
#[cfg(test)]
pub(crate) mod stored_fixtures;
mod suspects;
#[cfg(test)]
mod tests;
mod train;
mod validation;
mod verdict;
mod visible;
mod win_head;
mod win_model;

pub use card::card;
pub use card_json::card_json;
pub use contest::{Contest, Duel, beyond_data, contest, duel};
pub use coverage::TrainingCoverage;
pub use due::{Staleness, drifted, due, known_deals, recipe_blake3};
pub use error::ModelError;
pub use evaluation::{AlphaTrial, Evaluation, EvaluationRow, Fold, ReliabilityBin, Sees, Validation};
pub use fingerprint::{Fingerprint, NamedSketch, Sketch};
pub use matured::{PublishedScore, evaluate_published};
pub(crate) use metrics::line_through;
pub use newton::Line;
pub use period::ahead::DaysAhead;
pub use period::course::Course;
pub use period::head::{PeriodColumn, PeriodHead};
pub use period::terms::{PeriodInput, PeriodTerm};
pub use predictions::OutOfTimePrediction;
pub use rows::TrainingRows;
pub use side_by_side::{Fact, side_by_side, side_by_side_spec, side_by_side_table};
pub use train::{Trained, check_group_column, train, training_coverage, training_rows};
pub use win_head::{Calibration, HeadKind, WinHead};
pub use win_model::{FORMAT_VERSION, FactorImportance, TrainingFacts, WinModel};
