//! At what pace were open deals won, at the same point of past periods?
//!
//! At the same distance from the beginning of past periods, the chances the model gives are compared with the actual
//! wins: what it missed there makes the [`Pace`]. Each step to a period's end is measured among the deals that were not won
//! before it. What one past period says counts for the next one as far as [`NextEffect`] has it: some of it is the season's,
//! some its own.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::analyses::outlook::pace::{Pace, PacedEnd, step_chance};
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::domain::probability::{logistic, logit};
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::model::WinModel;
use crate::scoring::wins_by;
use crate::snapshot::{DealState, replay};
use crate::stats::next_effect::{NextEffect, SeenEffect};

/// Past periods looked at, at most: from fewer it is not seen how much periods differ.
const PAST_PERIODS: i32 = 8;
/// Years back to the periods of the same season that are looked at, too.
const PAST_YEARS: i32 = 2;
/// Deals looked at in each, about: where more are open now, every n-th of all.
const MOST_DEALS: usize = 20_000;
/// How strongly the common pace is shrunk towards the model's: as by so many wins.
const PRIOR_WINS: f64 = 10.0;
/// A look at which less than this many wins were open tells nothing.
const LEAST_INFORMATION: f64 = 0.5;

/// A look at the deals that were open on a past morning.
struct PastLook {
    day: Day,
    /// The end of the step before the one looked at; none where that begins on the morning.
    before: Option<Day>,
    /// The end of a past period.
    last: Day,
    season: u32,
    /// Position of the end it stands for.
    end: usize,
}

/// What was seen of a past morning.
struct PastStep {
    end: usize,
    season: u32,
    /// The model's log-odds of the step, of every deal that was not won before it.
    log_odds: Vec<f64>,
    /// How many of these were won in it.
    won: f64,
}

/// The pace to the end of each of `periods`. `admits` has one flag per deal; the others do not exist.
pub(super) fn measure(model: &WinModel, context: &FeatureContext<'_>, periods: &[Period], admits: &[bool]) -> Pace {
    let mut ends = ends(periods);
    let looks = looks(context, periods, &ends);
    let open = open_deals(context, &looks, admits);
    let seen: Vec<PastStep> = looks.par_iter().map(|look| look.step(model, context, &open)).collect();
    for (position, end) in ends.iter_mut().enumerate() {
        let of_end: Vec<&PastStep> = seen.iter().filter(|step| step.end == position).collect();
        let next = NextEffect::predict(&effects(&of_end), season(&periods[end.period_index]));
        (end.odds_ratio, end.variance) = (next.mean.exp(), next.variance);
    }
    Pace { ends }
}

/// Periods of one kind and number, a year apart, are of one season.
fn season(period: &Period) -> u32 {
    u32::from(period.number)
}

/// By how much the log-odds of each step are to be moved, so that the chances add up to the wins: one step of Newton's
/// method from where all of them together do.
fn effects(steps: &[&PastStep]) -> Vec<SeenEffect> {
    let common = common_shift(steps);
    let effect = |step: &&PastStep| {
        let (expected, information) = step.expected(common);
        let value = common + (step.won - expected) / information;
        (information >= LEAST_INFORMATION).then_some(SeenEffect {
            value,
            variance: 1.0 / information,
            season: step.season,
        })
    };
    steps.iter().filter_map(effect).collect()
}

/// What the log-odds of all steps are to be moved by so that the chances add up to the wins there were.
fn common_shift(steps: &[&PastStep]) -> f64 {
    let mut shift = 0.0;
    // Newton's method on a falling function: from no shift it gets there in a few steps.
    for _ in 0..50 {
        let (mut pull, mut curve) = (-PRIOR_WINS * shift, PRIOR_WINS);
        for step in steps {
            let (expected, information) = step.expected(shift);
            pull += step.won - expected;
            curve += information;
        }
        let step = (pull / curve).clamp(-1.0, 1.0);
        shift += step;
        if step.abs() < 1e-10 {
            break;
        }
    }
    shift
}

/// The days periods end on, ascending; of periods that end on one day the last of the list, the longest.
fn ends(periods: &[Period]) -> Vec<PacedEnd> {
    let indexed = periods.iter().enumerate();
    let by_day: BTreeMap<Day, usize> = indexed.map(|(period_index, period)| (period.last, period_index)).collect();
    by_day.into_iter().map(|(last, period_index)| PacedEnd::unmeasured(last, period_index)).collect()
}

fn looks(context: &FeatureContext<'_>, periods: &[Period], ends: &[PacedEnd]) -> Vec<PastLook> {
    let (as_of, calendar) = (context.timeline.as_of, &context.calendar);
    let first = context.timeline.deals.iter().map(|deal| deal.created).min().unwrap_or(as_of);
    let mut looks = Vec::new();
    for (position, end) in ends.iter().enumerate() {
        let period = &periods[end.period_index];
        for back in backs(period.kind) {
            let then = calendar.shift(period, -back);
            let day = as_of.plus(then.first.0 - period.first.0);
            if then.last >= as_of || day <= first {
                continue;
            }
            let before = position.checked_sub(1).map(|before| {
                let PacedEnd { last, period_index, .. } = ends[before];
                nearest_end(calendar, &periods[period_index], day.plus(last.0 - as_of.0))
            });
            // Where the calendar has the two ends on one day, there is no step to be seen.
            if before.is_none_or(|before| before < then.last) {
                let before = before.filter(|before| *before > day);
                looks.push(PastLook { day, before, last: then.last, season: season(&then), end: position });
            }
        }
    }
    looks
}

/// How many periods back is looked: at the last ones, and at those of the same season.
fn backs(kind: PeriodKind) -> Vec<i32> {
    let a_year = match kind {
        PeriodKind::Month => 12,
        PeriodKind::Quarter => 4,
        PeriodKind::Half => 2,
        PeriodKind::Year => 1,
    };
    let seasons = (1..=PAST_YEARS).map(|years| years * a_year).filter(|back| *back > PAST_PERIODS);
    (1..=PAST_PERIODS).chain(seasons).collect()
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
    fn step(&self, model: &WinModel, context: &FeatureContext<'_>, open: &BTreeMap<Day, Vec<DealState>>) -> PastStep {
        let states = open.get(&self.day).map_or(&[][..], Vec::as_slice);
        let ends: Vec<Day> = self.before.into_iter().chain([self.last]).collect();
        let mut step = PastStep { end: self.end, season: self.season, log_odds: Vec::new(), won: 0.0 };
        for (state, chances) in states.iter().zip(wins_by(model, context, states, self.day, &ends)) {
            let head = context.timeline.head(state.deal);
            let is_won = head.kind == StageKind::Won;
            if is_won && head.closed.get().zip(self.before).is_some_and(|(closed, before)| closed <= before) {
                continue;
            }
            let before = if self.before.is_some() { chances.first().copied().unwrap_or(0.0) } else { 0.0 };
            step.log_odds.push(logit(step_chance(before, chances.last().copied().unwrap_or(0.0))));
            step.won += f64::from(u8::from(is_won && head.closed.get().is_none_or(|closed| closed <= self.last)));
        }
        step
    }
}

impl PastStep {
    /// The wins expected where all log-odds are moved by `shift`, and how fast they grow with it.
    fn expected(&self, shift: f64) -> (f64, f64) {
        self.log_odds.iter().fold((0.0, 0.0), |(expected, information), log_odds| {
            let chance = logistic(log_odds + shift);
            (expected + chance, information + chance * (1.0 - chance))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(season: u32, chance: f64, deals: usize, won: f64) -> PastStep {
        PastStep { end: 0, season, log_odds: vec![logit(chance); deals], won }
    }

    #[test]
    fn the_common_shift_is_what_happened() {
        // ln((.2/.8) / (.1/.9)) = 0.8109; the prior takes a little
        let found = common_shift(&[&step(1, 0.1, 10_000, 2000.0)]);
        assert!((0.80..0.811).contains(&found), "{found}");
        assert!(common_shift(&[]).abs() < 1e-12);
        assert!(common_shift(&[&step(1, 0.5, 4, 4.0)]) < 0.2, "four deals say little");
    }

    #[test]
    fn every_step_has_its_own_effect_beside_the_common_one() {
        let steps = [step(1, 0.2, 5_000, 1_100.0), step(2, 0.2, 5_000, 900.0)];
        let effects = effects(&steps.iter().collect::<Vec<_>>());
        // ln((.22/.78) / .25) = 0.1207 and ln((.18/.82) / .25) = -0.1300; 5,000 x .2 x .8 = 800
        for (effect, value) in effects.iter().zip([0.1207, -0.1300]) {
            assert!((effect.value - value).abs() < 0.006 && (effect.variance - 1.0 / 800.0).abs() < 1e-5, "{effect:?}");
        }
    }

    #[test]
    fn a_step_in_which_no_deal_could_be_won_tells_nothing() {
        assert!(effects(&[&step(1, 1e-9, 500, 12.0)]).is_empty());
    }
}
