//! How do deals go through the stages: how many enter, advance, are lost, go back, skip, and how long does it take?
//!
//! [`Timeline`], its [`Spell`]s and the [`Snapshot`] in, [`Funnel`] out: a row per segment, cohort (created period) and
//! stage, and a summary per segment and cohort. A deal counts once per stage and is judged by how it *last* left it, so
//! that for every open stage entered = advanced + lost + back + open. A won deal advances from its last stage; a deal
//! that passed a stage without being in it has skipped it. Deals without stage history count where they are or ended,
//! and nowhere else: they say nothing of conversions and durations.
//!
//! Conversion is the share of exits that are advances in the long run ([`ExitCurves::eventual`]): advanced / entered
//! with Wilson's interval once no deal is left in the stage, Aalen-Johansen while some are. Times in a stage are
//! Kaplan-Meier quantiles over all stays of a deal together.

use rayon::prelude::*;

use super::deal_values::DealValues;
pub use super::funnel_cohort::Cohorts;
use super::funnel_counts::FunnelCounts;
use super::funnel_walk::{Slots, Walker, spell_offsets};
use super::segment::Segment;
#[cfg(doc)]
use super::survival::ExitCurves;
use super::survival::{Cause, Share};
use crate::snapshot::Snapshot;
use crate::timeline::{Spell, Timeline};

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
    /// Deals that were ever in the stage; for a closed stage those that ended there.
    pub entered: u64,
    /// Of these, deals that last left it forward or were won from it. 0 for closed stages, like the next three.
    pub advanced: u64,
    /// Deals lost from it.
    pub lost: u64,
    /// Deals that last left it for an earlier stage.
    pub back: u64,
    /// Deals still in it.
    pub open: u64,
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
    /// Mean value of a won deal, minor units, rounded half to even.
    pub mean_won_minor: Option<i128>,
    /// Sales velocity, minor units a day: open deals x win rate x mean won value / median cycle (of at least a day).
    pub velocity_minor: Option<f64>,
}

/// The whole answer. Rows are ordered by segment, cohort (`all` first) and stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// `all`, then the created periods, ascending.
    pub cohorts: Vec<String>,
    /// `all`, then `column=value` in the order of the columns asked for and of the values' names.
    pub segments: Vec<String>,
    /// Stages in process order, then `(unknown)`, `(won)` and `(lost)` for deals outside the stage list.
    pub stages: Vec<String>,
    /// One per segment x cohort x stage, of those with deals; the three last stages only where they have deals.
    pub rows: Vec<FunnelRow>,
    /// One per segment x cohort with deals.
    pub summaries: Vec<FunnelSummary>,
}

/// Counts the deals of `input` by each of `segments` and by the periods of `cohorts`.
///
/// [`Segment::all`] is not implied: pass it first to have it.
#[must_use]
pub fn funnel(input: &FunnelInput<'_>, cohorts: &Cohorts, segments: &[Segment]) -> Funnel {
    let offsets = spell_offsets(input.timeline.deals.len(), input.spells);
    let names = ["all".to_owned()].into_iter().chain(cohorts.periods.iter().map(ToString::to_string)).collect();
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

/// Deals ordered by segment value and cohort.
struct Groups {
    cohorts: usize,
    deals: Vec<u32>,
    ends: Vec<usize>,
}

impl Groups {
    fn of(keep: &[bool], segment: &Segment, cohorts: &Cohorts) -> Self {
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

    fn deals(&self, value: usize, cohort: usize) -> &[u32] {
        let group = value * self.cohorts + cohort;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.deals[start..self.ends[group]]
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
    let count = |cohort: usize| {
        let deals = groups.deals(value, cohort);
        let mut walker = Walker::new(input.timeline, input.spells, input.snapshot, input.values, offsets);
        let mut counts = FunnelCounts::empty(slots.count());
        deals.iter().for_each(|&deal| counts.push(&walker.deal(deal as usize)));
        counts
    };
    let filled: Vec<usize> = (0..groups.cohorts).filter(|&cohort| !groups.deals(value, cohort).is_empty()).collect();
    let by_cohort: Vec<FunnelCounts> = filled.par_iter().map(|&cohort| count(cohort)).collect();
    let mut all = FunnelCounts::empty(slots.count());
    by_cohort.iter().for_each(|counts| all.merge(counts));

    let (mut rows, mut summaries) = (Vec::new(), Vec::new());
    let numbered = filled.iter().map(|&cohort| cohort as u32 + 1).zip(&by_cohort);
    for (cohort, counts) in [(0, &all)].into_iter().chain(numbered).filter(|(_, counts)| counts.deals > 0) {
        summaries.push(summarise(counts, cohort, segment, input.values));
        rows.extend(stage_rows(counts, slots, cohort, segment, input.values));
    }
    (rows, summaries)
}

fn stage_rows(
    counts: &FunnelCounts,
    slots: Slots,
    cohort: u32,
    segment: u32,
    values: &DealValues,
) -> impl Iterator<Item = FunnelRow> {
    let shown =
        counts.stages.iter().enumerate().filter(move |(slot, stage)| slots.is_stage(*slot) || stage.entered > 0);
    shown.map(move |(slot, stage)| {
        let dwell = stage.dwell.finish();
        FunnelRow {
            cohort,
            segment,
            stage: slot as u32,
            entered: stage.entered,
            advanced: stage.advanced,
            lost: stage.lost,
            back: stage.back,
            open: stage.open,
            skipped: stage.skipped,
            conversion: dwell.eventual(Cause::Advance),
            median_days: dwell.quantile(0.5),
            p90_days: dwell.quantile(0.9),
            value_minor: values.stated(stage.value_minor),
            won: stage.won,
            conversion_to_won: stage.to_close.finish().eventual(Cause::Advance),
        }
    })
}

fn summarise(counts: &FunnelCounts, cohort: u32, segment: u32, values: &DealValues) -> FunnelSummary {
    let (won, lost) = (counts.won, counts.lost);
    let open = counts.deals - won - lost;
    let win_rate = (won + lost > 0).then(|| won as f64 / (won + lost) as f64);
    let median_cycle_days = counts.cycle.finish().quantile_given(Cause::Advance, 0.5);
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
    use crate::domain::day::{Day, MICROS_PER_DAY};
    use crate::domain::period::{FiscalCalendar, PeriodKind};
    use crate::domain::stage::StageKind;
    use crate::ingest::tables::{DealRow, Tables};

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
        let input =
            FunnelInput { timeline: &timeline, spells: &spells, snapshot: &snapshot, values: &values, keep: &keep };
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
    fn means_round_halves_to_even() {
        assert_eq!(
            [(5, 2), (7, 2), (-5, 2), (-7, 2), (8, 3)].map(|(sum, n)| divide_half_even(sum, n)),
            [2, 4, -2, -4, 3]
        );
    }
}
