//! The regression of a rate: how many closings per day to expect, a Poisson regression with the days as exposure.
//!
//! Rows in, one [`Line`] out, whose value at a row is the log of the rate. A constant rate over a stretch of days has the
//! same likelihood as a Poisson count (Holford 1980, Biometrics 36; Laird & Olivier 1981, J. Am. Stat. Assoc. 76).

use ndarray::Array2;

use crate::features::FeatureMatrix;
use crate::model::newton::{Cholesky, Line, ROUNDING, dot, shares, weighted_gram};

/// Largest gradient component per row of an accepted fit.
const TOLERANCE: f64 = 1e-6;
/// Where Newton steps stop.
const NEWTON_TOLERANCE: f64 = 1e-10;
const NEWTON_STEPS: usize = 60;
/// Log rates given out are kept between these: a closing in some 9 million days, and one within the hour.
const LOG_RATES: [f64; 2] = [-16.0, 4.0];
/// So many closings are seen at least, so that a rate never seen is small, not none.
const FEWEST_EVENTS: f64 = 0.5;
/// A step moves the log rate of no row further than this: beyond, the loss is far from the square a step rests on.
const LONGEST_STEP: f64 = 3.0;

/// Fits the log rate of `happened` per unit of `exposure`, with a ridge penalty on the weights; `None` where the minimum
/// was not found.
pub(crate) fn fit(matrix: &FeatureMatrix, exposure: &[f64], happened: &[bool], penalty: f64) -> Option<Line> {
    let start = constant(matrix.columns(), exposure, happened);
    if !happened.contains(&true) {
        return Some(start);
    }
    let (line, gradient) = RateLoss { matrix, exposure, happened, penalty }.descend(start);
    // A gradient that is no number is not small.
    (gradient <= TOLERANCE && line.is_finite()).then_some(line)
}

/// One rate for all rows: closings over days.
pub(crate) fn constant(columns: usize, exposure: &[f64], happened: &[bool]) -> Line {
    let events = happened.iter().filter(|&&happened| happened).count() as f64;
    let days = exposure.iter().sum::<f64>().max(1.0);
    Line { intercept: (events.max(FEWEST_EVENTS) / days).ln(), weights: vec![0.0; columns] }
}

/// The rate that belongs to its log.
pub(crate) fn rate(log_rate: f64) -> f64 {
    log_rate.clamp(LOG_RATES[0], LOG_RATES[1]).exp()
}

/// Minus the log-likelihood, plus `penalty / 2 * |weights|^2`.
struct RateLoss<'a> {
    matrix: &'a FeatureMatrix,
    exposure: &'a [f64],
    happened: &'a [bool],
    penalty: f64,
}

/// What is known of one line.
struct RatePoint {
    line: Line,
    value: f64,
    /// Closings to expect, by row.
    expected: Vec<f64>,
    /// Per weight, then for the intercept; summed over rows.
    gradient: Vec<f64>,
}

impl RatePoint {
    /// Largest absolute component of the gradient; NaN if there is one.
    fn steepness(&self) -> f64 {
        self.gradient.iter().fold(0.0, |max, g| if g.is_nan() || g.abs() > max { g.abs() } else { max })
    }
}

impl RateLoss<'_> {
    /// Newton steps, halved where they overshoot; with the largest component of the gradient per row.
    fn descend(&self, line: Line) -> (Line, f64) {
        let rows = self.exposure.len() as f64;
        let mut here = self.at(line);
        for _ in 0..NEWTON_STEPS {
            let is_steep = here.steepness() > NEWTON_TOLERANCE * rows;
            let Some(factor) = is_steep.then(|| Cholesky::of(&self.hessian(&here.expected))).flatten() else { break };
            let step = factor.solve(&here.gradient);
            let whole = self.longest_share(&step);
            let mut tries = shares().map(|share| self.at(here.line.moved(&step, share * whole)));
            let tolerated = here.value + here.value.abs() * ROUNDING;
            let Some(next) = tries.find(|next| next.value <= tolerated) else { break };
            here = next;
        }
        let steepness = here.steepness() / rows;
        (here.line, steepness)
    }

    /// The part of a step that moves no row further than [`LONGEST_STEP`].
    ///
    /// From far below a rate its Newton step is as long as the rate is too small, thousands of times too long.
    fn longest_share(&self, step: &[f64]) -> f64 {
        let Some((intercept, weights)) = step.split_last() else { return 1.0 };
        let moves = Line { intercept: *intercept, weights: weights.to_vec() }.log_odds(self.matrix);
        let longest = moves.iter().fold(0.0_f64, |longest, moved| longest.max(moved.abs()));
        (LONGEST_STEP / longest).min(1.0)
    }

    fn at(&self, line: Line) -> RatePoint {
        let log_rates = line.log_odds(self.matrix);
        let expected: Vec<f64> = log_rates.iter().zip(self.exposure).map(|(x, days)| x.exp() * days).collect();
        let seen: f64 = log_rates.iter().zip(self.happened).filter(|(_, happened)| **happened).map(|(x, _)| x).sum();
        let squares: f64 = line.weights.iter().map(|w| w * w).sum();
        let value = expected.iter().sum::<f64>() - seen + self.penalty / 2.0 * squares;
        RatePoint { gradient: self.gradient(&line, &expected), value, expected, line }
    }

    /// Per weight, then for the intercept.
    fn gradient(&self, line: &Line, expected: &[f64]) -> Vec<f64> {
        let errors: Vec<f64> = expected.iter().zip(self.happened).map(|(x, seen)| x - f64::from(*seen)).collect();
        let weights = line.weights.iter().enumerate();
        let mut gradient: Vec<f64> =
            weights.map(|(j, weight)| dot(self.matrix.column(j), &errors) + self.penalty * weight).collect();
        gradient.push(errors.iter().sum());
        gradient
    }

    /// Second derivatives in the order of the gradient.
    fn hessian(&self, expected: &[f64]) -> Array2<f64> {
        let size = self.matrix.columns() + 1;
        let scale: Vec<f64> = expected.iter().map(|x| x.sqrt()).collect();
        let mut hessian = weighted_gram((0..size - 1).map(|j| self.matrix.column(j).iter().copied()), &scale);
        for j in 0..size - 1 {
            hessian[(j, j)] += self.penalty;
        }
        hessian
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixtures::{even, rows};

    /// Without columns the rate is closings over days, and with one two-valued column that of either group.
    #[test]
    fn rates_of_groups_are_closings_over_days() {
        let days: Vec<f64> = (0..400).map(|i| 1.0 + 9.0 * even(i, 1)).collect();
        let happened: Vec<bool> = (0..400).map(|i| even(i, 2) < if i % 2 == 0 { 0.5 } else { 0.1 }).collect();
        let observed = |part: usize| {
            let of_part = || (0..400).filter(move |i| i % 2 == part);
            of_part().filter(|&i| happened[i]).count() as f64 / of_part().map(|i| days[i]).sum::<f64>()
        };
        let mut matrix = FeatureMatrix::zeros(400, 1);
        matrix.column_mut(0).iter_mut().enumerate().for_each(|(i, cell)| *cell = (i % 2) as f64);
        let line = fit(&matrix, &days, &happened, 1e-9).unwrap();
        assert!((rate(line.intercept) - observed(0)).abs() < 1e-6, "{line:?}");
        assert!((rate(line.intercept + line.weights[0]) - observed(1)).abs() < 1e-6, "{line:?}");
    }

    /// Deals that close on one day for certain pull their rate up by e to the 9, from where a step may overshoot.
    #[test]
    fn a_day_on_which_all_close_is_found() {
        let mut matrix = FeatureMatrix::zeros(4_000, 1);
        let is_due = |i: usize| i.is_multiple_of(20);
        matrix.column_mut(0).iter_mut().enumerate().for_each(|(i, cell)| *cell = f64::from(is_due(i)));
        let days: Vec<f64> = (0..4_000).map(|i| if is_due(i) { 0.5 } else { 20.0 }).collect();
        let happened: Vec<bool> = (0..4_000).map(|i| is_due(i) || i == 1).collect();
        let line = fit(&matrix, &days, &happened, 0.1).unwrap();
        assert!(rate(line.intercept + line.weights[0]) > 1.5 && rate(line.intercept) < 1e-4, "{line:?}");
    }

    /// Half a day each for deals that close on a day, months for all others: the rate is e to the 11 times theirs.
    #[test]
    fn a_step_from_far_below_is_not_given_up() {
        let mut matrix = FeatureMatrix::zeros(4_000, 1);
        let is_due = |i: usize| i.is_multiple_of(100);
        // Standardised: rare, so far out.
        matrix.column_mut(0).iter_mut().enumerate().for_each(|(i, cell)| *cell = if is_due(i) { 10.0 } else { -0.1 });
        let days: Vec<f64> = (0..4_000).map(|i| if is_due(i) { 0.5 } else { 400.0 }).collect();
        let happened: Vec<bool> = (0..4_000).map(|i| is_due(i) || i == 1).collect();
        let line = fit(&matrix, &days, &happened, 0.01).unwrap();
        assert!(rate(line.intercept + 10.0 * line.weights[0]) > 1.5, "{line:?}");
    }

    #[test]
    fn what_never_happened_is_rare_and_wild_columns_still_converge() {
        let (mut matrix, won) = rows(400, 0.0);
        let days = vec![3.0; 400];
        let never = fit(&matrix, &days, &[false; 400], 10.0).unwrap();
        assert!(rate(never.intercept) < 0.001 && never.weights.iter().all(|weight| *weight == 0.0), "{never:?}");
        matrix.column_mut(0).iter_mut().for_each(|cell| *cell = cell.powi(3) * 20.0);
        let wild = fit(&matrix, &days, &won, 1e-3).unwrap();
        assert!(wild.is_finite(), "{wild:?}");
    }
}
