//! Does a column tell won from lost almost perfectly on its own?

use crate::domain::stage::StageKind;
use crate::features::leak::fill::{MIN_DEALS, share};
use crate::features::leak::values::{Bins, Values};
use crate::snapshot::DealState;

/// AUC from which a single column is too good to be honest.
const MAX_AUC: f64 = 0.95;

/// Folds of the level-rate AUC.
const FOLDS: usize = 5;

/// The AUC of the column alone between won and lost deals: of the number itself in either direction, and of level
/// (or bin) win rates learned on other deals.
pub(super) fn near_perfect(values: &Values, deals: &[DealState]) -> Option<String> {
    let closed: Vec<usize> = (0..deals.len()).filter(|&i| deals[i].kind != StageKind::Open).collect();
    let won: Vec<bool> = closed.iter().map(|&i| deals[i].kind == StageKind::Won).collect();
    let best = high_auc_of_numbers(values, &closed, &won)
        .or_else(|| high_auc(&level_rates(&values.bins(deals), &closed, &won)))
        .or_else(|| high_auc(&level_rates(&values.exact_bins()?, &closed, &won)))?;
    Some(format!("tells won from lost almost perfectly on its own (AUC {best:.2} on {} closed deals)", closed.len()))
}

/// The AUC of the numbers as they are, or turned round, where it is too good.
fn high_auc_of_numbers(values: &Values, closed: &[usize], won: &[bool]) -> Option<f64> {
    let Values::Numbers(numbers) = values else { return None };
    let filled: Vec<(f64, bool)> =
        closed.iter().zip(won).map(|(&i, &won)| (numbers[i], won)).filter(|(x, _)| x.is_finite()).collect();
    let turned: Vec<(f64, bool)> = filled.iter().map(|&(x, won)| (-x, won)).collect();
    high_auc(&filled).or_else(|| high_auc(&turned))
}

fn high_auc(pairs: &[(f64, bool)]) -> Option<f64> {
    auc(pairs).filter(|auc| *auc >= MAX_AUC)
}

/// Deals of a level that ended, by outcome.
#[derive(Clone, Copy, Default)]
struct OutcomeCounts {
    won: u32,
    lost: u32,
}

/// Every closed deal's level win rate among the deals of the other folds, smoothed by two deals of the overall rate.
fn level_rates(bins: &Bins, closed: &[usize], won: &[bool]) -> Vec<(f64, bool)> {
    let mut counts = vec![[OutcomeCounts::default(); FOLDS]; bins.count];
    for (k, (&i, &won)) in closed.iter().zip(won).enumerate() {
        let of_fold = &mut counts[bins.of_deals[i]][k % FOLDS];
        *(if won { &mut of_fold.won } else { &mut of_fold.lost }) += 1;
    }
    let overall = share(won.iter().filter(|&&won| won).count() as u64, won.len() as u64);
    let rates = closed.iter().enumerate().map(|(k, &i)| {
        let others = without_fold(&counts[bins.of_deals[i]], k % FOLDS);
        (f64::from(others.won) + 2.0 * overall) / (f64::from(others.won) + f64::from(others.lost) + 2.0)
    });
    rates.zip(won.iter().copied()).collect()
}

fn without_fold(folds: &[OutcomeCounts; FOLDS], left: usize) -> OutcomeCounts {
    let others = folds.iter().enumerate().filter(|(fold, _)| *fold != left);
    others.fold(OutcomeCounts::default(), |sum, (_, of)| OutcomeCounts {
        won: sum.won + of.won,
        lost: sum.lost + of.lost,
    })
}

/// The share of (won, lost) pairs the number puts in order, ties half; `None` below 30 of either.
pub(super) fn auc(pairs: &[(f64, bool)]) -> Option<f64> {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut halves) = (0_u64, 0_u64, 0_u128);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let won = tied.iter().filter(|pair| pair.1).count() as u64;
        let lost = tied.len() as u64 - won;
        halves += u128::from(won) * u128::from(2 * below + lost);
        (below, wins) = (below + lost, wins + won);
    }
    (wins >= MIN_DEALS && below >= MIN_DEALS).then(|| halves as f64 / (2 * u128::from(wins) * u128::from(below)) as f64)
}
