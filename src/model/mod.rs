//! Landmark rows to a [`WinModel`]: fitted, judged out of time, calibrated, stored.
//!
//! Trains and evaluates; does not score today's deals (`scoring`) and writes no report.

mod artifact;
mod baselines;
pub(crate) mod card;
pub mod columns;
mod contest;
mod due;
mod error;
mod evaluate;
mod evidence;
#[cfg(test)]
mod fixtures;
mod folds;
mod intervals;
pub mod logistic;
mod matured;
mod metrics;
pub(crate) use metrics::line_through;
mod multinomial;
mod newton;
mod period_head;
mod period_terms;
mod rows;
mod side_by_side;
#[cfg(test)]
pub(crate) mod stored_fixtures;
#[cfg(test)]
mod tests;
mod train;
mod win_model;

pub use card::{card, card_json};
pub use contest::{Contest, Duel, contest, duel};
pub use due::{Wear, drifted, due, known_deals, recipe_blake3};
pub use error::ModelError;
pub use evidence::JudgedRow;
pub use matured::{PublishedScore, judge_published};
pub use newton::Line;
pub use period_terms::{PeriodInput, PeriodTerm, Until};
pub use rows::TrainingRows;
pub use side_by_side::{Fact, side_by_side, side_by_side_spec, side_by_side_table};
pub use train::{Trained, train, training_rows};
pub use win_model::{
    AlphaTrial, Calibration, Evaluation, EvaluationRow, FORMAT_VERSION, FactorImportance, Fold, PeriodColumn,
    PeriodHead, ReliabilityBin, Sees, TrainingFacts, WinHead, WinModel,
};
