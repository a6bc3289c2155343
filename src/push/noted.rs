//! An answer as it goes into the ledger: [`Noted`].

use crate::push::ledger::PushOutcome;
use crate::push::value::FieldValues;

/// An answer as it is noted.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted {
    /// Nothing before the answer.
    pub outcome: Option<PushOutcome>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Why, or what the target calls it.
    pub code: Option<String>,
    /// What the record holds now, of the fields that were sent.
    pub echo: Option<FieldValues>,
    /// How far off the worst stored chance is, 0 to 1.
    pub rounded_by: f64,
}

impl Noted {
    /// An outcome, and why.
    pub fn of(outcome: PushOutcome, status: Option<u16>, code: Option<String>) -> Self {
        Self { outcome: Some(outcome), status, code, ..Self::default() }
    }
}

/// Of what a record holds, the fields that were sent.
pub(super) fn echo_of(held: &FieldValues, sent: &FieldValues) -> FieldValues {
    held.iter()
        .filter(|(field, _)| sent.contains_key(*field))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}
