//! What a record was sent last and holds since: [`Acknowledged`], of which a ledger keeps one for every deal that ever took something.

use std::sync::Arc;

use crate::push::value::{FieldValue, FieldValues};

/// What the fields of a record were sent last, and what is stored since.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acknowledged(Vec<AcknowledgedField>);

/// One field of it.
#[derive(Clone, Debug, PartialEq)]
struct AcknowledgedField {
    /// One text for all records.
    name: Arc<str>,
    sent: FieldValue,
    /// What the target then held, where that is not what was sent.
    held: Option<FieldValue>,
}

impl Acknowledged {
    /// A record that was sent `sent` and holds `held`.
    #[must_use]
    pub fn new(sent: &FieldValues, held: &FieldValues) -> Self {
        let mut record = Self::default();
        for (name, sent) in sent {
            record.take(name.as_str().into(), sent.clone(), held.get(name).filter(|held| *held != sent).cloned());
        }
        record
    }

    /// The record was sent `sent`, and holds `held` where that is something else.
    pub(super) fn take(&mut self, name: Arc<str>, sent: FieldValue, held: Option<FieldValue>) {
        let field = AcknowledgedField { name, sent, held };
        match self.0.iter_mut().find(|known| known.name == field.name) {
            Some(known) => *known = field,
            None => {
                self.0.reserve_exact(1);
                self.0.push(field);
            }
        }
    }

    /// What a field was sent last, and what the target then held.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(&FieldValue, &FieldValue)> {
        let field = self.0.iter().find(|field| *field.name == *name)?;
        Some((&field.sent, field.held()))
    }

    /// What the record held when it took something last.
    #[must_use]
    pub fn held(&self) -> FieldValues {
        self.0.iter().map(|field| (field.name.to_string(), field.held().clone())).collect()
    }
}

impl AcknowledgedField {
    fn held(&self) -> &FieldValue {
        self.held.as_ref().unwrap_or(&self.sent)
    }
}
