//! What will the next effect be, from those seen of past periods?
//!
//! [`SeenEffect`]s (log ratios or shifts of log-odds, each with the variance it was measured with and the season it is of)
//! to the mean and variance of the next one ([`NextEffect`]). A random-effects model: a part all periods share, a part those
//! of one season share, and each period's own; the best linear unbiased prediction (Henderson 1975). How much periods
//! differ, and how much of that is the season's, is not known: the prediction is averaged over a few values of both, each
//! weighed by how well it explains what was seen (Hoeting et al. 1999). So its variance holds the error of the estimate, too.

/// Variance of what all periods share. As strong as ten events that came as expected.
const LEVEL: f64 = 0.1;
/// Variance of what periods differ by, before anything is known: a fifth up or down.
const DIFFERENCE: f64 = 0.04;
/// How many times that it may be, and how likely before anything is seen: some companies hardly have better and worse
/// periods (a twentieth up or down), some differ from quarter to quarter by three fifths.
const SCALES: [(f64, f64); 5] = [(0.0625, 0.15), (0.25, 0.2), (1.0, 0.3), (4.0, 0.2), (9.0, 0.15)];
/// How much of it may be the season's; each as likely as the other.
const SEASON_SHARES: [f64; 3] = [0.1, 0.5, 0.9];

/// The effect of a past period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenEffect {
    /// As measured.
    pub value: f64,
    /// Of the measurement.
    pub variance: f64,
    /// Periods of one season have the same number.
    pub season: u32,
}

/// The effect of a period nothing was seen of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NextEffect {
    /// Its mean.
    pub mean: f64,
    /// How far it may be from there: as periods differ, and as little as is known of them.
    pub variance: f64,
}

impl NextEffect {
    /// Of a period of `season`, after those `seen`.
    #[must_use]
    pub fn predict(seen: &[SeenEffect], season: u32) -> Self {
        let mut cases: Vec<(f64, Self)> = Vec::new();
        for (scale, weight) in SCALES {
            for share in SEASON_SHARES {
                let (of_season, own) = (DIFFERENCE * scale * share, DIFFERENCE * scale * (1.0 - share));
                let (log_likelihood, effect) = Self::given(seen, season, of_season, own);
                cases.push((weight.ln() + log_likelihood, effect));
            }
        }
        let most = cases.iter().map(|case| case.0).fold(f64::NEG_INFINITY, f64::max);
        let (mut total, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (log_weight, effect) in cases {
            let weight = (log_weight - most).exp();
            total += weight;
            mean += weight * effect.mean;
            square += weight * (effect.variance + effect.mean.powi(2));
        }
        mean /= total;
        Self { mean, variance: (square / total - mean * mean).max(0.0) }
    }

    /// The prediction where seasons differ by the variance `of_season` and periods beyond that by `own`, and the log
    /// likelihood of what was seen.
    fn given(seen: &[SeenEffect], season: u32, of_season: f64, own: f64) -> (f64, Self) {
        let shared = |a: u32, b: u32| LEVEL + if a == b { of_season } else { 0.0 };
        // Cholesky's factor, row by row; then L a = values and L b = covariances with the next one.
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(seen.len());
        let (mut a, mut b): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut log_likelihood = 0.0;
        for (i, effect) in seen.iter().enumerate() {
            let mut row: Vec<f64> = Vec::with_capacity(i + 1);
            for (other, earlier) in seen.iter().zip(&rows) {
                let at = row.len();
                let covariance = shared(effect.season, other.season) - dot(&row, &earlier[..at]);
                row.push(covariance / earlier[at]);
            }
            let variance = shared(effect.season, effect.season) + own + effect.variance - dot(&row, &row);
            let size = variance.max(f64::MIN_POSITIVE).sqrt();
            a.push((effect.value - dot(&row, &a)) / size);
            b.push((shared(effect.season, season) - dot(&row, &b)) / size);
            log_likelihood -= size.ln() + a[i] * a[i] / 2.0;
            row.push(size);
            rows.push(row);
        }
        let variance = shared(season, season) + own - dot(&b, &b);
        (log_likelihood, Self { mean: dot(&a, &b), variance })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(effects: &[(f64, f64, u32)]) -> Vec<SeenEffect> {
        effects.iter().map(|&(value, variance, season)| SeenEffect { value, variance, season }).collect()
    }

    #[test]
    fn the_prediction_is_that_of_the_multivariate_normal() {
        // tests/fixtures/next_effect_reference.py: numpy 2.4, scipy 1.17.
        let effects = seen(&[(0.25, 0.02, 1), (-0.1, 0.01, 2), (0.02, 0.015, 3), (-0.3, 0.03, 4), (0.31, 0.02, 1)]);
        let expected = [
            (1, 0.139921815790, 0.039162799588),
            (4, -0.076713067839, 0.048593027401),
            (9, 0.013096816234, 0.067861592434),
        ];
        for (season, mean, variance) in expected {
            let next = NextEffect::predict(&effects, season);
            assert!((next.mean - mean).abs() < 1e-11 && (next.variance - variance).abs() < 1e-11, "{season} {next:?}");
        }
    }

    #[test]
    fn of_nothing_seen_the_prior_is_left() {
        // 0.1 + 0.04 x (0.15/16 + 0.2/4 + 0.3 + 0.2 x 4 + 0.15 x 9)
        let next = NextEffect::predict(&[], 1);
        assert!(next.mean.abs() < 1e-15 && (next.variance - 0.200_375).abs() < 1e-12, "{next:?}");
    }

    #[test]
    fn a_season_is_told_from_what_all_periods_share() {
        let years = seen(&[(0.4, 0.01, 1), (0.0, 0.01, 2), (0.0, 0.01, 3), (0.0, 0.01, 4), (0.4, 0.01, 1)]);
        let [first, second] = [1, 2].map(|season| NextEffect::predict(&years, season).mean);
        assert!(first > 0.25 && second < 0.12, "{first} {second}");
        let never_seen = NextEffect::predict(&years, 5);
        assert!(never_seen.variance > NextEffect::predict(&years, 1).variance);
    }

    #[test]
    fn how_much_periods_differ_is_learnt() {
        let quarters = |size: f64| {
            let signs = [1.0, -1.0, 0.7, -0.8, -1.1, 1.2];
            let all: Vec<_> = signs.iter().zip(1..).map(|(sign, i)| (sign * size, 0.02, (i - 1) % 4 + 1)).collect();
            NextEffect::predict(&seen(&all), 3).variance.sqrt()
        };
        // Six that lie 0.6 and six that lie 0.02 apart, each measured to 0.14.
        assert!((0.5..0.7).contains(&quarters(0.6)), "{}", quarters(0.6));
        assert!(quarters(0.02) < 0.12, "{}", quarters(0.02));
    }

    proptest! {
        /// What is known of how periods differ: then less of a history never leaves more known.
        #[test]
        fn a_shorter_history_never_narrows(
            effects in prop::collection::vec((-0.5_f64..0.5, 0.001_f64..0.5, 1_u32..5), 1..9),
            of_season in 0.0_f64..0.1,
            own in 0.0_f64..0.1,
        ) {
            let effects = seen(&effects);
            let (_, whole) = NextEffect::given(&effects, 1, of_season, own);
            let (_, shorter) = NextEffect::given(&effects[1..], 1, of_season, own);
            prop_assert!(whole.variance <= shorter.variance + 1e-12 && whole.variance >= own - 1e-12);
        }

        #[test]
        fn a_worse_measured_history_never_narrows(
            effects in prop::collection::vec((-0.5_f64..0.5, 0.001_f64..0.5, 1_u32..5), 1..9),
            noise in 0.0_f64..1.0,
        ) {
            let effects = seen(&effects);
            let noisier: Vec<SeenEffect> =
                effects.iter().map(|effect| SeenEffect { variance: effect.variance + noise, ..*effect }).collect();
            let [clear, unclear] = [&effects, &noisier].map(|effects| NextEffect::given(effects, 1, 0.02, 0.02).1);
            prop_assert!(clear.variance <= unclear.variance + 1e-12);
        }
    }
}
