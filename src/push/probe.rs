//! Did the first record take what it was sent, field by field? A plan, the ledger and what the record holds when it is read again
//! in, rows out. Writes and reads nothing itself.

use crate::config::ScoreField;
use crate::push::ledger::LastLine;
use crate::push::plan::{Plan, PlannedDeal};
use crate::push::target::TargetField;
use crate::push::value::{FieldValue, FieldValues, distance};

/// How a field took what it was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ProbeVerdict {
    /// As sent, at the field's precision.
    Same,
    /// A number, off by so much.
    Rounded(f64),
    /// Text, cut to so many characters.
    Cut(usize),
    /// It holds something else, or nothing: most often a field that was ignored.
    NotStored,
}

/// One field of the record that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbedField {
    /// The deal's id.
    pub deal: String,
    /// What goes in.
    pub of: ScoreField,
    /// The name of the field.
    pub name: String,
    /// What it held before.
    pub before: Option<FieldValue>,
    /// What it was sent.
    pub sent: FieldValue,
    /// What the target answered that it holds, where it answers so.
    pub echo: Option<FieldValue>,
    /// What it holds when it is read again.
    pub held: Option<FieldValue>,
    /// Both against what was sent.
    pub verdict: ProbeVerdict,
}

/// The fields of the record of `plan` that `line` notes; `held` is what it holds when it is read again.
#[must_use]
pub fn probed(plan: &Plan, line: &LastLine, held: &FieldValues) -> Vec<ProbedField> {
    let Some(PlannedDeal { deal, old, new, .. }) = plan.deals.iter().find(|planned| planned.deal == line.deal) else {
        return Vec::new();
    };
    let of = |field: &TargetField| {
        let sent = new.get(&field.name)?.clone();
        let told = |values: &FieldValues| values.get(&field.name).cloned();
        let (echo, held) = (line.echo.as_ref().and_then(told), told(held));
        let verdict = verdict(field, &sent, held.as_ref());
        let (deal, name) = (deal.clone(), field.name.clone());
        Some(ProbedField { deal, of: field.of, name, before: told(old), sent, echo, held, verdict })
    };
    plan.fields.iter().filter_map(of).collect()
}

fn verdict(field: &TargetField, sent: &FieldValue, held: Option<&FieldValue>) -> ProbeVerdict {
    match (held, sent) {
        (Some(held), _) if field.kind.same(held, sent) => ProbeVerdict::Same,
        (Some(FieldValue::Text(held)), FieldValue::Text(sent)) if sent.starts_with(held.as_str()) => {
            ProbeVerdict::Cut(held.chars().count())
        }
        (Some(held), sent) => distance(held, sent).map_or(ProbeVerdict::NotStored, ProbeVerdict::Rounded),
        (None, _) => ProbeVerdict::NotStored,
    }
}

impl ProbeVerdict {
    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Same => "as sent".to_owned(),
            Self::Rounded(off) => format!("rounded: off by {}", format!("{off:.6}").trim_end_matches('0')),
            Self::Cut(characters) => format!("cut to {characters} characters"),
            Self::NotStored => "not stored".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::value::TargetKind;

    #[test]
    fn a_field_holds_what_was_sent_or_how_it_does_not_is_told() {
        let field = |kind| TargetField { of: ScoreField::Probability, name: "w".to_owned(), kind };
        let (number, text) = (field(TargetKind::Number(None)), field(TargetKind::Text(None)));
        let numbers =
            |sent: f64, held: f64| verdict(&number, &FieldValue::Number(sent), Some(&FieldValue::Number(held))).words();
        assert_eq!(numbers(0.25, 0.25), "as sent");
        assert_eq!(numbers(0.734_256, 0.73), "rounded: off by 0.004256");
        assert_eq!(verdict(&number, &FieldValue::Number(0.5), None).words(), "not stored");
        let of = |text: &str| FieldValue::Text(text.to_owned());
        assert_eq!(verdict(&text, &of("model-12"), Some(&of("model-1"))).words(), "cut to 7 characters");
        assert_eq!(verdict(&text, &of("model-12"), Some(&of("other"))).words(), "not stored");
    }
}
