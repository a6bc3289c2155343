//! Can the past be replayed at all? Lists of closed and open records often have no dates, or one only.
//!
//! Deals to a yes, with the reason, or no. What is done about it is the model's business.

use crate::domain::stage::StageKind;
use crate::timeline::deal_history::DealHead;

/// Closed deals of one kind from which it can be said that most of them have no closing day.
const FEWEST_CLOSED: usize = 10;
/// Of the won or of the lost deals, the share without a closing day from which what is left is no fair picture.
const MOST_UNKNOWN: f64 = 0.5;
/// The share of closed deals never seen open on a morning from which there is nothing to replay.
const MOST_UNSEEN: f64 = 0.95;

/// Why the deals are a list rather than a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPast {
    /// Most of the won, or of the lost deals closed on an unknown day.
    Unknown {
        /// Won or lost.
        kind: StageKind,
        /// Deals of that kind.
        closed: usize,
        /// Of these, without a closing day.
        unknown: usize,
    },
    /// All but a few of the closed deals closed on the day of their creation, or on an unknown day: no past morning shows
    /// them open.
    Unseen {
        /// Closed deals.
        closed: usize,
        /// Of these, never seen open.
        unseen: usize,
    },
}

/// Whether the deals are a list rather than a history.
pub(super) fn are_undated(deals: &[DealHead]) -> bool {
    no_past(deals).is_some()
}

/// Why they are, if they are: most of the won or of the lost ones closed on an unknown day, or all but a few closed on the
/// day of their creation, so that no past morning shows them open.
pub(super) fn no_past(deals: &[DealHead]) -> Option<NoPast> {
    let kinds = [StageKind::Won, StageKind::Lost].map(|kind| (kind, Closings::of(deals, kind)));
    if let Some((kind, closings)) = kinds.iter().find(|(_, closings)| closings.are_mostly_unknown()) {
        return Some(NoPast::Unknown { kind: *kind, closed: closings.closed, unknown: closings.unknown });
    }
    let [(_, won), (_, lost)] = kinds;
    let all = won.and(lost);
    all.are_unseen().then_some(NoPast::Unseen { closed: all.closed, unseen: all.unseen })
}

/// Closed deals, and what is known of their time.
#[derive(Clone, Copy, Default)]
struct Closings {
    closed: usize,
    /// Without a closing day.
    unknown: usize,
    /// Without one, or closed on the day of their creation.
    unseen: usize,
}

impl Closings {
    fn of(deals: &[DealHead], kind: StageKind) -> Self {
        deals.iter().filter(|deal| deal.kind == kind).fold(Self::default(), |sum, deal| {
            let closed = deal.closed.get();
            sum.and(Self {
                closed: 1,
                unknown: usize::from(closed.is_none()),
                unseen: usize::from(closed.is_none_or(|day| day <= deal.created)),
            })
        })
    }

    fn and(self, other: Self) -> Self {
        Self {
            closed: self.closed + other.closed,
            unknown: self.unknown + other.unknown,
            unseen: self.unseen + other.unseen,
        }
    }

    fn are_mostly_unknown(self) -> bool {
        self.closed >= FEWEST_CLOSED && self.unknown as f64 > MOST_UNKNOWN * self.closed as f64
    }

    fn are_unseen(self) -> bool {
        self.closed >= FEWEST_CLOSED && self.unseen as f64 >= MOST_UNSEEN * self.closed as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fixtures::World;

    /// Twenty won and twenty lost deals; of the lost ones so many have a closing day, so many days after the creation.
    fn world(dated_lost: usize, cycle: i32) -> World {
        (0..40).fold(World::default(), |world, i| {
            let world = world.deal(&format!("D{i}"), 3, if i < 20 { "Won" } else { "Lost" });
            if i < 20 + dated_lost { world.closed(3 + cycle) } else { world }
        })
    }

    fn is_undated(dated_lost: usize, cycle: i32) -> bool {
        world(dated_lost, cycle).timeline(60).undated
    }

    #[test]
    fn a_list_has_no_closing_days_or_none_after_the_creation() {
        assert!(!is_undated(20, 5), "a history");
        assert!(!is_undated(11, 5), "most of the lost deals are dated");
        assert!(is_undated(9, 5), "only the won ones are: what is left is no fair picture");
        assert!(is_undated(20, 0), "one date only");
        assert!(!World::default().deal("a", 3, "Won").timeline(60).undated, "too few to say");
    }

    #[test]
    fn the_reason_counts_the_deals_it_speaks_of() {
        let unknown = NoPast::Unknown { kind: StageKind::Lost, closed: 20, unknown: 11 };
        assert_eq!(no_past(&world(9, 5).timeline(60).deals), Some(unknown));
        assert_eq!(no_past(&world(20, 0).timeline(60).deals), Some(NoPast::Unseen { closed: 40, unseen: 40 }));
    }
}
