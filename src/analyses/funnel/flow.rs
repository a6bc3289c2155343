//! From where to where do deals move, how often, how soon and with how much money: what a Sankey diagram is drawn from.
//!
//! [`FunnelInput`] in, [`Flow`] out: a row per segment, cohort and pair of nodes between which a deal moved. A node is a
//! stage, or one of the ends: where deals come from and where open deals stand. What flows into an open stage flows out
//! of it. Every move counts, so that a deal which goes back and on again is seen doing so. Where there is a table of leads,
//! deals that were one come from there.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::cohort::Cohorts;
use super::flow_leads::{LeadMove, LeadOrigins};
use super::groups::{CHUNK, DealGroups};
use super::input::FunnelInput;
use super::leads::FunnelLeads;
use super::rows::{ALL, CURRENT, LEADS};
use super::walk::{EVER, is_since};
use crate::books::segment::Segment;
use crate::domain::day::Day;
use crate::domain::ids::{DealIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{StageKind, StageList};

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
    /// What the move is: `created`, `before`, `converted`, `disqualified`, `forward`, `back`, `won`, `lost`, `reopened`,
    /// `after sale` or `open`.
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
    /// `(created)`, `(before)`, the stages in process order, `(unknown)`, `(open)`, and of leads [`LEADS`],
    /// `(disqualified)` and `(other deals)`.
    pub nodes: Vec<String>,
    /// One per pair that occurs.
    pub rows: Vec<FlowRow>,
}

impl Flow {
    /// The name of a node.
    #[must_use]
    pub fn node(&self, position: u32) -> Option<&str> {
        self.nodes.get(position as usize).map(String::as_str)
    }
}

/// Counts the moves of the deals of `input` by each of `segments` and by the periods of `cohorts`.
#[must_use]
pub fn flow(input: &FunnelInput<'_>, cohorts: &Cohorts, segments: &[Segment], leads: Option<&FunnelLeads<'_>>) -> Flow {
    let stages = &input.timeline.stages;
    let named = stages.names().iter().map(String::as_str);
    let of_leads = leads.iter().flat_map(|_| [LEADS, "(disqualified)", "(other deals)"]);
    let nodes = ["(created)", "(before)"].into_iter().chain(named).chain(["(unknown)", "(open)"]).chain(of_leads);
    let origins = leads.map(|leads| LeadOrigins::of(input.timeline, leads, input.keep));
    let came_from = |with_leads: bool| origins.as_ref().filter(|_| with_leads).map(|origins| &origins.of_deal[..]);
    let periods = cohorts.periods.iter().map(ToString::to_string);
    let mut answer = Flow {
        cohorts: [ALL, CURRENT].into_iter().map(str::to_owned).chain(periods).collect(),
        segments: Vec::new(),
        nodes: nodes.map(str::to_owned).collect(),
        rows: Vec::new(),
    };
    for (column, segment) in segments.iter().enumerate() {
        let groups = DealGroups::of(input.keep, segment, cohorts);
        let first = answer.segments.len() as u32;
        answer.segments.extend((0..segment.values.len()).map(|value| segment.label(value)));
        let of_leads = leads.and_then(|leads| Some((leads, leads.of_segments[column].as_deref()?, origins.as_ref()?)));
        let came_from = came_from(of_leads.is_some());
        let values = (0..segment.values.len()).into_par_iter();
        let mut parts: Vec<Vec<Edges>> = values.map(|value| one_segment(input, &groups, value, came_from)).collect();
        if let Some((leads, of_lead, origins)) = of_leads {
            add_leads(&mut parts, input, leads, of_lead, origins);
        }
        for (value, cohorts) in parts.into_iter().enumerate() {
            for (cohort, mut edges) in cohorts.into_iter().enumerate() {
                answer.rows.extend(finish(input, &mut edges, cohort as u32, first + value as u32));
            }
        }
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

/// For every deal the day the lead it was came in; `None` where leads are not looked at.
type CameFrom<'a> = Option<&'a [Option<Day>]>;

/// The edges of one value of a segment by cohort, [`ALL`] and [`CURRENT`] first.
fn one_segment(input: &FunnelInput<'_>, groups: &DealGroups, value: usize, leads: CameFrom<'_>) -> Vec<Edges> {
    let cohorts = 0..groups.cohorts;
    let by_cohort: Vec<Edges> =
        cohorts.into_par_iter().map(|cohort| count(input, groups.deals(value, cohort), EVER, leads)).collect();
    let chunks = groups.all_deals(value).par_chunks(CHUNK);
    let current: Vec<Edges> = chunks.map(|deals| count(input, deals, Some(input.current_from), leads)).collect();
    let mut edges = vec![merged(by_cohort.iter()), merged(current.iter())];
    edges.extend(by_cohort);
    edges
}

/// Adds the moves of the leads to the edges by value and cohort.
fn add_leads(
    parts: &mut [Vec<Edges>],
    input: &FunnelInput<'_>,
    leads: &FunnelLeads<'_>,
    of_lead: &[u32],
    origins: &LeadOrigins,
) {
    let open = STAGE + input.timeline.stages.stages().len() as u32 + 1;
    let (here, disqualified, merged) = (open + 1, open + 2, open + 3);
    let of_table = |lead: &usize| leads.keep[*lead] && leads.lives.lives[*lead].lead.is_some();
    for lead in (0..of_lead.len()).filter(of_table) {
        let life = &leads.lives.lives[lead];
        let cohorts = &mut parts[of_lead[lead] as usize];
        for (cohort, from) in [(0, EVER), (1, Some(input.current_from)), (leads.cohorts[lead] as usize + 2, EVER)] {
            for (what, days) in origins.moves_of(lead, life, from, input.timeline.as_of) {
                let pair = match what {
                    LeadMove::In { before: false } => (CREATED, here),
                    LeadMove::In { before: true } => (BEFORE, here),
                    LeadMove::Disqualified => (here, disqualified),
                    LeadMove::Merged => (here, merged),
                    LeadMove::Open => (here, open),
                };
                let edge = cohorts[cohort].entry(pair).or_default();
                (edge.moves, edge.deals) = (edge.moves + 1, edge.deals + 1);
                edge.days.extend(days);
            }
        }
    }
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
fn count(input: &FunnelInput<'_>, deals: &[DealIx], from: Option<Day>, leads: CameFrom<'_>) -> Edges {
    let mut edges = Edges::new();
    let mut moves: Vec<Move> = Vec::new();
    for &deal in deals {
        moves.clear();
        let lead = leads.and_then(|leads| leads[deal.index()]);
        moves_of(input, deal, from, lead, &mut moves);
        moves.sort_unstable();
        for same in moves.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to)) {
            let edge = edges.entry((same[0].from, same[0].to)).or_default();
            edge.moves += same.len() as u64;
            edge.deals += 1;
            edge.value_minor += i128::from(input.values.get(deal).unwrap_or(0));
            edge.days.extend(same.iter().filter_map(|one| one.days));
        }
    }
    edges
}

/// A move of a deal from node to node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Move {
    from: u32,
    to: u32,
    /// Days it was in `from`, where that is a stage.
    days: Option<i32>,
}

/// Every move of a deal, those into and out of the counted days included.
fn moves_of(input: &FunnelInput<'_>, deal: DealIx, from: Option<Day>, lead: Option<Day>, moves: &mut Vec<Move>) {
    let stages = &input.timeline.stages;
    let unknown = STAGE + stages.stages().len() as u32;
    let node = |stage: Maybe<StageId>| stage.get().map_or(unknown, |stage| STAGE + stage.index() as u32);
    let mut rest = input.timeline.steps_of(deal);
    let created = input.timeline.head(deal).created;
    let of_lead = lead.map(|lead| (unknown + 2, Some((created.0 - lead.0).max(0))));
    let mut came: Option<(u32, Option<i32>)> = Some(of_lead.unwrap_or((CREATED, None)));
    while let Some(begin) = rest.first() {
        let stay = rest.iter().take_while(|step| step.stage == begin.stage).count();
        rest = &rest[stay..];
        let (here, entered) = (node(begin.stage), begin.at.day());
        let left = rest.first().map_or(input.timeline.as_of, |next| next.at.day());
        let is_open = stages.kind(begin.stage) == StageKind::Open;
        let goes_on = !rest.is_empty() || is_open;
        if is_since(entered, from) {
            moves.extend(came.map(|(node, days)| Move { from: node, to: here, days }));
        } else if is_since(left, from) && goes_on {
            moves.push(Move { from: BEFORE, to: here, days: None });
        }
        let days = Some(left.0 - entered.0);
        came = Some((here, days));
        if rest.is_empty() && is_open {
            moves.push(Move { from: here, to: unknown + 1, days });
        }
    }
}

fn kind(stages: &StageList, from: u32, to: u32) -> &'static str {
    let unknown = STAGE + stages.stages().len() as u32;
    let of =
        |node: u32| if node < unknown { stages.kind(StageId::at((node - STAGE) as usize)) } else { StageKind::Open };
    match (from, to) {
        (CREATED, _) => "created",
        (BEFORE, _) => "before",
        (_, to) if to == unknown + 3 => "disqualified",
        (from, to) if from == unknown + 2 && (to < unknown + 1 || to > unknown + 3) => "converted",
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
