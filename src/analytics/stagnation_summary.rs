//! How many open deals are slow or stalled, and how much money is in them, by stage, owner and team?
//!
//! [`Stagnation`] in, [`StagnationSummary`] out: plain counts and exact sums, ordered by name (stages by process).

use super::deal_values::DealValues;
use super::segment::Segment;
use super::stagnation::{Stagnation, StagnationStatus};
use super::stagnation_norms::pooled_stages;
use crate::timeline::Timeline;

/// Deals and their money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many deals.
    pub deals: u64,
    /// Sum of the known amounts, minor units of the report currency; 0 where there is none.
    pub value_minor: i128,
}

impl Tally {
    fn add(&mut self, value_minor: i64) {
        self.deals += 1;
        self.value_minor += i128::from(value_minor);
    }
}

/// One group's open deals by status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusTally {
    /// The stage, owner or team.
    pub name: String,
    /// One per [`StagnationStatus::ALL`].
    pub by_status: [Tally; 3],
}

impl StatusTally {
    /// The deals of one status.
    #[must_use]
    pub fn of(&self, status: StagnationStatus) -> Tally {
        self.by_status[status as usize]
    }

    /// All deals of the group.
    #[must_use]
    pub fn deals(&self) -> u64 {
        self.by_status.iter().map(|tally| tally.deals).sum()
    }
}

/// The open deals in a few numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagnationSummary {
    /// Everything together; all zero where no deal is open.
    pub total: StatusTally,
    /// By present stage, in process order; an unknown stage last.
    pub by_stage: Vec<StatusTally>,
    /// By owner.
    pub by_owner: Vec<StatusTally>,
    /// By team.
    pub by_team: Vec<StatusTally>,
    /// Open deals older than any deal was that ever closed.
    pub older_than_any_closed: u64,
    /// Age in days of the oldest deal that ever closed, on that day.
    pub longest_closing_days: Option<i32>,
    /// Open deals without stage history, counted from creation.
    pub without_history: u64,
    /// Stages with too few stays for a norm of their own.
    pub pooled_stages: Vec<String>,
}

impl StagnationSummary {
    /// Sums up `stagnation`. `owners` and `teams` tell the timeline's deals apart, `values` are in one currency.
    #[must_use]
    pub fn of(
        stagnation: &Stagnation,
        timeline: &Timeline,
        values: &DealValues,
        owners: &Segment,
        teams: &Segment,
    ) -> Self {
        let stages = timeline.stages.names();
        let place = |stage: u16| usize::from(stage).min(stages.len());
        let stage_names = stages.iter().cloned().chain(["(unknown)".to_owned()]).collect();
        let group = |segment: &Segment| {
            tally(stagnation, values, segment.values.clone(), |deal, _| segment.of_deal[deal] as usize)
        };
        let longest = stagnation.norms.longest_closing_days;
        let older = |deal: u32| {
            let age = stagnation.as_of.0.saturating_sub(timeline.deals[deal as usize].created.0);
            longest.is_some_and(|longest| age > longest)
        };
        let pooled = pooled_stages(timeline, &stagnation.norms).into_iter();
        Self {
            total: tally(stagnation, values, vec!["all".to_owned()], |_, _| 0).pop().unwrap_or_default(),
            by_stage: tally(stagnation, values, stage_names, |_, stage| place(stage)),
            by_owner: group(owners),
            by_team: group(teams),
            older_than_any_closed: stagnation.rows.iter().filter(|row| older(row.deal)).count() as u64,
            longest_closing_days: longest,
            without_history: stagnation.rows.iter().filter(|row| !row.stage_tracked).count() as u64,
            pooled_stages: pooled.map(|stage| timeline.stages.name(stage).to_owned()).collect(),
        }
    }
}

/// The rows by the group `of` puts them in, groups without open deals left out.
fn tally(
    stagnation: &Stagnation,
    values: &DealValues,
    names: Vec<String>,
    of: impl Fn(usize, u16) -> usize,
) -> Vec<StatusTally> {
    let empty = |name| StatusTally { name, by_status: [Tally::default(); 3] };
    let mut groups: Vec<StatusTally> = names.into_iter().map(empty).collect();
    for row in &stagnation.rows {
        let deal = row.deal as usize;
        groups[of(deal, row.stage)].by_status[row.status as usize].add(values.get(deal).unwrap_or(0));
    }
    groups.retain(|group| group.deals() > 0);
    groups
}
