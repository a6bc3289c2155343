//! Columns in, their [`LeakVerdicts`] out: traces are looked for one after the other, then evidence is graded, then
//! what follows from a leak is found.

use std::collections::BTreeSet;

use rayon::prelude::*;
use tracing::debug;

use crate::domain::stage::StageKind;
use crate::features::context::FeatureContext;
use crate::features::leak::ahead::ahead_of_past_days;
use crate::features::leak::bins::ColumnCell;
use crate::features::leak::closing::{counts_to_closing, on_closing_day};
use crate::features::leak::dependence::{BinnedColumn, RELATED, SAME, explained};
use crate::features::leak::fill::{FillCounts, percent};
use crate::features::leak::grade::{Grade, Tier};
use crate::features::leak::grounds::Grounds;
use crate::features::leak::growth::Growth;
use crate::features::leak::overlap::disjoint;
use crate::features::leak::strength::near_perfect;
use crate::features::leak::values::ColumnValues;
use crate::features::leak::verdict::{LeakVerdict, LeakVerdicts};
use crate::snapshot::DealState;

/// Most deals looked at; beyond it every n-th in the order of ids.
const MAX_DEALS: usize = 200_000;
/// Closed deals on which columns are compared with leaks.
const MAX_PAIRED: usize = 20_000;

/// Looks at columns of the deals table, or at untracked ones of `amount`, `expected_close_date`, `probability`,
/// `forecast_category`, `owner`, `currency`.
pub(crate) fn hunt(columns: &BTreeSet<&str>, context: &FeatureContext<'_>) -> LeakVerdicts {
    let hunt = Hunt::of(context);
    let found: Vec<Found<'_>> = columns.par_iter().map(|column| hunt.look_at(column)).collect();
    let [usual, usual_alone] =
        [(false, USUAL_SHARE), (true, USUAL_SHARE_ALONE)].map(|(alone, share)| usual_distance(&found, alone, share));
    let judged: Vec<Judged<'_>> = found
        .into_iter()
        .map(|found| {
            let usual = if found.grade.is_alone() { usual_alone } else { usual };
            found.judged(usual)
        })
        .collect();
    let leaks = judged.par_iter().filter(|judged| judged.verdict.leak.is_some());
    let leaks: Vec<(&str, BinnedColumn)> = leaks.map(|judged| (judged.column, hunt.binned(judged.column))).collect();
    let judged = judged.into_par_iter().map(|judged| {
        let column = judged.column.to_owned();
        (column, hunt.beside(judged, &leaks))
    });
    judged.collect()
}

/// A distance that is nothing out of the ordinary, among columns that closed deals `alone` speak of or among the others:
/// where the open deals are of another sort than the closed ones, most columns say so. 0 where too few columns speak. Leaks
/// by a plain trace, and columns that say nothing, are not asked.
fn usual_distance(found: &[Found<'_>], alone: bool, share: f64) -> f64 {
    let asked = found.iter().filter(|found| found.trace.is_none() && found.varies && found.grade.is_alone() == alone);
    let mut distances: Vec<f64> = asked.map(|found| found.grade.distance).collect();
    if distances.len() < FEWEST_COLUMNS {
        return 0.0;
    }
    distances.sort_unstable_by(f64::total_cmp);
    let at = (share * distances.len() as f64) as usize;
    USUAL_TIMES * distances.get(at).copied().unwrap_or(0.0)
}

/// Columns from which it is known what is usual.
const FEWEST_COLUMNS: usize = 6;
/// The share of columns below the distance that is usual, and how many times that distance still is.
const USUAL_SHARE: f64 = 0.5;
const USUAL_TIMES: f64 = 2.0;
/// The same share in a list, where half of the columns may be leaks or tell of the time.
const USUAL_SHARE_ALONE: f64 = 0.25;

/// What all columns are looked at with.
struct Hunt<'a, 'c> {
    context: &'a FeatureContext<'c>,
    deals: Vec<DealState>,
    grounds: Grounds,
    /// Closed deals on which columns are compared with each other.
    paired: Vec<DealState>,
}

/// A column and what was found on it alone.
struct Found<'n> {
    column: &'n str,
    /// A plain trace of a leak, in words.
    trace: Option<String>,
    grade: Grade,
    absence: Option<String>,
    /// Whether it is not the same on nearly all deals.
    varies: bool,
}

/// A column and the verdict on it, before leaks are held against it.
struct Judged<'n> {
    column: &'n str,
    tier: Tier,
    verdict: LeakVerdict,
}

impl<'n> Found<'n> {
    fn judged(self, usual: f64) -> Judged<'n> {
        let Self { column, trace, grade, absence, .. } = self;
        let (tier, pull) = (grade.tier_beside(usual), grade.pull(0.0));
        debug!(column, distance = grade.distance, usual, pull, worth = grade.worth, ?tier, trace, "column looked at");
        let worth = Some(grade.worth).filter(|worth| *worth > 0.0);
        let leak = trace.or_else(|| (tier == Tier::Leak).then(|| grade.evidence.clone()));
        let suspicion = (leak.is_none() && tier == Tier::Suspect).then_some(grade.evidence);
        Judged { column, tier, verdict: LeakVerdict { leak, suspicion, worth, absence, pull } }
    }
}

impl<'a, 'c> Hunt<'a, 'c> {
    fn of(context: &'a FeatureContext<'c>) -> Self {
        let step = context.snapshot.len().div_ceil(MAX_DEALS).max(1);
        let deals: Vec<DealState> = context.snapshot.iter().step_by(step).copied().collect();
        let closed: Vec<DealState> = deals.iter().filter(|deal| deal.kind != StageKind::Open).copied().collect();
        let step = closed.len().div_ceil(MAX_PAIRED).max(1);
        Self { context, grounds: Grounds::of(&deals), deals, paired: closed.into_iter().step_by(step).collect() }
    }

    fn look_at<'n>(&self, column: &'n str) -> Found<'n> {
        let deals = &self.deals;
        let read = ColumnValues::of(column, deals, self.context);
        let fill = FillCounts::of(&read.values, deals);
        let growth = if column == "expected_close_date" { None } else { Growth::of(&read.values, deals) };
        let grade = Grade::of(&read, &self.grounds, growth);
        let trace = fill
            .only_on_closed()
            .or_else(|| on_closing_day(&read.dates, deals))
            .or_else(|| counts_to_closing(&read.values, deals))
            .or_else(|| ahead_of_past_days(&read, &self.grounds))
            .or_else(|| growth.filter(|_| !grade.as_in_the_past).and_then(Growth::leak))
            .or_else(|| disjoint(&read.values, deals))
            .or_else(|| near_perfect(&read.values, deals));
        Found { column, trace, grade, absence: fill.gap(), varies: read.varies() }
    }

    /// What a column says on the closed deals.
    fn binned(&self, column: &str) -> BinnedColumn {
        let read = ColumnValues::of(column, &self.paired, self.context);
        let cells: Vec<ColumnCell> = (0..self.paired.len()).map(|deal| read.as_it_stands(deal)).collect();
        BinnedColumn::of(&cells)
    }

    /// The verdict on a column, beside those that are leaks.
    fn beside(&self, judged: Judged<'_>, leaks: &[(&str, BinnedColumn)]) -> LeakVerdict {
        let mut verdict = judged.verdict;
        if verdict.leak.is_some() || judged.tier == Tier::Cleared || leaks.is_empty() {
            return verdict;
        }
        let column = self.binned(judged.column);
        let shares = leaks.iter().map(|(leak, of_leak)| (*leak, explained(&column, of_leak)));
        let Some((leak, share)) = shares.max_by(|a, b| a.1.total_cmp(&b.1)) else { return verdict };
        let evidence =
            format!("follows from `{leak}`, which is a leak: that explains {} of what it says", percent(share));
        match judged.tier {
            Tier::Suspect if share >= RELATED => {
                verdict.leak = verdict.suspicion.take().map(|why| format!("{evidence}; {why}"));
            }
            _ if share >= SAME => verdict.leak = Some(evidence),
            _ if share >= RELATED && verdict.suspicion.is_none() => verdict.suspicion = Some(evidence),
            _ => {}
        }
        verdict
    }
}
