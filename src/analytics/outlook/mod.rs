//! What may still be won by the end of a period: open deals, business that does not exist yet, and how sure that is.
//!
//! Timeline and snapshot to an [`Outlook`], learnt once; with the chances of open deals it gives a [`Distribution`] per
//! node and period. Knows no nodes and no quotas: `forecast` asks.

mod amount_change;
mod distribution;
mod new_business;

pub use distribution::{Atom, Distribution, Ingredients, Prospect};
pub use new_business::{NewBusiness, OwnerPart};

use self::amount_change::amount_changes;
use self::new_business::Seen;
use super::currency::CurrencyConverter;
use crate::domain::code::{Dictionary, NO_AMOUNT, NO_DAY};
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::Timeline;

/// What the past says about what is to come. Money in the base currency.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The amount won over an open deal's present amount; empty: it stays.
    pub changes: Vec<Atom>,
    /// Deals not yet created.
    pub new: NewBusiness,
}

impl Outlook {
    /// Learns from everything known before the timeline's day. `admits` has one flag per deal; the others do not exist.
    /// Amounts without a rate count as unknown.
    #[must_use]
    pub fn learn(
        timeline: &Timeline,
        snapshot: &Snapshot,
        converter: &CurrencyConverter,
        owners: &Dictionary,
        admits: &[bool],
    ) -> Self {
        let last_known = snapshot.as_of.plus(-1);
        let value = |state: &DealState| {
            let day = if state.closed == NO_DAY { last_known } else { Day(state.closed) };
            let in_base = || converter.convert(state.amount_minor, state.currency, day).ok();
            let known = state.kind == StageKind::Won && state.amount_minor != NO_AMOUNT;
            let minor = known.then(in_base).flatten();
            minor.map(|minor| minor as f64)
        };
        let admitted = snapshot.states.iter().zip(admits).filter(|(_, admitted)| **admitted);
        let deals: Vec<Seen> = admitted.map(|(state, _)| Seen::of(state, value(state))).collect();
        Self {
            changes: amount_changes(timeline, snapshot, admits),
            new: NewBusiness::learn(&deals, owners, snapshot.as_of),
        }
    }

    /// What an amount is multiplied with on the way to its win, on average.
    #[must_use]
    pub fn mean_change(&self) -> f64 {
        if self.changes.is_empty() { 1.0 } else { self.changes.iter().map(|atom| atom.value * atom.share).sum() }
    }
}
