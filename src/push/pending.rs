//! What of a plan is still to be sent? The plan and the ledger in, deals out. Pure.

use crate::push::ledger::{DealStanding, Ledger, PushOutcome};
use crate::push::plan::{Plan, PlanStep, PlannedDeal};
use crate::push::target::RecordChange;

/// Which deals of a plan are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushSelection {
    /// At most so many.
    pub limit: Option<usize>,
    /// Those that were refused too.
    pub with_rejected: bool,
}

/// A deal to be sent, and how it stands.
#[derive(Clone, Debug)]
pub(super) struct Pending<'p> {
    pub deal: &'p PlannedDeal,
    pub attempts: u32,
    pub failures: u32,
    /// Whether it may have arrived already.
    pub is_unknown: bool,
}

impl Pending<'_> {
    pub fn change(&self) -> RecordChange {
        RecordChange { deal: self.deal.deal.clone(), new: self.deal.new.clone() }
    }
}

/// The deals of a plan that are to be sent, after what its ledger says: first those that may have arrived.
pub(super) fn pending<'p>(plan: &'p Plan, ledger: &Ledger, selection: PushSelection) -> Vec<Pending<'p>> {
    let standings = ledger.standings();
    let of = |deal: &'p PlannedDeal| match standings.get(&deal.deal) {
        None => Some(Pending { deal, attempts: 0, failures: 0, is_unknown: false }),
        Some(DealStanding { outcome, attempts, failures, .. }) => {
            let (is_unknown, failures) = match outcome {
                None | Some(PushOutcome::Unknown) => (true, *failures),
                Some(PushOutcome::Rejected) if selection.with_rejected => (true, 0),
                _ => return None,
            };
            Some(Pending { deal, attempts: *attempts, failures, is_unknown })
        }
    };
    let mut pending: Vec<Pending<'p>> =
        plan.deals.iter().filter(|deal| deal.step == PlanStep::Write).filter_map(of).collect();
    pending.sort_by_key(|deal| !deal.is_unknown);
    pending
}

/// The deals of a plan that would be sent now, in order.
#[must_use]
pub fn to_send<'p>(plan: &'p Plan, ledger: &Ledger, selection: PushSelection) -> Vec<&'p PlannedDeal> {
    let most = selection.limit.unwrap_or(usize::MAX);
    pending(plan, ledger, selection).into_iter().take(most).map(|pending| pending.deal).collect()
}
