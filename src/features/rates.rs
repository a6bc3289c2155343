//! Categories with many levels (owner, account) as win rates, shrunk to the overall rate by empirical Bayes.
//!
//! A level with `w` won of `n` closed deals has the rate `(w + k m) / (n + k)`: `m` is the overall rate, `k` the
//! strength of a beta prior fitted by moments (Kleinman 1973, JASA 68:46-54). Only deals closed before the asked day
//! count, in steps of a month, so a training row never sees its own outcome or a later one.

use hashbrown::HashMap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::features::rounding::rounded;

/// Levels with fewer closed deals than this have the prior rate: they would hardly move from it.
const MIN_CLOSED: usize = 3;

/// Closed deals needed before rates are worth comparing.
const MIN_OUTCOMES: u64 = 30;

/// Won and closed deals of every level over time, and the prior they are shrunk to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateTable {
    /// Overall win rate of closed deals, 0 to 1.
    pub prior: f64,
    /// How many closed deals the prior weighs.
    pub strength: f64,
    /// Ordered by name.
    pub levels: Vec<LevelHistory>,
}

/// One level's closed deals, counted up over time. The three columns are parallel and ascending.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LevelHistory {
    /// The level.
    pub name: String,
    /// First morning (days since 1970) on which the counts hold.
    pub known_from: Vec<i32>,
    /// Deals won so far.
    pub won: Vec<u32>,
    /// Deals closed so far.
    pub closed: Vec<u32>,
}

/// A deal that was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClosedDeal<'a> {
    pub level: &'a str,
    pub closed: Day,
    pub won: bool,
}

/// How many deals were won, of those closed.
#[derive(Clone, Copy)]
struct ClosedCounts {
    won: u64,
    closed: u64,
}

impl ClosedCounts {
    /// Of one level's deals, ordered by closing day, those closed before `until`.
    fn before(until: Day, level: &[ClosedDeal<'_>]) -> Self {
        let known = &level[..level.partition_point(|deal| deal.closed < until)];
        Self { won: known.iter().filter(|deal| deal.won).count() as u64, closed: known.len() as u64 }
    }
}

impl RateTable {
    /// Fits the prior on the deals closed before `until` and counts all of them up over time; `as_of` is the first
    /// unknown day.
    ///
    /// # Errors
    /// The reason why rates would say nothing: too few closed deals, or levels that differ no more than within noise.
    pub(super) fn fit(deals: Vec<ClosedDeal<'_>>, until: Day, as_of: Day) -> Result<Self, String> {
        let deals = by_level(deals);
        let levels: Vec<&[ClosedDeal<'_>]> = deals.chunk_by(|a, b| a.level == b.level).collect();
        let counts: Vec<ClosedCounts> =
            levels.iter().map(|level| ClosedCounts::before(until, level)).filter(|counts| counts.closed > 0).collect();
        let (prior, strength) = beta_prior(&counts)?;
        let histories = levels.into_iter().filter(|level| level.len() >= MIN_CLOSED);
        let histories = histories.map(|level| LevelHistory::of(level, as_of)).collect();
        Ok(Self { prior: rounded(prior), strength: rounded(strength), levels: histories })
    }

    /// The position of a level by name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.levels.binary_search_by(|level| level.name.as_str().cmp(name)).ok()
    }

    /// How far the log-odds of a level's shrunk rate are above the prior's, as known on a morning; 0 for a level
    /// without a position and for one without closed deals by then.
    pub(super) fn log_odds(&self, position: Option<usize>, morning: Day) -> f64 {
        match position.and_then(|p| self.levels.get(p)).map(|level| level.before(morning)) {
            None | Some(ClosedCounts { closed: 0, .. }) => 0.0,
            Some(ClosedCounts { won, closed }) => {
                let rate = (won as f64 + self.strength * self.prior) / (closed as f64 + self.strength);
                logit(rate) - logit(self.prior)
            }
        }
    }
}

/// By name of the level, then by closing day. Names are compared once each: there are many deals to a level.
fn by_level(deals: Vec<ClosedDeal<'_>>) -> Vec<ClosedDeal<'_>> {
    let mut ranks: HashMap<&str, u32> = deals.iter().map(|deal| (deal.level, 0)).collect();
    let mut names: Vec<&str> = ranks.keys().copied().collect();
    names.par_sort_unstable();
    ranks.extend(names.into_iter().zip(0..));
    let mut ranked: Vec<(u32, ClosedDeal<'_>)> = deals.into_iter().map(|deal| (ranks[deal.level], deal)).collect();
    ranked.par_sort_unstable_by_key(|(rank, deal)| (*rank, deal.closed, deal.won));
    ranked.into_iter().map(|(_, deal)| deal).collect()
}

impl LevelHistory {
    /// Counts one level's deals, ordered by closing day.
    fn of(deals: &[ClosedDeal<'_>], as_of: Day) -> Self {
        let mut history = Self { name: deals[0].level.to_owned(), ..Self::default() };
        let (mut won, mut closed) = (0, 0);
        let mut rest = deals;
        while let Some(first) = rest.first() {
            let from = known_from(first.closed, as_of);
            let (month, later) = rest.split_at(rest.partition_point(|deal| deal.closed < from).max(1));
            rest = later;
            won += month.iter().filter(|deal| deal.won).count() as u32;
            closed += month.len() as u32;
            history.known_from.push(from.0);
            history.won.push(won);
            history.closed.push(closed);
        }
        history
    }

    fn before(&self, morning: Day) -> ClosedCounts {
        let passed = self.known_from.partition_point(|&from| from <= morning.0);
        let last = passed.checked_sub(1);
        let won = last.and_then(|last| self.won.get(last)).copied().unwrap_or(0);
        let closed = last.and_then(|last| self.closed.get(last)).copied().unwrap_or(0);
        ClosedCounts { won: won.into(), closed: closed.into() }
    }
}

/// The first of the month after a closing, or the as-of day if that is sooner.
fn known_from(closed: Day, as_of: Day) -> Day {
    FiscalCalendar::default().period_of(PeriodKind::Month, closed).last.plus(1).min(as_of)
}

/// Mean and strength of the beta distribution behind the counts of levels, by moments.
fn beta_prior(counts: &[ClosedCounts]) -> Result<(f64, f64), String> {
    let won: u64 = counts.iter().map(|level| level.won).sum();
    let closed: u64 = counts.iter().map(|level| level.closed).sum();
    if closed < MIN_OUTCOMES || won == 0 || won == closed || counts.len() < 2 {
        return Err(format!("only {won} won of {closed} closed deals in {} levels to learn rates from", counts.len()));
    }
    let (total, levels) = (closed as f64, counts.len() as f64);
    let mean = won as f64 / total;
    let distances = counts.iter().map(|level| level.won as f64 - level.closed as f64 * mean);
    let spread: f64 = distances.zip(counts).map(|(distance, level)| distance.powi(2) / level.closed as f64).sum();
    let squares: f64 = counts.iter().map(|level| (level.closed as f64).powi(2)).sum();
    let within = mean * (1.0 - mean);
    let between = (spread - (levels - 1.0) * within) / (total - squares / total);
    if between <= 0.0 {
        return Err(format!("the win rates of its {} levels differ within noise only", counts.len()));
    }
    Ok((mean, (within / between - 1.0).max(1.0)))
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deals(level: &str, won: usize, lost: usize, closed: i32) -> Vec<ClosedDeal<'_>> {
        (0..won + lost).map(|i| ClosedDeal { level, closed: Day(closed), won: i < won }).collect()
    }

    /// Expected numbers by hand (checked with Python 3.12):
    /// counts (18, 20), (5, 20), (10, 20): m = 33/60 = 0.55, spread = (7^2 + 6^2 + 1^2)/20 = 4.3,
    /// between = (4.3 - 2 * 0.2475) / (60 - 1200/60) = 0.095125, k = 0.2475/0.095125 - 1 = 1.601839...
    #[test]
    fn shrinks_as_computed_by_hand() {
        let all = [deals("a", 18, 2, 5), deals("b", 5, 15, 5), deals("c", 10, 10, 5)].concat();
        let table = RateTable::fit(all, Day(90), Day(90)).unwrap();
        assert_eq!((table.prior, table.strength), (0.55, 1.601_839_68));
        let a = table.position("a");
        let expected: f64 = (18.0 + 1.601_839_68 * 0.55) / (20.0 + 1.601_839_68);
        let log_odds = (expected / (1.0 - expected)).ln() - (0.55_f64 / 0.45).ln();
        assert!((table.log_odds(a, Day(90)) - log_odds).abs() < 1e-12);
        assert_eq!(table.log_odds(table.position("new"), Day(90)), 0.0);
    }

    #[test]
    fn counts_appear_only_after_the_month_of_closing() {
        // Day 31 is 1970-02-01, day 59 is 1970-03-01; day 70 is the as-of day.
        let all = [deals("a", 20, 0, 5), deals("a", 0, 4, 40), deals("a", 0, 2, 65), deals("b", 2, 20, 5)].concat();
        let table = RateTable::fit(all, Day(70), Day(70)).unwrap();
        let a = &table.levels[0];
        assert_eq!((a.known_from.clone(), a.closed.clone()), (vec![31, 59, 70], vec![20, 24, 26]));
        assert_eq!([30, 31, 58, 59, 69, 70, 500].map(|day| a.before(Day(day)).closed), [0, 20, 20, 24, 24, 26, 26]);
        assert_eq!(table.log_odds(Some(0), Day(3)), 0.0);
    }

    #[test]
    fn later_outcomes_do_not_move_the_prior_or_an_earlier_rate() {
        let early = [deals("a", 20, 4, 5), deals("b", 3, 20, 5)].concat();
        let with = |later: Vec<ClosedDeal<'static>>| {
            let table = RateTable::fit([early.clone(), later].concat(), Day(60), Day(200)).unwrap();
            (table.prior, table.strength, table.log_odds(table.position("a"), Day(59)))
        };
        assert_eq!(with(deals("a", 0, 50, 60)), with(deals("a", 50, 0, 61)));
    }

    #[test]
    fn rates_that_differ_by_chance_only_are_refused() {
        let all = [deals("a", 10, 10, 5), deals("b", 11, 10, 5)].concat();
        assert!(RateTable::fit(all, Day(90), Day(90)).unwrap_err().contains("within noise"));
        assert!(RateTable::fit(deals("a", 3, 3, 5), Day(90), Day(90)).unwrap_err().starts_with("only 3 won of 6"));
    }
}
