//! What one kind of action has to say, before names and currencies are added: a [`Draft`].

use crate::analyses::actions::money::ActionDeal;
use crate::analyses::actions::rows::{ActionKind, ActionNode, Worth};
use crate::domain::day::Day;
use crate::report::finding::Finding;

/// What one kind has to say; names and currencies come later.
pub(super) struct Draft {
    pub kind: ActionKind,
    /// Position in the facts; none of a forecast.
    pub deal: Option<usize>,
    pub node: Option<ActionNode>,
    pub what: String,
    pub why: Finding,
    /// Of a forecast.
    pub amount: Option<i64>,
    /// What is at stake, where it is not what is expected of the deal within the horizon.
    pub worth: Option<Worth>,
    pub due: Day,
}

impl Draft {
    /// Of a deal.
    pub fn of_deal(deal: &ActionDeal<'_>, kind: ActionKind, due: Day, what: String, why: Finding) -> Self {
        Self { kind, deal: Some(deal.at), node: None, what, why, amount: None, worth: None, due }
    }
}
