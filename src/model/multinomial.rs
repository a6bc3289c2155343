//! The three-outcome regression: linfa's multinomial logistic regression, its result checked.
//!
//! linfa 0.8.1 takes one maximum over all rows in its log-sum-exp, which is wrong where rows' log-odds are more than 34
//! apart, and does not say whether it converged: the gradient is computed here, row by row, and decides.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, ArrayView2, ShapeBuilder};
use rayon::prelude::*;

use super::ModelError;
use super::newton::Line;
use crate::features::FeatureMatrix;

/// Largest gradient component per row of an accepted fit.
const TOLERANCE: f64 = 1e-5;
/// Gradient norm per row at which linfa stops.
const SOLVER_TOLERANCE: f64 = 2e-6;
const ITERATIONS: u64 = 2_000;

/// Fits the outcomes `0..classes` with a ridge penalty of `alpha` per row, all classes alike; the intercepts carry
/// none. One line per class; only differences between lines mean something. A class without rows gets odds of one in
/// twice the rows.
///
/// # Errors
/// [`ModelError::Solver`] where there is one class only or the line search fails, [`ModelError::NotConverged`] where
/// the minimum was not found.
pub(super) fn fit(
    matrix: &FeatureMatrix,
    class: &[usize],
    classes: usize,
    alpha: f64,
    head: &'static str,
) -> Result<Vec<Line>, ModelError> {
    let rows = class.len() as f64;
    let refused = |reason: String| ModelError::Solver { head, reason };
    let records = ArrayView2::from_shape((matrix.rows(), matrix.columns()).f(), matrix.values())
        .map_err(|error| refused(error.to_string()))?;
    if class.iter().all(|of_row| Some(of_row) == class.first()) {
        return Err(refused(format!("all {} rows ended alike", class.len())));
    }
    let solver = MultiLogisticRegression::default()
        .alpha(alpha * rows)
        .gradient_tolerance(SOLVER_TOLERANCE * rows)
        .max_iterations(ITERATIONS);
    let fitted = solver
        .fit(&DatasetBase::new(records, Array1::from_vec(class.to_vec())))
        .map_err(|error| refused(error.to_string()))?;
    let mut lines = vec![Line { intercept: f64::NEG_INFINITY, weights: vec![0.0; matrix.columns()] }; classes];
    for (position, &of) in fitted.classes().iter().enumerate() {
        lines[of] =
            Line { intercept: fitted.intercept()[position], weights: fitted.params().column(position).to_vec() };
    }
    let gradient = steepness(matrix, class, &lines, alpha);
    if gradient.is_nan() || gradient > TOLERANCE {
        return Err(ModelError::NotConverged { head, gradient, tolerance: TOLERANCE });
    }
    let present = lines.iter().map(|line| line.intercept).fold(f64::NEG_INFINITY, f64::max);
    for line in lines.iter_mut().filter(|line| line.intercept.is_infinite()) {
        line.intercept = present - (2.0 * rows).ln();
    }
    Ok(lines)
}

/// Chances that belong to log-odds: `e^x / sum(e^x)`.
pub(super) fn softmax<const N: usize>(log_odds: [f64; N]) -> [f64; N] {
    let max = log_odds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let odds = log_odds.map(|x| (x - max).exp());
    let sum: f64 = odds.iter().sum();
    odds.map(|x| x / sum)
}

/// Largest absolute component of the gradient, per row; classes without rows (infinitely unlikely) have none.
fn steepness(matrix: &FeatureMatrix, class: &[usize], lines: &[Line], alpha: f64) -> f64 {
    let log_odds: Vec<Vec<f64>> = lines.iter().map(|line| line.log_odds(matrix)).collect();
    let max = |i: usize| log_odds.iter().map(|of| of[i]).fold(f64::NEG_INFINITY, f64::max);
    let totals: Vec<f64> =
        (0..class.len()).map(|i| log_odds.iter().map(|of| (of[i] - max(i)).exp()).sum::<f64>().ln() + max(i)).collect();
    let rows = class.len() as f64;
    let of_class = |(k, line): (usize, &Line)| {
        let errors: Vec<f64> =
            (0..class.len()).map(|i| (log_odds[k][i] - totals[i]).exp() - f64::from(class[i] == k)).collect();
        let of_column = |j: usize| {
            let sum: f64 = matrix.column(j).iter().zip(&errors).map(|(x, error)| x * error).sum();
            (sum / rows + alpha * line.weights[j]).abs()
        };
        let intercept = errors.iter().sum::<f64>() / rows;
        (0..matrix.columns()).map(of_column).fold(intercept.abs(), f64::max)
    };
    let steep: Vec<f64> = lines.par_iter().enumerate().map(of_class).collect();
    steep.into_iter().fold(0.0, |max, x| if x.is_nan() { x } else { f64::max(max, x) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixtures::{assert_close, even, rows};

    /// scikit-learn 1.9.1, `tests/fixtures/model_reference.py`.
    #[test]
    fn the_lines_are_those_of_scikit_learn() {
        let (matrix, won) = rows(400, 0.0);
        let class: Vec<usize> = (0..400).map(|i| if won[i] { 1 } else { 2 * usize::from(even(i, 11) < 0.4) }).collect();
        let lines = fit(&matrix, &class, 3, 0.01, "period").unwrap();
        let against_first = |k: usize| -> Vec<f64> {
            let weights = lines[k].weights.iter().zip(&lines[0].weights).map(|(w, first)| w - first);
            weights.chain([lines[k].intercept - lines[0].intercept]).collect()
        };
        assert_close(&against_first(1), &[1.436_295_480, -0.753_953_559, 0.368_301_685, 0.499_018_325], 3);
        assert_close(&against_first(2), &[0.418_497_806, -0.127_980_393, -0.007_763_894, -0.356_978_098], 3);
    }

    #[test]
    fn a_class_without_rows_is_all_but_impossible() {
        let (matrix, won) = rows(400, 0.0);
        let class: Vec<usize> = won.iter().map(|&won| usize::from(won)).collect();
        let lines = fit(&matrix, &class, 3, 0.01, "period").unwrap();
        let [slip, win, lose] = softmax([0, 1, 2].map(|k| lines[k].intercept));
        assert!(lose < 0.002 && lose > 0.0 && slip > 0.2 && win > 0.2, "{slip} {win} {lose}");
        assert!(matches!(fit(&matrix, &[1; 400], 3, 0.01, "period"), Err(ModelError::Solver { .. })));
    }
}
