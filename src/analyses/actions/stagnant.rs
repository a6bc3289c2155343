//! Which deals have stayed too long, or long?

use crate::analyses::actions::draft::Draft;
use crate::analyses::actions::facts::ActionDealFacts;
use crate::analyses::actions::findings::stagnant;
use crate::analyses::actions::money::ActionDeal;
use crate::analyses::actions::rows::ActionKind;
use crate::analyses::stagnation::StagnationStatus;
use crate::domain::stage::StageList;

/// The row of a deal that is stalled or slow.
pub(super) fn row(deal: &ActionDeal<'_>, facts: &ActionDealFacts, stages: &StageList) -> Option<Draft> {
    let kind = match facts.stay.status {
        StagnationStatus::OnPace => return None,
        StagnationStatus::Slow => ActionKind::Slow,
        StagnationStatus::Stalled => ActionKind::Stalled,
    };
    let due = facts.stay.next_review.unwrap_or(deal.state.day);
    let (what, why) = stagnant(kind, facts, stages.name(facts.stay.stage), due);
    Some(Draft::of_deal(deal, kind, due, what, why))
}
