//! Do two groups of deals go through the stages differently?
//!
//! Two [`Group`]s in, [`Compared`] rows out: for deals as a whole and for every open stage the long-run share that
//! advances ([`ExitCurves::eventual`](crate::stats::survival::ExitCurves::eventual)) and the time in it, side by side, each with
//! a test of no difference. As many questions are asked at once, every p-value is given as it counts among all of them.

use crate::analyses::funnel::counts::FunnelCounts;
use crate::analyses::funnel::walk::{EVER, Slots, Walker, spell_offsets};
use crate::books::deal_values::DealValues;
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::snapshot::Snapshot;
use crate::stats::survival::{Cause, ExitCounts, Share, wilson};
use crate::stats::two_samples::{Test, difference, holm, shares, times};
use crate::timeline::{Spell, Timeline};

/// Chance of a false alarm anywhere in the table, where there is no difference at all.
pub const SIGNIFICANT: f64 = 0.05;

/// Where the deals are.
#[derive(Clone, Copy, Debug)]
pub struct CompareInput<'a> {
    /// The deals.
    pub timeline: &'a Timeline,
    /// Their stays, as [`Timeline::spells`] gives them.
    pub spells: &'a [Spell],
    /// The deals as of the timeline's day.
    pub snapshot: &'a Snapshot,
    /// What they are worth.
    pub values: &'a DealValues,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// As asked for.
    pub name: String,
    /// One flag per deal of the timeline.
    pub keep: Vec<bool>,
    /// Only what deals did from this day on counts; everything if `None`.
    pub from: Option<Day>,
}

/// One group's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    /// Deals that entered the stage; of deals as a whole, deals.
    pub entered: u64,
    /// Long-run share that advances; of deals as a whole, that is won.
    pub conversion: Option<Share>,
    /// Days within which half have left the stage; of deals as a whole, have closed.
    pub median_days: Option<u32>,
}

/// A [`Test`] among others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// By itself.
    pub test: Test,
    /// Its p-value as it counts among all of the table (Holm).
    pub p_adjusted: f64,
}

/// One stage of both.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The stage's name; `None` for deals as a whole.
    pub stage: Option<String>,
    /// The first and the second group.
    pub sides: [Side; 2],
    /// 95 % interval of the first conversion minus the second.
    pub difference: Option<[f64; 2]>,
    /// Whether the conversions differ.
    pub conversion: Option<Judged>,
    /// Whether the times differ.
    pub time: Option<Judged>,
}

impl Compared {
    /// The first conversion minus the second.
    #[must_use]
    pub fn conversion_difference(&self) -> Option<f64> {
        let [first, second] = &self.sides;
        Some(first.conversion?.value - second.conversion?.value)
    }

    /// What can be said, in words.
    #[must_use]
    pub fn verdict(&self, [a, b]: [&str; 2]) -> String {
        let differs = |judged: Option<Judged>| judged.is_some_and(|judged| judged.p_adjusted < SIGNIFICANT);
        let [first, second] = &self.sides;
        let mut said = Vec::new();
        if let (true, Some(x), Some(y)) = (differs(self.conversion), &first.conversion, &second.conversion) {
            let better = if x.value > y.value { a } else { b };
            said.push(format!("{better} {} more", if self.stage.is_some() { "converts" } else { "wins" }));
        }
        if differs(self.time) {
            // The curves differ; where their medians agree, neither is called the faster one.
            let days = |side: &Side| side.median_days.unwrap_or(u32::MAX);
            said.push(match days(first).cmp(&days(second)) {
                std::cmp::Ordering::Less => format!("{a} is faster"),
                std::cmp::Ordering::Greater => format!("{b} is faster"),
                std::cmp::Ordering::Equal => "times differ, medians do not".to_owned(),
            });
        }
        match (said.is_empty(), self.conversion.or(self.time)) {
            (false, _) => said.join("; "),
            (true, Some(_)) => "no significant difference".to_owned(),
            (true, None) => "too few to tell".to_owned(),
        }
    }
}

/// Compares two groups that have no deal in common: deals as a whole, then every open stage either was in.
#[must_use]
pub fn compare(input: &CompareInput<'_>, groups: [&Group; 2]) -> Vec<Compared> {
    let offsets = spell_offsets(input.timeline.deals.len(), input.spells);
    let [a, b] = groups.map(|group| count(input, &offsets, group));
    let stages = &input.timeline.stages;
    let open = (0..stages.stages().len()).filter(|&stage| stages.kind(stage as u16) == StageKind::Open);
    let entered = open.filter(|&stage| a.stages[stage].entered + b.stages[stage].entered > 0);
    let mut rows = vec![row(None, [(a.deals, &a.cycle), (b.deals, &b.cycle)])];
    rows.extend(entered.map(|stage| {
        let side = |counts: &'_ FunnelCounts| counts.stages[stage].entered;
        let sides = [(side(&a), &a.stages[stage].dwell), (side(&b), &b.stages[stage].dwell)];
        row(Some(stages.name(stage as u16).to_owned()), sides)
    }));
    let mut judged: Vec<&mut Judged> =
        rows.iter_mut().flat_map(|row| [&mut row.conversion, &mut row.time]).flatten().collect();
    let adjusted = holm(&judged.iter().map(|judged| judged.test.p).collect::<Vec<_>>());
    judged.iter_mut().zip(adjusted).for_each(|(judged, p)| judged.p_adjusted = p);
    rows
}

fn count(input: &CompareInput<'_>, offsets: &[usize], group: &Group) -> FunnelCounts {
    let mut walker = Walker::new(input.timeline, input.spells, input.snapshot, input.values, offsets);
    let mut counts = FunnelCounts::empty(Slots::of(&input.timeline.stages).count());
    for deal in (0..group.keep.len()).filter(|&deal| group.keep[deal]) {
        counts.push(&walker.deal(deal, group.from.unwrap_or(EVER)));
    }
    counts
}

fn row(stage: Option<String>, groups: [(u64, &ExitCounts); 2]) -> Compared {
    let curves = groups.map(|(_, counts)| counts.finish());
    let [a, b] = [0, 1].map(|i| curves[i].eventual_of(Cause::Advance));
    let side = |i: usize, eventual: Option<(f64, f64)>| Side {
        entered: groups[i].0,
        conversion: eventual.map(|(value, n)| wilson(value, n)),
        median_days: curves[i].quantile(0.5),
    };
    let sides = [side(0, a), side(1, b)];
    let judged = |test: Test| Judged { test, p_adjusted: test.p };
    let both = sides[0].conversion.as_ref().zip(sides[1].conversion.as_ref());
    Compared {
        stage,
        sides,
        difference: both.map(|(a, b)| difference(a, b)),
        conversion: a.zip(b).and_then(|(a, b)| shares(a, b)).map(judged),
        time: times(groups[0].1, groups[1].1).map(judged),
    }
}
