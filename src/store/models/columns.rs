//! The `models` table: one row per file of the folder; and `models_log`: one row per decision about which is in use.

use arrow::error::ArrowError;

use super::decisions::LogEntry;
use super::registry::SavedModel;
use crate::model::WinModel;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

impl SavedModel {
    fn usable(&self) -> Option<&WinModel> {
        self.model.as_ref().ok()
    }

    /// Log loss of one contender of its evaluation, over all folds.
    fn log_loss(&self, contender: &str) -> Option<f64> {
        Some(self.usable()?.overall(contender)?.log_loss)
    }
}

/// When what a model says of itself is empty.
const UNUSABLE: &str = "the file is no usable model";

/// What always holds of `models`.
const INVARIANTS: &[Invariant] = &[Invariant::Key(&["model_id"])];

/// The columns of `models`.
#[must_use]
pub fn models_spec() -> TableSpec<SavedModel> {
    TableSpec::new(
        "models",
        "saved model",
        vec![
            Column::text("model_id", "id of the model: the stem of its file", |saved: &SavedModel| {
                Some(saved.id.as_str().into())
            }),
            Column::flag("current", "whether it is in use", |saved: &SavedModel| Some(saved.current)),
            Column::date("as_of", "it knows only what is dated before this day", |saved: &SavedModel| {
                Some(saved.usable()?.as_of)
            })
            .empty(UNUSABLE),
            Column::flag(
                "signal",
                "whether it beats the base rate out of time; if not, every deal gets the base rate",
                |saved: &SavedModel| Some(saved.usable()?.signal),
            )
            .empty(UNUSABLE),
            Column::integer("rows", "rows it was trained on", |saved: &SavedModel| {
                i64::try_from(saved.usable()?.training.rows).ok()
            })
            .unit("deals x days")
            .empty(UNUSABLE),
            Column::integer("horizon_days", "how far ahead its chances to be won look", |saved: &SavedModel| {
                Some(saved.usable()?.horizon_days.into())
            })
            .unit("days")
            .empty(UNUSABLE),
            Column::number(
                "log_loss",
                "mean log loss of the model out of time; lower is better",
                |saved: &SavedModel| saved.log_loss("model"),
            )
            .unit("nats")
            .empty("it was not evaluated"),
            Column::number(
                "log_loss_base_rate",
                "mean log loss of the base rate on the same rows",
                |saved: &SavedModel| saved.log_loss("base rate"),
            )
            .unit("nats")
            .empty("it was not evaluated"),
            Column::text("problem", "why the file is no usable model", |saved: &SavedModel| {
                Some(saved.model.as_ref().err()?.to_string().into())
            })
            .empty("it is one"),
        ],
    )
    .holds(INVARIANTS)
}

/// The columns of `models_log`.
#[must_use]
pub fn log_spec() -> TableSpec<LogEntry> {
    TableSpec::new(
        "models_log",
        "decision about which model is in use, oldest first",
        vec![
            Column::date("as_of", "day the data were of", |entry: &LogEntry| entry.as_of).empty("a person decided"),
            Column::text(
                "action",
                "what was decided: the model was put to use, was not, or is in use again",
                |entry: &LogEntry| Some(entry.action.as_str().into()),
            )
            .one_of(&["promoted", "kept", "rolled back"]),
            Column::text("model_id", "model decided about", |entry: &LogEntry| Some(entry.model_id.as_str().into())),
            Column::text("previous", "model in use before", |entry: &LogEntry| Some(entry.previous.as_deref()?.into()))
                .empty("there was none"),
            Column::text("reason", "why", |entry: &LogEntry| Some(entry.reason.as_str().into())),
        ],
    )
}

/// The saved models as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn models_table(saved: &[SavedModel]) -> Result<Table, ArrowError> {
    models_spec().table(saved, 2)
}

/// The decisions as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn log_table(log: &[LogEntry]) -> Result<Table, ArrowError> {
    log_spec().table(log, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::model::ModelError;
    use crate::model::stored_fixtures::model;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let usable = SavedModel { id: "first".to_owned(), current: true, model: Ok(model()) };
        let missing = ModelError::Missing { wanted: "second".to_owned(), folder: "models".to_owned() };
        let problem = missing.to_string();
        let unusable = SavedModel { id: "second".to_owned(), current: false, model: Err(missing) };
        let table = models_table(&[usable, unusable]).expect("a table");
        let expected = [
            ("model_id", "first"),
            ("current", "true"),
            ("as_of", "2026-02-14"),
            ("signal", "true"),
            ("rows", "4000"),
            ("horizon_days", "120"),
            ("log_loss", "0.51"),
            ("log_loss_base_rate", "0.58"),
            ("problem", ""),
        ];
        assert_row(&table, 0, &expected);
        let expected = [
            ("model_id", "second"),
            ("current", "false"),
            ("as_of", ""),
            ("signal", ""),
            ("rows", ""),
            ("horizon_days", ""),
            ("log_loss", ""),
            ("log_loss_base_rate", ""),
            ("problem", problem.as_str()),
        ];
        assert_row(&table, 1, &expected);
    }

    #[test]
    fn every_column_of_the_log_shows_its_own_field() {
        let entry = LogEntry {
            as_of: Some(Day(31)),
            action: "promoted".to_owned(),
            model_id: "second".to_owned(),
            previous: Some("first".to_owned()),
            reason: "it is better".to_owned(),
        };
        let expected = [
            ("as_of", "1970-02-01"),
            ("action", "promoted"),
            ("model_id", "second"),
            ("previous", "first"),
            ("reason", "it is better"),
        ];
        assert_row(&log_table(&[entry]).expect("a table"), 0, &expected);
    }
}
