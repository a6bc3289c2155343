//! Columns in, their [`LeakVerdicts`] out: traces are looked for one after the other, then evidence is graded, then
//! what follows from a leak is found.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::domain::stage::StageKind;
use crate::features::context::FeatureContext;
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
    let leaks = found.par_iter().filter(|found| found.verdict.leak.is_some());
    let leaks: Vec<(&str, BinnedColumn)> = leaks.map(|found| (found.column, hunt.binned(found.column))).collect();
    let judged = found.into_par_iter().map(|found| {
        let column = found.column.to_owned();
        (column, hunt.beside(found, &leaks))
    });
    judged.collect()
}

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
    verdict: LeakVerdict,
    tier: Tier,
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
        let leak = fill
            .only_on_closed()
            .or_else(|| on_closing_day(&read.dates, deals))
            .or_else(|| counts_to_closing(&read.values, deals))
            .or_else(|| growth.filter(|_| !grade.as_in_the_past).and_then(Growth::leak))
            .or_else(|| disjoint(&read.values, deals))
            .or_else(|| near_perfect(&read.values, deals))
            .or_else(|| (grade.tier == Tier::Leak).then(|| grade.evidence.clone()));
        let suspicion = (leak.is_none() && grade.tier == Tier::Suspect).then_some(grade.evidence);
        let worth = Some(grade.worth).filter(|worth| *worth > 0.0);
        Found { column, tier: grade.tier, verdict: LeakVerdict { leak, suspicion, worth, absence: fill.gap() } }
    }

    /// What a column says on the closed deals.
    fn binned(&self, column: &str) -> BinnedColumn {
        let read = ColumnValues::of(column, &self.paired, self.context);
        let cells: Vec<ColumnCell> = (0..self.paired.len()).map(|deal| read.as_it_stands(deal)).collect();
        BinnedColumn::of(&cells)
    }

    /// The verdict on a column, beside those that are leaks.
    fn beside(&self, found: Found<'_>, leaks: &[(&str, BinnedColumn)]) -> LeakVerdict {
        let mut verdict = found.verdict;
        if verdict.leak.is_some() || found.tier == Tier::Cleared || leaks.is_empty() {
            return verdict;
        }
        let column = self.binned(found.column);
        let shares = leaks.iter().map(|(leak, of_leak)| (*leak, explained(&column, of_leak)));
        let Some((leak, share)) = shares.max_by(|a, b| a.1.total_cmp(&b.1)) else { return verdict };
        let evidence =
            format!("follows from `{leak}`, which is a leak: that explains {} of what it says", percent(share));
        match found.tier {
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
