//! The step before the deal: how many leads become deals, how long that takes, and how many of them are won in the end.
//!
//! [`LeadLives`] and a [`Funnel`] in, the funnel with a first row [`LEADS`] per cohort and segment out. A lead that became
//! a deal advanced; its days to the close run from its creation to the end of the deal.

use super::counts::{FunnelCounts, LastExit, LeadFacts};
use super::input::FunnelInput;
use super::rows::{Funnel, FunnelRow, LEADS};
use super::stage_row::{RowPosition, stage_row};
use super::walk::{EVER, is_since, wait};
use crate::books::leads::{LeadLife, LeadLives};
use crate::books::segment::Segment;
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::ingest::tables::LeadEnd;
use crate::stats::survival::ExitCause;
use crate::timeline::Timeline;

/// The leads of a funnel.
#[derive(Clone, Copy, Debug)]
pub struct FunnelLeads<'a> {
    /// The leads; those that are records of the deals table have stages of their own and are left out here.
    pub lives: &'a LeadLives,
    /// One flag per lead: whether it counts.
    pub keep: &'a [bool],
    /// For every lead the position of its created period among the cohorts' periods.
    pub cohorts: &'a [u32],
    /// For every segment column the value of every lead; `None` where leads do not have the column.
    pub of_segments: &'a [Option<Vec<u32>>],
}

/// Gives `funnel`, made of `input` and `segments`, the rows of the leads.
pub fn add_leads(funnel: &mut Funnel, input: &FunnelInput<'_>, leads: &FunnelLeads<'_>, segments: &[Segment]) {
    let step = funnel.stages.len() as u32;
    let undated = leads.lives.lives.iter().any(|life| life.end != LeadEnd::Open && life.ended.is_none());
    let mut first = 0;
    for (segment, of_lead) in segments.iter().zip(leads.of_segments) {
        let values = segment.values.len();
        let Some(of_lead) = of_lead else {
            first += values;
            continue;
        };
        let cohorts = funnel.cohorts.len();
        for (group, counts) in count(input, leads, of_lead, values * cohorts, cohorts).into_iter().enumerate() {
            let (segment, cohort) = ((first + group / cohorts) as u32, (group % cohorts) as u32);
            let position = RowPosition { cohort, segment, stage: step };
            let row = stage_row(&counts.stages[0], position, true, input.values);
            // Times say nothing where an end has no date; what leads are worth nobody knows.
            let times = |days: Option<u32>| days.filter(|_| !undated);
            let (median_days, p90_days) = (times(row.median_days), times(row.p90_days));
            let row = FunnelRow { median_days, p90_days, value_minor: None, ..row };
            funnel.rows.extend((row.entered > 0).then_some(row));
        }
        first += values;
    }
    funnel.rows.sort_by_key(|row| (row.segment, row.cohort, row.stage != step, row.stage));
    funnel.stages.push(LEADS.to_owned());
}

/// The leads by value and cohort, of which [`Funnel::cohorts`] has two before the created periods.
fn count(
    input: &FunnelInput<'_>,
    leads: &FunnelLeads<'_>,
    of_lead: &[u32],
    groups: usize,
    cohorts: usize,
) -> Vec<FunnelCounts> {
    let mut counts = vec![FunnelCounts::empty(1); groups];
    let of_table = |lead: &usize| leads.keep[*lead] && leads.lives.lives[*lead].lead.is_some();
    for lead in (0..leads.lives.lives.len()).filter(of_table) {
        let (life, first) = (&leads.lives.lives[lead], of_lead[lead] as usize * cohorts);
        for (cohort, from) in [(0, EVER), (1, Some(input.current_from)), (leads.cohorts[lead] as usize + 2, EVER)] {
            counts[first + cohort].push_lead(&facts(input.timeline, life, from));
        }
    }
    counts
}

/// What the days from `from` on show of a lead. One that ended on an unknown day counts as ended on the as-of day, the latest
/// it can have been.
fn facts(timeline: &Timeline, life: &LeadLife, from: Option<Day>) -> LeadFacts {
    let head = life.deal.filter(|_| life.end == LeadEnd::Converted).map(|deal| timeline.head(deal));
    let ended = life.ended.unwrap_or(timeline.as_of);
    let (exit, kind, closed) = match (life.end, head) {
        (LeadEnd::Open, _) => (LastExit::StillThere, StageKind::Open, Some(ended)),
        (LeadEnd::Disqualified, _) => (LastExit::Left(ExitCause::Lost), StageKind::Lost, Some(ended)),
        // Of a deal that is not in the table nothing is seen after the conversion.
        (LeadEnd::Converted, None) => (LastExit::Left(ExitCause::Advance), StageKind::Open, Some(ended)),
        (LeadEnd::Converted, Some(deal)) => {
            let closed = if deal.kind == StageKind::Open { Some(timeline.as_of) } else { deal.closed.get() };
            (LastExit::Left(ExitCause::Advance), deal.kind, closed)
        }
    };
    let since = |day: Day| wait(life.created, day, from);
    let to_close = closed.filter(|day| is_since(*day, from)).map(since);
    LeadFacts { kind, exit, seen: is_since(ended, from), dwell: since(ended), to_close }
}
