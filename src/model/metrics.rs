//! How good chances were, once it is known what happened: one struct of rows, one method per metric.

use crate::domain::day::Day;
use crate::domain::probability::{log_loss, logistic, logit, wilson};
use crate::features::FeatureMatrix;
use crate::model::evaluation::{EvaluationRow, ReliabilityBin};
use crate::model::newton::{Line, LogisticLoss};
use crate::model::rows::distinct;

/// Bins of the reliability table and of the expected calibration error.
const BINS: usize = 10;

/// Chances beside what happened; all slices have one entry per row.
#[derive(Clone, Copy)]
pub(super) struct EvaluatedChances<'a> {
    pub chance: &'a [f64],
    pub won: &'a [bool],
    /// Rows of one deal are not independent: they share a number.
    pub group: &'a [u32],
}

/// A mean and its standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Estimate {
    pub mean: f64,
    pub se: f64,
}

impl Estimate {
    /// The standard error, where there is one.
    pub fn finite_se(&self) -> Option<f64> {
        Some(self.se).filter(|se| se.is_finite())
    }
}

/// A straight line through the log-odds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CalibrationLine {
    pub slope: f64,
    pub intercept: f64,
}

impl CalibrationLine {
    /// The line that leaves log-odds as they are.
    pub const UNCHANGED: Self = Self { slope: 1.0, intercept: 0.0 };

    /// The log-odds on the line.
    pub fn apply(self, log_odds: f64) -> f64 {
        self.slope * log_odds + self.intercept
    }
}

/// The standard errors of a line's two numbers.
#[derive(Clone, Copy)]
struct LineErrors {
    slope: f64,
    intercept: f64,
}

/// The mean of `values` with a standard error that lets rows of one group depend on each other (sandwich estimator of
/// a mean: Liang & Zeger 1986). Infinite error for a single group.
pub(super) fn clustered_mean(values: &[f64], group: &[u32]) -> Estimate {
    let rows = values.len() as f64;
    let mean = values.iter().sum::<f64>() / rows.max(1.0);
    let shares: Vec<f64> = values.iter().map(|v| (v - mean) / rows).collect();
    Estimate { mean, se: clustered_covariance(&[&shares], group)[0][0].sqrt() }
}

/// The covariance of sums over rows, given every row's share in them: products of the groups' sums, times
/// `g / (g - 1)` for `g` groups; infinite for a single one.
fn clustered_covariance<const N: usize>(shares: &[&[f64]; N], group: &[u32]) -> [[f64; N]; N] {
    let mut order: Vec<usize> = (0..group.len()).collect();
    order.sort_by_key(|&i| group[i]);
    let (mut groups, mut sums) = (0.0, [[0.0; N]; N]);
    for rows in order.chunk_by(|&a, &b| group[a] == group[b]) {
        groups += 1.0;
        let of_group: [f64; N] = std::array::from_fn(|k| rows.iter().map(|&i| shares[k][i]).sum());
        (0..N).for_each(|j| (0..N).for_each(|k| sums[j][k] += of_group[j] * of_group[k]));
    }
    let factor = if groups > 1.0 { groups / (groups - 1.0) } else { f64::INFINITY };
    sums.map(|row| row.map(|sum| if groups > 1.0 { sum * factor } else { factor }))
}

impl EvaluatedChances<'_> {
    /// Every row's log loss, in nats.
    pub fn losses(&self) -> Vec<f64> {
        self.chance.iter().zip(self.won).map(|(&chance, &won)| log_loss(chance, won)).collect()
    }

    /// Mean squared error, 0 to 1.
    fn brier(&self) -> Estimate {
        let squares = self.chance.iter().zip(self.won).map(|(chance, &won)| (chance - f64::from(won)).powi(2));
        clustered_mean(&squares.collect::<Vec<f64>>(), self.group)
    }

    /// Row numbers, lowest chance first.
    fn ranked(&self) -> Vec<usize> {
        let mut ranked: Vec<usize> = (0..self.chance.len()).collect();
        ranked.sort_by(|&a, &b| self.chance[a].total_cmp(&self.chance[b]));
        ranked
    }

    /// Chance that a won row has a higher prediction than one that is not; ties count half. `None` without both.
    ///
    /// The standard error comes from every row's share in it (DeLong, DeLong & Clarke-Pearson 1988), summed within
    /// groups (Obuchowski 1997).
    fn auc(&self) -> Option<Estimate> {
        let won_total = self.won.iter().filter(|&&won| won).count() as f64;
        let other_total = self.won.len() as f64 - won_total;
        if won_total == 0.0 || other_total == 0.0 {
            return None;
        }
        // Of a row: the share of the rows of the other kind that it is on the right side of.
        let mut right = vec![0.0; self.won.len()];
        let (mut won_below, mut other_below) = (0.0, 0.0);
        for tied in self.ranked().chunk_by(|&a, &b| self.chance[a] == self.chance[b]) {
            let won = tied.iter().filter(|&&i| self.won[i]).count() as f64;
            let other = tied.len() as f64 - won;
            for &i in tied {
                right[i] = if self.won[i] {
                    (other_below + other / 2.0) / other_total
                } else {
                    1.0 - (won_below + won / 2.0) / won_total
                };
            }
            (won_below, other_below) = (won_below + won, other_below + other);
        }
        let mean = right.iter().zip(self.won).filter(|(_, won)| **won).map(|(right, _)| right).sum::<f64>() / won_total;
        let totals = self.won.iter().map(|&won| if won { won_total } else { other_total });
        let shares: Vec<f64> = right.iter().zip(totals).map(|(right, total)| (right - mean) / total).collect();
        Some(Estimate { mean, se: clustered_covariance(&[&shares], self.group)[0][0].sqrt() })
    }

    /// Ten bins of (nearly) equal size, lowest predictions first. Rows of one prediction may fall into two bins.
    pub fn reliability(&self) -> Vec<ReliabilityBin> {
        let ranked = self.ranked();
        let bounds: Vec<usize> = (0..=BINS).map(|bin| bin * ranked.len() / BINS).collect();
        let bins = bounds.windows(2).map(|ends| &ranked[ends[0]..ends[1]]).filter(|rows| !rows.is_empty());
        bins.map(|rows| self.bin(rows)).collect()
    }

    fn bin(&self, rows: &[usize]) -> ReliabilityBin {
        let n = rows.len() as f64;
        let won = rows.iter().filter(|&&i| self.won[i]).count();
        let observed = won as f64 / n;
        let interval = wilson(observed, self.independent(rows));
        ReliabilityBin {
            rows: rows.len() as u64,
            won: won as u64,
            predicted: rows.iter().map(|&i| self.chance[i]).sum::<f64>() / n,
            observed,
            observed_low: interval.low,
            observed_high: interval.high,
        }
    }

    /// What rows are worth as independent ones, were all of a deal alike: the square of their number over the sum of the
    /// squared numbers of each deal (Kish 1965).
    fn independent(&self, rows: &[usize]) -> f64 {
        let mut groups: Vec<u32> = rows.iter().map(|&i| self.group[i]).collect();
        groups.sort_unstable();
        let squares: usize = groups.chunk_by(|a, b| a == b).map(|of_one| of_one.len().pow(2)).sum();
        rows.len().pow(2) as f64 / squares as f64
    }

    /// Mean distance of predicted from observed over the bins, weighted by their rows.
    fn ece(&self) -> f64 {
        let bins = self.reliability();
        let distances = bins.iter().map(|bin| bin.rows as f64 * (bin.predicted - bin.observed).abs());
        distances.sum::<f64>() / self.won.len().max(1) as f64
    }

    /// All metrics of `model` in one line.
    pub fn line(&self, cutoff: Option<Day>, model: &str, scope: &str) -> EvaluationRow {
        let log_loss = clustered_mean(&self.losses(), self.group);
        let log_odds: Vec<f64> = self.chance.iter().map(|&chance| logit(chance)).collect();
        let calibration = line_through(&log_odds, self.won);
        let errors = calibration.and_then(|line| line_errors(&log_odds, self.won, self.group, line));
        let (brier, auc) = (self.brier(), self.auc());
        let deals = distinct(self.group.iter().copied());
        EvaluationRow {
            cutoff,
            model: model.to_owned(),
            scope: scope.to_owned(),
            rows: self.won.len() as u64,
            deals: deals.len() as u64,
            won: self.won.iter().filter(|&&won| won).count() as u64,
            log_loss: log_loss.mean,
            log_loss_se: log_loss.finite_se(),
            brier: brier.mean,
            brier_se: brier.finite_se(),
            auc: auc.map(|auc| auc.mean),
            auc_se: auc.and_then(|auc| auc.finite_se()),
            slope: calibration.map(|line| line.slope),
            slope_se: errors.map(|errors| errors.slope),
            intercept: calibration.map(|line| line.intercept),
            intercept_se: errors.map(|errors| errors.intercept),
            ece: Some(self.ece()),
        }
    }
}

/// Log-odds no further from each other than this are the same prediction.
const ALIKE: f64 = 1e-9;

/// Slope and intercept of the outcome on the predicted log-odds (Cox 1958; Platt 1999). `None` where there is no such
/// line: outcomes all alike, predictions all alike, or one that separates the outcomes.
pub(crate) fn line_through(log_odds: &[f64], won: &[bool]) -> Option<CalibrationLine> {
    let lowest = log_odds.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = log_odds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if won.iter().all(|of_row| Some(of_row) == won.first()) || highest - lowest < ALIKE {
        return None;
    }
    let mut matrix = FeatureMatrix::zeros(log_odds.len(), 1);
    matrix.column_mut(0).copy_from_slice(log_odds);
    let loss = LogisticLoss { matrix: &matrix, won, penalty: 0.0 };
    let (line, steepness) = loss.descend(Line { intercept: 0.0, weights: vec![1.0] }, 50, 1e-10);
    (steepness < 1e-7 && line.weights[0].abs() < 100.0)
        .then(|| CalibrationLine { slope: line.weights[0], intercept: line.intercept })
}

/// Standard errors of the slope and the intercept of a [`line_through`], rows of one group depending on each other
/// (sandwich estimator). `None` for a single group.
fn line_errors(log_odds: &[f64], won: &[bool], group: &[u32], line: CalibrationLine) -> Option<LineErrors> {
    let mut curvature = [0.0; 3];
    let mut pulls = [Vec::with_capacity(won.len()), Vec::with_capacity(won.len())];
    for (&x, &won) in log_odds.iter().zip(won) {
        let chance = logistic(line.apply(x));
        let weight = chance * (1.0 - chance);
        [weight * x * x, weight * x, weight].iter().zip(&mut curvature).for_each(|(part, sum)| *sum += part);
        let error = f64::from(won) - chance;
        pulls[0].push(error * x);
        pulls[1].push(error);
    }
    let [a, b, c] = curvature;
    let determinant = a * c - b * b;
    let middle = clustered_covariance(&[&pulls[0], &pulls[1]], group);
    let slope = (quadratic_form([c, -b], &middle) / determinant.powi(2)).sqrt();
    let intercept = (quadratic_form([-b, a], &middle) / determinant.powi(2)).sqrt();
    (slope.is_finite() && intercept.is_finite()).then_some(LineErrors { slope, intercept })
}

/// `row * matrix * row`.
fn quadratic_form(row: [f64; 2], matrix: &[[f64; 2]; 2]) -> f64 {
    (0..2).map(|j| (0..2).map(|k| row[j] * matrix[j][k] * row[k]).sum::<f64>()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixtures::{assert_close, rows};

    /// The numbers are scikit-learn's (1.9.1) and statsmodels' (0.15.0), from `tests/fixtures/model_reference.py`.
    #[test]
    fn metrics_are_those_of_scikit_learn_and_statsmodels() {
        let (matrix, won) = rows(400, 0.0);
        let rounded = |x: &f64| (100.0 * logistic(0.5 * x + 0.2)).round() / 100.0;
        let chance: Vec<f64> = matrix.column(0).iter().map(rounded).collect();
        let group: Vec<u32> = (0..400).map(|i| i / 7 % 31).collect();
        let evaluated = EvaluatedChances { chance: &chance, won: &won, group: &group };
        let line = evaluated.line(None, "model", "all");
        assert_eq!((line.rows, line.deals, line.won), (400, 31, 202));
        assert_close(
            &[line.log_loss, line.brier, line.auc.unwrap()],
            &[0.656_567_427, 0.232_057_500, 0.702_532_753],
            8,
        );
        assert_close(&[line.log_loss_se.unwrap()], &[0.006_751_206], 8);
        assert_close(&[line.slope.unwrap(), line.intercept.unwrap()], &[2.666_921_185, -0.531_871_888], 7);
        assert_close(&[line.brier_se.unwrap(), line.auc_se.unwrap()], &[0.003_304_744, 0.025_418_013], 8);
        assert_close(&[line.slope_se.unwrap(), line.intercept_se.unwrap()], &[0.383_969_411, 0.138_353_629], 7);
    }

    /// The numbers are those of scikit-learn's `calibration_curve` and statsmodels' `proportion_confint`, same script.
    #[test]
    fn bins_are_those_of_scikit_learn_and_their_intervals_count_deals() {
        let (matrix, won) = rows(400, 0.0);
        let chance: Vec<f64> = matrix.column(0).iter().map(|x| logistic(0.5 * x + 0.2)).collect();
        let group: Vec<u32> = (0..400).map(|i| i / 7 % 31).collect();
        let evaluated = EvaluatedChances { chance: &chance, won: &won, group: &group };
        let bins = evaluated.reliability();
        let (first, last) = (&bins[0], &bins[9]);
        assert_close(
            &[first.predicted, first.observed, last.predicted, last.observed],
            &[0.438_265_391, 0.15, 0.657_669_734, 0.85],
            8,
        );
        assert_close(&[evaluated.ece()], &[0.134_952_628], 8);
        assert_close(&[first.observed_low, first.observed_high], &[0.050_499_121, 0.369_299_864], 8);
    }

    #[test]
    fn bins_hold_every_row_once_and_weigh_the_calibration_error() {
        let chance: Vec<f64> = (0..95).map(|i| f64::from(i) / 95.0).collect();
        let won: Vec<bool> = (0..95).map(|i| i % 3 == 0).collect();
        let group: Vec<u32> = (0..95).collect();
        let evaluated = EvaluatedChances { chance: &chance, won: &won, group: &group };
        let bins = evaluated.reliability();
        assert_eq!(
            (bins.len(), bins.iter().map(|b| b.rows).sum::<u64>(), bins.iter().map(|b| b.won).sum()),
            (10, 95, 32_u64)
        );
        assert!(bins.windows(2).all(|pair| pair[0].predicted < pair[1].predicted));
        let perfect = EvaluatedChances { chance: &[0.0, 1.0], won: &[false, true], group: &[0, 1] };
        assert_eq!((perfect.ece(), perfect.auc().unwrap().mean, perfect.brier().mean), (0.0, 1.0, 0.0));
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        let alike = EvaluatedChances { chance: &[0.3, 0.4], won: &[true, true], group: &[0, 0] };
        let line = alike.line(None, "model", "all");
        assert_eq!((line.auc, line.slope, line.log_loss_se), (None, None, None));
        let flat = EvaluatedChances { chance: &[0.3; 4], won: &[true, false, true, false], group: &[0, 1, 2, 3] };
        let line = flat.line(None, "m", "all");
        assert_eq!((line.slope, line.auc), (None, Some(0.5)));
        // Before, rounding made a slope of these, 0.82 or 0.74 with a standard error of 2,860, as the order of sums had it.
        let won: Vec<bool> = (0..7_517).map(|i| i * 2_422 / 7_517 != (i + 1) * 2_422 / 7_517).collect();
        let groups: Vec<u32> = (0..7_517).collect();
        let base_rate = EvaluatedChances { chance: &vec![0.301_234_567; 7_517], won: &won, group: &groups };
        assert_eq!(base_rate.line(None, "base rate", "all").slope, None);
    }
}
