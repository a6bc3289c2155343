//! Which close dates have passed, or will not hold?

use crate::analyses::actions::draft::Draft;
use crate::analyses::actions::facts::ActionDealFacts;
use crate::analyses::actions::findings::{close_date_early, close_date_overdue};
use crate::analyses::actions::money::ActionDeal;
use crate::analyses::actions::rows::ActionKind;

/// The row of a deal whose close date has passed, or lies before nine of ten days on which it may be won.
pub(super) fn row(deal: &ActionDeal<'_>, facts: &ActionDealFacts) -> Option<Draft> {
    let (today, expected) = (deal.state.day, deal.state.expected_close.get()?);
    if expected < today {
        let (what, why) = close_date_overdue(facts, expected, today, deal.wins.map(|[_, half]| half));
        return Some(Draft::of_deal(deal, ActionKind::CloseDateOverdue, today, what, why));
    }
    let [tenth, half] = deal.wins.filter(|[tenth, _]| expected < *tenth)?;
    let (what, why) = close_date_early(facts, expected, [tenth, half], deal.state.pushes);
    Some(Draft::of_deal(deal, ActionKind::CloseDateEarly, expected, what, why))
}
