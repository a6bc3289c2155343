//! What did deals have when they went on from a stage, and those lost there had not?
//!
//! Ended stays in, [`StageHabit`]s out. A deal is seen on the morning of the day it left, so that nothing filled in on the
//! way out counts. Only what has a past is asked for: amounts and close dates where the history shows them being filled
//! in, the input's own columns where it covers them, activities where there are any. Says what went together, not what
//! causes a win.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::ids::StageId;
use crate::domain::stage::StageKind;
use crate::ingest::tables::{Attribute, Tables};
use crate::snapshot::{DealState, replay};
use crate::stats::survival::{SampleShare, wilson};
use crate::stats::two_samples::{difference, holm, shares};
use crate::timeline::{Exit, PastValue, Stay, Step, Timeline};

/// Deals that went on, and deals that were lost, that a stage needs to have habits.
const FEWEST: u32 = 30;
/// The share of those that went on that had it, at least.
const MOST: f64 = 0.8;
/// Chance of finding any habit where there is none, at most.
const BY_CHANCE: f64 = 0.01;
/// By so much more often those that went on had it, at least, with 97.5 % confidence.
const LEAST_DIFFERENCE: f64 = 0.1;
/// Share of the closed deals with a value whose history must show it being filled in: the share that a history of another
/// column needs to be one.
const SEEN_FILLED: f64 = 0.2;

/// Something a deal can have or lack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// An amount.
    Amount,
    /// An expected close date.
    CloseDate,
    /// A value in a column only the input knows.
    Field(String),
    /// An activity in the last 30 days.
    Activity,
}

impl Thing {
    /// As sentences name it.
    pub fn name(&self) -> &str {
        match self {
            Self::Amount => "amount",
            Self::CloseDate => "expected close date",
            Self::Field(name) => name,
            Self::Activity => "activity",
        }
    }
}

/// Something that deals had which went on from a stage, and those lost there had not.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StageHabit {
    pub stage: StageId,
    pub thing: Thing,
    /// Of those that went on: which share had it.
    pub advanced: SampleShare,
    /// Of those lost there.
    pub lost: SampleShare,
}

/// Whether a deal has something on a morning.
#[derive(Clone, Copy)]
pub(super) struct Filled<'a> {
    pub tables: &'a Tables,
    pub timeline: &'a Timeline,
}

impl Filled<'_> {
    /// None where nobody knows.
    pub fn has(self, thing: &Thing, state: &DealState) -> Option<bool> {
        match thing {
            Thing::Amount => Some(state.amount_minor.is_some()),
            Thing::CloseDate => Some(state.expected_close.is_some()),
            Thing::Activity => Some(state.activities_30d > 0),
            Thing::Field(name) => match self.timeline.fields.get(name)?.on(state.deal, state.day) {
                PastValue::Known(value) => Some(value.is_some()),
                PastValue::Unknown => None,
                PastValue::AsInTable => Some(match self.tables.deals.attribute(name)? {
                    Attribute::Words(words) => words.id(state.row).is_some(),
                    Attribute::Numbers(numbers) => numbers.get(state.row).is_some_and(f64::is_finite),
                }),
            },
        }
    }

    /// All that has a past.
    fn things(self) -> Vec<Thing> {
        let mut things = Vec::new();
        if self.is_seen_filled(|step| step.amount_minor.is_some()) {
            things.push(Thing::Amount);
        }
        if self.is_seen_filled(|step| step.expected_close.is_some()) {
            things.push(Thing::CloseDate);
        }
        let covered = self
            .timeline
            .fields
            .iter()
            .filter(|(name, past)| past.covers() && self.tables.deals.attribute(name).is_some());
        things.extend(covered.map(|(name, _)| Thing::Field(name.clone())));
        if !self.timeline.activities.is_empty() {
            things.push(Thing::Activity);
        }
        things
    }

    /// Whether the history shows a field being filled in after creation, for enough of the closed deals that have it.
    fn is_seen_filled(self, has: impl Fn(&Step) -> bool) -> bool {
        let (mut with, mut seen) = (0_u64, 0_u64);
        let closed = self.timeline.deal_ids().filter(|deal| self.timeline.head(*deal).kind != StageKind::Open);
        for steps in closed.map(|deal| self.timeline.steps_of(deal)) {
            let (first, last) = (steps.first().is_some_and(&has), steps.last().is_some_and(&has));
            with += u64::from(last);
            seen += u64::from(last && !first);
        }
        seen as f64 >= SEEN_FILLED * with as f64 && seen > 0
    }
}

/// How many of one stage had one thing.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    advanced: u32,
    advanced_with: u32,
    lost: u32,
    lost_with: u32,
}

impl Counted {
    fn add(&mut self, more: Self) {
        self.advanced += more.advanced;
        self.advanced_with += more.advanced_with;
        self.lost += more.lost;
        self.lost_with += more.lost_with;
    }

    /// Those that went on, and those lost; none where they are few.
    fn shares(self) -> Option<[SampleShare; 2]> {
        let share = |with: u32, all: u32| SampleShare { value: f64::from(with) / f64::from(all), size: all.into() };
        let enough = self.advanced >= FEWEST && self.lost >= FEWEST;
        enough.then(|| [share(self.advanced_with, self.advanced), share(self.lost_with, self.lost)])
    }
}

/// By stage and position of the thing.
type Counts = BTreeMap<(StageId, usize), Counted>;

/// The habits of all stages, by stage, the most telling first.
pub(super) fn learn(filled: Filled<'_>, stays: &[Stay]) -> Vec<StageHabit> {
    let things = filled.things();
    let by_deal: Vec<&[Stay]> = stays.chunk_by(|a, b| a.deal == b.deal).collect();
    // Whole numbers: no sum depends on the number of threads.
    let counts = by_deal.into_par_iter().fold(Counts::new, |mut counts, stays| {
        count(filled, &things, stays, &mut counts);
        counts
    });
    let counts = counts.reduce(Counts::new, |mut a, b| {
        b.into_iter().for_each(|(key, counted)| a.entry(key).or_default().add(counted));
        a
    });
    habits(&things, &counts)
}

/// The mornings a deal left its stages in the ways that count, each a day after it came, with the stage and whether it went on.
fn leavings(stays: &[Stay]) -> Vec<(Day, StageId, bool)> {
    let leaving = |stay: &Stay| {
        let went_on = match stay.exit {
            Exit::Advanced(_) | Exit::Won => true,
            Exit::Lost => false,
            Exit::Back(_) | Exit::StillThere => return None,
        };
        Some((stay.left, stay.stage.get()?, went_on)).filter(|_| stay.days() > 0)
    };
    stays.iter().filter_map(leaving).collect()
}

fn count(filled: Filled<'_>, things: &[Thing], stays: &[Stay], counts: &mut Counts) {
    let (leavings, Some(first)) = (leavings(stays), stays.first()) else { return };
    let days: Vec<Day> = leavings.iter().map(|(day, ..)| *day).collect();
    replay(filled.timeline, first.deal, &days, &mut |state| {
        for &(_, stage, went_on) in leavings.iter().filter(|(day, ..)| *day == state.day) {
            for (i, has) in things.iter().enumerate().filter_map(|(i, thing)| Some((i, filled.has(thing, &state)?))) {
                let counted = match went_on {
                    true => Counted { advanced: 1, advanced_with: has.into(), ..Counted::default() },
                    false => Counted { lost: 1, lost_with: has.into(), ..Counted::default() },
                };
                counts.entry((stage, i)).or_default().add(counted);
            }
        }
    });
}

/// What is significant among all that was asked.
fn habits(things: &[Thing], counts: &Counts) -> Vec<StageHabit> {
    let tested: Vec<(StageHabit, f64)> = counts
        .iter()
        .filter_map(|(&(stage, thing), counted)| {
            let [advanced, lost] = counted.shares()?;
            let p = shares(advanced, lost)?.p;
            Some((StageHabit { stage, thing: things[thing].clone(), advanced, lost }, p))
        })
        .collect();
    let adjusted = holm(&tested.iter().map(|(_, p)| *p).collect::<Vec<f64>>());
    let significant = tested.into_iter().zip(adjusted).filter(|((habit, _), p)| *p <= BY_CHANCE && tells(habit));
    let mut habits: Vec<StageHabit> = significant.map(|((habit, _), _)| habit).collect();
    let gain = |habit: &StageHabit| habit.lost.value - habit.advanced.value;
    habits.sort_by(|a, b| a.stage.cmp(&b.stage).then(gain(a).total_cmp(&gain(b))).then(a.thing.cmp(&b.thing)));
    habits
}

/// Whether most that went on had it, and clearly fewer of those that were lost.
fn tells(habit: &StageHabit) -> bool {
    let interval = |share: SampleShare| wilson(share.value, share.size);
    let [least, _] = difference(&interval(habit.advanced), &interval(habit.lost));
    habit.advanced.value >= MOST && least >= LEAST_DIFFERENCE
}
