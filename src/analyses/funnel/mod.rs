//! How do deals go through the stages: how many enter, advance, are lost, go back, skip, and how long does it take?
//!
//! [`Timeline`], its [`Spell`]s and the [`Snapshot`] in, [`Funnel`] out: a row per segment, cohort (created period) and
//! stage, and a summary per segment and cohort. A deal counts once per stage and is judged by how it *last* left it, so
//! that entered = advanced + lost + back + still there. A won deal advances from its last stage; a deal that passed a
//! stage without being in it has skipped it. A won deal goes on through the won stages, from the win to after-sales.
//! Deals without stage history count where they are or ended, and nowhere else: they say nothing of conversions and
//! durations.
//!
//! Leads stand before the deals they became, by [`add_leads`].
//!
//! Beside the cohorts there is the process as it runs now ([`CURRENT`]): whatever deals did since
//! [`FunnelInput::current_from`], whenever they were created. A stay that had begun before is at risk from the day it is
//! first seen (delayed entry), so that neither the old deals nor the young ones are favoured.
//!
//! Conversion is the share of exits that are advances in the long run ([`ExitCurves::eventual`]): advanced / entered
//! with Wilson's interval once no deal is left in the stage, Aalen-Johansen while some are. Times in a stage are
//! Kaplan-Meier quantiles over all stays of a deal together.

mod cohort;
pub mod columns;
pub mod compare;
mod counts;
pub mod flow;
mod flow_leads;
mod leads;
mod walk;

use rayon::prelude::*;

pub use crate::analyses::funnel::cohort::Cohorts;
use crate::analyses::funnel::counts::{FunnelCounts, StageCounts};
pub use crate::analyses::funnel::leads::{FunnelLeads, LEADS, add_leads};
use crate::analyses::funnel::walk::{EVER, Slots, Walker, spell_offsets};
use crate::books::deal_values::DealValues;
use crate::books::segment::Segment;
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::snapshot::Snapshot;
#[cfg(doc)]
use crate::stats::survival::ExitCurves;
use crate::stats::survival::{Cause, Share};
use crate::timeline::{Spell, Timeline};

/// Name of the cohort of all deals.
pub const ALL: &str = "all";
/// Name of the cohort that is the process as it runs now.
pub const CURRENT: &str = "current";

/// What a funnel is made from; every slice has one entry per deal of the timeline, but for the spells.
#[derive(Clone, Copy, Debug)]
pub struct FunnelInput<'a> {
    /// The deals.
    pub timeline: &'a Timeline,
    /// Their stays, as [`Timeline::spells`] gives them.
    pub spells: &'a [Spell],
    /// The deals as of the timeline's day.
    pub snapshot: &'a Snapshot,
    /// What they are worth.
    pub values: &'a DealValues,
    /// Which of them count.
    pub keep: &'a [bool],
    /// First day of the process as it runs now.
    pub current_from: Day,
}

/// Deals of one segment and cohort in one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelRow {
    /// Position in [`Funnel::cohorts`].
    pub cohort: u32,
    /// Position in [`Funnel::segments`].
    pub segment: u32,
    /// Position in [`Funnel::stages`].
    pub stage: u32,
    /// Deals that were ever in the stage; of a lost stage, and of a won one without history, those that ended there.
    pub entered: u64,
    /// Of these, deals that last left it forward or were won from it.
    pub advanced: u64,
    /// Deals lost from it.
    pub lost: u64,
    /// Deals that last left it for an earlier stage.
    pub back: u64,
    /// Deals still in it and open: 0 for closed stages.
    pub open: u64,
    /// Deals still in it, open or closed.
    pub still_there: u64,
    /// Moves from it to an earlier stage, every one of them.
    pub moves_back: u64,
    /// Deals that passed it without being in it; not among `entered`.
    pub skipped: u64,
    /// Long-run share that advances; `None` where no stay has ended.
    pub conversion: Option<Share>,
    /// Days within which half of the deals leave the stage.
    pub median_days: Option<u32>,
    /// Days within which nine of ten leave it; `None` where the curve never gets there.
    pub p90_days: Option<u32>,
    /// Sum of the known values of the deals that entered; `None` without a common currency.
    pub value_minor: Option<i128>,
    /// Deals that entered and are won by now.
    pub won: u64,
    /// Long-run share of the deals that entered which is won in the end.
    pub conversion_to_won: Option<Share>,
}

/// Deals of one segment and cohort as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelSummary {
    /// Position in [`Funnel::cohorts`].
    pub cohort: u32,
    /// Position in [`Funnel::segments`].
    pub segment: u32,
    /// Deals created.
    pub deals: u64,
    /// Deals won.
    pub won: u64,
    /// Deals lost.
    pub lost: u64,
    /// Deals open.
    pub open: u64,
    /// won / (won + lost).
    pub win_rate: Option<f64>,
    /// Median days from creation to the win among deals that are won in the long run.
    pub median_cycle_days: Option<u32>,
    /// Days within which nine of ten of these are won.
    pub p90_cycle_days: Option<u32>,
    /// Sum of the known values of the won deals.
    pub won_value_minor: Option<i128>,
    /// Sum of the known values of the open deals.
    pub open_value_minor: Option<i128>,
    /// Mean value of a won deal, minor units, rounded half to even.
    pub mean_won_minor: Option<i128>,
    /// Sales velocity, minor units a day: open deals x win rate x mean won value / median cycle (of at least a day).
    pub velocity_minor: Option<f64>,
}

/// The whole answer. Rows are ordered by segment, cohort (`all` first) and stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// [`ALL`], [`CURRENT`], then the created periods, ascending.
    pub cohorts: Vec<String>,
    /// `all`, then `column=value` in the order of the columns asked for and of the values' names.
    pub segments: Vec<String>,
    /// Stages in process order, then `(unknown)`, `(won)` and `(lost)` for deals outside the stage list; [`LEADS`] last,
    /// whose rows come first.
    pub stages: Vec<String>,
    /// One per segment x cohort x stage, of those with deals; the three last stages only where they have deals.
    pub rows: Vec<FunnelRow>,
    /// One per segment x cohort with deals.
    pub summaries: Vec<FunnelSummary>,
}

impl Funnel {
    /// The name of a cohort.
    #[must_use]
    pub fn cohort(&self, position: u32) -> Option<&str> {
        self.cohorts.get(position as usize).map(String::as_str)
    }

    /// The name of a segment.
    #[must_use]
    pub fn segment(&self, position: u32) -> Option<&str> {
        self.segments.get(position as usize).map(String::as_str)
    }

    /// The name of a stage.
    #[must_use]
    pub fn stage(&self, position: u32) -> Option<&str> {
        self.stages.get(position as usize).map(String::as_str)
    }

    /// Where a stage stands in the process, from 1; 0 for the leads before it.
    #[must_use]
    pub fn order_of(&self, position: u32) -> u32 {
        if self.stage(position) == Some(LEADS) { 0 } else { position + 1 }
    }
}

/// Counts the deals of `input` by each of `segments` and by the periods of `cohorts`.
///
/// [`Segment::all`] is not implied: pass it first to have it.
#[must_use]
pub fn funnel(input: &FunnelInput<'_>, cohorts: &Cohorts, segments: &[Segment]) -> Funnel {
    let offsets = spell_offsets(input.timeline.deals.len(), input.spells);
    let names =
        [ALL, CURRENT].into_iter().map(str::to_owned).chain(cohorts.periods.iter().map(ToString::to_string)).collect();
    let mut answer = Funnel {
        cohorts: names,
        segments: Vec::new(),
        stages: Slots::names(&input.timeline.stages),
        rows: Vec::new(),
        summaries: Vec::new(),
    };
    for segment in segments {
        let groups = Groups::of(input.keep, segment, cohorts);
        let first = answer.segments.len() as u32;
        answer.segments.extend((0..segment.values.len()).map(|value| segment.label(value)));
        let parts: Vec<_> = (0..segment.values.len())
            .into_par_iter()
            .map(|value| one_segment(input, &offsets, &groups, value, first + value as u32))
            .collect();
        for (rows, summaries) in parts {
            answer.rows.extend(rows);
            answer.summaries.extend(summaries);
        }
    }
    answer
}

/// Deals per parallel chunk; fixed, so that the work is cut the same way on every machine.
pub(super) const CHUNK: usize = 1 << 16;

/// Deals ordered by segment value and cohort.
pub(super) struct Groups {
    pub cohorts: usize,
    deals: Vec<u32>,
    ends: Vec<usize>,
}

impl Groups {
    pub fn of(keep: &[bool], segment: &Segment, cohorts: &Cohorts) -> Self {
        let periods = cohorts.periods.len();
        let group =
            |deal: u32| segment.of_deal[deal as usize] as usize * periods + cohorts.of_deal[deal as usize] as usize;
        let mut deals: Vec<u32> = (0..keep.len() as u32).filter(|&deal| keep[deal as usize]).collect();
        deals.par_sort_unstable_by_key(|&deal| (group(deal), deal));
        let mut ends = vec![0; segment.values.len() * periods];
        deals.iter().for_each(|&deal| ends[group(deal)] += 1);
        let mut end = 0;
        for group in &mut ends {
            end += *group;
            *group = end;
        }
        Self { cohorts: periods, deals, ends }
    }

    pub fn deals(&self, value: usize, cohort: usize) -> &[u32] {
        let group = value * self.cohorts + cohort;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.deals[start..self.ends[group]]
    }

    /// Of all cohorts.
    pub fn all_deals(&self, value: usize) -> &[u32] {
        let group = value * self.cohorts;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = (group + self.cohorts).checked_sub(1).map_or(0, |last| self.ends[last]);
        &self.deals[start..end]
    }
}

/// Rows and summaries of one value of a segment, all cohorts of it together first.
fn one_segment(
    input: &FunnelInput<'_>,
    offsets: &[usize],
    groups: &Groups,
    value: usize,
    segment: u32,
) -> (Vec<FunnelRow>, Vec<FunnelSummary>) {
    let slots = Slots::of(&input.timeline.stages);
    let count = |deals: &[u32], from: Day| {
        let mut walker = Walker::new(input.timeline, input.spells, input.snapshot, input.values, offsets);
        let mut counts = FunnelCounts::empty(slots.count());
        deals.iter().for_each(|&deal| counts.push(&walker.deal(deal as usize, from)));
        counts
    };
    let filled: Vec<usize> = (0..groups.cohorts).filter(|&cohort| !groups.deals(value, cohort).is_empty()).collect();
    let by_cohort: Vec<FunnelCounts> =
        filled.par_iter().map(|&cohort| count(groups.deals(value, cohort), EVER)).collect();
    let mut all = FunnelCounts::empty(slots.count());
    by_cohort.iter().for_each(|counts| all.merge(counts));

    let (mut rows, mut summaries) = (Vec::new(), Vec::new());
    let chunks = groups.all_deals(value).par_chunks(CHUNK);
    let parts: Vec<FunnelCounts> = chunks.map(|deals| count(deals, input.current_from)).collect();
    let mut current = FunnelCounts::empty(slots.count());
    parts.iter().for_each(|part| current.merge(part));
    let numbered = filled.iter().map(|&cohort| cohort as u32 + 2).zip(&by_cohort);
    for (cohort, counts) in
        [(0, &all), (1, &current)].into_iter().chain(numbered).filter(|(_, counts)| counts.deals > 0)
    {
        summaries.push(summarise(counts, cohort, segment, input.values));
        rows.extend(stage_rows(counts, input, cohort, segment));
    }
    (rows, summaries)
}

fn stage_rows(
    counts: &FunnelCounts,
    input: &FunnelInput<'_>,
    cohort: u32,
    segment: u32,
) -> impl Iterator<Item = FunnelRow> {
    let (values, slots) = (input.values, Slots::of(&input.timeline.stages));
    let is_open = move |slot| slots.kind(&input.timeline.stages, slot) == StageKind::Open;
    // A stage of one pipeline says nothing of deals of another.
    let is_shared =
        move |slot: usize| input.timeline.stages.stages().get(slot).is_some_and(|stage| stage.pipeline.is_none());
    let shown = counts
        .stages
        .iter()
        .enumerate()
        .filter(move |(slot, stage)| is_shared(*slot) || stage.entered + stage.skipped > 0);
    shown.map(move |(slot, stage)| stage_row(stage, (cohort, segment, slot as u32), is_open(slot), values))
}

/// The row of one stage, at `(cohort, segment, stage)`.
pub(super) fn stage_row(
    counts: &StageCounts,
    (cohort, segment, stage): (u32, u32, u32),
    is_open: bool,
    values: &DealValues,
) -> FunnelRow {
    let dwell = counts.dwell.finish();
    FunnelRow {
        cohort,
        segment,
        stage,
        entered: counts.entered,
        advanced: counts.advanced,
        lost: counts.lost,
        back: counts.back,
        open: if is_open { counts.still_there } else { 0 },
        still_there: counts.still_there,
        moves_back: counts.moves_back,
        skipped: counts.skipped,
        conversion: dwell.eventual(Cause::Advance),
        median_days: dwell.quantile(0.5),
        p90_days: dwell.quantile(0.9),
        value_minor: values.stated(counts.value_minor),
        won: counts.won,
        conversion_to_won: counts.to_close.finish().eventual(Cause::Advance),
    }
}

fn summarise(counts: &FunnelCounts, cohort: u32, segment: u32, values: &DealValues) -> FunnelSummary {
    let (won, lost) = (counts.won, counts.lost);
    let open = counts.deals - won - lost;
    let win_rate = (won + lost > 0).then(|| won as f64 / (won + lost) as f64);
    let cycle = counts.cycle.finish();
    let median_cycle_days = cycle.quantile_given(Cause::Advance, 0.5);
    let mean = (counts.won_valued > 0).then(|| divide_half_even(counts.won_value_minor, i128::from(counts.won_valued)));
    let mean_won_minor = mean.and_then(|mean| values.stated(mean));
    let velocity = |(rate, (mean, days)): (f64, (i128, u32))| open as f64 * rate * mean as f64 / f64::from(days.max(1));
    FunnelSummary {
        cohort,
        segment,
        deals: counts.deals,
        won,
        lost,
        open,
        win_rate,
        median_cycle_days,
        p90_cycle_days: cycle.quantile_given(Cause::Advance, 0.9),
        won_value_minor: values.stated(counts.won_value_minor),
        open_value_minor: values.stated(counts.open_value_minor),
        mean_won_minor,
        velocity_minor: win_rate.zip(mean_won_minor.zip(median_cycle_days)).map(velocity),
    }
}

/// `sum / n` to the nearest whole number, halves to the even one; `n` is positive.
fn divide_half_even(sum: i128, n: i128) -> i128 {
    let (quotient, rest) = (sum.div_euclid(n), sum.rem_euclid(n));
    quotient + i128::from(2 * rest > n || (2 * rest == n && quotient % 2 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::day::MICROS_PER_DAY;
    use crate::domain::period::{FiscalCalendar, PeriodKind};
    use crate::domain::stage::Stage;
    use crate::ingest::tables::{DealRow, Tables};
    use crate::timeline::fixtures::World;

    /// Without history: won after 10 and 30 days for 100 and 201, lost, open; the fourth in the next quarter.
    fn run(keep: [bool; 4]) -> Funnel {
        let deal = |id: &str, kind: StageKind, created: i64, days: i64, amount_minor: i64| DealRow {
            deal_id: id.to_owned(),
            stage: format!("{kind:?}"),
            status: Some(kind),
            created_at: created * MICROS_PER_DAY,
            closed_at: (kind != StageKind::Open).then_some((created + days) * MICROS_PER_DAY),
            amount_minor: Some(amount_minor),
            ..DealRow::default()
        };
        // Day 20,100 is 2025-01-12, day 20,190 is 2025-04-12.
        let rows = [
            deal("d1", StageKind::Won, 20_100, 10, 100),
            deal("d2", StageKind::Won, 20_100, 30, 201),
            deal("d3", StageKind::Lost, 20_100, 20, 999),
            deal("d4", StageKind::Open, 20_190, 0, 50),
        ];
        let tables = Tables::from_deals(&rows).expect("a frame");
        let config = Config::default();
        let timeline = Timeline::build(&tables, &config, Day(20_200)).expect("a timeline");
        let (spells, snapshot) = (timeline.spells(), Snapshot::of(&timeline));
        let values = DealValues::of(&tables, &config.money, &snapshot, &keep);
        let input = FunnelInput {
            timeline: &timeline,
            spells: &spells,
            snapshot: &snapshot,
            values: &values,
            keep: &keep,
            current_from: Day(20_160),
        };
        let cohorts = Cohorts::of(&timeline, &FiscalCalendar::default(), PeriodKind::Quarter);
        funnel(&input, &cohorts, &[Segment::all(4)])
    }

    fn row<'a>(funnel: &'a Funnel, cohort: &str, stage: &str) -> Option<&'a FunnelRow> {
        funnel
            .rows
            .iter()
            .find(|row| funnel.cohorts[row.cohort as usize] == cohort && funnel.stages[row.stage as usize] == stage)
    }

    #[test]
    fn deals_without_history_count_where_they_are() {
        let funnel = run([true; 4]);
        let counts =
            |cohort, stage| row(&funnel, cohort, stage).map(|r| (r.entered, r.open, r.conversion, r.value_minor));
        assert_eq!(counts("all", "Won"), Some((2, 0, None, Some(301))));
        assert_eq!(counts("all", "Lost"), Some((1, 0, None, Some(999))));
        assert_eq!(counts("all", "Open"), Some((1, 1, None, Some(50))));
        assert_eq!(counts("2025-Q1", "Open"), Some((0, 0, None, Some(0))));
        assert_eq!(counts("2025-Q2", "Open"), Some((1, 1, None, Some(50))));
        assert!(funnel.rows.iter().all(|row| row.skipped == 0 && (row.stage as usize) < 3));
    }

    #[test]
    fn the_summary_speaks_of_deals_and_velocity() {
        let funnel = run([true; 4]);
        let whole = &funnel.summaries[0];
        assert_eq!((whole.deals, whole.won, whole.lost, whole.open), (4, 2, 1, 1));
        assert_eq!(whole.mean_won_minor, Some(150));
        // By hand: the open deal was at risk on days 0 to 9, so a third of the other three is won on day 10 and a third
        // on day 30; half of what is won in the end is won on day 10.
        assert_eq!(whole.median_cycle_days, Some(10));
        assert_eq!(whole.velocity_minor, Some(2.0 / 3.0 * 150.0 / 10.0));
    }

    #[test]
    fn deals_left_out_leave_no_trace() {
        let funnel = run([true, false, false, false]);
        assert_eq!(funnel.summaries.len(), 2);
        assert_eq!(row(&funnel, "all", "Won").map(|row| row.entered), Some(1));
        assert_eq!(row(&funnel, "2025-Q2", "Open"), None);
        assert!(run([false; 4]).rows.is_empty());
    }

    #[test]
    fn the_process_goes_on_after_the_sale() {
        let stage = |name: &str, kind| Stage { name: name.to_owned(), kind, ..Stage::default() };
        let stages = vec![
            stage("New", StageKind::Open),
            stage("Won", StageKind::Won),
            stage("Invoiced", StageKind::Won),
            stage("Delivered", StageKind::Won),
            stage("Lost", StageKind::Lost),
        ];
        let config = Config { stages, ..Config::default() };
        let world = World::default().deal("a", 0, "Delivered").moved(0, "New").moved(10, "Won").moved(15, "Invoiced");
        let world = world.moved(30, "Delivered").deal("b", 0, "Invoiced").moved(0, "New").moved(20, "Won");
        let world = world.moved(25, "Delivered").moved(28, "Invoiced").deal("c", 0, "Won").moved(0, "New");
        let world = world.moved(40, "Won").deal("d", 0, "New").moved(0, "New").moved(5, "Won").moved(8, "New");
        let world = world.deal("e", 0, "Delivered").moved(0, "New").moved(30, "Won").moved(31, "Delivered");
        let timeline = Timeline::build(&world.tables(), &config, Day(50)).expect("a timeline");
        let (spells, snapshot, keep) = (timeline.spells(), Snapshot::of(&timeline), [true; 5]);
        let values = DealValues::of(&world.tables(), &config.money, &snapshot, &keep);
        let input = FunnelInput {
            timeline: &timeline,
            spells: &spells,
            snapshot: &snapshot,
            values: &values,
            keep: &keep,
            current_from: Day(27),
        };
        let cohorts = Cohorts::of(&timeline, &FiscalCalendar::default(), PeriodKind::Quarter);
        let funnel = funnel(&input, &cohorts, &[Segment::all(5)]);
        // entered, advanced, back, still there, skipped, open
        let counts = |cohort, stage| {
            let row = row(&funnel, cohort, stage).expect("a row");
            [row.entered, row.advanced, row.back, row.still_there, row.skipped, row.open]
        };
        assert_eq!(counts(ALL, "New"), [5, 4, 0, 1, 0, 1]);
        assert_eq!(counts(ALL, "Won"), [4, 3, 0, 1, 0, 0]);
        assert_eq!(counts(ALL, "Invoiced"), [2, 1, 0, 1, 1, 0]);
        assert_eq!(counts(ALL, "Delivered"), [3, 0, 1, 2, 0, 0]);
        assert_eq!(counts(CURRENT, "Won"), [2, 1, 0, 1, 0, 0]);
        assert_eq!(counts(CURRENT, "Invoiced"), [2, 1, 0, 1, 1, 0]);
        assert_eq!(counts(CURRENT, "Delivered"), [3, 0, 1, 2, 0, 0]);
        assert_eq!(row(&funnel, ALL, "Won").and_then(|row| row.median_days), Some(5));
        // Deals a and b were won before the counted days, d was not.
        let current = &funnel.summaries[1];
        assert_eq!((current.deals, current.won, current.open), (3, 2, 1));
    }

    #[test]
    fn means_round_halves_to_even() {
        assert_eq!(
            [(5, 2), (7, 2), (-5, 2), (-7, 2), (8, 3)].map(|(sum, n)| divide_half_even(sum, n)),
            [2, 4, -2, -4, 3]
        );
    }
}
