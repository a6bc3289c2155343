//! Does every record still hold what the ledger says it took? A plan, the ledger and a [`Target`] in, rows out. Writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::push::acknowledged::Acknowledged;
use crate::push::error::PushStop;
use crate::push::judge::holds_all;
use crate::push::ledger::Ledger;
use crate::push::plan::Plan;
use crate::push::target::Target;
use crate::push::value::FieldValues;

/// What a record turned out to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// What it took.
    Same,
    /// Something else: somebody wrote it since.
    Different,
    /// There is no such record any more.
    Gone,
}

impl Holding {
    /// Lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Gone => "gone",
        }
    }
}

/// One record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedDeal {
    /// The deal's id.
    pub deal: String,
    /// What it holds.
    pub holding: Holding,
}

/// Most records that are asked for by name; where there are more, every record is read, page by page.
const FEW: usize = 50;

/// Reads the deals of `plan` that ever took something, as `ledger`, read for its place, says: all, or `sample` of them, the same ones every time.
///
/// # Errors
/// [`PushStop`] where the target cannot be asked.
pub fn verify(
    plan: &Plan,
    ledger: &Ledger,
    target: &mut dyn Target,
    sample: Option<usize>,
) -> Result<Vec<VerifiedDeal>, PushStop> {
    let of_plan: BTreeSet<&String> = plan.deals.iter().map(|planned| &planned.deal).collect();
    let taken = ledger.acknowledged();
    let mut chosen: Vec<(&String, &Acknowledged)> = taken.iter().filter(|(deal, _)| of_plan.contains(deal)).collect();
    if let Some(sample) = sample {
        chosen.sort_by_key(|(deal, _)| *blake3::hash(format!("{} {deal}", plan.id).as_bytes()).as_bytes());
        chosen.truncate(sample);
        chosen.sort_by_key(|(deal, _)| *deal);
    }
    let mut held = if chosen.len() > FEW { target.read_all(&plan.fields)? } else { BTreeMap::new() };
    let absent: Vec<&str> =
        chosen.iter().map(|(deal, _)| deal.as_str()).filter(|deal| !held.contains_key(*deal)).collect();
    held.extend(target.read_some(&absent, &plan.fields)?);
    let mut verified = Vec::with_capacity(chosen.len());
    for (deal, taken) in chosen {
        let holding = match held.get(deal) {
            None => Holding::Gone,
            Some(held) if holds_all(held, &of_fields(taken.held(), plan), &plan.fields) => Holding::Same,
            Some(_) => Holding::Different,
        };
        verified.push(VerifiedDeal { deal: deal.clone(), holding });
    }
    Ok(verified)
}

/// Of what a record took, the fields that are still fed.
fn of_fields(mut held: FieldValues, plan: &Plan) -> FieldValues {
    held.retain(|name, _| plan.fields.iter().any(|field| field.name == *name));
    held
}
