//! Are stalled deals really those that end lost or slip, more so than those that have simply been in a stage for long?
//!
//! The open deals of past mornings, each with its status by what was known then and what became of it since, in;
//! [`BacktestRule`]s out: the learned thresholds, and a fixed number of days for all stages ("rotting") that names as many.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{Stagnation, StagnationRow};
use super::status::StagnationStatus;
use crate::domain::ids::RowIx;
use crate::domain::stage::StageKind;
use crate::snapshot::Snapshot;
use crate::stats::survival::{Share, wilson};
use crate::timeline::{DealHead, Timeline};

/// A deal without an expected close date, or past it, has so many days before it slips.
pub const SLIP_DAYS: i32 = 90;

/// How a deal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Won by the day it was expected to close.
    Won,
    /// Lost.
    Lost,
    /// Still open on that day.
    Slipped,
}

/// An open deal on a past morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastDeal {
    /// Row in the deals table.
    pub row: RowIx,
    /// Days in its stage.
    pub days: i32,
    /// Whether it counted as stalled.
    pub stalled: bool,
    /// What became of it.
    pub ending: Ending,
}

/// How right a rule was.
#[derive(Clone, Debug, PartialEq)]
pub struct BacktestRule {
    /// In words: all open deals, stalled ones, those in the stage for so many days.
    pub rule: String,
    /// Deals named, once per morning.
    pub alerts: u64,
    /// Different deals among them.
    pub deals: u64,
    /// Of the alerts, deals that ended lost.
    pub lost: u64,
    /// Deals that slipped.
    pub slipped: u64,
    /// Share that ended lost or slipped.
    pub precision: Option<Share>,
    /// Of all deals that ended so, the share that was named.
    pub recall: Option<f64>,
}

/// The open deals of the morning of `then`, with what `now`, a later timeline of the same tables, knows of them. Deals of
/// which nothing can be said yet are left out.
#[must_use]
pub fn past_deals(then: &Timeline, snapshot: &Snapshot, stagnation: &Stagnation, now: &Timeline) -> Vec<PastDeal> {
    let by_row: BTreeMap<RowIx, &DealHead> = now.deals.iter().map(|head| (head.row, head)).collect();
    let judged = |row: &StagnationRow| {
        let head = then.head(row.deal);
        let end = by_row.get(&head.row)?;
        let due = snapshot.state(row.deal).expected_close.get().filter(|due| *due >= then.as_of);
        let due = due.unwrap_or(then.as_of.plus(SLIP_DAYS));
        let ending = match end.kind {
            StageKind::Lost => Ending::Lost,
            StageKind::Won if end.closed.get().is_none_or(|closed| closed <= due) => Ending::Won,
            _ if due < now.as_of => Ending::Slipped,
            _ => return None,
        };
        let stalled = row.status == StagnationStatus::Stalled;
        Some(PastDeal { row: head.row, days: row.days_in_stage?, stalled, ending })
    };
    stagnation.rows.iter().filter_map(judged).collect()
}

/// Judges both rules at the same number of alerts, over all mornings together.
#[must_use]
pub fn judge(deals: &[PastDeal]) -> Vec<BacktestRule> {
    let bad = deals.iter().filter(|deal| deal.ending != Ending::Won).count();
    let stalled: Vec<&PastDeal> = deals.iter().filter(|deal| deal.stalled).collect();
    let mut longest: Vec<&PastDeal> = deals.iter().collect();
    longest.sort_by_key(|deal| (std::cmp::Reverse(deal.days), deal.row));
    longest.truncate(stalled.len());
    let limit = longest.last().map_or(0, |deal| deal.days);
    vec![
        rule("all open deals".to_owned(), &deals.iter().collect::<Vec<_>>(), bad),
        rule("stalled, by learned thresholds".to_owned(), &stalled, bad),
        rule(format!("in the stage for {limit} days or more"), &longest, bad),
    ]
}

fn rule(rule: String, named: &[&PastDeal], all_bad: usize) -> BacktestRule {
    let ended = |ending| named.iter().filter(|deal| deal.ending == ending).count() as u64;
    let (lost, slipped) = (ended(Ending::Lost), ended(Ending::Slipped));
    let (alerts, bad) = (named.len() as u64, (lost + slipped) as f64);
    BacktestRule {
        rule,
        alerts,
        deals: named.iter().map(|deal| deal.row).collect::<BTreeSet<RowIx>>().len() as u64,
        lost,
        slipped,
        precision: (alerts > 0).then(|| wilson(bad / alerts as f64, alerts as f64)),
        recall: (all_bad > 0).then(|| bad / all_bad as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_rules_name_as_many() {
        let deal = |row, days, stalled, ending| PastDeal { row: RowIx::at(row), days, stalled, ending };
        let deals = [
            deal(0, 50, false, Ending::Won),
            deal(1, 40, true, Ending::Lost),
            deal(2, 30, true, Ending::Slipped),
            deal(1, 10, false, Ending::Lost),
        ];
        let judged = judge(&deals);
        let facts: Vec<_> = judged.iter().map(|rule| (rule.alerts, rule.deals, rule.lost, rule.slipped)).collect();
        assert_eq!(facts, [(4, 3, 2, 1), (2, 2, 1, 1), (2, 2, 1, 0)]);
        assert_eq!(judged[2].rule, "in the stage for 40 days or more");
        assert_eq!((judged[1].recall, judged[2].precision.map(|share| share.value)), (Some(2.0 / 3.0), Some(0.5)));
        assert!(judge(&[]).iter().all(|rule| rule.precision.is_none() && rule.recall.is_none()));
    }
}
