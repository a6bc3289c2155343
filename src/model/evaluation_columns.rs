//! The `evaluation` and `reliability` tables of a model.

use arrow::error::ArrowError;

use crate::features::FeatureContext;
use crate::model::evaluation::{EvaluationRow, ReliabilityBin};
use crate::model::predictions::OutOfTimePrediction;
use crate::model::win_model::WinModel;
use crate::report::table::{Table, TableBuilder};

/// 97.5 % quantile of the normal distribution.
const Z975: f64 = 1.959_963_985;

/// A metric with its standard error.
type Metric = fn(&EvaluationRow) -> Option<(f64, f64)>;

/// The lines of an evaluation; `cutoff` is empty where all folds are taken together.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table<'a>(lines: impl IntoIterator<Item = &'a EvaluationRow>) -> Result<Table, ArrowError> {
    let lines: Vec<&EvaluationRow> = lines.into_iter().collect();
    let rows = || lines.iter().copied();
    let count = |read: fn(&EvaluationRow) -> u64| rows().map(move |row| i64::try_from(read(row)).ok());
    let table = TableBuilder::default()
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
        .number("calibration_error", rows().map(|row| row.ece));
    let bounds: [(&str, Metric); 5] = [
        ("log_loss", |row| Some((row.log_loss, row.log_loss_se?))),
        ("brier", |row| Some((row.brier, row.brier_se?))),
        ("auc", |row| row.auc.zip(row.auc_se)),
        ("calibration_slope", |row| row.slope.zip(row.slope_se)),
        ("calibration_intercept", |row| row.intercept.zip(row.intercept_se)),
    ];
    let add = |table: TableBuilder, (name, metric): (&str, Metric)| {
        let bound = |sign: f64| rows().map(move |row| metric(row).map(|(value, se)| value + sign * Z975 * se));
        table.number(&format!("{name}_low"), bound(-1.0)).number(&format!("{name}_high"), bound(1.0))
    };
    bounds.into_iter().fold(table, add).finish("evaluation")
}

/// Every test row with what each contender gave it: what the evaluation is computed from.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn judged_table(judged: &[OutOfTimePrediction], context: &FeatureContext<'_>) -> Result<Table, ArrowError> {
    let chance = |read: fn(&OutOfTimePrediction) -> Option<f64>| judged.iter().map(read);
    TableBuilder::default()
        .date("cutoff", judged.iter().map(|row| Some(row.cutoff.0)))
        .text("deal_id", judged.iter().map(|row| context.tables.deals.id(row.state.row)))
        .date("landmark", judged.iter().map(|row| Some(row.state.day.0)))
        .text("stage", judged.iter().map(|row| row.state.stage_tracked.then(|| context.stages.name(row.state.stage))))
        .integer("group", judged.iter().map(|row| Some(i64::from(row.group))))
        .flag("won_within_horizon", judged.iter().map(|row| Some(row.won)))
        .number("model", chance(|row| Some(row.model)))
        .number("base_rate", chance(|row| Some(row.base_rate)))
        .number("stage_table", chance(|row| Some(row.stage_table)))
        .number("crm_probability", chance(OutOfTimePrediction::crm_chance))
        .finish("judged")
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

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{Date32Type, Float64Type, Int64Type};

    use super::*;
    use crate::model::stored_fixtures::{TRAINED, model};
    use crate::run::dictionary::assert_documents;

    #[test]
    fn every_line_of_the_evaluation_is_a_row() {
        let model = model();
        let table = table(&model.evaluation.rows).unwrap();
        assert_documents(&table);
        let batch = table.batch();
        assert_eq!(table.rows(), 4);
        let cutoffs = batch["cutoff"].as_primitive::<Date32Type>();
        assert_eq!(cutoffs.iter().collect::<Vec<_>>(), [Some(TRAINED.0 - 240), None, None, None]);
        let models: Vec<_> = batch["model"].as_string::<i32>().iter().flatten().collect();
        assert_eq!(models, ["model", "model", "base rate", "model"]);
        assert_eq!(batch["scope"].as_string::<i32>().value(3), "stage=Demo");
        assert_eq!(batch["won"].as_primitive::<Int64Type>().value(0), 125);
        let auc: Vec<_> = batch["auc"].as_primitive::<Float64Type>().iter().collect();
        assert_eq!(auc, [Some(0.74), Some(0.74), None, Some(0.74)]);
        assert_eq!(batch["calibration_error"].null_count(), 4);
        // 0.74 -+ 1.96 * 0.02
        let bounds = ["auc_low", "auc_high"].map(|name| batch[name].as_primitive::<Float64Type>().value(0));
        assert!((bounds[0] - 0.7008).abs() < 1e-4 && (bounds[1] - 0.7792).abs() < 1e-4, "{bounds:?}");
        assert_eq!(batch["calibration_intercept_low"].null_count(), 4);
    }

    #[test]
    fn bins_are_counted_from_one() {
        let mut model = model();
        model.evaluation.reliability.push(ReliabilityBin { predicted: 0.5, ..model.evaluation.reliability[0].clone() });
        let table = reliability_table(&model).unwrap();
        assert_documents(&table);
        assert_eq!(table.batch()["bin"].as_primitive::<Int64Type>().values(), &[1, 2]);
        assert_eq!(table.batch()["predicted"].as_primitive::<Float64Type>().values(), &[0.08, 0.5]);
    }

    #[test]
    fn a_model_without_evidence_has_tables_without_rows() {
        let mut model = model();
        model.evaluation = crate::model::Evaluation::default();
        let tables = [table(&model.evaluation.rows).unwrap(), reliability_table(&model).unwrap()];
        assert!(tables.iter().all(|table| table.rows() == 0));
        tables.iter().for_each(assert_documents);
    }
}
