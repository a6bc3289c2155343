//! Landmarks to training rows: the horizon, the labels, which rows are old enough, which deals are copies.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::domain::day::{Day, MOST_DAYS};
use crate::domain::ids::DealIx;
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::ingest::tables::{Attribute, Deals};
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
    /// However long it takes: the horizon of deals whose closing days are not known.
    pub fn in_the_end() -> Self {
        let source = "the closing days are not known: won in the end counts".to_owned();
        Self { days: i32::try_from(MOST_DAYS).unwrap_or(i32::MAX), source }
    }

    /// `wanted` days, or the 95th percentile of the won cycle; never more than a third of the history.
    pub fn of(timeline: &Timeline, landmarks: &LandmarkSet, wanted: Option<u32>) -> Self {
        if let Some(days) = wanted.and_then(|days| i32::try_from(days).ok()) {
            return Self { days: days.max(1), source: "set by `training.horizon_days`".to_owned() };
        }
        let mut cycles: Vec<i32> = timeline
            .deals
            .iter()
            .filter(|deal| deal.kind == StageKind::Won)
            .filter_map(|deal| Some(deal.closed.get()?.0 - deal.created.0))
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
    /// The rows of `landmarks` at least `horizon` days before the timeline's day. Younger rows are excluded *with*
    /// those already closed: keeping only these would teach that deals close fast.
    pub(super) fn of(context: &FeatureContext<'_>, landmarks: &LandmarkSet, horizon: i32) -> Self {
        let mature = landmarks.rows.partition_point(|row| row.state.day.0 + horizon <= context.timeline.as_of.0);
        Self::labelled(context, &landmarks.rows[..mature], horizon)
    }

    /// All of `rows`, with their outcome within the horizon.
    pub(super) fn labelled(context: &FeatureContext<'_>, rows: &[Landmark], horizon: i32) -> Self {
        let won = rows.iter().map(|row| closed_within(row, horizon) == Some(StageKind::Won)).collect();
        Self { states: rows.iter().map(|row| row.state).collect(), won, groups: groups(rows, context) }
    }

    /// How many rows are of earlier days than `day`.
    pub(super) fn before(&self, day: Day) -> usize {
        self.states.partition_point(|state| state.day < day)
    }

    /// How many rows have an outcome that was known on the morning of `day`.
    pub(super) fn known_by(&self, day: Day, horizon: i32) -> usize {
        self.states.partition_point(|state| state.day.0 + horizon <= day.0)
    }

    /// The rows at these positions.
    pub(super) fn select(&self, positions: &[usize]) -> Self {
        Self {
            states: positions.iter().map(|&i| self.states[i]).collect(),
            won: positions.iter().map(|&i| self.won[i]).collect(),
            groups: positions.iter().map(|&i| self.groups[i]).collect(),
        }
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
        let mut deals: Vec<(DealIx, bool)> = self.states.iter().map(|s| s.deal).zip(self.won.iter().copied()).collect();
        deals.sort_unstable_by_key(|&(deal, won)| (deal, !won));
        deals.dedup_by_key(|&mut (deal, _)| deal);
        let won = deals.iter().filter(|&&(_, won)| won).count();
        (won as u64, (deals.len() - won) as u64)
    }
}

/// How the deal closed within `days` days of the landmark, `None` where it was still open then.
pub(super) fn closed_within(row: &Landmark, days: i32) -> Option<StageKind> {
    let (closed, kind) = match row.outcome {
        Outcome::Won(closed) => (closed, StageKind::Won),
        Outcome::Lost(closed) => (closed, StageKind::Lost),
        Outcome::Open => return None,
    };
    (closed.0 - row.state.day.0 < days).then_some(kind)
}

/// The different ones among numbers of deals or groups, ascending.
pub(super) fn distinct<T: Ord>(numbers: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut numbers: Vec<T> = numbers.into_iter().collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Per row, the number of its deal's group: deals that agree in every column but id and name and in every change.
fn groups(rows: &[Landmark], context: &FeatureContext<'_>) -> Vec<u32> {
    let columns = column_prints(&context.tables.deals);
    let mut group_of_deal: HashMap<DealIx, u32, FixedState> = HashMap::with_hasher(FixedState::with_seed(0));
    let mut group_of_print: HashMap<u64, u32, FixedState> = HashMap::with_hasher(FixedState::with_seed(0));
    let deals = rows.iter().map(|row| row.state.deal);
    let groups = deals.map(|deal| {
        *group_of_deal.entry(deal).or_insert_with(|| {
            let next = group_of_print.len() as u32;
            let print = story_print(deal, context.timeline, &columns);
            *group_of_print.entry(print).or_insert(next)
        })
    });
    groups.collect()
}

/// One hash per row of the deals table, of the columns that have no history: what the timeline tells of a deal, it tells
/// better, as of the day and with its past.
fn column_prints(deals: &Deals) -> Vec<u64> {
    let mut prints = vec![0; deals.len()];
    for attribute in deals.attributes().filter_map(|name| deals.attribute(name)) {
        match attribute {
            Attribute::Numbers(numbers) => {
                add_to_prints(&mut prints, numbers.iter().map(|number| Maybe::from(number).bits()));
            }
            Attribute::Words(words) => add_to_prints(&mut prints, words.ids().into_iter().map(Maybe::bits)),
        }
    }
    prints
}

fn add_to_prints(prints: &mut [u64], column: impl Iterator<Item = u64>) {
    for (print, bits) in prints.iter_mut().zip(column) {
        *print = FixedState::with_seed(0).hash_one((*print, bits));
    }
}

/// A hash of everything known of a deal as of the timeline's day but its id and name.
fn story_print(deal: DealIx, timeline: &Timeline, columns: &[u64]) -> u64 {
    let head = timeline.head(deal);
    let mut hasher = FixedState::with_seed(0).build_hasher();
    (columns[head.row.index()], head.currency, head.created, head.closed).hash(&mut hasher);
    for step in timeline.steps_of(deal) {
        (step.at, step.stage, step.amount_minor, step.expected_close).hash(&mut hasher);
        (step.owner, step.category, step.probability.bits()).hash(&mut hasher);
    }
    hasher.finish()
}
