//! How many open deals are slow or stalled, and how much money is in them, by stage, owner, team and region, and what
//! changed since the reference day?
//!
//! [`Stagnation`] in, [`StagnationSummary`] out: plain counts and exact sums, ordered by name (stages by process).

use super::benchmarks::pooled_stages;
use super::rows::Stagnation;
use super::status::{StagnationStatus, StatusChange};
use crate::books::deal_values::DealValues;
use crate::books::segment::Segment;
use crate::domain::ids::{DealIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::timeline::Timeline;

/// Deals and their money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DealTotal {
    /// How many deals.
    pub deals: u64,
    /// Sum of the known amounts, minor units of the report currency; 0 where there is none.
    pub value_minor: i128,
}

impl DealTotal {
    fn add(&mut self, value_minor: i64) {
        self.deals += 1;
        self.value_minor += i128::from(value_minor);
    }
}

/// One group's open deals by status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusTally {
    /// The stage, owner, team...
    pub name: String,
    /// One per [`StagnationStatus::ALL`].
    pub by_status: [DealTotal; 3],
    /// Stalled on the reference day, in the stage of then. Less those that moved, were won and were lost, and with the newly
    /// stalled ones, these are the stalled ones of now.
    pub previously_stalled: DealTotal,
    /// Stalled now and not on the reference day, or in another stay.
    pub newly_stalled: DealTotal,
    /// Stalled on the reference day, open and not in that stay any more.
    pub moved: DealTotal,
    /// Stalled on the reference day and won since.
    pub won: DealTotal,
    /// Stalled on the reference day and lost since.
    pub lost: DealTotal,
}

impl StatusTally {
    /// The deals of one status.
    #[must_use]
    pub fn of(&self, status: StagnationStatus) -> DealTotal {
        self.by_status[status as usize]
    }

    /// All deals of the group.
    #[must_use]
    pub fn deals(&self) -> u64 {
        self.by_status.iter().map(|tally| tally.deals).sum()
    }
}

/// The group of all open deals.
const ALL: &str = "all";

/// The open deals in a few numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagnationSummary {
    /// Everything together; all zero where no deal is open.
    pub total: StatusTally,
    /// By present stage (process order, an unknown one last), then by each column asked for: its name and its groups.
    pub groups: Vec<(String, Vec<StatusTally>)>,
    /// Open deals older than any deal was that ever closed.
    pub older_than_any_closed: u64,
    /// Age in days of the oldest deal that ever closed, on that day.
    pub longest_closing_days: Option<i32>,
    /// Open deals without stage history, counted from creation.
    pub without_history: u64,
    /// Stages with too few stays for a benchmark of their own.
    pub pooled_stages: Vec<String>,
}

impl StagnationSummary {
    /// Sums up `stagnation`, also by `segments`, which tell the timeline's deals apart; `values` are in one currency.
    /// Deals that have closed since the reference day count in the stage they were stalled in.
    #[must_use]
    pub fn of(stagnation: &Stagnation, timeline: &Timeline, values: &DealValues, segments: &[Segment]) -> Self {
        let stages = timeline.stages.names();
        let place = |stage: Maybe<StageId>| stage.get().map_or(stages.len(), StageId::index);
        let stage_names = stages.iter().cloned().chain(["(unknown)".to_owned()]).collect();
        let mut groups = vec![("stage".to_owned(), tally(stagnation, values, stage_names, |_, stage| place(stage)))];
        groups.extend(segments.iter().map(|segment| {
            let tallies =
                tally(stagnation, values, segment.values.clone(), |deal, _| segment.of_deal[deal.index()] as usize);
            (segment.column.clone().unwrap_or_default(), tallies)
        }));
        let longest = stagnation.benchmarks.longest_closing_days;
        let older = |deal: DealIx| {
            let age = stagnation.as_of.0.saturating_sub(timeline.head(deal).created.0);
            longest.is_some_and(|longest| age > longest)
        };
        let pooled = pooled_stages(timeline, &stagnation.benchmarks).into_iter();
        Self {
            total: tally(stagnation, values, vec![ALL.to_owned()], |_, _| 0).pop().unwrap_or_else(nothing_open),
            groups,
            older_than_any_closed: stagnation.rows.iter().filter(|row| older(row.deal)).count() as u64,
            longest_closing_days: longest,
            without_history: stagnation.rows.iter().filter(|row| !row.stage_tracked).count() as u64,
            pooled_stages: pooled.map(|stage| timeline.stages.name(stage).to_owned()).collect(),
        }
    }

    /// The groups of `column`.
    #[must_use]
    pub fn by(&self, column: &str) -> &[StatusTally] {
        self.groups.iter().find(|(name, _)| name == column).map_or(&[], |(_, groups)| groups)
    }
}

/// The sum of all deals where there is none to add up.
fn nothing_open() -> StatusTally {
    StatusTally { name: ALL.to_owned(), ..StatusTally::default() }
}

/// The rows by the group `of` (deal, stage) puts them in; groups that nothing is said of are left out.
fn tally(
    stagnation: &Stagnation,
    values: &DealValues,
    names: Vec<String>,
    of: impl Fn(DealIx, Maybe<StageId>) -> usize,
) -> Vec<StatusTally> {
    let empty = |name| StatusTally { name, ..StatusTally::default() };
    let mut groups: Vec<StatusTally> = names.into_iter().map(empty).collect();
    for row in &stagnation.rows {
        let (group, value) = (&mut groups[of(row.deal, row.stage)], values.get(row.deal).unwrap_or(0));
        group.by_status[row.status as usize].add(value);
        let Some(change) = row.change else { continue };
        let is_stalled = row.status == StagnationStatus::Stalled;
        if change == StatusChange::NewlyStalled || (change == StatusChange::New && is_stalled) {
            group.newly_stalled.add(value);
        }
        if row.previous == Some(StagnationStatus::Stalled) {
            let group = &mut groups[of(row.deal, row.previous_stage.unwrap_or(row.stage))];
            group.previously_stalled.add(value);
            if change != StatusChange::Unchanged {
                group.moved.add(value);
            }
        }
    }
    for deal in &stagnation.closed {
        let group = &mut groups[of(deal.deal, deal.stage)];
        let value = values.get(deal.deal).unwrap_or(0);
        group.previously_stalled.add(value);
        let tally = if deal.kind == StageKind::Won { &mut group.won } else { &mut group.lost };
        tally.add(value);
    }
    groups.retain(|group| group.deals() + group.previously_stalled.deals > 0);
    groups
}
