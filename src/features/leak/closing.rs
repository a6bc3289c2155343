//! Is a column set by the closing, or does it count the days up to it?

use std::collections::BTreeSet;

use crate::domain::day::Day;
use crate::features::leak::closing_day::closing_day;
use crate::features::leak::fill::{MIN_DEALS, percent, share};
use crate::features::leak::values::Values;
use crate::snapshot::DealState;

/// Share of closed deals dated on their closing day from which a date counts as set by the closing.
const MIN_ON_CLOSING_DAY: f64 = 0.5;

/// Days after the closing within which a date is set by it (an invoice, a hand-over).
const DAYS_AFTER_CLOSING: i32 = 14;

/// Different cycles that a column which counts the days to the closing must get right.
const MIN_CYCLES: usize = 5;

/// A date on the closing day, or in the days it sets off, is set by the closing.
pub(super) fn on_closing_day(dates: &[Option<Day>], deals: &[DealState]) -> Option<String> {
    let dated = dates.iter().zip(deals).filter_map(|(date, deal)| Some(((*date)?, closing_day(deal)?)));
    let (mut filled, mut equal, mut after) = (0, 0, 0);
    for (date, closed) in dated {
        filled += 1;
        let later = date.0.saturating_sub(closed.0);
        equal += u64::from(later.abs() <= 1);
        after += u64::from((-1..=DAYS_AFTER_CLOSING).contains(&later));
    }
    if is_most(equal, filled) {
        Some(format!("falls on the closing day of {} of closed deals", percent(share(equal, filled))))
    } else if is_most(after, filled) {
        let share = percent(share(after, filled));
        Some(format!("falls within {DAYS_AFTER_CLOSING} days after the closing of {share} of closed deals"))
    } else {
        None
    }
}

/// A number that counts the days from creation to the closing ("age", "days open") stands still from then on: on past
/// days it would say when the deal is going to close.
pub(super) fn counts_to_closing(values: &Values, deals: &[DealState]) -> Option<String> {
    let Values::Numbers(numbers) = values else { return None };
    let known = numbers.iter().zip(deals).filter(|(x, _)| x.is_finite());
    let closed = known.filter_map(|(x, deal)| Some((x, deal.created, closing_day(deal)?)));
    let (mut filled, mut equal, mut cycles) = (0, 0, BTreeSet::new());
    for (&x, created, closed) in closed {
        let cycle = closed.0.saturating_sub(created.0);
        filled += 1;
        if (x - f64::from(cycle)).abs() <= 1.0 {
            equal += 1;
            cycles.insert(cycle);
        }
    }
    let leak = is_most(equal, filled) && cycles.len() >= MIN_CYCLES;
    leak.then(|| format!("counts the days to the closing of {} of closed deals", percent(share(equal, filled))))
}

/// Whether `count` of `filled` deals are too many for an accident.
fn is_most(count: u64, filled: u64) -> bool {
    filled >= MIN_DEALS && share(count, filled) >= MIN_ON_CLOSING_DAY
}
