//! Are today's deals like those the model learnt from? Population stability, field by field.
//!
//! The index is `sum (p - q) ln(p / q)` over the bins of a field, `q` the shares of the training rows and `p` those of
//! today (Siddiqi 2006, Credit Risk Scorecards). Without any drift it is about a chi-squared variable with one degree
//! of freedom less than bins, times `1/n + 1/m` for n and m independent rows (Yurdakul & Naranjo 2020, J. Risk Model
//! Validation 14:4): with few deals it is large by chance alone, so that chance is stated beside it.

use crate::features::cells::{CellLevel, Cells};
use crate::features::context::FeatureContext;
use crate::features::knots::quantile;
use crate::features::profile::Profile;
use crate::features::read::read;
use crate::features::rounding::rounded;
use crate::features::spec::{FeatureSpec, Field, Measure};
use crate::snapshot::DealState;

/// Quantile bins of a numeric field.
const BINS: usize = 10;
/// Smallest share of a bin, so that an empty one does not make the index infinite.
const SMALLEST: f64 = 1e-4;
/// 95 % quantile of the normal distribution.
const Z95: f64 = 1.644_853_627;

/// How far a field has moved.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDrift {
    /// Index in [`FeatureSpec::fields`].
    pub field: usize,
    /// Population stability index; 0 is no change, 0.25 commonly counts as large.
    pub psi: f64,
    /// What it stays below in 95 % of cases where nothing has changed.
    pub by_chance: f64,
}

impl FieldDrift {
    /// Whether it is beyond `limit`, and beyond what chance explains.
    #[must_use]
    pub fn has_drifted(&self, limit: f64) -> bool {
        self.psi >= limit.max(self.by_chance)
    }
}

impl Profile {
    pub(super) fn of(measure: &Measure, cells: &Cells) -> Self {
        let mut profile = Self { edges: Vec::new(), shares: Vec::new() };
        if let Cells::Numbers(values) = cells {
            let mut known: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
            known.sort_unstable_by(f64::total_cmp);
            let edges = (1..BINS).map(|k| rounded(quantile(&known, k as f64 / BINS as f64)));
            profile.edges = edges.collect();
            profile.edges.dedup();
        }
        profile.shares = profile.shares_of(measure, cells).into_iter().map(rounded).collect();
        profile
    }

    fn shares_of(&self, measure: &Measure, cells: &Cells) -> Vec<f64> {
        let levels = if let Measure::Level { levels, .. } = measure { levels.len() } else { 0 };
        let bins = match cells {
            Cells::Numbers(_) => self.edges.len() + 1,
            Cells::Levels(_) => levels + 1,
        };
        let mut counts = vec![0_u32; bins + 2];
        match cells {
            Cells::Numbers(values) => values.iter().for_each(|&value| counts[self.bin_of_number(value)] += 1),
            Cells::Levels(of_rows) => of_rows.iter().for_each(|&level| counts[bin_of_level(level, levels)] += 1),
        }
        let rows = f64::from(counts.iter().sum::<u32>().max(1));
        counts.into_iter().map(|count| f64::from(count) / rows).collect()
    }

    /// The bin of a number: behind those of known ones, that of missing and that of neutral values.
    fn bin_of_number(&self, value: f64) -> usize {
        match value {
            x if x.is_nan() => self.edges.len() + 1,
            x if x.is_infinite() => self.edges.len() + 2,
            x => self.edges.partition_point(|&edge| edge <= x),
        }
    }

    /// The index of `now` against this profile, and how many bins it is over.
    fn distance(&self, now: &[f64]) -> (f64, usize) {
        let pairs = self.shares.iter().zip(now).filter(|(then, now)| **then > 0.0 || **now > 0.0);
        let parts: Vec<f64> = pairs.map(|(&then, &now)| index_part(then, now)).collect();
        (parts.iter().sum(), parts.len())
    }
}

/// The bin of a level among those of a category with `levels` levels: behind them, that of pooled, of missing and of
/// unseen ones.
fn bin_of_level(level: CellLevel, levels: usize) -> usize {
    match level {
        CellLevel::Known(position) => position as usize,
        CellLevel::Pooled => levels,
        CellLevel::Missing => levels + 1,
        CellLevel::Unseen => levels + 2,
    }
}

/// What a bin with these shares adds to the index.
fn index_part(then: f64, now: f64) -> f64 {
    let (then, now) = (then.max(SMALLEST), now.max(SMALLEST));
    (now - then) * (now / then).ln()
}

impl FeatureSpec {
    /// How far every field has moved from the training rows, of about `trained` independent ones, to `rows`. What is
    /// the same for all deals of a day (the calendar) has no drift.
    #[must_use]
    pub fn drift(&self, rows: &[DealState], trained: u64, context: &FeatureContext<'_>) -> Vec<FieldDrift> {
        if rows.is_empty() {
            return Vec::new();
        }
        let spread = 1.0 / rows.len() as f64 + 1.0 / trained.max(1) as f64;
        let fields = self.fields.iter().enumerate().filter(|(_, field)| field.is_watched());
        let drift = fields.map(|(position, field)| {
            let now = field.profile.shares_of(&field.measure, &read(&field.measure, rows, context));
            let (psi, bins) = field.profile.distance(&now);
            FieldDrift { field: position, psi, by_chance: chi_squared_95(bins.saturating_sub(1)) * spread }
        });
        drift.collect()
    }
}

impl Field {
    /// Whether its drift says anything: not of the calendar, and not of two fields together, which are watched each.
    fn is_watched(&self) -> bool {
        !matches!(self.measure, Measure::QuarterEnd | Measure::Pair { .. })
    }
}

/// The 95 % quantile of the chi-squared distribution (Wilson & Hilferty 1931).
fn chi_squared_95(freedom: usize) -> f64 {
    let k = freedom as f64;
    if freedom == 0 { 0.0 } else { k * (1.0 - 2.0 / (9.0 * k) + Z95 * (2.0 / (9.0 * k)).sqrt()).powi(3) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.chi2.ppf(.95, [1, 3, 9, 30]) = 3.841, 7.815, 16.919, 43.773
    #[test]
    fn quantiles_are_near_those_of_the_chi_squared_distribution() {
        for (freedom, expected) in [(1, 3.841), (3, 7.815), (9, 16.919), (30, 43.773)] {
            assert!((chi_squared_95(freedom) / expected - 1.0).abs() < 0.03, "{freedom}: {}", chi_squared_95(freedom));
        }
        assert_eq!(chi_squared_95(0), 0.0);
    }

    /// numpy: p, q = np.array([.5, .3, .2]), np.array([.2, .3, .5]); ((p - q) * np.log(p / q)).sum() = 0.549774
    #[test]
    fn the_index_is_that_of_the_shares() {
        let measure = Measure::Level { column: "x".into(), levels: vec!["a".into(), "b".into()], pooled: vec![] };
        let cells = |counts: [usize; 3]| {
            let levels = [CellLevel::Known(0), CellLevel::Known(1), CellLevel::Missing];
            let rows = levels.into_iter().zip(counts).flat_map(|(level, n)| std::iter::repeat_n(level, n));
            Cells::Levels(rows.collect())
        };
        let profile = Profile::of(&measure, &cells([20, 30, 50]));
        assert_eq!(profile.shares, [0.2, 0.3, 0.0, 0.5, 0.0]);
        let (psi, bins) = profile.distance(&profile.shares_of(&measure, &cells([50, 30, 20])));
        assert!((psi - 0.549_774).abs() < 1e-6 && bins == 3, "{psi} {bins}");
        assert_eq!(profile.distance(&profile.shares).0, 0.0);
    }

    #[test]
    fn numbers_fall_into_tenths_of_the_training_rows() {
        let values: Vec<f64> = (0..1000).map(f64::from).chain([f64::NAN; 10]).collect();
        let profile = Profile::of(&Measure::OpenLoad, &Cells::Numbers(values));
        assert_eq!(profile.edges.len(), 9);
        assert!(profile.shares[..10].iter().all(|share| (share - 100.0 / 1010.0).abs() < 1e-9), "{profile:?}");
        assert!((profile.shares[10] - 10.0 / 1010.0).abs() < 1e-9);
        let constant = Profile::of(&Measure::OpenLoad, &Cells::Numbers(vec![3.0; 50]));
        assert_eq!((constant.edges.len(), constant.shares.len()), (1, 4));
    }
}
