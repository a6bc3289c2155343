//! The `evaluation` and `reliability` tables of a model.

use arrow::error::ArrowError;

use super::table::{Table, TableBuilder};
use crate::model::{EvaluationRow, ReliabilityBin, WinModel};

/// The lines of the evaluation; `cutoff` is empty where all folds are taken together.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(model: &WinModel) -> Result<Table, ArrowError> {
    let rows = || model.evaluation.rows.iter();
    let count = |read: fn(&EvaluationRow) -> u64| rows().map(move |row| i64::try_from(read(row)).ok());
    TableBuilder::default()
        .date("cutoff", rows().map(|row| row.cutoff.map(|day| day.0)))
        .text("model", rows().map(|row| Some(&row.model)))
        .text("scope", rows().map(|row| Some(&row.scope)))
        .integer("rows", count(|row| row.rows))
        .integer("deals", count(|row| row.deals))
        .integer("won", count(|row| row.won))
        .number("log_loss", rows().map(|row| Some(row.log_loss)))
        .number("log_loss_se", rows().map(|row| row.log_loss_se))
        .number("brier", rows().map(|row| Some(row.brier)))
        .number("auc", rows().map(|row| row.auc))
        .number("calibration_slope", rows().map(|row| row.slope))
        .number("calibration_intercept", rows().map(|row| row.intercept))
        .number("calibration_error", rows().map(|row| row.ece))
        .finish("evaluation")
}

/// Predicted beside observed, one row per tenth of the test rows.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn reliability_table(model: &WinModel) -> Result<Table, ArrowError> {
    let bins = || model.evaluation.reliability.iter();
    let count = |read: fn(&ReliabilityBin) -> u64| bins().map(move |bin| i64::try_from(read(bin)).ok());
    TableBuilder::default()
        .integer("bin", (1..).take(bins().count()).map(Some))
        .integer("rows", count(|bin| bin.rows))
        .integer("won", count(|bin| bin.won))
        .number("predicted", bins().map(|bin| Some(bin.predicted)))
        .number("observed", bins().map(|bin| Some(bin.observed)))
        .number("observed_low", bins().map(|bin| Some(bin.observed_low)))
        .number("observed_high", bins().map(|bin| Some(bin.observed_high)))
        .finish("reliability")
}
