//! Where a piecewise-linear effect may bend: training quantiles.

/// Quantiles of the knots (near Harrell's choice of four, Regression Modeling Strategies, 2nd ed., table 2.3).
const QUANTILES: [f64; 4] = [0.1, 0.35, 0.65, 0.9];

/// Different values a column needs before it may bend.
const MIN_DISTINCT: usize = 8;

/// The knots of a column, strictly inside its range and ascending; values that are not finite do not count.
pub(super) fn knots(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let distinct = sorted.chunk_by(|a, b| a == b).take(MIN_DISTINCT).count();
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    if distinct < MIN_DISTINCT {
        return Vec::new();
    }
    let mut knots: Vec<f64> = QUANTILES.iter().map(|&q| quantile(&sorted, q)).collect();
    knots.retain(|&knot| low < knot && knot < high);
    knots.dedup();
    knots
}

/// The `q`-quantile of ascending values by linear interpolation (Hyndman and Fan's type 7); 0 for none.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let position = q.clamp(0.0, 1.0) * last as f64;
    let below = (position as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// numpy 2.4.6: `np.quantile(np.log1p(np.arange(20) ** 2), [.1, .35, .65, .9])`
    #[test]
    fn knots_are_numpys_quantiles() {
        let values: Vec<f64> = (0..20).rev().map(|i| f64::from(i * i).ln_1p()).collect();
        let expected = [1.5178088392466849, 3.8066362229537734, 5.032406385540965, 5.681275348915442];
        let got = knots(&values);
        assert_eq!(got.len(), 4);
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
    }

    #[test]
    fn few_values_do_not_bend_and_knots_stay_inside() {
        assert!(knots(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).is_empty());
        assert!(knots(&[]).is_empty());
        // numpy 2.4.6: np.quantile([0] * 81 + list(range(1, 20)), .9) = 9.1; the other knots are the minimum, 0.
        let mostly_zero: Vec<f64> = (0..100).map(|i| f64::from((i - 80).max(0))).chain([f64::NAN]).collect();
        let got = knots(&mostly_zero);
        assert!(got.len() == 1 && (got[0] - 9.1).abs() < 1e-12, "{got:?}");
    }
}
