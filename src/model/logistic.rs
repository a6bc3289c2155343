//! The win regression: linfa's logistic regression, its traps handled, its result checked and finished.
//!
//! - linfa 0.8.1 takes the more frequent class as positive: the line is turned round by `labels()`.
//! - Its loss is a sum and its tolerance absolute: both are scaled with the rows.
//! - It does not say whether it converged: the gradient is computed here, Newton steps finish, the rest is refused.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, ArrayView2, ShapeBuilder};
use rayon::prelude::*;

use crate::features::FeatureMatrix;
use crate::model::error::ModelError;
use crate::model::newton::{Line, LogisticLoss};
use crate::model::penalties::{Aim, CommonDescent, Reached};

/// Largest gradient component per row of an accepted fit.
const TOLERANCE: f64 = 1e-6;
/// Where Newton steps stop: well within the above.
const NEWTON_TOLERANCE: f64 = 1e-9;
/// Gradient norm per row at which linfa stops: from there Newton steps are cheaper.
const SOLVER_TOLERANCE: f64 = 3e-2;
/// Iterations of linfa's solver; a standardised problem needs a few dozen.
const ITERATIONS: u64 = 300;
/// Most Hessians to finish with: two or three, dozens where few rows are all but separated and linfa gives up.
const HESSIANS: usize = 100;
/// Most Hessians from a line that is thought to be near, before it is sought from scratch.
const NEAR_HESSIANS: usize = 4;
/// Where a fit is not found, it is sought again from a penalty so many decades stronger.
const RELAXED_DECADES: i32 = 6;
/// Rows from which on a solution for every `WARM_STRIDE`th row is the starting point.
const WARM_ROWS: usize = 20_000;
const WARM_STRIDE: usize = 20;

/// Fits `won` on `matrix` with a ridge penalty of `alpha` per row; the intercept carries none.
///
/// Same as scikit-learn's `LogisticRegression(C = 1 / (alpha * rows))`. `head` names the model in errors.
///
/// # Errors
/// [`ModelError::Solver`] where all labels are alike, [`ModelError::NotConverged`] where the minimum was not found.
pub fn fit(matrix: &FeatureMatrix, won: &[bool], alpha: f64, head: &'static str) -> Result<Line, ModelError> {
    let start = if matrix.rows() >= WARM_ROWS { warm_start(matrix, won, alpha) } else { None };
    fit_from(start, matrix, won, alpha, head)
}

/// [`fit`] for each of `alphas`, which ascend: the one in the middle from `start` or from scratch, the others side by side
/// from there.
///
/// # Errors
/// As [`fit`].
pub fn fit_each(
    matrix: &FeatureMatrix,
    won: &[bool],
    alphas: &[f64],
    start: Option<Line>,
    head: &'static str,
) -> Result<Vec<Line>, ModelError> {
    let Some(&middle) = alphas.get(alphas.len() / 2) else { return Ok(Vec::new()) };
    let middle = fit_near(start, matrix, won, middle, head)?;
    let aim = |alpha| Aim { penalty: alpha * won.len() as f64, without: Vec::new() };
    let aims: Vec<Aim> = alphas.iter().map(aim).collect();
    let reached = CommonDescent { matrix, won, tolerance: NEWTON_TOLERANCE }.from(&middle, &aims);
    let lines = alphas.par_iter().zip(reached).map(|(&alpha, reached)| match reached {
        Reached { line, gradient } if gradient <= NEWTON_TOLERANCE => Ok(line),
        Reached { line, .. } => finished(line, HESSIANS, matrix, won, alpha, head),
    });
    lines.collect()
}

/// [`fit`] of all columns but each of `without`, near `start`, the line of all of them; what is left out weighs 0. The
/// matrix is as it was in the end.
///
/// # Errors
/// As [`fit`].
pub(super) fn fit_without(
    matrix: &mut FeatureMatrix,
    won: &[bool],
    alpha: f64,
    start: &Line,
    without: &[Vec<usize>],
    head: &'static str,
) -> Result<Vec<Line>, ModelError> {
    let aim = |without: &Vec<usize>| Aim { penalty: alpha * won.len() as f64, without: without.clone() };
    let aims: Vec<Aim> = without.iter().map(aim).collect();
    let reached = CommonDescent { matrix, won, tolerance: NEWTON_TOLERANCE }.from(start, &aims);
    let lines = reached.into_iter().zip(without).map(|(Reached { line, gradient }, without)| {
        if gradient <= NEWTON_TOLERANCE {
            return Ok(line);
        }
        let kept: Vec<Vec<f64>> = without.iter().map(|&j| matrix.column(j).to_vec()).collect();
        without.iter().for_each(|&j| matrix.column_mut(j).fill(0.0));
        let line = finished(line, HESSIANS, matrix, won, alpha, head);
        without.iter().zip(kept).for_each(|(&j, column)| matrix.column_mut(j).copy_from_slice(&column));
        line
    });
    lines.collect()
}

/// [`fit`] from a line that is thought to be near: a few Newton steps do, where it is.
///
/// # Errors
/// As [`fit`].
pub fn fit_near(
    start: Option<Line>,
    matrix: &FeatureMatrix,
    won: &[bool],
    alpha: f64,
    head: &'static str,
) -> Result<Line, ModelError> {
    match start {
        Some(start) => finished(start, NEAR_HESSIANS, matrix, won, alpha, head),
        None => fit(matrix, won, alpha, head),
    }
}

/// The line that Newton steps by so many Hessians lead to from `start`; from scratch where they lead nowhere.
fn finished(
    start: Line,
    hessians: usize,
    matrix: &FeatureMatrix,
    won: &[bool],
    alpha: f64,
    head: &'static str,
) -> Result<Line, ModelError> {
    let loss = LogisticLoss { matrix, won, penalty: alpha * won.len() as f64 };
    let (line, gradient) = loss.descend(start, hessians, NEWTON_TOLERANCE);
    if gradient <= TOLERANCE { Ok(line) } else { fit(matrix, won, alpha, head) }
}

fn fit_from(
    start: Option<Line>,
    matrix: &FeatureMatrix,
    won: &[bool],
    alpha: f64,
    head: &'static str,
) -> Result<Line, ModelError> {
    if let Some(constant) = constant(matrix, won, head)? {
        return Ok(constant);
    }
    let loss = LogisticLoss { matrix, won, penalty: alpha * won.len() as f64 };
    // What linfa gives up on, Newton's method still finds: the gradient decides, not the way there.
    let line = solve(matrix, won, alpha, start.as_ref()).or(start).unwrap_or_else(|| base_rate(matrix.columns(), won));
    let (line, gradient) = loss.descend(line, HESSIANS, NEWTON_TOLERANCE);
    if gradient <= TOLERANCE {
        return Ok(line);
    }
    let (line, gradient) = relaxed(matrix, won, alpha);
    if gradient <= TOLERANCE {
        Ok(line)
    } else {
        Err(ModelError::NotConverged { head, gradient, tolerance: TOLERANCE })
    }
}

/// The line and its largest gradient per row, reached from where it is easy: under a penalty so strong that the base rate
/// is all but the answer, then decade by decade down to `alpha`. Every step begins near its own minimum.
fn relaxed(matrix: &FeatureMatrix, won: &[bool], alpha: f64) -> (Line, f64) {
    let start = (base_rate(matrix.columns(), won), f64::INFINITY);
    let decades = (0..=RELAXED_DECADES).rev().map(|decade| alpha * 10_f64.powi(decade));
    decades.fold(start, |(line, _), alpha| {
        let loss = LogisticLoss { matrix, won, penalty: alpha * won.len() as f64 };
        loss.descend(line, HESSIANS, NEWTON_TOLERANCE)
    })
}

/// The line where there is nothing to solve: no columns. An error where there is nothing to learn.
fn constant(matrix: &FeatureMatrix, won: &[bool], head: &'static str) -> Result<Option<Line>, ModelError> {
    let positives = won.iter().filter(|&&won| won).count();
    if positives == 0 || positives == won.len() {
        return Err(ModelError::Solver { head, reason: format!("all {} rows ended alike", won.len()) });
    }
    Ok((matrix.columns() == 0).then(|| base_rate(0, won)))
}

fn base_rate(columns: usize, won: &[bool]) -> Line {
    let positives = won.iter().filter(|&&won| won).count() as f64;
    Line { intercept: (positives / (won.len() as f64 - positives)).ln(), weights: vec![0.0; columns] }
}

/// The solution for every `WARM_STRIDE`th row, if these have both outcomes.
fn warm_start(matrix: &FeatureMatrix, won: &[bool], alpha: f64) -> Option<Line> {
    let rows: Vec<usize> = (0..matrix.rows()).step_by(WARM_STRIDE).collect();
    let won: Vec<bool> = rows.iter().map(|&i| won[i]).collect();
    solve(&matrix.select(&rows), &won, alpha, None)
}

/// linfa's solution with the winning class as positive; `None` where its line search fails.
fn solve(matrix: &FeatureMatrix, won: &[bool], alpha: f64, start: Option<&Line>) -> Option<Line> {
    let rows = won.len() as f64;
    let shape = (matrix.rows(), matrix.columns()).f();
    let records = ArrayView2::from_shape(shape, matrix.values()).ok()?;
    let mut solver = LogisticRegression::default()
        .alpha(alpha * rows)
        .gradient_tolerance(SOLVER_TOLERANCE * rows)
        .max_iterations(ITERATIONS);
    if let Some(start) = start {
        let sign = if winning_is_positive(won) { 1.0 } else { -1.0 };
        solver = solver.initial_params(start.weights.iter().chain([&start.intercept]).map(|w| sign * w).collect());
    }
    let fitted = solver.fit(&DatasetBase::new(records, Array1::from_vec(won.to_vec()))).ok()?;
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let weights: Vec<f64> = fitted.params().iter().map(|w| sign * w).collect();
    Some(Line { intercept: sign * fitted.intercept(), weights }).filter(Line::is_finite)
}

/// Whether linfa will take winning as its positive class: the more frequent one, the first seen where they tie.
fn winning_is_positive(won: &[bool]) -> bool {
    let positives = won.iter().filter(|&&won| won).count();
    let twice = 2 * positives;
    if twice == won.len() { won.first() == Some(&true) } else { twice > won.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixtures::{assert_close, rows};

    /// scikit-learn 1.9.1, `tests/fixtures/model_reference.py`: win rates below, at and above one half.
    #[test]
    fn the_line_is_that_of_scikit_learn_whichever_class_is_more_frequent() {
        let cases = [
            (-1.5, 89, [1.130_535_285, -0.633_298_206, 0.080_015_768, -1.448_955_246]),
            (0.0, 202, [1.198_853_917, -0.664_474_278, 0.351_027_698, -0.034_751_613]),
            (1.5, 309, [1.193_220_057, -0.655_203_474, 0.501_148_193, 1.344_292_635]),
        ];
        for (shift, wins, expected) in cases {
            let (matrix, won) = rows(400, shift);
            assert_eq!(won.iter().filter(|&&won| won).count(), wins);
            let line = fit(&matrix, &won, 0.01, "win").unwrap();
            assert_close(&[&line.weights[..], &[line.intercept]].concat(), &expected, 7);
            let from_linfa = solve(&matrix, &won, 0.01, None).expect("linfa finds it too");
            let near = |(a, b): (&f64, &f64)| (a - b).abs() < 0.15;
            assert!(from_linfa.weights.iter().zip(&line.weights).all(near), "oriented: {from_linfa:?}");
            let warm = solve(&matrix, &won, 0.01, Some(&line)).expect("from the solution itself");
            assert!(warm.weights.iter().zip(&line.weights).all(near), "start oriented: {warm:?}");
        }
    }

    /// statsmodels 0.15.0, the same script, `Logit`.
    #[test]
    fn standard_errors_are_those_of_statsmodels() {
        let (matrix, won) = rows(400, 0.0);
        let line = fit(&matrix, &won, 1e-15, "win").unwrap();
        assert_close(&line.weights, &[1.409_440_672, -0.789_452_575, 0.423_324_042], 6);
        let loss = LogisticLoss { matrix: &matrix, won: &won, penalty: 0.0 };
        assert_close(&loss.std_errors(&line).unwrap(), &[0.205_712_947, 0.196_677_882, 0.191_507_380], 6);
    }

    #[test]
    fn the_same_line_whatever_the_number_of_rows_says_of_the_penalty() {
        let (matrix, won) = rows(400, 0.5);
        let twice: Vec<usize> = (0..400).chain(0..400).collect();
        let doubled = fit(&matrix.select(&twice), &[&won[..], &won[..]].concat(), 0.01, "win").unwrap();
        assert_close(&doubled.weights, &fit(&matrix, &won, 0.01, "win").unwrap().weights, 8);
    }

    #[test]
    fn a_warm_start_ends_where_a_cold_one_does() {
        let (matrix, won) = rows(WARM_ROWS, 1.0);
        let penalty = 1e-3 * WARM_ROWS as f64;
        let cold = solve(&matrix, &won, 1e-3, None).unwrap();
        let cold = LogisticLoss { matrix: &matrix, won: &won, penalty }.descend(cold, 20, 1e-10).0;
        assert_close(&fit(&matrix, &won, 1e-3, "win").unwrap().weights, &cold.weights, 7);
    }

    /// From so far away all chances are 0 or 1, the curvature is that of the penalty alone, and no step of any size helps:
    /// "did not converge: largest gradient 1.3e-2 per row" was the end of it.
    #[test]
    fn a_hopeless_start_is_given_up_and_the_line_found_from_a_stronger_penalty() {
        let (matrix, won) = rows(400, 0.5);
        let away = Line { intercept: 4_000.0, weights: vec![-90_000.0, 70_000.0, 80_000.0] };
        let loss = LogisticLoss { matrix: &matrix, won: &won, penalty: 1e-5 * 400.0 };
        let (_, stuck) = loss.descend(away.clone(), HESSIANS, NEWTON_TOLERANCE);
        assert!(stuck > TOLERANCE, "{stuck}: no hopeless start");
        let (line, gradient) = relaxed(&matrix, &won, 1e-5);
        assert!(gradient <= NEWTON_TOLERANCE, "{gradient}");
        assert_close(&line.weights, &fit(&matrix, &won, 1e-5, "win").unwrap().weights, 6);
        assert_close(&fit_from(Some(away), &matrix, &won, 1e-5, "win").unwrap().weights, &line.weights, 6);
    }

    #[test]
    fn nothing_to_learn_is_said_and_separation_is_held_by_the_penalty() {
        let (matrix, _) = rows(50, 0.0);
        assert!(matches!(fit(&matrix, &[true; 50], 0.1, "win"), Err(ModelError::Solver { .. })));
        let separated: Vec<bool> = matrix.column(0).iter().map(|&x| x > 0.0).collect();
        let line = fit(&matrix, &separated, 1e-3, "win").unwrap();
        assert!(line.weights[0] > 3.0 && line.weights[0] < 100.0, "{line:?}");
        assert_eq!(fit(&FeatureMatrix::zeros(50, 0), &separated, 1e-3, "win").unwrap().weights.len(), 0);
    }
}
