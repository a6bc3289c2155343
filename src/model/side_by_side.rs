//! How do two saved models differ?
//!
//! Two [`WinModel`]s and, where deals new to both are at hand, their [`Duel`] in; [`Fact`]s out, one per thing to compare.

use arrow::error::ArrowError;

use super::contest::Duel;
use super::evaluation::EvaluationRow;
use super::win_model::WinModel;
use crate::report::column::{Column, TableSpec};
use crate::report::named_column::NamedColumn;
use crate::report::table::Table;
use crate::report::words::{count, percent};

/// One thing, of both models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What is compared.
    pub what: String,
    /// Of the first and of the second; `None` where it has none.
    pub of: [Option<String>; 2],
}

impl Fact {
    fn new(what: impl Into<String>, of: [Option<String>; 2]) -> Self {
        Self { what: what.into(), of }
    }

    /// Something every model has.
    fn known(what: &str, pair: &[WinModel; 2], read: fn(&WinModel) -> String) -> Self {
        Self::new(what, pair.each_ref().map(|model| Some(read(model))))
    }

    /// A metric of each model's own evaluation, of one contender.
    fn metric(what: &str, pair: &[WinModel; 2], contender: &str, read: fn(&EvaluationRow) -> Option<f64>) -> Self {
        let metric = |model: &WinModel| model.overall(contender).and_then(read).map(|value| format!("{value:.4}"));
        Self::new(what, pair.each_ref().map(metric))
    }

    /// How much of the scores a factor makes.
    fn share(pair: &[WinModel; 2], factor: &str) -> Self {
        let share = |model: &WinModel| {
            let found = model.importance.iter().find(|importance| importance.factor == factor);
            found.map(|importance| percent(importance.share))
        };
        Self::new(format!("share of {factor}"), pair.each_ref().map(share))
    }
}

/// What the two say of themselves, then how they do on the same deals.
#[must_use]
pub fn side_by_side(pair: &[WinModel; 2], duel: Option<&Duel>) -> Vec<Fact> {
    let mut facts = vec![
        Fact::known("as of", pair, |model| model.as_of.to_string()),
        Fact::known("signal", pair, |model| model.signal.to_string()),
        Fact::known("horizon, days", pair, |model| model.horizon_days.to_string()),
        Fact::known("training rows", pair, |model| model.training.rows.to_string()),
        Fact::known("training deals", pair, |model| model.training.deals.to_string()),
        Fact::known("base rate", pair, |model| percent(model.base_rate)),
        Fact::known("fields", pair, |model| model.spec.fields.len().to_string()),
        Fact::known("columns", pair, |model| model.spec.features.len().to_string()),
        Fact::known("penalty per row", pair, |model| model.win.alpha.to_string()),
        Fact::metric("log loss, own evaluation", pair, "model", |row| Some(row.log_loss)),
        Fact::metric("  of its base rate", pair, "base rate", |row| Some(row.log_loss)),
        Fact::metric("Brier", pair, "model", |row| Some(row.brier)),
        Fact::metric("AUC", pair, "model", |row| row.auc),
        Fact::metric("calibration slope", pair, "model", |row| row.slope),
        Fact::metric("calibration error", pair, "model", |row| row.ece),
    ];
    let mut factors: Vec<&str> =
        pair.iter().flat_map(|model| &model.importance).map(|importance| importance.factor.as_str()).collect();
    factors.sort_unstable();
    factors.dedup();
    facts.extend(factors.into_iter().map(|factor| Fact::share(pair, factor)));
    facts.extend(duel.into_iter().flat_map(on_the_same_deals));
    facts
}

fn on_the_same_deals(duel: &Duel) -> [Fact; 2] {
    let how = if duel.worse > 0.0 { "worse" } else { "better" };
    let difference = format!("{how} by {:.4} (standard error {:.4})", duel.worse.abs(), duel.worse_se);
    [
        Fact::new(
            format!("log loss on {} new to both", count(duel.deals, "deal")),
            duel.log_loss.map(|loss| Some(format!("{loss:.4}"))),
        ),
        Fact::new("difference there", [None, Some(difference)]),
    ]
}

/// The first column of `models_compared`; one per model, named by its id, follows.
#[must_use]
pub fn side_by_side_spec() -> TableSpec<Fact> {
    let what = Column::text("what", "what is compared", |fact: &Fact| Some(fact.what.as_str().into()));
    TableSpec::new("models_compared", "thing to compare two models by", vec![what])
}

/// The facts as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn side_by_side_table(facts: &[Fact], pair: &[WinModel; 2]) -> Result<Table, ArrowError> {
    let [first, second] = pair.each_ref().map(|model| model.model_id.as_str());
    let second = if first == second { "(the same)" } else { second };
    let models = vec![
        NamedColumn::text(first, facts.iter().map(|fact| fact.of[0].as_ref())),
        NamedColumn::text(second, facts.iter().map(|fact| fact.of[1].as_ref())),
    ];
    side_by_side_spec().table_with(facts, 2, models)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stored_fixtures::model;
    use crate::report::fixtures::assert_row;

    #[test]
    fn two_models_stand_side_by_side() {
        let (first, mut second) = (model(), model());
        (second.model_id, second.base_rate) = ("second".to_owned(), 0.5);
        second.importance[0].factor = "amount".to_owned();
        second.evaluation.rows.clear();
        let pair = [first, second];
        let duel = Duel { deals: 40, rows: 90, log_loss: [0.5, 0.625], worse: 0.125, worse_se: 0.05 };
        let facts = side_by_side(&pair, Some(&duel));
        let found = |what: &str| {
            let fact = facts.iter().find(|fact| fact.what == what).unwrap_or_else(|| panic!("{what} in {facts:?}"));
            fact.of.each_ref().map(|of| of.as_deref().unwrap_or("-"))
        };
        assert_eq!(found("base rate"), ["25.0 %", "50.0 %"]);
        assert_eq!(found("log loss, own evaluation"), ["0.5100", "-"]);
        assert_eq!(found("  of its base rate"), ["0.5800", "-"]);
        assert_eq!(found("share of owner"), ["100.0 %", "-"]);
        assert_eq!(found("share of amount"), ["-", "100.0 %"]);
        assert_eq!(found("log loss on 40 deals new to both"), ["0.5000", "0.6250"]);
        assert_eq!(found("difference there"), ["-", "worse by 0.1250 (standard error 0.0500)"]);
        let table = side_by_side_table(&facts, &pair).expect("a table");
        let first_id = pair[0].model_id.as_str();
        assert_row(&table, 5, &[("what", "base rate"), (first_id, "25.0 %"), ("second", "50.0 %")]);
    }
}
