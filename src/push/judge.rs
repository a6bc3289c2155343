//! Did a record take what it was sent? Old values, what was sent and the echo in, a [`EchoVerdict`] out. Pure.

use crate::push::ledger::PushOutcome;
use crate::push::target::TargetField;
use crate::push::value::{FieldValue, FieldValues, distance};

/// What differences of two numbers are off by themselves.
pub(super) const ROUNDING_ERROR: f64 = 1e-9;

/// What an echo says.
#[derive(Clone, Debug, PartialEq)]
pub struct EchoVerdict {
    /// Written, rounded or rejected.
    pub outcome: PushOutcome,
    /// Why, where it is not plainly written.
    pub code: Option<String>,
    /// How far off the worst stored chance is, 0 to 1.
    pub rounded_by: f64,
}

/// Judges the fields in `echo` against what was sent. A field that does not change at all was ignored, unless it was near
/// enough before: servers answer "success" to names they do not know. What is stored further off than `max_rounding` is no
/// value that stays: it is refused, and sent again when somebody asks for it.
#[must_use]
pub fn judge(
    old: &FieldValues,
    sent: &FieldValues,
    echo: &FieldValues,
    fields: &[TargetField],
    max_rounding: f64,
) -> EchoVerdict {
    let mut verdict = EchoVerdict { outcome: PushOutcome::Written, code: None, rounded_by: 0.0 };
    for field in fields {
        let Some(wanted) = sent.get(&field.name) else { continue };
        let stored = echo.get(&field.name);
        if stored.is_some_and(|stored| field.kind.same(stored, wanted)) {
            continue;
        }
        let off = stored.and_then(|stored| rounded_by(field, stored, wanted));
        let is_near = |off: f64| matches!(wanted, FieldValue::Number(_)) && off <= max_rounding + ROUNDING_ERROR;
        let Some(off) = off.filter(|off| is_near(*off) || !is_as_before(field, old, stored)) else {
            let code = match (stored, wanted) {
                (Some(FieldValue::Number(stored)), FieldValue::Number(wanted)) => {
                    not_stored(&field.name, *stored, *wanted)
                }
                _ => format!("{} was not stored", field.name),
            };
            return EchoVerdict { outcome: PushOutcome::Rejected, code: Some(code), rounded_by: 0.0 };
        };
        let rounded_by = verdict.rounded_by.max(off);
        let outcome =
            if rounded_by > max_rounding + ROUNDING_ERROR { PushOutcome::Rejected } else { PushOutcome::Rounded };
        verdict = EchoVerdict { outcome, code: Some(format!("{} was rounded", field.name)), rounded_by };
    }
    verdict
}

/// Of a number that is as before: whether it may also be the one that was sent, rounded away.
fn not_stored(name: &str, stored: f64, wanted: f64) -> String {
    let rounded =
        (0..=2).find(|decimals| format!("{wanted:.decimals$}").parse().is_ok_and(|rounded: f64| rounded == stored));
    match rounded {
        Some(decimals) => format!("{name} was not stored, or rounded to {decimals} decimals"),
        None => format!("{name} was not stored"),
    }
}

/// How far what is stored is off, as a chance; nothing for text that was cut; none where it is something else.
fn rounded_by(field: &TargetField, stored: &FieldValue, wanted: &FieldValue) -> Option<f64> {
    match (stored, wanted) {
        (FieldValue::Text(stored), FieldValue::Text(wanted)) => wanted.starts_with(stored.as_str()).then_some(0.0),
        _ => distance(stored, wanted).map(|off| off / field.scale()),
    }
}

/// Whether a record holds everything that is to be sent to it.
#[must_use]
pub fn holds_all(held: &FieldValues, sent: &FieldValues, fields: &[TargetField]) -> bool {
    let of = |name: &str| fields.iter().find(|field| field.name == name);
    sent.iter().all(|(name, wanted)| {
        held.get(name).is_some_and(|held| of(name).is_some_and(|field| field.kind.same(held, wanted)))
    })
}

/// Whether a record holds what it held before.
#[must_use]
pub fn is_untouched(held: &FieldValues, old: &FieldValues, sent: &FieldValues, fields: &[TargetField]) -> bool {
    fields
        .iter()
        .filter(|field| sent.contains_key(&field.name))
        .all(|field| is_as_before(field, old, held.get(&field.name)))
}

/// Whether a field holds what it held before. Of a number that was never filled servers say nothing, or 0.
fn is_as_before(field: &TargetField, old: &FieldValues, stored: Option<&FieldValue>) -> bool {
    match (old.get(&field.name), stored) {
        (Some(old), Some(stored)) => field.kind.same(old, stored),
        (None, None) => true,
        (Some(FieldValue::Number(zero)), None) | (None, Some(FieldValue::Number(zero))) => *zero == 0.0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ScoreField;
    use crate::push::value::TargetKind;

    fn number(value: f64) -> FieldValues {
        FieldValues::from([("w".to_owned(), FieldValue::Number(value))])
    }

    fn field(of: ScoreField) -> [TargetField; 1] {
        [TargetField { of, name: "w".to_owned(), kind: TargetKind::Number(None) }]
    }

    #[test]
    fn an_echo_is_written_rounded_or_ignored() {
        let chance = field(ScoreField::Probability);
        let told = |old: f64, sent: f64, echo: &FieldValues| judge(&number(old), &number(sent), echo, &chance, 0.005);
        assert_eq!(told(0.1, 0.734_256, &number(0.734_256)).outcome, PushOutcome::Written);
        let rounded = told(0.1, 0.734_256, &number(0.73));
        assert_eq!((rounded.outcome, rounded.code.as_deref()), (PushOutcome::Rounded, Some("w was rounded")));
        assert!((rounded.rounded_by - 0.004_256).abs() < 1e-9);
        assert_eq!(told(0.1, 0.734_256, &number(0.1)).outcome, PushOutcome::Rejected);
        assert_eq!(told(0.0, 0.734_256, &FieldValues::new()).outcome, PushOutcome::Rejected);
        assert_eq!(told(0.73, 0.734_256, &number(0.73)).outcome, PushOutcome::Rounded, "rounded to what it was");
        let score = judge(&number(10.0), &number(73.4), &number(73.0), &field(ScoreField::Score), 0.005);
        assert!((score.rounded_by - 0.004).abs() < 1e-9, "a score is a chance times 100");
        let far = told(0.1, 0.734_256, &number(1.0));
        assert_eq!((far.outcome, far.code.as_deref()), (PushOutcome::Rejected, Some("w was rounded")));
        assert!(far.rounded_by > 0.2, "how far off it is is told all the same");
    }

    #[test]
    fn text_that_was_cut_is_rounded_and_text_that_stayed_was_ignored() {
        let grade = [TargetField { of: ScoreField::ModelId, name: "w".to_owned(), kind: TargetKind::Text(None) }];
        let text = |text: &str| FieldValues::from([("w".to_owned(), FieldValue::Text(text.to_owned()))]);
        let told = |old: &str, echo: &str| judge(&text(old), &text("model-12"), &text(echo), &grade, 0.005).outcome;
        assert_eq!(told("model-0", "model-1"), PushOutcome::Rounded);
        assert_eq!(told("model-1", "model-1"), PushOutcome::Rejected);
    }

    #[test]
    fn a_record_is_untouched_or_holds_all() {
        let chance = field(ScoreField::Probability);
        assert!(is_untouched(&number(0.0), &FieldValues::new(), &number(0.5), &chance));
        assert!(!is_untouched(&number(0.4), &number(0.1), &number(0.5), &chance));
        assert!(
            holds_all(&number(0.5), &number(0.5), &chance) && !holds_all(&FieldValues::new(), &number(0.5), &chance)
        );
    }
}
