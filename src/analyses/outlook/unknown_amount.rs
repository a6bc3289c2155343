//! What is a deal worth that has no amount yet?
//!
//! Won deals of the last two years, looked at every 30 days before they were won, where no amount stood there then: what was
//! won in the end, nothing where no amount was ever filled in. Per currency; where one has too few such deals, what all of
//! them bring in the base currency. Without any, nothing is expected of a deal without amount.

use std::collections::BTreeMap;

use crate::analyses::outlook::amount_change::{EVERY_DAYS, LOOKS, MEMORY_DAYS};
use crate::books::currency::CurrencyConverter;
use crate::domain::ids::CurrencyId;
use crate::domain::stage::StageKind;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::Timeline;

/// Deals needed to say anything.
const FEWEST: u32 = 10;
/// A large round sum, to read a rate off.
const MILLION: i64 = 1_000_000;

/// What deals without an amount count as, by currency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnknownAmounts(BTreeMap<CurrencyId, i64>);

/// Won deals that had no amount when they were looked at.
#[derive(Clone, Copy, Debug, Default)]
struct FilledIn {
    deals: u32,
    looks: i64,
    sum: i128,
}

impl FilledIn {
    fn add(&mut self, looks: i64, won: i64) {
        self.deals += 1;
        self.looks += looks;
        self.sum += i128::from(looks) * i128::from(won);
    }

    /// What they brought, on average over the looks; none where they are few.
    fn mean(&self) -> Option<f64> {
        (self.deals >= FEWEST).then(|| self.sum as f64 / self.looks as f64)
    }
}

impl UnknownAmounts {
    /// What an open deal in `currency` counts as while it has no amount, minor units.
    #[must_use]
    pub fn of(&self, currency: CurrencyId) -> i64 {
        self.0.get(&currency).copied().unwrap_or(0)
    }

    /// `admits` has one flag per deal; `mean_change` is what amounts are multiplied with on the way to the win, which these
    /// have behind them.
    pub(super) fn learn(
        timeline: &Timeline,
        snapshot: &Snapshot,
        converter: &CurrencyConverter,
        admits: &[bool],
        mean_change: f64,
    ) -> Self {
        let admitted = || snapshot.states.iter().zip(admits).filter(|(_, admitted)| **admitted).map(|(state, _)| state);
        let mut in_base = FilledIn::default();
        let mut by_currency: BTreeMap<CurrencyId, FilledIn> = BTreeMap::new();
        for state in admitted().filter(|state| state.kind == StageKind::Open && state.amount_minor.is_none()) {
            by_currency.entry(state.currency).or_default();
        }
        if by_currency.is_empty() {
            return Self::default();
        }
        for state in admitted() {
            let looks = looks_without_amount(timeline, snapshot, state);
            if looks == 0 {
                continue;
            }
            let won = state.amount_minor.get().unwrap_or(0);
            if let Some(own) = by_currency.get_mut(&state.currency) {
                own.add(looks, won);
            }
            let day = state.closed.get().unwrap_or(snapshot.as_of.plus(-1));
            if let Ok(base) = converter.convert(won, state.currency, day) {
                in_base.add(looks, base);
            }
        }
        let worth = |(currency, own): (&CurrencyId, &FilledIn)| {
            let million =
                || converter.convert(MILLION, *currency, snapshot.as_of.plus(-1)).ok().filter(|base| *base > 0);
            let from_base = || Some(in_base.mean()? * MILLION as f64 / million()? as f64);
            let mean = own.mean().or_else(from_base)? / mean_change;
            // Where credits prevail, nothing is taken off for them.
            Some((*currency, mean.max(0.0).round_ties_even() as i64))
        };
        Self(by_currency.iter().filter_map(worth).collect())
    }
}

/// On how many of the days before its win on which the deal is looked at it was open without an amount.
fn looks_without_amount(timeline: &Timeline, snapshot: &Snapshot, state: &DealState) -> i64 {
    let Some(closed) = state.closed.get().filter(|_| state.kind == StageKind::Won) else { return 0 };
    if closed < snapshot.as_of.plus(-MEMORY_DAYS) {
        return 0;
    }
    let steps = timeline.steps_of(state.deal);
    let days = (1..=LOOKS).map(|look| closed.plus(-look * EVERY_DAYS)).take_while(|day| *day > state.created);
    let without = days.filter(|day| {
        let known = steps.partition_point(|step| step.at.day() < *day);
        known.checked_sub(1).is_some_and(|last| steps[last].amount_minor.is_none())
    });
    without.count() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fixtures::World;

    /// 2026-02-14.
    const AS_OF: i32 = 20_498;

    /// `deals` deals won for 1,000, 2,000, ... after 95 days without an amount, one of them for nothing, and an open one.
    fn learnt(deals: i32, mean_change: f64) -> UnknownAmounts {
        let mut world = World::default().deal("open", AS_OF - 20, "New").moved(AS_OF - 20, "New");
        for i in 1..=deals {
            let created = AS_OF - 300 + i;
            world = world.deal(&format!("D{i}"), created, "Closed Won").closed(created + 95).moved(created, "New");
            let amount = (i > 1).then(|| 1_000 * i64::from(i));
            world.deals.last_mut().expect("a deal").amount_minor = amount;
            world = world.logged(created + 95, |row| (row.stage, row.amount) = (Some("Closed Won"), amount));
        }
        let (tables, timeline) = (world.tables(), world.timeline(AS_OF));
        let snapshot = Snapshot::of(&timeline);
        let converter = CurrencyConverter::new(&tables, "USD", snapshot.as_of);
        let admits = vec![true; snapshot.states.len()];
        UnknownAmounts::learn(&timeline, &snapshot, &converter, &admits, mean_change)
    }

    #[test]
    fn a_deal_without_an_amount_counts_as_what_such_deals_brought() {
        // (0 + 2,000 + ... + 12,000) / 12 = 77,000 / 12 = 6,416.67
        assert_eq!(learnt(12, 1.0).0.into_values().collect::<Vec<_>>(), [6_417]);
        // Its win will have the change behind it.
        assert_eq!(learnt(12, 0.5).0.into_values().collect::<Vec<_>>(), [12_833]);
    }

    #[test]
    fn of_few_deals_nothing_is_expected() {
        assert_eq!(learnt(9, 1.0), UnknownAmounts::default());
    }
}
