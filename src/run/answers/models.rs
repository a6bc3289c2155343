//! Which models are saved, which was in use when, and how do two of them differ?

use arrow::error::ArrowError;

use crate::model::findings::not_comparable;
use crate::model::{self, Duel, EvaluationRow, WinModel};
use crate::report::table::{Table, TableBuilder};
use crate::report::words::{count, percent};
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::watch::Watcher;
use crate::store::models::{LogEntry, SavedModel};

/// One row per saved model.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn list_table(saved: &[SavedModel]) -> Result<Table, ArrowError> {
    let models: Vec<Option<&WinModel>> = saved.iter().map(|saved| saved.model.as_ref().ok()).collect();
    let log_loss = |of: &'static str| {
        let loss = move |model: &Option<&WinModel>| model.and_then(|model| Some(model.overall(of)?.log_loss));
        models.iter().map(loss)
    };
    TableBuilder::default()
        .text("model_id", saved.iter().map(|saved| Some(&saved.id)))
        .flag("current", saved.iter().map(|saved| Some(saved.current)))
        .date("as_of", models.iter().map(|model| model.map(|model| model.as_of.0)))
        .flag("signal", models.iter().map(|model| model.map(|model| model.signal)))
        .integer("rows", models.iter().map(|model| i64::try_from((*model)?.training.rows).ok()))
        .integer("horizon_days", models.iter().map(|model| model.map(|model| i64::from(model.horizon_days))))
        .number("log_loss", log_loss("model"))
        .number("log_loss_base_rate", log_loss("base rate"))
        .text("problem", saved.iter().map(|saved| saved.model.as_ref().err().map(ToString::to_string)))
        .finish("models")
}

/// One row per decision about the model in use, oldest first.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn log_table(log: &[LogEntry]) -> Result<Table, ArrowError> {
    TableBuilder::default()
        .date("as_of", log.iter().map(|entry| entry.as_of.map(|day| day.0)))
        .text("action", log.iter().map(|entry| Some(&entry.action)))
        .text("model_id", log.iter().map(|entry| Some(&entry.model_id)))
        .text("previous", log.iter().map(|entry| entry.previous.as_ref()))
        .text("reason", log.iter().map(|entry| Some(&entry.reason)))
        .finish("models_log")
}

/// Two models side by side, and, where `inputs` are given, on the deals of these that are new to both.
///
/// # Errors
/// [`RunError`].
pub fn compare(pair: &[WinModel; 2], inputs: Option<&Inputs>, watcher: &dyn Watcher) -> Result<Table, RunError> {
    let mut rows = facts(pair);
    rows.extend(shares(pair));
    if let Some(inputs) = inputs {
        let as_of = inputs.load(watcher)?;
        match model::duel(&pair[0], &pair[1], &as_of.context(), &inputs.config) {
            Some(duel) => rows.extend(outcome(&duel)),
            None => {
                watcher.tell(&not_comparable());
            }
        }
    }
    let [first, second] = pair.each_ref().map(|model| model.model_id.as_str());
    let second = if first == second { "(the same)" } else { second };
    Ok(TableBuilder::default()
        .text("what", rows.iter().map(|row| Some(&row.what)))
        .text(first, rows.iter().map(|row| row.values[0].as_ref()))
        .text(second, rows.iter().map(|row| row.values[1].as_ref()))
        .finish("models_compared")?)
}

/// One fact of two models.
struct SideBySide {
    what: String,
    values: [Option<String>; 2],
}

impl SideBySide {
    fn new(what: impl Into<String>, values: [Option<String>; 2]) -> Self {
        Self { what: what.into(), values }
    }
}

fn facts(pair: &[WinModel; 2]) -> Vec<SideBySide> {
    let fact = |what: &str, read: fn(&WinModel) -> String| {
        SideBySide::new(what, pair.each_ref().map(|model| Some(read(model))))
    };
    let measure = |what: &str, of: &str, read: fn(&EvaluationRow) -> Option<f64>| {
        let value = |model: &WinModel| model.overall(of).and_then(read).map(|value| format!("{value:.4}"));
        SideBySide::new(what, pair.each_ref().map(value))
    };
    vec![
        fact("as of", |model| model.as_of.to_string()),
        fact("signal", |model| model.signal.to_string()),
        fact("horizon, days", |model| model.horizon_days.to_string()),
        fact("training rows", |model| model.training.rows.to_string()),
        fact("training deals", |model| model.training.deals.to_string()),
        fact("base rate", |model| percent(model.base_rate)),
        fact("fields", |model| model.spec.fields.len().to_string()),
        fact("columns", |model| model.spec.features.len().to_string()),
        fact("penalty per row", |model| model.win.alpha.to_string()),
        measure("log loss, own evaluation", "model", |row| Some(row.log_loss)),
        measure("  of its base rate", "base rate", |row| Some(row.log_loss)),
        measure("Brier", "model", |row| Some(row.brier)),
        measure("AUC", "model", |row| row.auc),
        measure("calibration slope", "model", |row| row.slope),
        measure("calibration error", "model", |row| row.ece),
    ]
}

/// How much of the scores goes by each factor.
fn shares(pair: &[WinModel; 2]) -> Vec<SideBySide> {
    let mut factors: Vec<&str> = pair.iter().flat_map(|model| &model.importance).map(|i| i.factor.as_str()).collect();
    factors.sort_unstable();
    factors.dedup();
    let share = |factor: &str| {
        let of = |model: &WinModel| model.importance.iter().find(|i| i.factor == factor).map(|i| percent(i.share));
        SideBySide::new(format!("share of {factor}"), pair.each_ref().map(of))
    };
    factors.into_iter().map(share).collect()
}

/// How the two did on the same deals.
fn outcome(duel: &Duel) -> [SideBySide; 2] {
    let on = format!("log loss on {} new to both", count(duel.deals, "deal"));
    let how = if duel.worse > 0.0 { "worse" } else { "better" };
    let worse = format!("{how} by {:.4} (standard error {:.4})", duel.worse.abs(), duel.worse_se);
    [
        SideBySide::new(on, duel.log_loss.map(|loss| Some(format!("{loss:.4}")))),
        SideBySide::new("difference there", [None, Some(worse)]),
    ]
}
