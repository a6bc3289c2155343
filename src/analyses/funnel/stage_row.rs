//! Counts of a group of deals to the rows that are shown.

use super::counts::{FunnelCounts, FunnelStageCounts};
use super::rows::{FunnelRow, FunnelSummary};
use crate::books::deal_values::DealValues;
use crate::stats::survival::ExitCause;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowPosition {
    /// In [`Funnel::cohorts`](super::rows::Funnel::cohorts).
    pub cohort: u32,
    /// In [`Funnel::segments`](super::rows::Funnel::segments).
    pub segment: u32,
    /// In [`Funnel::stages`](super::rows::Funnel::stages).
    pub stage: u32,
}

/// The row of one stage.
pub(super) fn stage_row(
    counts: &FunnelStageCounts,
    position: RowPosition,
    is_open: bool,
    values: &DealValues,
) -> FunnelRow {
    let RowPosition { cohort, segment, stage } = position;
    let dwell = counts.dwell.finish();
    FunnelRow {
        cohort,
        segment,
        stage,
        entered: counts.entered,
        advanced: counts.advanced,
        lost: counts.lost,
        back: counts.back,
        open: if is_open { counts.still_there } else { 0 },
        still_there: counts.still_there,
        moves_back: counts.moves_back,
        skipped: counts.skipped,
        conversion: dwell.eventual(ExitCause::Advance),
        median_days: dwell.quantile(0.5),
        p90_days: dwell.quantile(0.9),
        value_minor: values.stated(counts.value_minor),
        won: counts.won,
        conversion_to_won: counts.to_close.finish().eventual(ExitCause::Advance),
    }
}

/// The summary of one segment and cohort.
pub(super) fn summary_row(counts: &FunnelCounts, cohort: u32, segment: u32, values: &DealValues) -> FunnelSummary {
    let (won, lost) = (counts.won, counts.lost);
    let open = counts.deals - won - lost;
    let win_rate = (won + lost > 0).then(|| won as f64 / (won + lost) as f64);
    let cycle = counts.cycle.finish();
    let median_cycle_days = cycle.quantile_given(ExitCause::Advance, 0.5);
    let mean = (counts.won_valued > 0).then(|| divide_half_even(counts.won_value_minor, i128::from(counts.won_valued)));
    let mean_won_minor = mean.and_then(|mean| values.stated(mean));
    FunnelSummary {
        cohort,
        segment,
        deals: counts.deals,
        won,
        lost,
        open,
        win_rate,
        median_cycle_days,
        p90_cycle_days: cycle.quantile_given(ExitCause::Advance, 0.9),
        won_value_minor: values.stated(counts.won_value_minor),
        open_value_minor: values.stated(counts.open_value_minor),
        mean_won_minor,
        velocity_minor: velocity(open, win_rate, mean_won_minor, median_cycle_days),
    }
}

/// Sales velocity: open deals x win rate x mean won value / median cycle (of at least a day).
fn velocity(open: u64, win_rate: Option<f64>, mean_won_minor: Option<i128>, cycle_days: Option<u32>) -> Option<f64> {
    Some(open as f64 * win_rate? * mean_won_minor? as f64 / f64::from(cycle_days?.max(1)))
}

/// `sum / n` to the nearest whole number, halves to the even one; `n` is positive.
fn divide_half_even(sum: i128, n: i128) -> i128 {
    let (quotient, rest) = (sum.div_euclid(n), sum.rem_euclid(n));
    quotient + i128::from(2 * rest > n || (2 * rest == n && quotient % 2 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_round_halves_to_even() {
        assert_eq!(
            [(5, 2), (7, 2), (-5, 2), (-7, 2), (8, 3)].map(|(sum, n)| divide_half_even(sum, n)),
            [2, 4, -2, -4, 3]
        );
    }

    #[test]
    fn velocity_needs_all_its_parts() {
        // 10 deals x 0.5 x 300 / 30 days; a cycle of no day counts as one.
        assert_eq!(velocity(10, Some(0.5), Some(300), Some(30)), Some(50.0));
        assert_eq!(velocity(10, Some(0.5), Some(300), Some(0)), Some(1500.0));
        assert_eq!(velocity(10, Some(0.5), None, Some(30)), None);
    }
}
