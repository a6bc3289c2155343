//! Landmarks to training rows: the horizon, the labels, which rows are old enough, which deals are copies.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use polars::prelude::PlSmallStr;

use crate::domain::code::NO_DAY;
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::ingest::tables::Deals;
use crate::snapshot::{DealState, Landmark, LandmarkSet, Outcome};
use crate::timeline::Timeline;

/// The default horizon covers this share of the won cycles.
const HORIZON_SHARE: f64 = 0.95;
/// The horizon takes at most one of this many parts of the history, so that there is something before and after it.
const HORIZON_PARTS: i32 = 3;
/// No horizon is shorter, in days.
const SHORTEST_HORIZON: i32 = 7;

/// How far ahead the model looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Horizon {
    pub days: i32,
    /// Where it comes from, in words.
    pub source: String,
}

impl Horizon {
    /// `wanted` days, or the 95th percentile of the won cycle; never more than a third of the history.
    pub fn of(timeline: &Timeline, landmarks: &LandmarkSet, wanted: Option<u32>) -> Self {
        if let Some(days) = wanted.and_then(|days| i32::try_from(days).ok()) {
            return Self { days: days.max(1), source: "set by `training.horizon_days`".to_owned() };
        }
        let mut cycles: Vec<i32> = timeline
            .deals
            .iter()
            .filter(|deal| deal.kind == StageKind::Won && deal.closed != NO_DAY)
            .map(|deal| deal.closed - deal.created.0)
            .collect();
        cycles.sort_unstable();
        let rank = (HORIZON_SHARE * cycles.len() as f64).ceil() as usize;
        let learned = cycles.get(rank.saturating_sub(1)).copied().unwrap_or(0);
        let history = landmarks.rows.first().map_or(0, |row| timeline.as_of.0 - row.state.day.0);
        let most = history / HORIZON_PARTS;
        let (days, source) = if learned <= most {
            (learned, format!("95 % of {} won deals closed within {learned} days", cycles.len()))
        } else {
            (most, format!("a third of the {history} days of history; 95 % of won deals took up to {learned} days"))
        };
        Self { days: days.max(SHORTEST_HORIZON), source }
    }
}

/// Rows whose outcome within the horizon is known, with that outcome; ordered by day, then by deal.
#[derive(Clone, Debug, Default)]
pub struct TrainingRows {
    /// The deal as it stood.
    pub states: Vec<DealState>,
    /// Won within the horizon.
    pub won: Vec<bool>,
    /// Deals that must stay together: a deal and its exact copies share a number.
    pub groups: Vec<u32>,
}

impl TrainingRows {
    /// The rows of `landmarks` at least `horizon` days before the timeline's day. Younger rows are set aside *with*
    /// those already closed: keeping only these would teach that deals close fast.
    pub(super) fn of(context: &FeatureContext<'_>, landmarks: &LandmarkSet, horizon: i32) -> Self {
        let mature = landmarks.rows.partition_point(|row| row.state.day.0 + horizon <= context.timeline.as_of.0);
        let rows = &landmarks.rows[..mature];
        let won = rows.iter().map(|row| closed_within(row, horizon) == Some(StageKind::Won)).collect();
        Self { states: rows.iter().map(|row| row.state).collect(), won, groups: groups(rows, context) }
    }

    /// All rows.
    pub(super) fn all(&self) -> RowsView<'_> {
        self.first(self.states.len())
    }

    /// The first `n` rows.
    pub(super) fn first(&self, n: usize) -> RowsView<'_> {
        RowsView { states: &self.states[..n], won: &self.won[..n] }
    }
}

/// Some of the rows.
#[derive(Clone, Copy)]
pub(super) struct RowsView<'a> {
    pub states: &'a [DealState],
    pub won: &'a [bool],
}

impl RowsView<'_> {
    /// Deals (not rows) with a won row, and deals without.
    pub fn deals_by_outcome(&self) -> (u64, u64) {
        let mut deals: Vec<(u32, bool)> = self.states.iter().map(|s| s.deal).zip(self.won.iter().copied()).collect();
        deals.sort_unstable_by_key(|&(deal, won)| (deal, !won));
        deals.dedup_by_key(|&mut (deal, _)| deal);
        let won = deals.iter().filter(|&&(_, won)| won).count();
        (won as u64, (deals.len() - won) as u64)
    }
}

/// How the deal closed within `days` days of the landmark, `None` where it was still open then.
pub(super) fn closed_within(row: &Landmark, days: i32) -> Option<StageKind> {
    let by = |closed: Day| closed.0 - row.state.day.0 < days;
    match row.outcome {
        Outcome::Won(closed) if by(closed) => Some(StageKind::Won),
        Outcome::Lost(closed) if by(closed) => Some(StageKind::Lost),
        _ => None,
    }
}

/// Columns of the deals table that the timeline tells better: as of the day, with their past.
const IN_THE_TIMELINE: [&str; 12] = [
    "deal_id",
    "name",
    "stage",
    "status",
    "created_at",
    "closed_at",
    "amount",
    "currency",
    "expected_close_date",
    "owner",
    "forecast_category",
    "probability",
];

/// Per row, the number of its deal's group: deals that agree in every column but id and name and in every change.
fn groups(rows: &[Landmark], context: &FeatureContext<'_>) -> Vec<u32> {
    let columns = column_prints(&context.tables.deals);
    let mut group_of_deal: HashMap<u32, u32, FixedState> = HashMap::with_hasher(FixedState::with_seed(0));
    let mut group_of_print: HashMap<u64, u32, FixedState> = HashMap::with_hasher(FixedState::with_seed(0));
    let mut group = |deal: u32| {
        *group_of_deal.entry(deal).or_insert_with(|| {
            let next = group_of_print.len() as u32;
            let print = story_print(deal as usize, context.timeline, &columns);
            *group_of_print.entry(print).or_insert(next)
        })
    };
    rows.iter().map(|row| group(row.state.deal)).collect()
}

/// One hash per row of the deals table, of the columns that have no history.
fn column_prints(deals: &Deals) -> Vec<u64> {
    let mut prints = vec![0; deals.len()];
    let mut add = |bits: &mut dyn Iterator<Item = u64>| {
        for (print, bits) in prints.iter_mut().zip(bits) {
            *print = FixedState::with_seed(0).hash_one((*print, bits));
        }
    };
    let names = deals.frame().get_column_names().into_iter().map(PlSmallStr::as_str);
    for name in names.filter(|name| !IN_THE_TIMELINE.contains(name)) {
        if deals.is_number(name) {
            add(&mut deals.numbers(name).into_iter().map(f64::to_bits));
        } else {
            add(&mut deals.codes(name).into_iter().map(u64::from));
        }
    }
    prints
}

/// A hash of everything known of a deal as of the timeline's day but its id and name.
fn story_print(deal: usize, timeline: &Timeline, columns: &[u64]) -> u64 {
    let head = &timeline.deals[deal];
    let mut hasher = FixedState::with_seed(0).build_hasher();
    (columns[head.row as usize], head.currency, head.created, head.closed).hash(&mut hasher);
    for step in timeline.steps_of(deal) {
        (step.at, step.stage, step.amount_minor, step.expected_close).hash(&mut hasher);
        (step.owner, step.category, step.probability.to_bits()).hash(&mut hasher);
    }
    hasher.finish()
}
