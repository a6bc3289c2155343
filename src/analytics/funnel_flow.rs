//! From where to where do deals move, how often, how soon and with how much money: what a Sankey diagram is drawn from.
//!
//! [`FunnelInput`] in, [`Flow`] out: a row per segment, cohort and pair of nodes between which a deal moved. A node is a
//! stage, or one of the ends: where deals come from and where open deals stand. What flows into an open stage flows out
//! of it. Every move counts, so that a deal which goes back and on again is seen doing so.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::funnel::{ALL, CHUNK, CURRENT, Cohorts, FunnelInput, Groups};
use super::funnel_walk::EVER;
use super::segment::Segment;
use crate::domain::day::Day;
use crate::domain::stage::{StageId, StageKind, StageList, UNKNOWN_STAGE};

/// Where deals come from that are new.
const CREATED: u32 = 0;
/// Where deals come from that were there before the counted days.
const BEFORE: u32 = 1;
/// The first stage.
const STAGE: u32 = 2;

/// Deals of one segment and cohort that moved from one node to another.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowRow {
    /// Position in [`Flow::cohorts`].
    pub cohort: u32,
    /// Position in [`Flow::segments`].
    pub segment: u32,
    /// Position in [`Flow::nodes`].
    pub from: u32,
    /// Position in [`Flow::nodes`].
    pub to: u32,
    /// What the move is: `created`, `before`, `forward`, `back`, `won`, `lost`, `reopened`, `after sale` or `open`.
    pub kind: &'static str,
    /// Moves.
    pub moves: u64,
    /// Deals that made at least one.
    pub deals: u64,
    /// Sum of the known values of these deals; `None` without a common currency.
    pub value_minor: Option<i128>,
    /// Median days in the stage before the move, of whole stays; the lower one of two.
    pub median_days: Option<i32>,
}

/// The whole answer, ordered by segment, cohort, from and to.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// [`ALL`], [`CURRENT`], then the created periods, ascending.
    pub cohorts: Vec<String>,
    /// `all`, then `column=value`.
    pub segments: Vec<String>,
    /// `(created)`, `(before)`, the stages in process order, `(unknown)`, `(open)`.
    pub nodes: Vec<String>,
    /// One per pair that occurs.
    pub rows: Vec<FlowRow>,
}

/// Counts the moves of the deals of `input` by each of `segments` and by the periods of `cohorts`.
#[must_use]
pub fn flow(input: &FunnelInput<'_>, cohorts: &Cohorts, segments: &[Segment]) -> Flow {
    let stages = &input.timeline.stages;
    let named = stages.names().iter().map(String::as_str);
    let nodes = ["(created)", "(before)"].into_iter().chain(named).chain(["(unknown)", "(open)"]);
    let periods = cohorts.periods.iter().map(ToString::to_string);
    let mut answer = Flow {
        cohorts: [ALL, CURRENT].into_iter().map(str::to_owned).chain(periods).collect(),
        segments: Vec::new(),
        nodes: nodes.map(str::to_owned).collect(),
        rows: Vec::new(),
    };
    for segment in segments {
        let groups = Groups::of(input.keep, segment, cohorts);
        let first = answer.segments.len() as u32;
        answer.segments.extend((0..segment.values.len()).map(|value| segment.label(value)));
        let values = (0..segment.values.len()).into_par_iter();
        let parts: Vec<Vec<FlowRow>> =
            values.map(|value| one_segment(input, &groups, value, first + value as u32)).collect();
        answer.rows.extend(parts.into_iter().flatten());
    }
    answer
}

/// What is known of one pair of nodes.
#[derive(Clone, Debug, Default)]
struct Edge {
    moves: u64,
    deals: u64,
    value_minor: i128,
    /// Of every move from a stage.
    days: Vec<i32>,
}

type Edges = BTreeMap<(u32, u32), Edge>;

fn one_segment(input: &FunnelInput<'_>, groups: &Groups, value: usize, segment: u32) -> Vec<FlowRow> {
    let cohorts: Vec<usize> = (0..groups.cohorts).filter(|&cohort| !groups.deals(value, cohort).is_empty()).collect();
    let by_cohort: Vec<Edges> =
        cohorts.par_iter().map(|&cohort| count(input, groups.deals(value, cohort), EVER)).collect();
    let current: Vec<Edges> =
        groups.all_deals(value).par_chunks(CHUNK).map(|deals| count(input, deals, input.current_from)).collect();
    let mut all = merged(by_cohort.iter());
    let mut current = merged(current.iter());
    let mut rows = Vec::new();
    rows.extend(finish(input, &mut all, 0, segment));
    rows.extend(finish(input, &mut current, 1, segment));
    for (cohort, mut edges) in cohorts.into_iter().zip(by_cohort) {
        rows.extend(finish(input, &mut edges, cohort as u32 + 2, segment));
    }
    rows
}

fn merged<'e>(parts: impl Iterator<Item = &'e Edges>) -> Edges {
    let mut sum = Edges::new();
    for (pair, edge) in parts.flatten() {
        let mine = sum.entry(*pair).or_default();
        mine.moves += edge.moves;
        mine.deals += edge.deals;
        mine.value_minor += edge.value_minor;
        mine.days.extend_from_slice(&edge.days);
    }
    sum
}

fn finish(input: &FunnelInput<'_>, edges: &mut Edges, cohort: u32, segment: u32) -> Vec<FlowRow> {
    let stages = &input.timeline.stages;
    let row = |(&(from, to), edge): (&(u32, u32), &mut Edge)| FlowRow {
        cohort,
        segment,
        from,
        to,
        kind: kind(stages, from, to),
        moves: edge.moves,
        deals: edge.deals,
        value_minor: input.values.stated(edge.value_minor),
        median_days: lower_median(&mut edge.days),
    };
    edges.iter_mut().map(row).collect()
}

fn lower_median(days: &mut [i32]) -> Option<i32> {
    let middle = days.len().checked_sub(1)? / 2;
    Some(*days.select_nth_unstable(middle).1)
}

/// The moves of `deals` from the day `from` on.
fn count(input: &FunnelInput<'_>, deals: &[u32], from: Day) -> Edges {
    let mut edges = Edges::new();
    let mut moves: Vec<(u32, u32, Option<i32>)> = Vec::new();
    for &deal in deals {
        moves.clear();
        moves_of(input, deal as usize, from, &mut moves);
        moves.sort_unstable();
        for same in moves.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let edge = edges.entry((same[0].0, same[0].1)).or_default();
            edge.moves += same.len() as u64;
            edge.deals += 1;
            edge.value_minor += i128::from(input.values.get(deal as usize).unwrap_or(0));
            edge.days.extend(same.iter().filter_map(|(_, _, days)| *days));
        }
    }
    edges
}

/// `(from, to, days in the stage)` of every move of a deal, those into and out of the counted days included.
fn moves_of(input: &FunnelInput<'_>, deal: usize, from: Day, moves: &mut Vec<(u32, u32, Option<i32>)>) {
    let stages = &input.timeline.stages;
    let unknown = STAGE + stages.stages().len() as u32;
    let node = |stage: StageId| if stage == UNKNOWN_STAGE { unknown } else { STAGE + u32::from(stage) };
    let mut rest = input.timeline.steps_of(deal);
    let mut came: Option<(u32, Option<i32>)> = Some((CREATED, None));
    while let Some(begin) = rest.first() {
        let stay = rest.iter().take_while(|step| step.stage == begin.stage).count();
        rest = &rest[stay..];
        let (here, entered) = (node(begin.stage), begin.at.day());
        let left = rest.first().map_or(input.timeline.as_of, |next| next.at.day());
        let is_open = stages.kind(begin.stage) == StageKind::Open;
        let goes_on = !rest.is_empty() || is_open;
        if entered >= from {
            moves.extend(came.map(|(node, days)| (node, here, days)));
        } else if left >= from && goes_on {
            moves.push((BEFORE, here, None));
        }
        let days = Some(left.0 - entered.0);
        came = Some((here, days));
        if rest.is_empty() && is_open {
            moves.push((here, unknown + 1, days));
        }
    }
}

fn kind(stages: &StageList, from: u32, to: u32) -> &'static str {
    let unknown = STAGE + stages.stages().len() as u32;
    let of = |node: u32| if node < unknown { stages.kind((node - STAGE) as StageId) } else { StageKind::Open };
    match (from, to) {
        (CREATED, _) => "created",
        (BEFORE, _) => "before",
        (_, to) if to > unknown => "open",
        (from, to) => match (of(from), of(to)) {
            (StageKind::Open, StageKind::Open) if from == unknown || from < to => "forward",
            (StageKind::Open, StageKind::Open) => "back",
            (StageKind::Won | StageKind::Lost, StageKind::Open) => "reopened",
            (StageKind::Won, StageKind::Won) => "after sale",
            (_, StageKind::Won) => "won",
            (_, StageKind::Lost) => "lost",
        },
    }
}
