//! What open deals are compared with: deals of the same age on past days, and closed deals created at the same time.
//!
//! The snapshot's deals in, two weighted samples out. An honest column may differ from closed to open deals for two
//! reasons. Deals that close fast are gone, so slow ones are many among the open: past days had them too, at the same age.
//! And times change: deals created at the same time changed with them. A column that differs from *both* samples was
//! filled in as deals closed. Where dates do not tell, only the second sample is there, and says less.

use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::features::leak::closing_day::closing_day;
use crate::snapshot::DealState;

/// Past days looked at.
const PAST_DAYS: i32 = 12;
/// Rows of past days looked at; above it every n-th deal.
const MOST_ROWS: usize = 60_000;
/// The last past day lies this share of closed cycles back, so that most deals open then have closed since.
const CLOSED_SINCE: f64 = 0.8;
/// Groups of equal size of open deals by age, and by day of creation.
const AGE_GROUPS: usize = 6;
const CREATION_GROUPS: usize = 10;
/// Rows a group needs to be compared.
const FEWEST_ROWS: usize = 10;
/// Share of open deals that must be in groups with so many rows.
const FEWEST_COVERED: f64 = 0.5;

/// A deal on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    /// Position among the deals looked at.
    pub deal: usize,
    /// The day it is looked at on.
    pub day: Day,
}

/// Rows weighted so that they spread like the open deals, and the open deals that have their like.
#[derive(Clone, Debug, Default)]
pub(super) struct Like {
    pub rows: Vec<Seen>,
    /// One per row.
    pub weights: Vec<f64>,
    /// Open deals, today.
    pub open: Vec<Seen>,
    /// Independent rows that the weighted ones are worth.
    pub worth: f64,
}

/// A closed deal, a day on which it was open, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Learnt {
    pub seen: Seen,
    pub won: bool,
    /// Whether it closed sooner than half of them; `None` where days do not tell.
    pub soon: Option<bool>,
}

/// What every column is judged on.
#[derive(Clone, Debug, Default)]
pub(super) struct Grounds {
    /// Open deals of past days, at the age of today's.
    pub aged: Option<Like>,
    /// Closed deals, created when today's open ones were.
    pub created: Option<Like>,
    /// One row per closed deal.
    pub learnt: Vec<Learnt>,
}

impl Grounds {
    pub fn of(deals: &[DealState]) -> Self {
        let open: Vec<Seen> = seen(deals, |deal| deal.kind == StageKind::Open);
        let closed: Vec<Seen> = seen(deals, |deal| deal.kind != StageKind::Open);
        let past = past_rows(deals);
        let age = |row: &Seen| row.day.0 - deals[row.deal].created.0;
        let created = |row: &Seen| deals[row.deal].created.0;
        let learnt = learnt(deals, &past, &closed);
        Self {
            created: Like::of(closed, &open, created, CREATION_GROUPS),
            aged: Like::of(past, &open, age, AGE_GROUPS),
            learnt,
        }
    }
}

impl Like {
    /// `None` where too few open deals have their like.
    fn of(rows: Vec<Seen>, open: &[Seen], key: impl Fn(&Seen) -> i32, groups: usize) -> Option<Self> {
        let edges = edges(open.iter().map(&key).collect(), groups);
        let group_of = |row: &Seen| edges.partition_point(|&edge| edge <= key(row));
        let (mut here, mut there) = (vec![0_usize; groups + 1], vec![0_usize; groups + 1]);
        open.iter().for_each(|row| here[group_of(row)] += 1);
        rows.iter().for_each(|row| there[group_of(row)] += 1);
        let compared = |row: &Seen| there[group_of(row)] >= FEWEST_ROWS;
        let alike: Vec<Seen> = open.iter().copied().filter(compared).collect();
        if open.is_empty() || (alike.len() as f64) < FEWEST_COVERED * open.len() as f64 {
            return None;
        }
        let weight = |row: &Seen| here[group_of(row)] as f64 / there[group_of(row)] as f64;
        let weights: Vec<f64> = rows.iter().map(|row| if compared(row) { weight(row) } else { 0.0 }).collect();
        let worth = independent(&rows, &weights);
        Some(Self { rows, weights, open: alike, worth })
    }
}

/// Rows of one deal say little more than one of them, and uneven weights make many rows few (Kish 1965).
fn independent(rows: &[Seen], weights: &[f64]) -> f64 {
    let mut deals: Vec<usize> = rows.iter().map(|row| row.deal).collect();
    deals.sort_unstable();
    deals.dedup();
    let (sum, squares) = weights.iter().fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    let even = if squares > 0.0 { sum * sum / squares } else { 0.0 };
    even * deals.len() as f64 / rows.len().max(1) as f64
}

/// Those of the deals that are `wanted`, on their own day.
fn seen(deals: &[DealState], wanted: impl Fn(&DealState) -> bool) -> Vec<Seen> {
    let wanted = deals.iter().enumerate().filter(|(_, deal)| wanted(deal));
    wanted.map(|(deal, state)| Seen { deal, day: state.day }).collect()
}

/// The deals open on some past days since most of which have closed; none where the history is too short for that.
fn past_rows(deals: &[DealState]) -> Vec<Seen> {
    let mut cycles: Vec<i32> = deals.iter().filter_map(|deal| Some(closing_day(deal)?.0 - deal.created.0)).collect();
    cycles.sort_unstable();
    let quantile = |share: f64| cycles.get((share * cycles.len() as f64) as usize).copied();
    let (Some(median), Some(long)) = (quantile(0.5), quantile(CLOSED_SINCE)) else { return Vec::new() };
    let first = deals.iter().map(|deal| deal.created.0).min().unwrap_or(0) + median.max(1);
    let last = deals.iter().map(|deal| deal.day.0).max().unwrap_or(0) - long.max(1);
    if last <= first {
        return Vec::new();
    }
    let days: Vec<Day> = (0..PAST_DAYS).map(|k| Day(first + (last - first) * k / (PAST_DAYS - 1))).collect();
    let rows_of = |deal: usize| days.iter().filter(move |&&day| was_open(&deals[deal], day)).count();
    let rows: usize = (0..deals.len()).map(rows_of).sum();
    let step = rows.div_ceil(MOST_ROWS).max(1);
    let rows = (0..deals.len()).step_by(step).flat_map(|deal| {
        let open = days.iter().filter(move |&&day| was_open(&deals[deal], day));
        open.map(move |&day| Seen { deal, day })
    });
    rows.collect()
}

/// Whether a deal was open on the morning of a past day, as far as days tell.
fn was_open(deal: &DealState, day: Day) -> bool {
    let still_open = match deal.closed.get() {
        _ if deal.kind == StageKind::Open => true,
        Some(closed) => closed >= day,
        None => false,
    };
    deal.created < day && still_open
}

/// Every closed deal on one of its past days, in turn; as it stands where there are none.
fn learnt(deals: &[DealState], past: &[Seen], closed: &[Seen]) -> Vec<Learnt> {
    let of_deals = past.chunk_by(|a, b| a.deal == b.deal).enumerate().map(|(turn, rows)| rows[turn % rows.len()]);
    let past: Vec<Seen> = of_deals.filter(|row| deals[row.deal].kind != StageKind::Open).collect();
    let days_left: Option<Vec<i32>> =
        past.iter().map(|row| Some(deals[row.deal].closed.get()?.0 - row.day.0)).collect::<Option<_>>();
    let rows = if past.is_empty() { closed } else { &past };
    let days_left = days_left.filter(|_| !past.is_empty());
    let median = days_left.as_ref().and_then(|days| edges(days.clone(), 2).first().copied());
    let rows = rows.iter().enumerate().map(|(at, &seen)| Learnt {
        seen,
        won: deals[seen.deal].kind == StageKind::Won,
        soon: days_left.as_ref().zip(median).map(|(days, median)| days[at] < median),
    });
    rows.collect()
}

/// Where all groups of equal size but the first begin.
fn edges(mut keys: Vec<i32>, groups: usize) -> Vec<i32> {
    keys.sort_unstable();
    let mut edges: Vec<i32> = (1..groups).filter_map(|k| keys.get(k * keys.len() / groups)).copied().collect();
    edges.dedup();
    edges
}
