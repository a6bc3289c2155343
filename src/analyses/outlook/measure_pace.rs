//! At what pace were open deals won, at the same point of past periods?
//!
//! At the same distance from the beginning of past periods, the chances the model gives are compared with the actual
//! wins: what it missed there makes the [`Pace`].

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::analyses::outlook::pace::{Pace, PacedEnd, WinSoFar, shift};
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::model::WinModel;
use crate::scoring::wins_by;
use crate::snapshot::{DealState, replay};

/// Past periods looked at, at most.
const PAST_PERIODS: i32 = 4;
/// Deals looked at in each, about: where more are open now, every n-th of all.
const MOST_DEALS: usize = 20_000;

/// A look at the deals that were open on a past morning.
struct PastLook {
    day: Day,
    /// The days that stand for the period ends so far, ascending; the last is the end of a past period.
    lasts: Vec<Day>,
    /// Position of the end it stands for.
    end: usize,
}

/// What was seen of a past morning.
struct PastWins {
    end: usize,
    /// The model's chances by each of the look's days, deal by deal.
    chances: Vec<Vec<f64>>,
    /// How many were won by the last of these days.
    won: f64,
}

/// The pace to the end of each of `periods`. `admits` has one flag per deal; the others do not exist.
pub(super) fn measure(model: &WinModel, context: &FeatureContext<'_>, periods: &[Period], admits: &[bool]) -> Pace {
    let ends = ends(periods);
    let looks = looks(context, periods, &ends);
    let open = open_deals(context, &looks, admits);
    let seen: Vec<PastWins> = looks.par_iter().map(|look| look.wins(model, context, &open)).collect();
    let mut pace = Pace::default();
    for (position, end) in ends.into_iter().enumerate() {
        let of_end: Vec<&PastWins> = seen.iter().filter(|seen| seen.end == position).collect();
        let deals = of_end.iter().flat_map(|seen| &seen.chances);
        let steps: Vec<(WinSoFar, f64)> = deals.filter_map(|chances| last_step(chances, &pace)).collect();
        let wins = of_end.iter().map(|seen| seen.won).sum();
        pace.ends.push(PacedEnd { odds_ratio: shift(&steps, wins).exp(), ..end });
    }
    pace
}

/// The days periods end on, ascending; of periods that end on one day the last of the list, the longest.
fn ends(periods: &[Period]) -> Vec<PacedEnd> {
    let indexed = periods.iter().enumerate();
    let by_day: BTreeMap<Day, usize> = indexed.map(|(period_index, period)| (period.last, period_index)).collect();
    by_day.into_iter().map(|(last, period_index)| PacedEnd { last, period_index, odds_ratio: 1.0 }).collect()
}

/// A deal on its last step: the chance to be won before, at the `pace` so far, and the model's to be won by its end.
fn last_step(chances: &[f64], pace: &Pace) -> Option<(WinSoFar, f64)> {
    let (last, before) = chances.split_last()?;
    let steps = before.iter().zip(&pace.ends);
    Some((steps.fold(WinSoFar::default(), |sofar, (win, end)| sofar.next(*win, end.odds_ratio)), *last))
}

fn looks(context: &FeatureContext<'_>, periods: &[Period], ends: &[PacedEnd]) -> Vec<PastLook> {
    let (as_of, calendar) = (context.timeline.as_of, &context.calendar);
    let first = context.timeline.deals.iter().map(|deal| deal.created).min().unwrap_or(as_of);
    let mut looks = Vec::new();
    for (position, end) in ends.iter().enumerate() {
        let period = &periods[end.period_index];
        for back in 1..=PAST_PERIODS {
            let then = calendar.shift(period, -back);
            let day = as_of.plus(then.first.0 - period.first.0);
            if then.last < as_of && day > first {
                let past_end = |end: &PacedEnd| {
                    let same_distance = day.plus(end.last.0 - as_of.0);
                    nearest_end(calendar, &periods[end.period_index], same_distance).clamp(day, then.last.max(day))
                };
                let before = ends[..position].iter().map(past_end);
                looks.push(PastLook { day, lasts: before.chain([then.last]).collect(), end: position });
            }
        }
    }
    looks
}

/// The end nearest to `day` of a period as long as `period`.
fn nearest_end(calendar: &FiscalCalendar, period: &Period, day: Day) -> Day {
    let around = calendar.period_of(period.kind, day);
    let before = around.first.plus(-1);
    if day.0 - before.0 < around.last.0 - day.0 { before } else { around.last }
}

/// The deals that were open on the mornings looked at. About as many are open on any day.
fn open_deals(context: &FeatureContext<'_>, looks: &[PastLook], admits: &[bool]) -> BTreeMap<Day, Vec<DealState>> {
    let mut days: Vec<Day> = looks.iter().map(|look| look.day).collect();
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
    let deals = context.timeline.deals.iter();
    let open_now = deals.clone().zip(admits).filter(|(deal, admitted)| **admitted && deal.kind == StageKind::Open);
    let step = open_now.count().div_ceil(MOST_DEALS).max(1);
    let states: Vec<DealState> = (0..deals.len()).into_par_iter().step_by(step).flat_map_iter(open_days).collect();
    let mut open: BTreeMap<Day, Vec<DealState>> = BTreeMap::new();
    states.into_iter().for_each(|state| open.entry(state.day).or_default().push(state));
    open
}

impl PastLook {
    fn wins(&self, model: &WinModel, context: &FeatureContext<'_>, open: &BTreeMap<Day, Vec<DealState>>) -> PastWins {
        let states = open.get(&self.day).map_or(&[][..], Vec::as_slice);
        let end = self.lasts.last().copied().unwrap_or(self.day);
        let won = |state: &&DealState| {
            let head = context.timeline.head(state.deal);
            head.kind == StageKind::Won && head.closed.get().is_none_or(|closed| closed <= end)
        };
        PastWins {
            end: self.end,
            chances: wins_by(model, context, states, self.day, &self.lasts),
            won: states.iter().filter(won).count() as f64,
        }
    }
}
