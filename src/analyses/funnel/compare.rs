//! Do two groups of deals go through the stages differently?
//!
//! Two [`Group`]s in, [`Compared`] rows out: for deals as a whole and for every open stage the long-run share that
//! advances ([`ExitCurves::eventual`](crate::stats::survival::ExitCurves::eventual)) and the time in it, side by side, each with
//! a test of no difference. As many questions are asked at once, every p-value is given as it counts among all of them.

use std::cmp::Ordering;

use super::counts::FunnelCounts;
use super::walk::{Slots, Walker, stay_offsets};
use crate::books::deal_values::DealValues;
use crate::domain::day::Day;
use crate::domain::ids::StageId;
use crate::domain::stage::StageKind;
use crate::snapshot::Snapshot;
use crate::stats::survival::{ExitCause, ExitCounts, Share, wilson};
use crate::stats::two_samples::{SignificanceTest, difference, holm, shares, times};
use crate::timeline::{Stay, Timeline};

/// Chance of a false alarm anywhere in the table, where there is no difference at all.
pub const SIGNIFICANT: f64 = 0.05;

/// Where the deals are.
#[derive(Clone, Copy, Debug)]
pub struct CompareInput<'a> {
    /// The deals.
    pub timeline: &'a Timeline,
    /// Their stays, as [`Timeline::stays`] gives them.
    pub stays: &'a [Stay],
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
pub struct ComparedGroup {
    /// Deals that entered the stage; of deals as a whole, deals.
    pub entered: u64,
    /// Long-run share that advances; of deals as a whole, that is won.
    pub conversion: Option<Share>,
    /// Days within which half have left the stage; of deals as a whole, have closed.
    pub median_days: Option<u32>,
}

/// A [`SignificanceTest`] among others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdjustedTest {
    /// By itself.
    pub test: SignificanceTest,
    /// Its p-value as it counts among all of the table (Holm).
    pub p_adjusted: f64,
}

impl AdjustedTest {
    /// A test that is the only one so far.
    fn alone(test: SignificanceTest) -> Self {
        Self { test, p_adjusted: test.p }
    }

    fn is_significant(&self) -> bool {
        self.p_adjusted < SIGNIFICANT
    }
}

/// One stage of both.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The stage's name; `None` for deals as a whole.
    pub stage: Option<String>,
    /// The first and the second group.
    pub sides: [ComparedGroup; 2],
    /// 95 % interval of the first conversion minus the second.
    pub difference: Option<[f64; 2]>,
    /// Whether the conversions differ.
    pub conversion: Option<AdjustedTest>,
    /// Whether the times differ.
    pub time: Option<AdjustedTest>,
}

impl Compared {
    /// The first conversion minus the second.
    #[must_use]
    pub fn conversion_difference(&self) -> Option<f64> {
        let [first, second] = &self.sides;
        Some(first.conversion?.value - second.conversion?.value)
    }

    /// What can be said of the groups, called `names`, in words.
    #[must_use]
    pub fn verdict(&self, names: [&str; 2]) -> String {
        let differences: Vec<String> =
            [self.who_converts_more(names), self.who_is_faster(names)].into_iter().flatten().collect();
        match (differences.is_empty(), self.conversion.or(self.time)) {
            (false, _) => differences.join("; "),
            (true, Some(_)) => "no significant difference".to_owned(),
            (true, None) => "too few to tell".to_owned(),
        }
    }

    fn who_converts_more(&self, names: [&str; 2]) -> Option<String> {
        self.conversion.filter(AdjustedTest::is_significant)?;
        let better = if self.conversion_difference()? > 0.0 { names[0] } else { names[1] };
        Some(format!("{better} {} more", if self.stage.is_some() { "converts" } else { "wins" }))
    }

    fn who_is_faster(&self, names: [&str; 2]) -> Option<String> {
        self.time.filter(AdjustedTest::is_significant)?;
        // No median is later than any.
        let [first, second] = self.sides.map(|side| (side.median_days.is_none(), side.median_days));
        // The curves differ; where their medians agree, neither is called the faster one.
        Some(match first.cmp(&second) {
            Ordering::Less => format!("{} is faster", names[0]),
            Ordering::Greater => format!("{} is faster", names[1]),
            Ordering::Equal => "times differ, medians do not".to_owned(),
        })
    }
}

/// Compares two groups that have no deal in common: deals as a whole, then every open stage either was in.
#[must_use]
pub fn compare(input: &CompareInput<'_>, groups: [&Group; 2]) -> Vec<Compared> {
    let offsets = stay_offsets(input.timeline.deals.len(), input.stays);
    let counts = groups.map(|group| count(input, &offsets, group));
    let stages = &input.timeline.stages;
    let mut rows = vec![row(None, &counts.each_ref().map(Counted::whole))];
    for stage in stages.ids().filter(|&stage| stages.kind(stage) == StageKind::Open) {
        let counted = counts.each_ref().map(|counts| Counted::in_stage(counts, stage));
        if counted.iter().any(|counted| counted.entered > 0) {
            rows.push(row(Some(stages.name(stage).to_owned()), &counted));
        }
    }
    adjust(&mut rows);
    rows
}

/// Gives every test of the table its p-value among all of them.
fn adjust(rows: &mut [Compared]) {
    let mut tests: Vec<&mut AdjustedTest> =
        rows.iter_mut().flat_map(|row| [&mut row.conversion, &mut row.time]).flatten().collect();
    let adjusted = holm(&tests.iter().map(|test| test.test.p).collect::<Vec<_>>());
    tests.iter_mut().zip(adjusted).for_each(|(test, p)| test.p_adjusted = p);
}

fn count(input: &CompareInput<'_>, offsets: &[usize], group: &Group) -> FunnelCounts {
    let mut walker = Walker::new(input.timeline, input.stays, input.snapshot, input.values, offsets);
    let mut counts = FunnelCounts::empty(Slots::of(&input.timeline.stages).count());
    for deal in input.timeline.deal_ids().filter(|deal| group.keep[deal.index()]) {
        counts.push(&walker.deal(deal, group.from));
    }
    counts
}

/// Deals of one group in one stage, or as a whole.
struct Counted<'a> {
    entered: u64,
    /// Days in the stage, or until the deal closed.
    days: &'a ExitCounts,
}

impl<'a> Counted<'a> {
    fn whole(counts: &'a FunnelCounts) -> Self {
        Self { entered: counts.deals, days: &counts.cycle }
    }

    fn in_stage(counts: &'a FunnelCounts, stage: StageId) -> Self {
        let counts = &counts.stages[stage.index()];
        Self { entered: counts.entered, days: &counts.dwell }
    }
}

fn row(stage: Option<String>, groups: &[Counted<'_>; 2]) -> Compared {
    let curves = groups.each_ref().map(|group| group.days.finish());
    let eventual = curves.each_ref().map(|curves| curves.eventual_of(ExitCause::Advance));
    let side = |i: usize| ComparedGroup {
        entered: groups[i].entered,
        conversion: eventual[i].map(|share| wilson(share.value, share.size)),
        median_days: curves[i].quantile(0.5),
    };
    let sides = [side(0), side(1)];
    let conversions = sides[0].conversion.as_ref().zip(sides[1].conversion.as_ref());
    let [first, second] = eventual;
    Compared {
        stage,
        sides,
        difference: conversions.map(|(first, second)| difference(first, second)),
        conversion: first.zip(second).and_then(|(first, second)| shares(first, second)).map(AdjustedTest::alone),
        time: times(groups[0].days, groups[1].days).map(AdjustedTest::alone),
    }
}
