//! What there is to say of columns that know the outcome, or may know it.
//!
//! A [`WinModel`] in, [`Finding`]s out: leaks and suspects by what they are worth, and that open deals contradict the
//! evaluation. Finds nothing itself: `features/leak` and `suspects` do.

use crate::features::{Excluded, Suspect};
use crate::model::win_model::WinModel;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::{by_number, count};

/// Columns named with their evidence.
const COLUMNS_NAMED: usize = 5;

/// All there is to say.
pub(super) fn all(model: &WinModel) -> Vec<Finding> {
    [contradicted(model), leaks(model), suspects(model)].into_iter().flatten().collect()
}

fn subject(model: &WinModel) -> Subject {
    Subject::named("model", &model.model_id)
}

/// That open deals contradict the evaluation.
fn contradicted(model: &WinModel) -> Option<Finding> {
    let finding = Finding::warning("model.contradicted", subject(model), model.contradiction.clone()?);
    Some(finding.remedy(
        "a column may be filled in as deals close: look at those the scores go by, and leave them out by `features.exclude`",
    ))
}

/// The columns that know the outcome, by what they take off the log loss on their own.
pub(super) fn leaks_by_worth(model: &WinModel) -> Vec<&Excluded> {
    let mut leaks: Vec<&Excluded> = model.spec.excluded.iter().filter(|excluded| excluded.is_leak).collect();
    leaks.sort_by(|a, b| b.worth.unwrap_or(0.0).total_cmp(&a.worth.unwrap_or(0.0)).then_with(|| a.name.cmp(&b.name)));
    leaks
}

/// What the log loss would be without the suspects, where there are several. About: it is told by main effects, before any
/// recalibration.
pub(super) fn without_suspects(model: &WinModel) -> Option<String> {
    let (row, worth) = (model.overall("model")?, model.without_suspects?);
    (model.spec.suspects.len() > 1).then(|| {
        format!("without all of them the log loss would be about {:.3}, not {:.3}", row.log_loss + worth, row.log_loss)
    })
}

/// The columns that know the outcome, with what they would take off the log loss.
fn leaks(model: &WinModel) -> Option<Finding> {
    let leaks = leaks_by_worth(model);
    let named = leaks.iter().map(|leak| match leak.worth {
        Some(worth) => format!("{} ({}; worth {worth:.3} of log loss on its own)", leak.name, leak.reason),
        None => format!("{} ({})", leak.name, leak.reason),
    });
    let columns = count(leaks.len() as u64, "column");
    let verb = by_number(leaks.len() as u64, "knows", "know");
    let sentence = format!(
        "{columns} excluded that {verb} the outcome: {}",
        named.take(COLUMNS_NAMED).collect::<Vec<_>>().join(", ")
    );
    (!leaks.is_empty()).then(|| {
        Finding::info("model.leaks", subject(model), sentence)
            .with("columns", Quantity::Names(leaks.iter().map(|leak| leak.name.clone()).collect()))
            .remedy(format!("`dealcast models show {}` says what to do about each", model.model_id))
    })
}

/// The columns that may know the outcome, with what the log loss would be without them.
fn suspects(model: &WinModel) -> Option<Finding> {
    let suspects = &model.spec.suspects;
    let strongest = suspects.first()?;
    let named = suspects
        .iter()
        .take(COLUMNS_NAMED)
        .map(|suspect| format!("{} ({}; {})", suspect.field, suspect.reason, worth_words(suspect)));
    let without = without_suspects(model).map(|words| format!("; {words}")).unwrap_or_default();
    let columns = count(suspects.len() as u64, "column");
    let sentence = format!("{columns} may know the outcome: {}{without}", named.collect::<Vec<_>>().join(", "));
    let finding = Finding::warning("model.suspects", subject(model), sentence);
    let names = suspects.iter().map(|suspect| suspect.field.clone()).collect();
    Some(finding.with("columns", Quantity::Names(names)).remedy(strongest.remedy.clone()))
}

/// What a suspect is worth.
fn worth_words(suspect: &Suspect) -> String {
    match suspect.worth {
        Some(worth) => {
            let direction = if worth < 0.0 { "lower" } else { "higher" };
            format!("without it the log loss is {direction} by about {:.3}", worth.abs())
        }
        None => format!("worth {:.3} of log loss on its own", suspect.alone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stored_fixtures;
    use crate::report::finding::Severity;

    #[test]
    fn leaks_and_suspects_are_named_with_evidence_and_worth() {
        let mut model = stored_fixtures::model();
        let suspect = |field: &str, worth| Suspect {
            field: field.to_owned(),
            reason: "differs".to_owned(),
            alone: 0.03,
            worth,
            remedy: "exclude it".to_owned(),
        };
        model.spec.suspects = vec![suspect("owner", Some(0.02)), suspect("amount", None)];
        model.without_suspects = Some(0.025);
        model.contradiction = Some("open deals are unlike those".to_owned());
        let found = all(&model);
        let sentences: Vec<&str> = found.iter().map(|finding| finding.sentence.as_str()).collect();
        let expected = [
            "open deals are unlike those",
            "1 column excluded that knows the outcome: loss_reason (filled on closed deals only; worth 0.120 of log loss on its own)",
            "2 columns may know the outcome: owner (differs; without it the log loss is higher by about 0.020), amount (differs; \
             worth 0.030 of log loss on its own); without all of them the log loss would be about 0.535, not 0.510",
        ];
        assert_eq!(sentences, expected);
        let severities: Vec<Severity> = found.iter().map(|finding| finding.severity).collect();
        assert_eq!(severities, [Severity::Warning, Severity::Info, Severity::Warning]);
    }
}
