//! What became of a plan? The plan and the ledger in, a [`Receipt`] whose books close out.
//!
//! Made from what is on the disk alone, so it is true after every run and every crash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::push::ledger::{DealStanding, Ledger, PushOutcome};
use crate::push::plan::{Plan, PlanStep, PlannedDeal};

/// One line of the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// What became of the deals.
    pub outcome: PushOutcome,
    /// Why.
    pub reason: String,
    /// How many.
    pub deals: u64,
}

/// The books of a plan: every planned deal stands in exactly one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The plan.
    pub plan: String,
    /// Deals of the plan.
    pub planned: u64,
    /// By outcome and reason.
    pub lines: Vec<ReceiptLine>,
    /// Lines of the ledger that cannot be read.
    pub damaged: u64,
}

/// Of a deal that is to be written and was not sent yet.
pub const NOT_SENT: &str = "not sent yet";
/// Of a deal that was sent, with no answer noted.
pub const NO_ANSWER: &str = "sent, no answer noted";

impl Receipt {
    /// The books of `plan` after what `ledger`, read for it, says.
    #[must_use]
    pub fn of(plan: &Plan, ledger: &Ledger) -> Self {
        let standings = ledger.standings();
        let mut counts: BTreeMap<(PushOutcome, String), u64> = BTreeMap::new();
        for deal in &plan.deals {
            *counts.entry(became(deal, standings.get(&deal.deal))).or_default() += 1;
        }
        let lines = counts.into_iter().map(|((outcome, reason), deals)| ReceiptLine { outcome, reason, deals });
        Self {
            plan: plan.id.clone(),
            planned: plan.deals.len() as u64,
            lines: lines.collect(),
            damaged: ledger.damaged as u64,
        }
    }

    /// How many deals have an outcome.
    #[must_use]
    pub fn count(&self, outcome: PushOutcome) -> u64 {
        self.lines.iter().filter(|line| line.outcome == outcome).map(|line| line.deals).sum()
    }

    /// Whether every deal has an outcome that stays.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.count(PushOutcome::Unknown) + self.count(PushOutcome::Rejected) == 0
    }
}

/// What became of a deal, and why.
fn became(deal: &PlannedDeal, standing: Option<&DealStanding>) -> (PushOutcome, String) {
    match (deal.step, standing) {
        (PlanStep::Unchanged, _) => (PushOutcome::Unchanged, deal.reason.clone()),
        (PlanStep::Missing, _) => (PushOutcome::Missing, deal.reason.clone()),
        (PlanStep::Write, None) => (PushOutcome::Unknown, NOT_SENT.to_owned()),
        (PlanStep::Write, Some(DealStanding { outcome: None, .. })) => (PushOutcome::Unknown, NO_ANSWER.to_owned()),
        (PlanStep::Write, Some(DealStanding { outcome: Some(outcome), code, .. })) => {
            (*outcome, code.clone().unwrap_or_default())
        }
    }
}
