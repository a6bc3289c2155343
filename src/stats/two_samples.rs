//! Do two groups differ significantly? Tests of two shares and of two times, and the correction for asking often.
//!
//! Numbers in, [`SignificanceTest`] out. References: Newcombe (1998), Statistics in Medicine 17, method 10; Mantel (1966), Cancer
//! Chemotherapy Reports 50; Holm (1979), Scand. J. Statist. 6. Knows nothing of deals.

use crate::stats::survival::{ExitCounts, SampleShare, Share};

/// A test of no difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignificanceTest {
    /// Standard normal (shares) or chi-squared with one degree of freedom (times) where there is no difference.
    pub statistic: f64,
    /// Chance of one at least as far out where there is no difference.
    pub p: f64,
}

/// The z-test of `a - b` with the pooled variance. `None` where every item is the same.
#[must_use]
pub fn shares(a: SampleShare, b: SampleShare) -> Option<SignificanceTest> {
    let pooled = (a.value * a.size + b.value * b.size) / (a.size + b.size);
    let variance = pooled * (1.0 - pooled) * (1.0 / a.size + 1.0 / b.size);
    let statistic = (a.value - b.value) / variance.sqrt();
    (variance > 0.0).then(|| SignificanceTest { statistic, p: libm::erfc(statistic.abs() / 2_f64.sqrt()) })
}

/// The 95 % interval of the difference `a - b` that goes with the intervals of the two.
#[must_use]
pub fn difference(a: &Share, b: &Share) -> [f64; 2] {
    let d = a.value - b.value;
    [d - (a.value - a.low).hypot(b.high - b.value), d + (a.high - a.value).hypot(b.value - b.low)]
}

/// The log-rank test of the times to leave in whatever way. `None` where at no time both groups could.
#[must_use]
pub fn times(a: &ExitCounts, b: &ExitCounts) -> Option<SignificanceTest> {
    let (mut observed, mut expected, mut variance) = (0.0, 0.0, 0.0);
    // Beyond the end of one group nobody of it is at risk, and the day says nothing.
    for ((n_a, exits_a), (n_b, exits_b)) in a.by_day().zip(b.by_day()) {
        let (n, exits) = ((n_a + n_b) as f64, (exits_a + exits_b) as f64);
        let share = n_a as f64 / n;
        if exits > 0.0 {
            observed += exits_a as f64;
            expected += exits * share;
        }
        if exits > 0.0 && n > 1.0 {
            variance += exits * share * (1.0 - share) * (n - exits) / (n - 1.0);
        }
    }
    let statistic = (observed - expected) * (observed - expected) / variance;
    (variance > 0.0).then(|| SignificanceTest { statistic, p: libm::erfc((statistic / 2.0).sqrt()) })
}

/// Each of `p` as it counts among all of them: the chance that a test of no difference anywhere shows at least one so
/// small stays below it.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    let mut adjusted = vec![1.0; p.len()];
    let mut worst: f64 = 0.0;
    for (rank, &i) in order.iter().enumerate() {
        worst = worst.max(p[i] * (p.len() - rank) as f64).min(1.0);
        adjusted[i] = worst;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::survival::{ExitCause, wilson};

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() < 1e-9 * expected.abs().max(1.0), "got {got}, expected {expected}");
    }

    /// `tests/fixtures/compare_reference.py`: statsmodels 0.15.0, `proportions_ztest`, `confint_proportions_2indep`.
    #[test]
    fn shares_are_tested_as_statsmodels_does() {
        let expected = [
            (
                (30.0, 100.0),
                (45.0, 120.0),
                -1.168_553_482_464_243_2,
                0.242_583_579_348_320_98,
                [-0.195_546_129_972_517_25, 0.050_798_385_811_252_12],
            ),
            (
                (5.0, 9.0),
                (90.0, 95.0),
                -3.995_722_893_692_590_4,
                6.449_714_139_028_223e-5,
                [-0.682_264_726_889_746_4, -0.128_083_096_644_383_94],
            ),
            (
                (0.0, 12.0),
                (3.0, 40.0),
                -0.977_293_221_513_546_8,
                0.328_424_007_948_170_95,
                [-0.198_642_335_243_105_5, 0.172_427_645_232_599_3],
            ),
        ];
        for ((x, n), (y, m), z, p, interval) in expected {
            let [a, b] = [(x, n), (y, m)].map(|(won, size)| SampleShare { value: won / size, size });
            let test = shares(a, b).expect("they vary");
            close(test.statistic, z);
            close(test.p, p);
            let made = difference(&wilson(x / n, n), &wilson(y / m, m));
            made.iter().zip(interval).for_each(|(made, expected)| close(*made, expected));
        }
        let all = |size| SampleShare { value: 1.0, size };
        assert_eq!(shares(all(5.0), all(9.0)), None);
    }

    #[test]
    fn many_questions_are_corrected_as_statsmodels_does() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005, 0.9]);
        adjusted.iter().zip([0.04, 0.09, 0.09, 0.025, 0.9]).for_each(|(got, expected)| close(*got, expected));
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    #[test]
    fn times_need_both_groups() {
        let mut one = ExitCounts::default();
        one.push(3, ExitCause::Lost);
        assert_eq!(times(&one, &ExitCounts::default()), None);
        assert_eq!(times(&one, &one).map(|test| test.statistic), None, "all leave at once");
    }
}
