//! Why there is no model, or why one may not be used: for every reason what was found and what was expected.

use thiserror::Error;

use crate::domain::day::Day;

/// Why there is no model, or why one may not be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Not enough deals have ended.
    #[error(
        "{won} won and {lost} other deals whose outcome is known in time, expected at least {needed} of each: {cause}"
    )]
    TooLittleData {
        /// Won deals with at least one training row.
        won: u64,
        /// Lost or long open deals with at least one training row.
        lost: u64,
        /// Needed of each.
        needed: u64,
        /// What leaves so few, in words with the numbers.
        cause: String,
        /// What changes that.
        remedy: String,
    },
    /// The model was trained on other deals than those it is to score.
    #[error("model {model_id} was trained on other deals than these: {reason}")]
    OtherDeals {
        /// The model.
        model_id: String,
        /// What it does not know.
        reason: String,
    },
    /// Nothing tells the deals that are won from the others.
    #[error("no model: {verdict}")]
    NoSignal {
        /// What the evaluation says.
        verdict: String,
    },
    /// Deals are to be grouped by a column they do not have.
    #[error("`training.group_by` is {column:?}, expected a column of the deals table")]
    NoGroupColumn {
        /// The column.
        column: String,
    },
    /// The solver stopped before it found the minimum.
    #[error(
        "the {head} model did not converge: largest gradient {gradient:.1e} per row, expected below {tolerance:.0e}"
    )]
    NotConverged {
        /// Which part of the model.
        head: &'static str,
        /// Largest absolute component of the gradient, per row.
        gradient: f64,
        /// The bound.
        tolerance: f64,
    },
    /// The solver refused the problem.
    #[error("the {head} model cannot be fitted: {reason}")]
    Solver {
        /// Which part of the model.
        head: &'static str,
        /// What the solver says.
        reason: String,
    },
    /// No such model.
    #[error("there is no model {wanted:?} in {folder}")]
    Missing {
        /// Id or file asked for.
        wanted: String,
        /// The folder looked in.
        folder: String,
    },
    /// The beginning of more than one id.
    #[error("{wanted:?} may be any of {} in {folder}", matching.join(", "))]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// The folder looked in.
        folder: String,
        /// The ids that begin so, sorted.
        matching: Vec<String>,
    },
    /// No model of the folder may be used for this day.
    #[error("{folder} has no model from {as_of} or before ({found} models there)")]
    NoneUsable {
        /// The folder.
        folder: String,
        /// The day to score.
        as_of: Day,
        /// Models found.
        found: usize,
    },
    /// A new model was worse than the one in use.
    #[error("{model_id} is not put to use: {reason}")]
    NotPromoted {
        /// The new model.
        model_id: String,
        /// Why.
        reason: String,
    },
    /// No model was in use before the present one.
    #[error("no model in {folder} was in use before the present one")]
    NothingBefore {
        /// The folder.
        folder: String,
    },
    /// The model knows more than the day it is to score.
    #[error("model {model_id} was trained as of {trained}, expected {as_of} or before")]
    FromTheFuture {
        /// The model.
        model_id: String,
        /// Its day.
        trained: Day,
        /// The day to score.
        as_of: Day,
    },
    /// Stored by a build with another format or another feature encoding.
    #[error("{file}: {what} is {got}, expected {expected}")]
    OtherVersion {
        /// The file.
        file: String,
        /// `format_version` or `feature layout`.
        what: &'static str,
        /// Version found.
        got: u32,
        /// Version of this build.
        expected: u32,
    },
    /// Not a model, cut off, or changed by hand.
    #[error("{file} is no usable model: {reason}")]
    Corrupt {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// Models cannot be kept there.
    #[error("{folder} {reason}, expected a folder of models")]
    Unusable {
        /// The folder named.
        folder: String,
        /// Why not.
        reason: String,
    },
    /// The disk.
    #[error("cannot {action} {file}: {source}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
}
