//! Lines under several penalties, or without some of the columns: one look at the rows serves all of them.
//!
//! A matrix, outcomes, a line that is near and [`Aim`]s in; for each aim the line it leads to out, and how far that is from
//! its minimum. A line that cannot follow the common steps is given back where it stands: `logistic` finishes it.
//! Rows are summed in fixed blocks, so results do not depend on the number of threads.

use ndarray::{Array2, ArrayView2, Axis, ShapeBuilder, Slice};
use rayon::prelude::*;

use crate::features::FeatureMatrix;
use crate::model::newton::{Cholesky, Line, LogisticLoss, LossPoint, SLOW};

/// Rows looked at at a time: few enough to stay at hand from the look that gives the loss to the one that gives its slope.
const BLOCK: usize = 1024;
/// Most common steps.
const MOST_STEPS: usize = 25;

/// What a line is sought for.
#[derive(Clone, Debug, Default)]
pub(super) struct Aim {
    pub penalty: f64,
    /// Columns it does without.
    pub without: Vec<usize>,
}

/// The line an aim led to.
pub(super) struct Reached {
    pub line: Line,
    /// Largest component of the gradient, per row.
    pub gradient: f64,
}

/// Lines on their way from one start, each with an aim of its own.
pub(super) struct CommonDescent<'a> {
    pub matrix: &'a FeatureMatrix,
    pub won: &'a [bool],
    /// The gradient per row at which a line has arrived.
    pub tolerance: f64,
}

/// One line on its way.
struct Descent<'a> {
    aim: &'a Aim,
    /// Of the curvature at the start, as the aim has it; none where it has none.
    factor: Option<Cholesky>,
    here: LossPoint,
    on_its_way: bool,
}

impl CommonDescent<'_> {
    /// Newton steps by the curvature at `start`, which all share, as long as they bring a line down fast.
    pub fn from(&self, start: &Line, aims: &[Aim]) -> Vec<Reached> {
        let curvature = LogisticLoss { matrix: self.matrix, won: self.won, penalty: 0.0 }.shared_curvature(start);
        let starts: Vec<Line> = aims.iter().map(|aim| aim.begin(start)).collect();
        let points = self.at_each(&starts.iter().collect::<Vec<&Line>>());
        let descents = aims.par_iter().zip(points).map(|(aim, point)| {
            let here = aim.seen(point);
            let on_its_way = !self.has_arrived(&here);
            Descent { aim, factor: Cholesky::of(&aim.curvature(curvature.clone())), here, on_its_way }
        });
        let mut descents: Vec<Descent<'_>> = descents.collect();
        for _ in 0..MOST_STEPS {
            if !self.step(&mut descents) {
                break;
            }
        }
        let rows = self.won.len() as f64;
        let reached =
            descents.into_iter().map(|end| Reached { gradient: end.here.steepness() / rows, line: end.here.line });
        reached.collect()
    }

    fn has_arrived(&self, here: &LossPoint) -> bool {
        here.steepness() <= self.tolerance * self.won.len() as f64
    }

    /// Moves every line that is on its way; returns whether there was one.
    fn step(&self, descents: &mut [Descent<'_>]) -> bool {
        let mut moving: Vec<&mut Descent<'_>> = descents.iter_mut().filter(|descent| descent.on_its_way).collect();
        let next: Vec<Option<Line>> = moving.iter().map(|descent| descent.next()).collect();
        let lines: Vec<&Line> = next.iter().flatten().collect();
        let mut points = self.at_each(&lines).into_iter();
        for (descent, next) in moving.iter_mut().zip(&next) {
            let point = if next.is_some() { points.next() } else { None };
            descent.on_its_way = point.is_some_and(|point| {
                let here = descent.aim.seen(point);
                let fast = here.steepness() <= SLOW * descent.here.steepness();
                let lower = here.is_no_higher_than(&descent.here);
                if lower {
                    descent.here = here;
                }
                lower && fast && !self.has_arrived(&descent.here)
            });
        }
        !lines.is_empty()
    }

    /// The loss and its slope at every line, whatever its aim.
    fn at_each(&self, lines: &[&Line]) -> Vec<LossPoint> {
        let weights = Array2::from_shape_fn((self.matrix.columns(), lines.len()), |(j, k)| lines[k].weights[j]);
        let starts: Vec<usize> = (0..self.won.len()).step_by(BLOCK).collect();
        let blocks: Vec<BlockSums> = starts.par_iter().map(|&start| self.block(start, lines, &weights)).collect();
        let mut points: Vec<LossPoint> = lines.iter().map(|line| LossPoint::before_any_row((*line).clone())).collect();
        for block in blocks {
            for (k, point) in points.iter_mut().enumerate() {
                point.add(block.values[k], block.slopes.column(k), block.errors[k]);
            }
        }
        points
    }

    /// What the rows from `start` on add to the loss and its slope at every line.
    fn block(&self, start: usize, lines: &[&Line], weights: &Array2<f64>) -> BlockSums {
        let rows = start..(start + BLOCK).min(self.won.len());
        let shape = (self.matrix.rows(), self.matrix.columns()).f();
        let matrix = ArrayView2::from_shape(shape, self.matrix.values()).expect("one value per row and column");
        let matrix = matrix.slice_axis(Axis(0), Slice::from(rows.clone()));
        let mut errors = matrix.dot(weights);
        let mut values = vec![0.0; lines.len()];
        for ((mut of_line, line), value) in errors.axis_iter_mut(Axis(1)).zip(lines).zip(&mut values) {
            for (cell, &won) in of_line.iter_mut().zip(&self.won[rows.clone()]) {
                let log_odds = *cell + line.intercept;
                let small = (-log_odds.abs()).exp();
                let likely = 1.0 / (1.0 + small);
                let chance = if log_odds < 0.0 { small * likely } else { likely };
                let against = if won { -log_odds } else { log_odds };
                *value += against.max(0.0) + small.ln_1p();
                *cell = chance - f64::from(won);
            }
        }
        BlockSums { values, slopes: matrix.t().dot(&errors), errors: errors.sum_axis(Axis(0)).to_vec() }
    }
}

impl Aim {
    /// A line without the columns that are not to be.
    fn begin(&self, start: &Line) -> Line {
        let mut line = start.clone();
        self.without.iter().for_each(|&j| line.weights[j] = 0.0);
        line
    }

    /// A point under the penalty, where the columns that are not to be ask for nothing.
    fn seen(&self, point: LossPoint) -> LossPoint {
        let mut point = point.penalised(self.penalty);
        self.without.iter().for_each(|&j| point.gradient[j] = 0.0);
        point
    }

    /// The curvature under the penalty, where the columns that are not to be stand for themselves.
    fn curvature(&self, mut plain: Array2<f64>) -> Array2<f64> {
        for j in 0..plain.nrows() - 1 {
            plain[(j, j)] += self.penalty;
        }
        for &j in &self.without {
            plain.row_mut(j).fill(0.0);
            plain.column_mut(j).fill(0.0);
            plain[(j, j)] = 1.0;
        }
        plain
    }
}

impl Descent<'_> {
    /// Where a whole step would lead.
    fn next(&self) -> Option<Line> {
        let step = self.factor.as_ref()?.solve(&self.here.gradient);
        Some(self.here.line.moved(&step, 1.0)).filter(Line::is_finite)
    }
}

/// What some rows add, per line.
struct BlockSums {
    values: Vec<f64>,
    /// Per column and line.
    slopes: Array2<f64>,
    /// The slope of the intercept.
    errors: Vec<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixtures::{assert_close, rows};
    use crate::model::logistic::{fit, fit_each, fit_without};

    const ALPHAS: [f64; 5] = [1e-5, 1e-3, 1e-2, 1.0, 10.0];

    #[test]
    fn lines_fitted_side_by_side_are_those_fitted_alone() {
        let (matrix, won) = rows(3000, 0.7);
        let start = fit(&matrix, &won, 1e-2, "win").unwrap();
        let descent = CommonDescent { matrix: &matrix, won: &won, tolerance: 1e-10 };
        let aims = ALPHAS.map(|alpha| Aim { penalty: alpha * 3000.0, without: Vec::new() });
        let reached = descent.from(&start, &aims);
        for (reached, alpha) in reached.iter().zip(ALPHAS) {
            assert!(reached.gradient <= 1e-10, "{alpha}: {}", reached.gradient);
            assert_close(&reached.line.weights, &fit(&matrix, &won, alpha, "win").unwrap().weights, 6);
        }
    }

    #[test]
    fn a_line_that_common_steps_do_not_reach_is_found_all_the_same() {
        let (matrix, _) = rows(60, 0.0);
        let separated: Vec<bool> = matrix.column(0).iter().map(|&x| x > 0.0).collect();
        let start = fit(&matrix, &separated, 1.0, "win").unwrap();
        let descent = CommonDescent { matrix: &matrix, won: &separated, tolerance: 1e-9 };
        let aim = Aim { penalty: 1e-5 * 60.0, without: Vec::new() };
        assert!(descent.from(&start, &[aim])[0].gradient > 1e-6, "common steps do");
        let lines = fit_each(&matrix, &separated, &ALPHAS, None, "win").unwrap();
        for (line, alpha) in lines.iter().zip(ALPHAS) {
            assert_close(&line.weights, &fit(&matrix, &separated, alpha, "win").unwrap().weights, 4);
        }
    }

    #[test]
    fn a_column_left_out_is_as_if_it_had_never_been() {
        let (matrix, won) = rows(600, 0.4);
        let start = fit(&matrix, &won, 1e-3, "win").unwrap();
        let without = [vec![], vec![0], vec![1, 2], vec![0, 1, 2]];
        let lines = fit_without(&mut matrix.clone(), &won, 1e-3, &start, &without, "win").unwrap();
        assert_close(&lines[0].weights, &start.weights, 7);
        for (line, without) in lines.iter().zip(&without) {
            let mut rest = matrix.clone();
            without.iter().for_each(|&j| rest.column_mut(j).fill(0.0));
            assert_close(&line.weights, &fit(&rest, &won, 1e-3, "win").unwrap().weights, 6);
            assert!(without.iter().all(|&j| line.weights[j] == 0.0), "{line:?}");
        }
        // What carries everything cannot be left out by a step or two.
        let separated: Vec<bool> = matrix.column(0).iter().map(|&x| x > 0.0).collect();
        let start = fit(&matrix, &separated, 1e-5, "win").unwrap();
        let mut changed = matrix.clone();
        let lines = fit_without(&mut changed, &separated, 1e-5, &start, &[vec![0]], "win").unwrap();
        assert_eq!(changed, matrix, "what is left out is put back");
        changed.column_mut(0).fill(0.0);
        assert_close(&lines[0].weights, &fit(&changed, &separated, 1e-5, "win").unwrap().weights, 5);
    }
}
