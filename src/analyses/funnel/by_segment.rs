//! Deals counted by segment, cohort and stage.
//!
//! [`FunnelInput`] and what tells the deals apart in, [`Funnel`] out, without leads.

use rayon::prelude::*;

use super::cohort::Cohorts;
use super::counts::FunnelCounts;
use super::groups::{CHUNK, DealGroups};
use super::input::FunnelInput;
use super::rows::{ALL, CURRENT, Funnel, FunnelRow, FunnelSummary};
use super::stage_row::{RowPosition, stage_row, summary_row};
use super::walk::{EVER, Slots, Walker, stay_offsets};
use crate::books::segment::Segment;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;

/// Counts the deals of `input` by each of `segments` and by the periods of `cohorts`.
///
/// [`Segment::all`] is not implied: pass it first to have it.
#[must_use]
pub fn funnel(input: &FunnelInput<'_>, cohorts: &Cohorts, segments: &[Segment]) -> Funnel {
    let offsets = stay_offsets(input.timeline.deals.len(), input.stays);
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
        let groups = DealGroups::of(input.keep, segment, cohorts);
        let first = answer.segments.len() as u32;
        answer.segments.extend((0..segment.values.len()).map(|value| segment.label(value)));
        let parts: Vec<_> = (0..segment.values.len())
            .into_par_iter()
            .map(|value| one_segment(input, &offsets, &groups, value, first + value as u32))
            .collect();
        for part in parts {
            answer.rows.extend(part.rows);
            answer.summaries.extend(part.summaries);
        }
    }
    answer
}

/// What the cohorts of one value of a segment add to the funnel.
struct SegmentPart {
    rows: Vec<FunnelRow>,
    summaries: Vec<FunnelSummary>,
}

/// Rows and summaries of one value of a segment, all cohorts of it together first.
fn one_segment(
    input: &FunnelInput<'_>,
    offsets: &[usize],
    groups: &DealGroups,
    value: usize,
    segment: u32,
) -> SegmentPart {
    let slots = Slots::of(&input.timeline.stages).count();
    let filled: Vec<usize> = (0..groups.cohorts).filter(|&cohort| !groups.deals(value, cohort).is_empty()).collect();
    let by_cohort: Vec<FunnelCounts> =
        filled.par_iter().map(|&cohort| count(input, offsets, groups.deals(value, cohort), EVER)).collect();
    let chunks = groups.all_deals(value).par_chunks(CHUNK);
    let current: Vec<FunnelCounts> =
        chunks.map(|deals| count(input, offsets, deals, Some(input.current_from))).collect();
    let (all, current) = (merged(&by_cohort, slots), merged(&current, slots));
    let numbered = filled.iter().map(|&cohort| cohort as u32 + 2).zip(&by_cohort);
    let mut part = SegmentPart { rows: Vec::new(), summaries: Vec::new() };
    for (cohort, counts) in [(0, &all), (1, &current)].into_iter().chain(numbered) {
        if counts.deals > 0 {
            part.summaries.push(summary_row(counts, cohort, segment, input.values));
            part.rows.extend(stage_rows(counts, input, cohort, segment));
        }
    }
    part
}

/// What `deals` did from the day `from` on.
fn count(input: &FunnelInput<'_>, offsets: &[usize], deals: &[DealIx], from: Option<Day>) -> FunnelCounts {
    let mut walker = Walker::new(input.timeline, input.stays, input.snapshot, input.values, offsets);
    let mut counts = FunnelCounts::empty(Slots::of(&input.timeline.stages).count());
    deals.iter().for_each(|&deal| counts.push(&walker.deal(deal, from)));
    counts
}

fn merged(parts: &[FunnelCounts], slots: usize) -> FunnelCounts {
    let mut sum = FunnelCounts::empty(slots);
    parts.iter().for_each(|part| sum.merge(part));
    sum
}

fn stage_rows(counts: &FunnelCounts, input: &FunnelInput<'_>, cohort: u32, segment: u32) -> Vec<FunnelRow> {
    let stages = &input.timeline.stages;
    let slots = Slots::of(stages);
    let mut rows = Vec::new();
    for (slot, counts) in counts.stages.iter().enumerate() {
        // A stage of one pipeline says nothing of deals of another.
        let is_shared = stages.stages().get(slot).is_some_and(|stage| stage.pipeline.is_none());
        if is_shared || counts.entered + counts.skipped > 0 {
            let position = RowPosition { cohort, segment, stage: slot as u32 };
            rows.push(stage_row(counts, position, slots.kind(stages, slot) == StageKind::Open, input.values));
        }
    }
    rows
}
