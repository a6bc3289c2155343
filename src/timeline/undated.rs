//! Can the past be replayed at all? Lists of closed and open records often have no dates, or one only.
//!
//! Deals to a yes or no. What is done about it is the model's business.

use crate::domain::stage::StageKind;
use crate::timeline::deal_history::DealHead;

/// Closed deals of one kind from which it can be said that most of them have no closing day.
const FEWEST_CLOSED: usize = 10;
/// Of the won or of the lost deals, the share without a closing day from which what is left is no fair picture.
const MOST_UNKNOWN: f64 = 0.5;
/// The share of closed deals never seen open on a morning from which there is nothing to replay.
const MOST_UNSEEN: f64 = 0.95;

/// Whether the deals are a list rather than a history: most of the won or of the lost ones closed on an unknown day, or
/// all but a few closed on the day of their creation, so that no past morning shows them open.
pub(super) fn are_undated(deals: &[DealHead]) -> bool {
    let [won, lost] = [StageKind::Won, StageKind::Lost].map(|kind| Closings::of(deals, kind));
    won.are_mostly_unknown() || lost.are_mostly_unknown() || won.and(lost).are_unseen()
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
    use crate::timeline::fixtures::World;

    /// Twenty won and twenty lost deals; of the lost ones so many have a closing day, so many days after the creation.
    fn is_undated(dated_lost: usize, cycle: i32) -> bool {
        let world = (0..40).fold(World::default(), |world, i| {
            let world = world.deal(&format!("D{i}"), 3, if i < 20 { "Won" } else { "Lost" });
            if i < 20 + dated_lost { world.closed(3 + cycle) } else { world }
        });
        world.timeline(60).undated
    }

    #[test]
    fn a_list_has_no_closing_days_or_none_after_the_creation() {
        assert!(!is_undated(20, 5), "a history");
        assert!(!is_undated(11, 5), "most of the lost deals are dated");
        assert!(is_undated(9, 5), "only the won ones are: what is left is no fair picture");
        assert!(is_undated(20, 0), "one date only");
        assert!(!World::default().deal("a", 3, "Won").timeline(60).undated, "too few to say");
    }
}
