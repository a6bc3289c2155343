//! The `evaluation` table: one row per fold, contender and part of the test rows.

use arrow::error::ArrowError;

use crate::model::evaluation::{Evaluation, EvaluationRow};
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// A line with how the model was evaluated; none for published scores.
#[derive(Clone, Copy)]
pub struct EvaluationLine<'a> {
    row: &'a EvaluationRow,
    validation: Option<&'static str>,
}

fn count(rows: u64) -> Option<i64> {
    i64::try_from(rows).ok()
}

fn low(interval: Option<[f64; 2]>) -> Option<f64> {
    interval.map(|[low, _]| low)
}

fn high(interval: Option<[f64; 2]>) -> Option<f64> {
    interval.map(|[_, high]| high)
}

/// When a metric or its interval is empty.
const UNKNOWN: &str = "the metric has no value here, or too few deals to say how sure it is";

/// What always holds of `evaluation`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["cutoff", "model", "scope"]),
    Invariant::Ordered(&["won", "rows"]),
    Invariant::Ordered(&["deals", "rows"]),
    Invariant::Ordered(&["log_loss_low", "log_loss", "log_loss_high"]),
    Invariant::Ordered(&["brier_low", "brier", "brier_high"]),
    Invariant::Ordered(&["auc_low", "auc", "auc_high"]),
    Invariant::Ordered(&["calibration_slope_low", "calibration_slope", "calibration_slope_high"]),
    Invariant::Ordered(&["calibration_intercept_low", "calibration_intercept", "calibration_intercept_high"]),
];

/// The columns of `evaluation`.
#[must_use]
pub fn evaluation_spec<'a>() -> TableSpec<EvaluationLine<'a>> {
    type Row<'a> = EvaluationLine<'a>;
    TableSpec::new(
        "evaluation",
        "cutoff x model or baseline x scope",
        vec![
            Column::date("cutoff", "the model was trained on what was known before this day", |row: &Row<'_>| {
                row.row.cutoff
            })
            .empty("all folds together, or a cross-validation"),
            Column::text("model", "which model or baseline", |row: &Row<'_>| Some(row.row.model.as_str().into()))
                .one_of(&["model", "base rate", "stage table", "crm probability", "period model", "period base rate"]),
            Column::text("scope", "which of the rows: `all`, or `stage=...`", |row: &Row<'_>| {
                Some(row.row.scope.as_str().into())
            }),
            Column::integer("rows", "rows evaluated, none of them of a deal that was trained on", |row: &Row<'_>| {
                count(row.row.rows)
            })
            .unit("deals x days"),
            Column::integer(
                "deals",
                "deals these rows are of; in a grouped cross-validation groups",
                |row: &Row<'_>| count(row.row.deals),
            )
            .unit("deals"),
            Column::integer("won", "rows won within the horizon", |row: &Row<'_>| count(row.row.won))
                .unit("deals x days"),
            Column::number(
                "log_loss",
                "mean of -log(chance given to what happened); lower is better",
                |row: &Row<'_>| Some(row.row.log_loss),
            )
            .unit("nats"),
            Column::number("log_loss_se", "standard error of the log loss, clustered by deal", |row: &Row<'_>| {
                row.row.log_loss_se
            })
            .unit("nats")
            .empty("there is a single deal"),
            Column::number("brier", "mean squared error of the chances; lower is better", |row: &Row<'_>| {
                Some(row.row.brier)
            }),
            Column::number(
                "auc",
                "how often a won row has the higher chance of two; 0.5 is guessing",
                |row: &Row<'_>| row.row.auc,
            )
            .between(0, 1)
            .empty("all rows ended alike"),
            Column::number("calibration_slope", "1 is right, below 1 the chances are too extreme", |row: &Row<'_>| {
                row.row.slope
            })
            .empty("it cannot be fitted"),
            Column::number("calibration_intercept", "0 is right, above 0 the chances are too low", |row: &Row<'_>| {
                row.row.intercept
            })
            .unit("log-odds")
            .empty("it cannot be fitted"),
            Column::number(
                "calibration_error",
                "mean distance of predicted and observed over ten bins",
                |row: &Row<'_>| row.row.ece,
            )
            .between(0, 1)
            .empty("there are too few rows"),
            Column::number(
                "log_loss_low",
                "lower end of the log loss's 95 % interval; all intervals are clustered by deal",
                |row: &Row<'_>| low(row.row.log_loss_interval()),
            )
            .unit("nats")
            .at_least(0)
            .empty(UNKNOWN),
            Column::number("log_loss_high", "upper end of the log loss's 95 % interval", |row: &Row<'_>| {
                high(row.row.log_loss_interval())
            })
            .unit("nats")
            .at_least(0)
            .empty(UNKNOWN),
            Column::number("brier_low", "lower end of the Brier score's 95 % interval", |row: &Row<'_>| {
                low(row.row.brier_interval())
            })
            .between(0, 1)
            .empty(UNKNOWN),
            Column::number("brier_high", "upper end of the Brier score's 95 % interval", |row: &Row<'_>| {
                high(row.row.brier_interval())
            })
            .between(0, 1)
            .empty(UNKNOWN),
            Column::number("auc_low", "lower end of the AUC's 95 % interval", |row: &Row<'_>| {
                low(row.row.auc_interval())
            })
            .between(0, 1)
            .empty(UNKNOWN),
            Column::number("auc_high", "upper end of the AUC's 95 % interval", |row: &Row<'_>| {
                high(row.row.auc_interval())
            })
            .between(0, 1)
            .empty(UNKNOWN),
            Column::number("calibration_slope_low", "lower end of the slope's 95 % interval", |row: &Row<'_>| {
                low(row.row.slope_interval())
            })
            .empty(UNKNOWN),
            Column::number("calibration_slope_high", "upper end of the slope's 95 % interval", |row: &Row<'_>| {
                high(row.row.slope_interval())
            })
            .empty(UNKNOWN),
            Column::number(
                "calibration_intercept_low",
                "lower end of the intercept's 95 % interval",
                |row: &Row<'_>| low(row.row.intercept_interval()),
            )
            .unit("log-odds")
            .empty(UNKNOWN),
            Column::number(
                "calibration_intercept_high",
                "upper end of the intercept's 95 % interval",
                |row: &Row<'_>| high(row.row.intercept_interval()),
            )
            .unit("log-odds")
            .empty(UNKNOWN),
            Column::text(
                "validation",
                "how the rows were told from those the model learnt from: by days, or by deals alone",
                |row: &Row<'_>| row.validation.map(Into::into),
            )
            .one_of(&["rolling origin", "grouped cross-validation"])
            .empty("published scores"),
        ],
    )
    .holds(INVARIANTS)
}

/// The lines of an evaluation, then those of published scores.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn evaluation_table(evaluation: &Evaluation, published: &[EvaluationRow]) -> Result<Table, ArrowError> {
    let validation = Some(evaluation.validation.name());
    let evaluated = evaluation.rows.iter().map(|row| EvaluationLine { row, validation });
    let published = published.iter().map(|row| EvaluationLine { row, validation: None });
    evaluation_spec().table(&evaluated.chain(published).collect::<Vec<_>>(), 2)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Date32Type;

    use super::*;
    use crate::domain::day::Day;
    use crate::model::stored_fixtures::{TRAINED, model};
    use crate::report::fixtures::assert_row;

    /// Standard errors whose reach of 1.959963985 is a number with few digits. The ends of the intervals are Python's: of
    /// the log loss 0.5 / e^0.5 and 0.5 e^0.5, of Brier score and AUC those of the log-odds -+ reach / (x (1 - x)).
    const fn se(reach: f64) -> Option<f64> {
        Some(reach / 1.959_963_985)
    }

    #[test]
    fn every_column_shows_its_own_field() {
        let row = EvaluationRow {
            cutoff: Some(Day(31)),
            model: "model".to_owned(),
            scope: "stage=Demo".to_owned(),
            rows: 500,
            deals: 130,
            won: 125,
            log_loss: 0.5,
            log_loss_se: se(0.25),
            brier: 0.1875,
            brier_se: se(0.125),
            auc: Some(0.75),
            auc_se: se(0.0625),
            slope: Some(1.25),
            slope_se: se(0.5),
            intercept: Some(-0.375),
            intercept_se: se(2.0),
            ece: Some(0.03),
        };
        let evaluation = Evaluation { rows: vec![row], ..Evaluation::default() };
        let table = evaluation_table(&evaluation, &[]).expect("a table");
        let expected = [
            ("cutoff", "1970-02-01"),
            ("model", "model"),
            ("scope", "stage=Demo"),
            ("rows", "500"),
            ("deals", "130"),
            ("won", "125"),
            ("log_loss", "0.5"),
            ("log_loss_se", "0.12755336420123048"),
            ("brier", "0.1875"),
            ("auc", "0.75"),
            ("calibration_slope", "1.25"),
            ("calibration_intercept", "-0.375"),
            ("calibration_error", "0.03"),
            ("log_loss_low", "0.3032653298563167"),
            ("log_loss_high", "0.8243606353500641"),
            ("brier_low", "0.09221791905626076"),
            ("brier_high", "0.3439311494204718"),
            ("auc_low", "0.6824987532746917"),
            ("auc_high", "0.8072042852066904"),
            ("calibration_slope_low", "0.75"),
            ("calibration_slope_high", "1.75"),
            ("calibration_intercept_low", "-2.375"),
            ("calibration_intercept_high", "1.625"),
            ("validation", "rolling origin"),
        ];
        assert_row(&table, 0, &expected);
    }

    #[test]
    fn every_line_of_the_evaluation_is_a_row() {
        let model = model();
        let table = evaluation_table(&model.evaluation, &model.evaluation.rows[..1]).expect("a table");
        let batch = table.batch();
        assert_eq!(table.rows(), 5);
        let cutoffs = batch["cutoff"].as_primitive::<Date32Type>();
        assert_eq!(
            cutoffs.iter().collect::<Vec<_>>(),
            [Some(TRAINED.0 - 240), None, None, None, Some(TRAINED.0 - 240)]
        );
        assert_eq!(batch["validation"].null_count(), 1, "the line that stands for published scores");
        assert_eq!(batch["auc"].null_count(), 1, "the base rate has none");
        assert_eq!(batch["calibration_intercept_low"].null_count(), 5);
    }

    #[test]
    fn a_model_without_evidence_has_a_table_without_rows() {
        assert_eq!(evaluation_table(&Evaluation::default(), &[]).expect("a table").rows(), 0);
    }
}
