//! The past of deals to an [`Outlook`].

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::analyses::backtest::Spread;
use crate::analyses::outlook::amount_change::amount_changes;
use crate::analyses::outlook::distribution::Atom;
use crate::analyses::outlook::new_business::{LearntDeal, NewBusiness};
use crate::analyses::outlook::pace;
use crate::books::currency::CurrencyConverter;
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{DealIx, OwnerId};
use crate::domain::period::Period;
use crate::domain::probability::{logistic, logit};
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::model::WinModel;
use crate::scoring::win_by;
use crate::snapshot::{DealState, Snapshot, replay};
use crate::timeline::Timeline;

/// What the past says about what is to come. Money in the base currency.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The amount won over an open deal's present amount; empty: it stays.
    pub changes: Vec<Atom>,
    /// Deals not yet created.
    pub new: NewBusiness,
    /// What is added to the log-odds of every open deal, by the last day of the period they are won by.
    pub shifts: BTreeMap<Day, f64>,
    /// How much wider or narrower than forecast the sums of past periods came out.
    pub spread: Spread,
}

impl Outlook {
    /// Learns from everything known before the timeline's day. `admits` has one flag per deal; the others do not exist.
    /// Amounts without a rate count as unknown.
    #[must_use]
    pub fn learn(
        timeline: &Timeline,
        snapshot: &Snapshot,
        converter: &CurrencyConverter,
        owners: &Dictionary<OwnerId>,
        admits: &[bool],
    ) -> Self {
        let last_known = snapshot.as_of.plus(-1);
        let value = |state: &DealState| {
            let day = state.closed.get().unwrap_or(last_known);
            let won = state.amount_minor.get().filter(|_| state.kind == StageKind::Won);
            won.and_then(|minor| converter.convert(minor, state.currency, day).ok()).map(|minor| minor as f64)
        };
        let admitted = snapshot.states.iter().zip(admits).filter(|(_, admitted)| **admitted);
        let deals: Vec<LearntDeal> = admitted.map(|(state, _)| LearntDeal::of(state, value(state))).collect();
        Self {
            changes: amount_changes(timeline, snapshot, admits),
            shifts: BTreeMap::new(),
            spread: Spread::default(),
            new: NewBusiness::learn(&deals, owners, snapshot.as_of),
        }
    }

    /// Measures the pace of open deals at the same point of past periods, for each of `periods`; see `pace`.
    #[must_use]
    pub fn paced(
        mut self,
        model: &WinModel,
        context: &FeatureContext<'_>,
        periods: &[Period],
        admits: &[bool],
    ) -> Self {
        let as_of = context.timeline.as_of;
        let first = context.timeline.deals.iter().map(|deal| deal.created).min().unwrap_or(as_of);
        // (day looked from, last day, position of the period it stands for)
        let mut looks: Vec<(Day, Day, usize)> = Vec::new();
        for (i, period) in periods.iter().enumerate() {
            for back in 1..=pace::PAST_PERIODS {
                let then = context.calendar.shift(period, -back);
                let day = as_of.plus(then.first.0 - period.first.0);
                if then.last < as_of && day > first {
                    looks.push((day, then.last, i));
                }
            }
        }
        let mut days: Vec<Day> = looks.iter().map(|look| look.0).collect();
        days.sort_unstable();
        days.dedup();
        let open_days = |deal: usize| {
            let mut states: Vec<DealState> = Vec::new();
            if admits[deal] {
                replay(context.timeline, DealIx::at(deal), &days, &mut |state| {
                    if state.kind == StageKind::Open {
                        states.push(state);
                    }
                });
            }
            states
        };
        // About as many are open on any day.
        let deals = context.timeline.deals.iter();
        let open_now = deals.clone().zip(admits).filter(|(deal, admitted)| **admitted && deal.kind == StageKind::Open);
        let step = open_now.count().div_ceil(pace::MOST_DEALS).max(1);
        let states: Vec<DealState> = (0..deals.len()).into_par_iter().step_by(step).flat_map_iter(open_days).collect();
        let mut open: BTreeMap<Day, Vec<DealState>> = BTreeMap::new();
        states.into_iter().for_each(|state| open.entry(state.day).or_default().push(state));
        let seen = |&(day, last, i): &(Day, Day, usize)| {
            let states = open.get(&day).map_or(&[][..], Vec::as_slice);
            let won = |state: &DealState| {
                let head = context.timeline.head(state.deal);
                head.kind == StageKind::Won && head.closed.get().is_none_or(|closed| closed <= last)
            };
            (i, win_by(model, context, states, day, last), states.iter().map(won).collect::<Vec<bool>>())
        };
        let seen: Vec<(usize, Vec<f64>, Vec<bool>)> = looks.par_iter().map(seen).collect();
        for (i, period) in periods.iter().enumerate() {
            let of_period = || seen.iter().filter(|seen| seen.0 == i);
            let chances: Vec<f64> = of_period().flat_map(|seen| seen.1.iter().copied()).collect();
            let won: Vec<bool> = of_period().flat_map(|seen| seen.2.iter().copied()).collect();
            self.shifts.insert(period.last, pace::shift(&chances, &won));
        }
        self
    }

    /// The chance to be won by the last day of `period`, at the pace of past periods.
    #[must_use]
    pub fn chance(&self, chance: f64, period: &Period) -> f64 {
        match self.shifts.get(&period.last) {
            Some(shift) if chance > 0.0 => logistic(logit(chance) + shift),
            _ => chance,
        }
    }

    /// What an amount is multiplied with on the way to its win, on average.
    #[must_use]
    pub fn mean_change(&self) -> f64 {
        if self.changes.is_empty() { 1.0 } else { self.changes.iter().map(|atom| atom.value * atom.share).sum() }
    }
}
