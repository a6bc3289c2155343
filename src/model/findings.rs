//! What there is to say of a model: what it learnt from, how good it is, why it scores, whether it still fits.
//!
//! A [`WinModel`], what became of it since, and the decision to use it in; [`Finding`]s out. Decides nothing: `due` and
//! `contest` do.

use std::collections::BTreeSet;

use crate::features::{Field, FieldDrift, Measure, StateMeasure};
use crate::ingest::tables::Deals;
use crate::model::contest::Contest;
use crate::model::due::drifted;
use crate::model::evaluation::{Evaluation, EvaluationRow, Validation};
use crate::model::leak_findings;
use crate::model::win_model::{FactorImportance, WinModel};
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::{by_number, count, percent, thousands};

/// Factors named of all a model goes by.
const FACTORS_NAMED: usize = 5;
/// Columns named of all that were screened out.
const COLUMNS_NAMED: usize = 5;
/// Columns history may have where the deals table has not: never missing.
const NEVER_MISSING: [&str; 3] = ["stage", "currency", "forecast_category"];

/// How a model has held up since it was trained.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Monitoring {
    /// How far the fields of the open deals have moved from the training rows.
    pub drift: Vec<FieldDrift>,
    /// The index from which a field counts as drifted.
    pub drift_limit: f64,
    /// Published scores beside what became of the deals; the last line is over all days.
    pub matured: Vec<EvaluationRow>,
}

fn subject(model: &WinModel) -> Subject {
    Subject::named("model", &model.model_id)
}

/// What the model learnt from and how good it is out of time.
#[must_use]
pub fn quality(model: &WinModel) -> Vec<Finding> {
    let mut found = vec![training(model), validation(model), verdict(model)];
    found.extend(suspicion(model));
    let overall = model.evaluation.rows.iter().filter(|row| row.cutoff.is_none() && row.scope == "all");
    found.extend(overall.map(|row| evaluation(model, row)));
    found.extend(excluded(model));
    found.extend(leak_findings::all(model));
    found.extend(screened_out(model));
    found
}

fn training(model: &WinModel) -> Finding {
    let facts = &model.training;
    let horizon = facts.dated.then_some(i64::from(model.horizon_days));
    let how = match horizon {
        Some(days) => format!("{} landmarks, horizon {days} days", facts.landmarks),
        None => "closed deals as they stand, won in the end".to_owned(),
    };
    let rows = count(facts.rows, "training row");
    let sentence = format!("model {}: {rows} of {}, {how}", model.model_id, count(facts.deals, "deal"));
    Finding::info("model.training", subject(model), sentence)
        .with("rows", Quantity::Count(facts.rows))
        .with("deals", Quantity::Count(facts.deals))
        .with("landmarks", Quantity::Text(facts.landmarks.clone()))
        .with_known("horizon", horizon.map(Quantity::Days))
}

/// How the model was evaluated, and why so. A cross-validation says nothing of days to come: that is a warning.
fn validation(model: &WinModel) -> Finding {
    let Evaluation { validation, validation_reason, folds, .. } = &model.evaluation;
    let new = match validation {
        Validation::RollingOrigin => Finding::info,
        Validation::GroupedCrossValidation => Finding::warning,
    };
    let name = validation.name();
    new("model.validation", subject(model), format!("evaluated by {name}: {validation_reason}"))
        .with("validation", Quantity::Text(name.to_owned()))
        .with("folds", Quantity::count(folds.len()))
        .with_known("deals", model.overall("model").map(|row| Quantity::Count(row.deals)))
}

/// Whether the model beats the base rate, as it was evaluated when it was trained.
fn verdict(model: &WinModel) -> Finding {
    let holds = model.signal && model.contradiction.is_none();
    let new = if holds { Finding::info } else { Finding::warning };
    let loss = |contender: &str| model.overall(contender).map(|row| Quantity::Number(row.log_loss));
    new("model.verdict", subject(model), model.verdict.clone())
        .with_known("log_loss", loss("model"))
        .with_known("log_loss_base_rate", loss("base rate"))
        .with_known("rows", model.overall("model").map(|row| Quantity::Count(row.rows)))
}

fn suspicion(model: &WinModel) -> Option<Finding> {
    let finding = Finding::warning("model.too_good", subject(model), model.suspicion()?);
    let auc = model.overall("model").and_then(|row| row.auc).map(Quantity::Number);
    Some(finding.with_known("auc", auc).remedy("`ignore` of [sources.deals] leaves such a column unread"))
}

/// How good one contender is, the model or what it has to beat.
fn evaluation(model: &WinModel, row: &EvaluationRow) -> Finding {
    let auc = row.auc.map(|auc| format!(", AUC {auc:.3}")).unwrap_or_default();
    let is_withdrawn = model.contradiction.is_some() && row.model == "model";
    let withdrawn = if is_withdrawn { " (withdrawn: not to be expected of open deals)" } else { "" };
    let sentence = format!("{}: log loss {:.4}, Brier score {:.4}{auc}{withdrawn}", row.model, row.log_loss, row.brier);
    Finding::info("model.evaluation", subject(model), sentence)
        .with("contender", Quantity::Text(row.model.clone()))
        .with("log_loss", Quantity::Number(row.log_loss))
        .with("brier", Quantity::Number(row.brier))
        .with_known("auc", row.auc.map(Quantity::Number))
}

fn excluded(model: &WinModel) -> Option<Finding> {
    let columns = model.spec.excluded.len() as u64;
    let finding = || {
        Finding::info("model.excluded_columns", subject(model), format!("{} excluded", count(columns, "column")))
            .with("columns", Quantity::Count(columns))
            .remedy(format!("`dealcast models show {}` says why", model.model_id))
    };
    (columns > 0).then(finding)
}

/// That the deals table has more columns than a model is fitted on.
fn screened_out(model: &WinModel) -> Option<Finding> {
    let names: Vec<String> = model.spec.screened_out().map(str::to_owned).collect();
    let number = names.len() as u64;
    let first = names.iter().take(COLUMNS_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = number.saturating_sub(COLUMNS_NAMED as u64);
    let more = if more > 0 { format!(" and {} more", thousands(more.into())) } else { String::new() };
    let sentence = format!(
        "the deals table has very many columns: {} {} screened out, as others say more on their own: {first}{more}",
        count(number, "column"),
        by_number(number, "was", "were"),
    );
    (number > 0).then(|| {
        Finding::warning("model.screened_columns", subject(model), sentence)
            .with("columns", Quantity::Names(names))
            .remedy("`features.force` keeps a column, `ignore` of [sources.deals] leaves one unread")
    })
}

/// Why this model scores, what its scores rest on, and how it has held up.
#[must_use]
pub fn standing(decision: &str, model: &WinModel, monitoring: &Monitoring) -> Vec<Finding> {
    let mut found = vec![Finding::info("model.decision", subject(model), format!("this model was {decision}"))];
    found.extend(strongest_factors(model));
    found.extend(drift(model, monitoring));
    found.extend(monitoring.matured.last().map(|all| published_scores(model, all)));
    found
}

fn strongest_factors(model: &WinModel) -> Option<Finding> {
    let strongest = || model.importance.iter().take(FACTORS_NAMED);
    let named: Vec<String> = strongest().map(|of| format!("{} {}", of.factor, percent(of.share))).collect();
    let finding = Finding::info("model.factors", subject(model), format!("scores rest on {}", named.join(", ")));
    let with_share =
        |finding: Finding, of: &FactorImportance| finding.with(of.factor.clone(), Quantity::Share(of.share));
    (!named.is_empty()).then(|| strongest().fold(finding, with_share))
}

fn drift(model: &WinModel, monitoring: &Monitoring) -> Option<Finding> {
    let moved: Vec<&FieldDrift> = drifted(model, &monitoring.drift, monitoring.drift_limit).collect();
    let name = |of: &FieldDrift| model.spec.fields[of.field].name.clone();
    let names: Vec<String> = moved.iter().map(|of| name(of)).collect();
    let sentence = format!("open deals differ from the training rows in {}", names.join(", "));
    let finding = Finding::info("model.drift", subject(model), sentence);
    let with_index = |finding: Finding, of: &&FieldDrift| finding.with(name(of), Quantity::Number(of.psi));
    (!names.is_empty()).then(|| moved.iter().fold(finding, with_index))
}

fn published_scores(model: &WinModel, all: &EvaluationRow) -> Finding {
    let slope = all.slope.map(|slope| format!(", calibration slope {slope:.2}")).unwrap_or_default();
    let of = format!("{} of {}", count(all.rows, "published score"), count(all.deals, "deal"));
    let have = by_number(all.rows, "has", "have");
    let sentence = format!("{of} now {have} an outcome: log loss {:.4}{slope}", all.log_loss);
    Finding::info("model.published_scores", subject(model), sentence)
        .with("scores", Quantity::Count(all.rows))
        .with("deals", Quantity::Count(all.deals))
        .with("log_loss", Quantity::Number(all.log_loss))
        .with_known("slope", all.slope.map(Quantity::Number))
}

/// Columns a saved model learnt from that `deals` lack: it may have learnt from other tables.
#[must_use]
pub fn unknown_columns(model: &WinModel, deals: &Deals) -> Option<Finding> {
    let is_unknown =
        |column: &String| !deals.columns().any(|known| known == column) && !NEVER_MISSING.contains(&column.as_str());
    let named: BTreeSet<String> = model.spec.fields.iter().filter_map(column_of).collect();
    let excluded: BTreeSet<&str> = model.spec.excluded.iter().map(|of| of.name.as_str()).collect();
    let is_new = |column: &&String| !named.contains(*column) && !excluded.contains(column.as_str());
    let new: Vec<String> = deals.extras().iter().filter(is_new).map(|column| format!("{column:?}")).collect();
    unknown_columns_finding(model, named.into_iter().filter(is_unknown).collect(), &new)
}

fn unknown_columns_finding(model: &WinModel, unknown: Vec<String>, new: &[String]) -> Option<Finding> {
    let them = by_number(unknown.len() as u64, "a column", "columns");
    let instead = if new.is_empty() { String::new() } else { format!("; it does not know {}", new.join(", ")) };
    let sentence = format!(
        "model {} knows {them} the deals do not have, counted as unknown: {}{instead}",
        model.model_id,
        unknown.join(", ")
    );
    (!unknown.is_empty()).then(|| {
        Finding::warning("model.unknown_columns", subject(model), sentence)
            .with("columns", Quantity::Names(unknown))
            .remedy(
                "where a column was renamed, name both under [sources.deals.columns], as a list; `dealcast train` learns from the \
                 columns there are",
            )
    })
}

/// The column of the deals table a field is read from.
fn column_of(field: &Field) -> Option<String> {
    match &field.measure {
        Measure::Number { column, .. }
        | Measure::Date { column }
        | Measure::Level { column, .. }
        | Measure::Rate { column, .. } => Some(column.clone()),
        Measure::Amount { .. } => Some("amount".to_owned()),
        Measure::OpenLoad => Some("owner".to_owned()),
        Measure::State { measure } => column_of_state(*measure).map(str::to_owned),
        _ => None,
    }
}

/// The column that what is known of a deal on a day is read from, where it is one.
fn column_of_state(measure: StateMeasure) -> Option<&'static str> {
    match measure {
        StateMeasure::AmountChange | StateMeasure::AmountRevisions => Some("amount"),
        StateMeasure::Pushes | StateMeasure::Slip | StateMeasure::DaysToExpectedClose | StateMeasure::Overdue => {
            Some("expected_close_date")
        }
        StateMeasure::Probability => Some("probability"),
        _ => None,
    }
}

/// That no model could be trained, and what follows from it.
#[must_use]
pub fn not_trained(has_model: bool, reason: &str) -> Finding {
    let consequence = if has_model { "no new model" } else { "no scores" };
    Finding::warning("model.not_trained", Subject::the("model"), format!("{consequence}: {reason}"))
}

/// Where a trained model went, and whether it scores from now on.
#[must_use]
pub fn saved(model: &WinModel, folder: &str, contest: &Contest) -> Finding {
    let Contest { promoted, in_use, reason, .. } = contest;
    let decision = match (*promoted, *in_use) {
        (true, true) => format!("put to use: {reason}"),
        (true, false) => "not put to use: the model in use is of a later day".to_owned(),
        (false, _) => format!("not put to use: {reason}"),
    };
    let used = if *promoted && *in_use { "put to use" } else { "not put to use" };
    Finding::info("model.saved", subject(model), format!("saved in {folder} and {decision}"))
        .with("folder", Quantity::Text(folder.to_owned()))
        .with("decision", Quantity::Text(used.to_owned()))
}

/// That somebody put a model to use by hand.
#[must_use]
pub fn promoted(model_id: &str, pinned: bool) -> Finding {
    let how = if pinned { ", pinned" } else { "" };
    let finding =
        Finding::info("model.promoted", Subject::named("model", model_id), format!("{model_id} is in use{how}"));
    if pinned { finding.remedy(UNPIN) } else { finding }
}

/// That the model before is in use again.
#[must_use]
pub fn rolled_back(model_id: &str) -> Finding {
    let sentence = format!("{model_id} is in use again, pinned");
    Finding::info("model.rolled_back", Subject::named("model", model_id), sentence).remedy(UNPIN)
}

const UNPIN: &str = "`dealcast models unpin` lets runs train again";

/// What `unpin` did.
#[must_use]
pub fn unpinned(was_pinned: bool) -> Finding {
    let sentence = if was_pinned { "runs train again when it is due" } else { "nothing was pinned" };
    Finding::info("model.unpinned", Subject::the("model"), sentence)
}

/// That two models cannot be compared on the input.
#[must_use]
pub fn not_comparable() -> Finding {
    let sentence = "no deal with an outcome is new to both models: they cannot be compared on this input";
    Finding::warning("model.not_comparable", Subject::the("model"), sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stored_fixtures;
    use crate::report::finding::Severity;

    fn of(found: &[Finding], code: &str) -> Vec<String> {
        found.iter().filter(|finding| finding.code == code).map(|finding| finding.line().into_owned()).collect()
    }

    #[test]
    fn a_model_says_what_it_learnt_from_and_how_good_it_is() {
        let model = stored_fixtures::model();
        let found = quality(&model);
        let training =
            format!("model {}: 4,000 training rows of 900 deals, monthly landmarks, horizon 120 days", model.model_id);
        assert_eq!(of(&found, "model.training"), [training]);
        assert_eq!(of(&found, "model.verdict"), ["log loss 0.51 against 0.58 of the base rate"]);
        let evaluated =
            ["model: log loss 0.5100, Brier score 0.1700, AUC 0.740", "base rate: log loss 0.5800, Brier score 0.1700"];
        assert_eq!(of(&found, "model.evaluation"), evaluated, "no folds, no stages");
        let excluded = format!("1 column excluded; `dealcast models show {}` says why", model.model_id);
        assert_eq!(of(&found, "model.excluded_columns"), [excluded]);
        assert_eq!(found[0].number("horizon"), Some(&Quantity::Days(120)));
        assert_eq!(found[1].sentence, "evaluated by rolling origin: 1 fold on 130 other deals");
        assert_eq!(found[2].number("log_loss_base_rate"), Some(&Quantity::Number(0.58)));
        assert!(found.iter().all(|finding| finding.severity == Severity::Info));
    }

    #[test]
    fn no_signal_and_too_much_of_it_are_warnings() {
        let mut model = stored_fixtures::model();
        model.signal = false;
        model.spec.excluded.clear();
        let found = quality(&model);
        assert_eq!((found[2].code, found[2].severity), ("model.verdict", Severity::Warning));
        assert!(of(&found, "model.excluded_columns").is_empty());
        model.signal = true;
        model.evaluation.rows.iter_mut().for_each(|row| row.auc = Some(0.99));
        let found = quality(&model);
        let warned: Vec<&str> =
            found.iter().filter(|finding| finding.severity == Severity::Warning).map(|finding| finding.code).collect();
        assert_eq!(warned, ["model.too_good"]);
        assert_eq!(found[3].number("auc"), Some(&Quantity::Number(0.99)));
    }

    #[test]
    fn standing_names_decision_factors_drift_and_outcomes() {
        let model = stored_fixtures::model();
        let bare = standing("named", &model, &Monitoring::default());
        assert_eq!(of(&bare, "model.decision"), ["this model was named"]);
        assert_eq!(of(&bare, "model.factors"), ["scores rest on owner 100.0 %"]);
        assert_eq!(bare.len(), 2);
        assert_eq!(bare[1].number("owner"), Some(&Quantity::Share(1.0)));

        let psi = |field, psi| FieldDrift { field, psi, by_chance: 0.1 };
        let mut all = model.evaluation.rows[1].clone();
        (all.rows, all.deals) = (1, 1);
        // Field 2 is the owner; the scores do not go by fields 0 and 1.
        let drift = vec![psi(0, 0.9), psi(2, 0.3)];
        let held = standing("kept", &model, &Monitoring { drift, drift_limit: 0.25, matured: vec![all] });
        assert_eq!(of(&held, "model.drift"), ["open deals differ from the training rows in owner"]);
        let outcome = "1 published score of 1 deal now has an outcome: log loss 0.5100, calibration slope 0.97";
        assert_eq!(of(&held, "model.published_scores"), [outcome]);
        assert_eq!(held[2].number("owner"), Some(&Quantity::Number(0.3)));
    }

    #[test]
    fn columns_the_deals_lack_are_named_and_those_of_history_are_never_missing() {
        let model = stored_fixtures::model();
        let found = unknown_columns(&model, &Deals::default()).expect("both are missing");
        let sentence =
            format!("model {} knows columns the deals do not have, counted as unknown: amount, owner", model.model_id);
        assert_eq!((found.sentence, found.code), (sentence, "model.unknown_columns"));
        assert_eq!(unknown_columns_finding(&model, Vec::new(), &[]), None);
        let several = unknown_columns_finding(&model, ["a", "b"].map(str::to_owned).to_vec(), &[]).expect("two");
        assert!(several.sentence.ends_with("knows columns the deals do not have, counted as unknown: a, b"));
    }

    #[test]
    fn what_was_done_with_a_model_is_said_in_a_line() {
        assert_eq!(not_trained(false, "0 won").sentence, "no scores: 0 won");
        assert_eq!(not_trained(true, "0 won").sentence, "no new model: 0 won");
        let model = stored_fixtures::model();
        let better = Contest { in_use: true, ..Contest::undecided(0, "better".to_owned()) };
        assert_eq!(saved(&model, "models", &better).sentence, "saved in models and put to use: better");
        let worse = Contest::refused("worse".to_owned());
        assert_eq!(saved(&model, "m", &worse).sentence, "saved in m and not put to use: worse");
        let late = saved(&model, "m", &Contest { in_use: false, ..better }).sentence;
        assert_eq!(late, "saved in m and not put to use: the model in use is of a later day");
        assert_eq!(promoted("m1", false).line(), "m1 is in use");
        let pinned = "m1 is in use, pinned; `dealcast models unpin` lets runs train again";
        assert_eq!(promoted("m1", true).line(), pinned);
        assert_eq!(rolled_back("m1").line(), pinned.replace("use,", "use again,"));
        assert_eq!(unpinned(false).sentence, "nothing was pinned");
        assert_eq!(not_comparable().code, "model.not_comparable");
    }
}
