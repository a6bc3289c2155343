//! What one deal adds to a bridge: the difference of what it is worth, taken apart.

use crate::analyses::compare::rows::{MovedMeasure, MovedPart};
use crate::analyses::compare::seen::{SeenDeal, SeenMoney, Status};
use crate::domain::day::Day;

/// The bridge a deal is seen for.
#[derive(Clone, Copy)]
pub(super) struct Lens {
    pub measure: MovedMeasure,
    /// Whether money is in the base currency.
    pub in_base: bool,
    /// Decimal places everything is brought to.
    pub places: u32,
    /// First and last day of the period.
    pub first: Day,
    pub last: Day,
    /// Whether the deals of the old and the new run are expected to bring something in the period: not where it is over.
    pub expects: [bool; 2],
}

/// Then and now.
const OLD: usize = 0;
const NEW: usize = 1;

impl Lens {
    fn units(&self, money: Option<SeenMoney>) -> i128 {
        money.map_or(0, |money| money.scaled(self.places))
    }

    fn amount(&self, deal: &SeenDeal<'_>) -> i128 {
        self.units(if self.in_base { deal.base_amount } else { deal.amount })
    }

    fn is_due(&self, deal: &SeenDeal<'_>) -> bool {
        deal.expected_close.is_some_and(|due| self.first <= due && due <= self.last) && !deal.is_omitted
    }

    /// What a deal is worth in a run.
    pub fn worth(&self, deal: &SeenDeal<'_>, run: usize) -> i128 {
        let is_in_period = deal.closed_on.is_some_and(|day| self.first <= day && day <= self.last);
        match (self.measure, deal.status) {
            (MovedMeasure::Pipeline, Status::Open) if self.is_due(deal) => self.amount(deal),
            (MovedMeasure::Expected, Status::Open) if self.expects[run] => {
                self.units(if self.in_base { deal.base_expected } else { deal.expected })
            }
            (MovedMeasure::Expected, Status::Won) if is_in_period => self.amount(deal),
            _ => 0,
        }
    }

    /// What a deal adds that is at one node in both runs.
    pub fn stayed(&self, old: &SeenDeal<'_>, new: &SeenDeal<'_>) -> Vec<(MovedPart, i128)> {
        let (from, to) = (self.worth(old, OLD), self.worth(new, NEW));
        match (old.status, new.status) {
            (Status::Open, Status::Won) => vec![(MovedPart::Won, to - from)],
            (Status::Open, Status::Lost) => vec![(MovedPart::Lost, to - from)],
            (Status::Open, Status::Open) => self.still_open(old, new, from, to),
            _ => vec![(MovedPart::Reopened, to - from)],
        }
    }

    /// An open deal: rates, then amount, then close date or chance. The last takes what is left.
    fn still_open(&self, old: &SeenDeal<'_>, new: &SeenDeal<'_>, from: i128, to: i128) -> Vec<(MovedPart, i128)> {
        let was = |deal: &SeenDeal<'_>| (self.units(deal.amount), self.units(deal.base_amount));
        let ((native_then, base_then), (native_now, base_now)) = (was(old), was(new));
        let is_due = [self.is_due(old), self.is_due(new)];
        let stays_due = is_due[0] == is_due[1];
        // What is in the pipeline knows no chance.
        let has_no_chance = self.measure == MovedMeasure::Pipeline && stays_due;
        let at_rates = match self.in_base {
            true if has_no_chance && native_now == native_then => to,
            // The old amount at the new rate.
            true => ratio(from, base_now * native_then, base_then * native_now),
            false => from,
        };
        // An amount that was not there before has none to be set against.
        let is_first_amount = native_then == 0 && native_now != 0 && stays_due;
        let at_amount = if has_no_chance || is_first_amount { to } else { ratio(at_rates, native_now, native_then) };
        let last = match is_due {
            [true, false] => MovedPart::Slipped,
            [false, true] => MovedPart::PulledIn,
            _ => MovedPart::Rescored,
        };
        vec![(MovedPart::Revalued, at_rates - from), (MovedPart::Amount, at_amount - at_rates), (last, to - at_amount)]
    }
}

/// `whole` x `now` / `then`, rounded; `whole` where there is nothing to compare, or the numbers are too large to.
fn ratio(whole: i128, now: i128, then: i128) -> i128 {
    if then == 0 || now == 0 || now == then {
        return whole;
    }
    let scaled = whole as f64 * (now as f64 / then as f64);
    if scaled.abs() < 1e18 { scaled.round_ties_even() as i128 } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_without_a_past_changes_nothing() {
        assert_eq!([ratio(100, 3, 2), ratio(100, 0, 2), ratio(100, 3, 0), ratio(101, 1, 2)], [150, 100, 100, 50]);
    }
}
