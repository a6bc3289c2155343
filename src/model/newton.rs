//! The logistic loss at a point: gradient, Hessian and Newton steps on it.
//!
//! Checks what a solver claims and finishes what it left: linfa says neither whether it converged nor how certain the
//! weights are. Rows are summed in fixed blocks, so results do not depend on the number of threads.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Slice};
use rayon::prelude::*;

use crate::domain::probability::logistic;
use crate::features::FeatureMatrix;

/// A step may raise the loss by this share of it: less cannot be told from rounding.
pub(super) const ROUNDING: f64 = 1e-12;
/// A Hessian that leaves more than this share of the gradient is computed anew.
pub(super) const SLOW: f64 = 0.3;
/// How often a step is halved before it is given up.
const HALVINGS: i32 = 12;
/// Rows per column that make a Hessian good enough to step by.
const ROWS_PER_COLUMN: usize = 64;
/// The same for one that many lines step by.
const SHARED_ROWS_PER_COLUMN: usize = 256;
/// Rows summed by one task.
const BLOCK: usize = 4096;
/// Rows of a Hessian summed at a time: few enough to stay at hand.
const HESSIAN_BLOCK: usize = 1024;
/// Columns of a Gram matrix made at a time.
const PANEL: usize = 32;

/// X'WX of some columns and a constant, the last. `roots`: the square root of every row's weight.
pub(super) fn weighted_gram<C: Iterator<Item = f64>>(columns: impl Iterator<Item = C>, roots: &[f64]) -> Array2<f64> {
    let (mut size, mut scaled) = (1, Vec::new());
    for column in columns {
        scaled.extend(column.zip(roots).map(|(x, root)| x * root));
        size += 1;
    }
    scaled.extend(roots);
    let scaled = ArrayView2::from_shape((size, roots.len()), &scaled).expect("one value per row and column");
    // The half above the diagonal is that below it.
    let mut gram = Array2::zeros((size, size));
    for from in (0..size).step_by(PANEL) {
        let until = (from + PANEL).min(size);
        let panel = scaled.slice_axis(Axis(0), Slice::from(from..until));
        let before = scaled.slice_axis(Axis(0), Slice::from(..until));
        let below = panel.dot(&before.t());
        gram.slice_axis_mut(Axis(0), Slice::from(from..until))
            .slice_axis_mut(Axis(1), Slice::from(..until))
            .assign(&below);
    }
    for i in 0..size {
        for j in i + 1..size {
            gram[(i, j)] = gram[(j, i)];
        }
    }
    gram
}

/// Weights, and an intercept that carries no penalty.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Log-odds where all columns are 0.
    pub intercept: f64,
    /// One per column.
    pub weights: Vec<f64>,
}

impl Line {
    /// The log-odds of every row of `matrix`.
    #[must_use]
    pub fn log_odds(&self, matrix: &FeatureMatrix) -> Vec<f64> {
        let mut log_odds = vec![self.intercept; matrix.rows()];
        log_odds.par_chunks_mut(BLOCK).enumerate().for_each(|(block, out)| {
            let start = block * BLOCK;
            let rows = start..start + out.len();
            let column = |j: usize| &matrix.column(j)[rows.clone()];
            let (fours, rest) = self.weights.as_chunks::<4>();
            for (at, [a, b, c, d]) in fours.iter().enumerate() {
                // Four at once: the sums need not be taken up and put down for every column.
                let [x, y, z, w] = [0, 1, 2, 3].map(|k| column(4 * at + k));
                for (sum, (((x, y), z), w)) in out.iter_mut().zip(x.iter().zip(y).zip(z).zip(w)) {
                    *sum = *sum + a * x + b * y + c * z + d * w;
                }
            }
            for (at, weight) in rest.iter().enumerate() {
                out.iter_mut().zip(column(4 * fours.len() + at)).for_each(|(sum, x)| *sum += weight * x);
            }
        });
        log_odds
    }

    /// The line after a share of a step, whose last entry is the intercept's.
    pub(super) fn moved(&self, step: &[f64], share: f64) -> Self {
        Self {
            intercept: self.intercept - share * step[step.len() - 1],
            weights: self.weights.iter().zip(step).map(|(w, d)| w - share * d).collect(),
        }
    }

    /// Whether every number in it is one.
    pub(crate) fn is_finite(&self) -> bool {
        self.intercept.is_finite() && self.weights.iter().all(|w| w.is_finite())
    }
}

/// Minus the log-likelihood of `won` given `matrix`, plus `penalty / 2 * |weights|^2`.
pub(super) struct LogisticLoss<'a> {
    pub matrix: &'a FeatureMatrix,
    pub won: &'a [bool],
    pub penalty: f64,
}

/// What is known of one line.
#[derive(Clone)]
pub(super) struct LossPoint {
    pub line: Line,
    value: f64,
    /// Per weight, then for the intercept; summed over rows.
    pub gradient: Vec<f64>,
}

impl LossPoint {
    /// A line of which no row has been looked at.
    pub fn before_any_row(line: Line) -> Self {
        Self { value: 0.0, gradient: vec![0.0; line.weights.len() + 1], line }
    }

    /// Adds what some rows make of the value, of the gradient of the weights and of that of the intercept.
    pub fn add(&mut self, value: f64, slopes: ArrayView1<'_, f64>, intercept: f64) {
        self.value += value;
        self.gradient.iter_mut().zip(slopes.iter().chain([&intercept])).for_each(|(sum, slope)| *sum += slope);
    }

    /// The same under a penalty, where there was none.
    pub fn penalised(mut self, penalty: f64) -> Self {
        self.value += penalty / 2.0 * self.line.weights.iter().map(|w| w * w).sum::<f64>();
        self.gradient.iter_mut().zip(&self.line.weights).for_each(|(sum, weight)| *sum += penalty * weight);
        self
    }

    /// Largest absolute component of the gradient; NaN if there is one.
    pub fn steepness(&self) -> f64 {
        self.gradient.iter().fold(0.0, |max, g| if g.is_nan() || g.abs() > max { g.abs() } else { max })
    }

    /// Whether the loss is not higher than at `other`, but for rounding.
    pub fn is_no_higher_than(&self, other: &Self) -> bool {
        self.value <= other.value * (1.0 + ROUNDING)
    }
}

impl LogisticLoss<'_> {
    fn at(&self, line: Line) -> LossPoint {
        let log_odds = line.log_odds(self.matrix);
        LossPoint { value: self.value(&line, &log_odds), gradient: self.gradient(&line, &log_odds), line }
    }

    fn value(&self, line: &Line, log_odds: &[f64]) -> f64 {
        let signed = log_odds.iter().zip(self.won).map(|(&x, &won)| if won { -x } else { x });
        let fit: f64 = signed.map(softplus).sum();
        fit + self.penalty / 2.0 * line.weights.iter().map(|w| w * w).sum::<f64>()
    }

    fn gradient(&self, line: &Line, log_odds: &[f64]) -> Vec<f64> {
        let errors: Vec<f64> = log_odds.iter().zip(self.won).map(|(&x, &won)| logistic(x) - f64::from(won)).collect();
        let weights = line.weights.par_iter().enumerate();
        let mut gradient: Vec<f64> =
            weights.map(|(j, weight)| dot(self.matrix.column(j), &errors) + self.penalty * weight).collect();
        gradient.push(errors.iter().sum());
        gradient
    }

    /// Second derivatives, in the order of the gradient; from every `stride`-th row, scaled up to all of them.
    fn hessian(&self, line: &Line, stride: usize) -> Array2<f64> {
        self.penalised(self.curvature(line, stride))
    }

    /// A curvature with that of the penalty.
    fn penalised(&self, mut curvature: Array2<f64>) -> Array2<f64> {
        for j in 0..curvature.nrows() - 1 {
            curvature[(j, j)] += self.penalty;
        }
        curvature
    }

    /// The Hessian without the penalty, from so many rows that fits under several penalties can step by it.
    pub fn shared_curvature(&self, line: &Line) -> Array2<f64> {
        self.curvature(line, self.stride(line, SHARED_ROWS_PER_COLUMN))
    }

    /// Every how many rows a Hessian looks at.
    fn stride(&self, line: &Line, rows_per_column: usize) -> usize {
        (self.won.len() / (rows_per_column * (line.weights.len() + 1))).max(1)
    }

    fn curvature(&self, line: &Line, stride: usize) -> Array2<f64> {
        let size = line.weights.len() + 1;
        let rows: Vec<usize> = (0..self.won.len()).step_by(stride).collect();
        let share = rows.len() as f64 / self.won.len() as f64;
        let add = |sum: Array2<f64>, block: Array2<f64>| sum + block;
        let blocks = rows.par_chunks(BLOCK).map(|rows| {
            let parts = rows.chunks(HESSIAN_BLOCK).map(|rows| self.hessian_of_block(line, rows, share));
            parts.fold(Array2::zeros((size, size)), add)
        });
        let blocks: Vec<Array2<f64>> = blocks.collect();
        blocks.into_iter().fold(Array2::zeros((size, size)), add)
    }

    /// The part of the Hessian that `rows` make, which are a `share` of those they stand for.
    fn hessian_of_block(&self, line: &Line, rows: &[usize], share: f64) -> Array2<f64> {
        let mut log_odds = vec![line.intercept; rows.len()];
        for (j, weight) in line.weights.iter().enumerate() {
            log_odds.iter_mut().zip(self.cells(j, rows)).for_each(|(sum, x)| *sum += weight * x);
        }
        let scale: Vec<f64> = log_odds.iter().map(|&x| (logistic(x) * (1.0 - logistic(x)) / share).sqrt()).collect();
        weighted_gram((0..line.weights.len()).map(|j| self.cells(j, rows)), &scale)
    }

    /// The values of a column on some rows.
    fn cells(&self, column: usize, rows: &[usize]) -> impl Iterator<Item = f64> {
        let column = self.matrix.column(column);
        rows.iter().map(move |&i| column[i])
    }

    /// Newton steps from `line` until no component of the gradient is above `tolerance` per row, with at most
    /// `hessians` Hessians. Returns the last line and its largest component per row.
    ///
    /// A Hessian costs as much as a hundred gradients, so one serves as long as it brings the gradient down fast; and
    /// as only the gradient has to be exact, a sample of the rows does for it.
    pub fn descend(&self, line: Line, hessians: usize, tolerance: f64) -> (Line, f64) {
        let rows = self.won.len() as f64;
        let mut stride = self.stride(&line, ROWS_PER_COLUMN);
        let mut here = self.at(line);
        for _ in 0..hessians {
            if here.steepness() <= tolerance * rows {
                break;
            }
            let factor = Cholesky::of(&self.hessian(&here.line, stride));
            let mut steps = 0;
            while let Some(next) = factor.as_ref().and_then(|factor| self.step(&here, &factor.solve(&here.gradient))) {
                let slow = next.steepness() > SLOW * here.steepness();
                here = next;
                steps += 1;
                if slow || here.steepness() <= tolerance * rows {
                    break;
                }
            }
            // Not even a fresh one helped at once: the sample was too small, or this is as far as rounding lets us.
            match (steps, stride) {
                (0, 1) => break,
                (0 | 1, _) => stride = 1,
                _ => {}
            }
        }
        let steepness = here.steepness() / rows;
        (here.line, steepness)
    }

    /// A `step` down, or a part of it where the whole overshoots; `None` where none lowers the loss.
    fn step(&self, from: &LossPoint, step: &[f64]) -> Option<LossPoint> {
        shares().find_map(|share| {
            let line = from.line.moved(step, share);
            let log_odds = line.log_odds(self.matrix);
            let value = self.value(&line, &log_odds);
            let lower = value <= from.value * (1.0 + ROUNDING);
            lower.then(|| LossPoint { value, gradient: self.gradient(&line, &log_odds), line })
        })
    }

    /// Standard errors of the weights: roots of the diagonal of the inverse Hessian, of as many rows as a step needs. Rows
    /// count as independent.
    pub fn std_errors(&self, line: &Line) -> Option<Vec<f64>> {
        let inverse = Cholesky::of(&self.hessian(line, self.stride(line, ROWS_PER_COLUMN)))?.inverse_diagonal();
        Some(inverse[..line.weights.len()].iter().map(|variance| variance.max(0.0).sqrt()).collect())
    }
}

/// Parts of a step to try: the whole, then halves of it.
pub(super) fn shares() -> impl Iterator<Item = f64> {
    (0..HALVINGS).map(|k| 0.5_f64.powi(k))
}

/// `ln(1 + e^x)` without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Eight running sums: the same order on every machine, and wide enough for its vector unit.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    for (a, b) in a8.iter().zip(b8) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}

/// The lower triangle `L` of a positive definite matrix `L L^T`, row after row.
pub(super) struct Cholesky {
    rows: Vec<Vec<f64>>,
}

impl Cholesky {
    /// `None` where the matrix is not positive definite.
    pub fn of(matrix: &Array2<f64>) -> Option<Self> {
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(matrix.nrows());
        for i in 0..matrix.nrows() {
            let mut row: Vec<f64> = Vec::with_capacity(i + 1);
            for j in 0..i {
                let below = dot(&row[..j], &rows[j][..j]);
                row.push((matrix[(i, j)] - below) / rows[j][j]);
            }
            let rest = matrix[(i, i)] - dot(&row, &row);
            // NaN is no pivot either.
            if rest.is_nan() || rest <= 0.0 {
                return None;
            }
            row.push(rest.sqrt());
            rows.push(row);
        }
        Some(Self { rows })
    }

    /// `x` with `L x = b`.
    fn forward(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(b.len());
        for (i, row) in self.rows.iter().enumerate() {
            let known = dot(&row[..i], &x);
            x.push((b[i] - known) / row[i]);
        }
        x
    }

    /// `x` with `L L^T x = b`.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = self.forward(b);
        for i in (0..x.len()).rev() {
            x[i] /= self.rows[i][i];
            let solved = x[i];
            x.iter_mut().zip(&self.rows[i][..i]).for_each(|(x, factor)| *x -= factor * solved);
        }
        x
    }

    /// The diagonal of the inverse: squared lengths of the columns of `L^-1`.
    fn inverse_diagonal(&self) -> Vec<f64> {
        let size = self.rows.len();
        let columns = (0..size).into_par_iter().map(|i| self.forward(&unit_vector(size, i)));
        columns.map(|column| column.iter().map(|x| x * x).sum()).collect()
    }
}

/// 1 at `position`, 0 elsewhere.
fn unit_vector(size: usize, position: usize) -> Vec<f64> {
    (0..size).map(|k| f64::from(k == position)).collect()
}
