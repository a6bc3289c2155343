//! The three-outcome regression: linfa's multinomial logistic regression, its result checked and finished.
//!
//! linfa 0.8.1 takes one maximum over all rows in its log-sum-exp, which is wrong where rows' log-odds are more than 34
//! apart, and does not say whether it converged: the gradient is computed here, row by row, Newton steps finish, the rest is
//! refused.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2, ArrayView2, ShapeBuilder};
use rayon::prelude::*;

use crate::features::FeatureMatrix;
use crate::model::error::ModelError;
use crate::model::newton::{Cholesky, Line, ROUNDING, dot, shares};

/// Largest gradient component per row of an accepted fit.
const TOLERANCE: f64 = 1e-5;
/// Where Newton steps stop.
const NEWTON_TOLERANCE: f64 = 1e-10;
const NEWTON_STEPS: usize = 100;
/// Gradient norm per row at which linfa stops: from there Newton steps are cheaper.
const SOLVER_TOLERANCE: f64 = 1e-3;
const ITERATIONS: u64 = 2_000;

/// Fits the outcomes `0..classes` with a ridge penalty of `alpha` per row, all classes alike; the intercepts carry
/// none. One line per class; only differences between lines mean something. A class without rows gets odds of one in
/// twice the rows.
///
/// # Errors
/// [`ModelError::Solver`] where there is one class only, [`ModelError::NotConverged`] where the minimum was not found.
pub(super) fn fit(
    matrix: &FeatureMatrix,
    class: &[usize],
    classes: usize,
    alpha: f64,
    head: &'static str,
) -> Result<Vec<Line>, ModelError> {
    let rows = class.len() as f64;
    if class.iter().all(|of_row| Some(of_row) == class.first()) {
        return Err(ModelError::Solver { head, reason: format!("all {} rows ended alike", class.len()) });
    }
    // What linfa gives up on, Newton's method still finds: the gradient decides, not the way there.
    let lines = solve(matrix, class, classes, alpha).unwrap_or_else(|| base_rates(matrix.columns(), class, classes));
    let loss = MultinomialLoss { matrix, class, alpha };
    let (mut lines, gradient) = loss.descend(lines);
    if gradient.is_nan() || gradient > TOLERANCE {
        return Err(ModelError::NotConverged { head, gradient, tolerance: TOLERANCE });
    }
    let present = lines.iter().map(|line| line.intercept).fold(f64::NEG_INFINITY, f64::max);
    for line in lines.iter_mut().filter(|line| line.intercept.is_infinite()) {
        line.intercept = present - (2.0 * rows).ln();
    }
    Ok(lines)
}

/// linfa's solution; `None` where its line search fails.
fn solve(matrix: &FeatureMatrix, class: &[usize], classes: usize, alpha: f64) -> Option<Vec<Line>> {
    let rows = class.len() as f64;
    let records = ArrayView2::from_shape((matrix.rows(), matrix.columns()).f(), matrix.values()).ok()?;
    let solver = MultiLogisticRegression::default()
        .alpha(alpha * rows)
        .gradient_tolerance(SOLVER_TOLERANCE * rows)
        .max_iterations(ITERATIONS);
    let fitted = solver.fit(&DatasetBase::new(records, Array1::from_vec(class.to_vec()))).ok()?;
    let mut lines = base_rates(matrix.columns(), class, classes);
    for (position, &of) in fitted.classes().iter().enumerate() {
        lines[of] =
            Line { intercept: fitted.intercept()[position], weights: fitted.params().column(position).to_vec() };
    }
    fitted.classes().iter().all(|&of| lines[of].is_finite()).then_some(lines)
}

/// Chances that know nothing but how often each class occurs.
fn base_rates(columns: usize, class: &[usize], classes: usize) -> Vec<Line> {
    let counts = (0..classes).map(|k| class.iter().filter(|&&of_row| of_row == k).count() as f64);
    let shares = counts.map(|count| count / class.len() as f64);
    shares.map(|share| Line { intercept: share.ln(), weights: vec![0.0; columns] }).collect()
}

/// Chances that belong to log-odds: `e^x / sum(e^x)`.
pub(super) fn softmax<const N: usize>(log_odds: [f64; N]) -> [f64; N] {
    let max = log_odds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let odds = log_odds.map(|x| (x - max).exp());
    let sum: f64 = odds.iter().sum();
    odds.map(|x| x / sum)
}

/// Minus the mean log-likelihood of `class` given `matrix`, plus `alpha / 2 * |weights|^2`. Classes without rows have an
/// intercept of minus infinity and stay as they are.
struct MultinomialLoss<'a> {
    matrix: &'a FeatureMatrix,
    class: &'a [usize],
    alpha: f64,
}

/// What is known of one set of lines.
struct MultinomialPoint {
    lines: Vec<Line>,
    /// By class, then by row.
    chances: Vec<Vec<f64>>,
    value: f64,
    gradient: Vec<f64>,
}

impl MultinomialPoint {
    /// The largest absolute component of the gradient; NaN if there is one.
    fn steepness(&self) -> f64 {
        self.gradient.iter().fold(0.0, |max, g| if g.is_nan() || g.abs() > max { g.abs() } else { max })
    }
}

impl MultinomialLoss<'_> {
    /// Newton steps from linfa's solution, halved where they overshoot; with the largest component of the gradient.
    fn descend(&self, lines: Vec<Line>) -> (Vec<Line>, f64) {
        let mut here = self.at(lines);
        for _ in 0..NEWTON_STEPS {
            let is_steep = here.steepness() > NEWTON_TOLERANCE;
            let Some(factor) = is_steep.then(|| Cholesky::of(&self.hessian(&here.chances))).flatten() else { break };
            let step = factor.solve(&here.gradient);
            let mut tries = shares().map(|share| self.at(self.moved(&here.lines, &step, share)));
            let Some(next) = tries.find(|next| next.value <= here.value * (1.0 + ROUNDING)) else { break };
            here = next;
        }
        let steepness = here.steepness();
        (here.lines, steepness)
    }

    /// `lines` after a share of a step, which has the order of the gradient.
    fn moved(&self, lines: &[Line], step: &[f64], share: f64) -> Vec<Line> {
        lines.iter().zip(step.chunks(self.matrix.columns() + 1)).map(|(line, step)| line.moved(step, share)).collect()
    }

    fn at(&self, lines: Vec<Line>) -> MultinomialPoint {
        let chances = self.chances(&lines);
        let fit: f64 = self.class.iter().enumerate().map(|(i, &class)| -chances[class][i].ln()).sum();
        let squares: f64 = lines.iter().flat_map(|line| &line.weights).map(|w| w * w).sum();
        let value = fit / self.class.len() as f64 + self.alpha / 2.0 * squares;
        MultinomialPoint { gradient: self.gradient(&lines, &chances), value, chances, lines }
    }

    /// Chances by class, then by row.
    fn chances(&self, lines: &[Line]) -> Vec<Vec<f64>> {
        let mut chances: Vec<Vec<f64>> = lines.iter().map(|line| line.log_odds(self.matrix)).collect();
        for i in 0..self.class.len() {
            let max = chances.iter().map(|of| of[i]).fold(f64::NEG_INFINITY, f64::max);
            chances.iter_mut().for_each(|of| of[i] = (of[i] - max).exp());
            let sum: f64 = chances.iter().map(|of| of[i]).sum();
            chances.iter_mut().for_each(|of| of[i] /= sum);
        }
        chances
    }

    /// Per class: per weight, then for the intercept.
    fn gradient(&self, lines: &[Line], chances: &[Vec<f64>]) -> Vec<f64> {
        let classes = lines.par_iter().zip(chances).enumerate();
        classes.map(|(k, (line, chances))| self.gradient_of_class(k, line, chances)).collect::<Vec<_>>().concat()
    }

    fn gradient_of_class(&self, k: usize, line: &Line, chances: &[f64]) -> Vec<f64> {
        let rows = self.class.len() as f64;
        let errors: Vec<f64> =
            chances.iter().zip(self.class).map(|(chance, class)| chance - f64::from(*class == k)).collect();
        let weights = line.weights.iter().enumerate();
        let mut gradient: Vec<f64> =
            weights.map(|(j, w)| dot(self.matrix.column(j), &errors) / rows + self.alpha * w).collect();
        gradient.push(errors.iter().sum::<f64>() / rows);
        gradient
    }

    /// Second derivatives in the order of the gradient. The intercepts carry a trace of a penalty: only their
    /// differences mean something.
    fn hessian(&self, chances: &[Vec<f64>]) -> Array2<f64> {
        const TRACE: f64 = 1e-9;
        let (rows, size) = (self.class.len(), self.matrix.columns() + 1);
        let mut cells = self.matrix.values().to_vec();
        cells.extend(std::iter::repeat_n(1.0, rows));
        let cells = ArrayView2::from_shape((size, rows), &cells).expect("one value per column and row");
        let pairs = (0..chances.len().pow(2)).into_par_iter();
        let blocks = pairs.map(|pair| {
            let weights = pair_weights(chances, pair / chances.len(), pair % chances.len());
            (&cells * &weights).dot(&cells.t())
        });
        let blocks: Vec<Array2<f64>> = blocks.collect();
        let mut hessian = Array2::from_shape_fn((chances.len() * size, chances.len() * size), |(i, j)| {
            blocks[i / size * chances.len() + j / size][(i % size, j % size)]
        });
        for i in 0..hessian.nrows() {
            hessian[(i, i)] += if i % size == size - 1 { TRACE } else { self.alpha };
        }
        hessian
    }
}

/// What every row weighs in the second derivatives between the classes `k` and `l`.
fn pair_weights(chances: &[Vec<f64>], k: usize, l: usize) -> Array1<f64> {
    let rows = chances[k].len() as f64;
    let pairs = chances[k].iter().zip(&chances[l]);
    pairs.map(|(of_k, of_l)| of_k * (f64::from(k == l) - of_l) / rows).collect()
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
        let from_linfa = fit(&matrix, &class, 3, 0.01, "period").unwrap();
        let from_nothing =
            MultinomialLoss { matrix: &matrix, class: &class, alpha: 0.01 }.descend(base_rates(3, &class, 3)).0;
        for lines in [from_linfa, from_nothing] {
            let against_first = |k: usize| -> Vec<f64> {
                let weights = lines[k].weights.iter().zip(&lines[0].weights).map(|(w, first)| w - first);
                weights.chain([lines[k].intercept - lines[0].intercept]).collect()
            };
            assert_close(&against_first(1), &[1.436_295_480, -0.753_953_559, 0.368_301_685, 0.499_018_325], 5);
            assert_close(&against_first(2), &[0.418_497_806, -0.127_980_393, -0.007_763_894, -0.356_978_098], 5);
        }
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
