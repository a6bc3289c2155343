//! Does a number bend, jump, or matter at one exact value, beyond what its columns can already follow?
//!
//! One field's values and the residuals in, the bases worth a column out, each with its score statistic. Values are
//! summed up by class first, so that hundreds of candidates cost no more than one look at the rows. Each candidate is
//! tested in the part of it that the field's own columns do not explain (score test, Rao 1948); after one is taken, the
//! others are tested beside it.

use crate::features::knots::quantile;
use crate::features::rounding::rounded;
use crate::features::spec::ColumnBasis;
use crate::features::terms::tally::{ClassSums, FEWEST_ROWS, tally};
use crate::features::terms::unexplained::Unexplained;

/// Quantiles at which a number may bend or jump.
const QUANTILES: usize = 20;
/// Most frequent values that may matter by themselves.
const EXACT_VALUES: usize = 20;
/// Most terms of one field.
const MOST_OF_A_FIELD: usize = 6;
/// What is left of a candidate beside the columns there are, as a share of its variance, for it to be asked at all.
const LEAST_LEFT: f64 = 1e-4;
/// Standard errors by which either half of the rows must point the same way.
const HALF_SURE: f64 = 1.0;

/// A basis that a field is to have beside its own.
#[derive(Clone, Debug)]
pub(super) struct Bend {
    pub basis: ColumnBasis,
    /// Square of the score statistic.
    pub strength: f64,
}

/// The bases that a field with these `values` is to have beside its `own`, strongest first.
pub(super) fn bends(values: &[f64], own: &[&ColumnBasis], unexplained: &Unexplained, least: f64) -> Vec<Bend> {
    let Some(points) = Points::of(values) else { return Vec::new() };
    let classes = Classes::of(&points, values, unexplained);
    let mut taken: Vec<Vec<f64>> = Vec::new();
    let mut candidates = points.candidates();
    candidates.retain(|basis| !own.contains(&basis));
    let mut columns: Vec<Option<Vec<f64>>> = candidates.iter().map(|basis| classes.column(basis)).collect();
    let constant = Some(vec![1.0; classes.sums.len()]);
    for column in std::iter::once(constant).chain(own.iter().map(|basis| classes.column(basis))).flatten() {
        taken.extend(classes.beside(column, &taken));
    }
    for column in &mut columns {
        *column = column.take().and_then(|column| classes.beside(column, &taken));
    }
    let mut found = Vec::new();
    while found.len() < MOST_OF_A_FIELD {
        let strengths = columns.iter().map(|column| column.as_ref().map_or(0.0, |x| classes.strength(x, unexplained)));
        let Some((best, strength)) = strengths.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)) else { break };
        if strength < least {
            break;
        }
        let Some(column) = columns[best].take() else { break };
        found.push(Bend { basis: candidates[best].clone(), strength });
        let beside = [column];
        for column in &mut columns {
            *column = column.take().and_then(|column| classes.beside(column, &beside));
        }
    }
    found
}

/// Values at which something may happen.
struct Points {
    /// Ascending.
    all: Vec<f64>,
    /// Those that are frequent by themselves, ascending.
    exact: Vec<f64>,
}

impl Points {
    /// None where a line through the values is all there can be.
    fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut runs: Vec<(usize, f64)> = sorted.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0])).collect();
        if runs.len() <= 2 {
            return None;
        }
        runs.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)));
        runs.truncate(EXACT_VALUES);
        runs.retain(|run| run.0 as f64 >= FEWEST_ROWS);
        let mut exact: Vec<f64> = runs.into_iter().map(|run| run.1).collect();
        exact.sort_unstable_by(f64::total_cmp);
        let quantiles = (1..QUANTILES).map(|k| quantile(&sorted, k as f64 / QUANTILES as f64));
        let mut all: Vec<f64> = quantiles.chain(exact.iter().copied()).collect();
        all.sort_unstable_by(f64::total_cmp);
        all.dedup();
        Some(Self { all, exact })
    }

    fn candidates(&self) -> Vec<ColumnBasis> {
        let hinges = self.all.iter().map(|&point| ColumnBasis::Hinge { knot: rounded(point) });
        let jumps = self.all.iter().map(|&point| ColumnBasis::From { least: rounded(point) });
        let exact = self.exact.iter().map(|&value| ColumnBasis::Exactly { value: rounded(value) });
        hinges.chain(jumps).chain(exact).collect()
    }
}

/// The rows summed up by where they lie among the points: on one of them, or between two.
struct Classes {
    sums: Vec<ClassSums>,
    /// Weighted mean of the values.
    means: Vec<f64>,
}

impl Classes {
    fn of(points: &Points, values: &[f64], unexplained: &Unexplained) -> Self {
        let class = |value: f64| {
            let below = points.all.partition_point(|&point| point < value);
            2 * below + usize::from(points.all.get(below) == Some(&value))
        };
        let count = 2 * points.all.len() + 1;
        let class_of: Vec<Option<usize>> =
            values.iter().map(|&value| value.is_finite().then(|| class(value))).collect();
        let (mut totals, mut weights) = (vec![0.0; count], vec![0.0; count]);
        for ((class, value), weight) in class_of.iter().zip(values).zip(&unexplained.weight) {
            if let Some(class) = *class {
                totals[class] += value * weight;
                weights[class] += weight;
            }
        }
        let means = totals.iter().zip(&weights).map(|(total, weight)| if *weight > 0.0 { total / weight } else { 0.0 });
        let means = means.collect();
        let of_rows = class_of.into_iter().enumerate().filter_map(|(row, class)| Some((row, class?)));
        Self { sums: tally(count, of_rows, unexplained), means }
    }

    /// What a basis says of every class; none where too few rows are on either side of it.
    fn column(&self, basis: &ColumnBasis) -> Option<Vec<f64>> {
        let column: Vec<f64> = self.means.iter().map(|&mean| basis.of_value(mean)).collect();
        let of_side = |side: bool| {
            let of_side = self.sums.iter().zip(&column).filter(|(_, x)| (**x != 0.0) == side);
            of_side.fold(ClassSums::default(), |mut all, (sums, _)| {
                all.rows += sums.rows;
                all.weight[0] += sums.weights();
                all
            })
        };
        let is_line = matches!(basis, ColumnBasis::Value);
        (is_line || (of_side(true).is_enough() && of_side(false).is_enough())).then_some(column)
    }

    fn product(&self, a: &[f64], b: &[f64]) -> f64 {
        self.sums.iter().zip(a.iter().zip(b)).map(|(sums, (a, b))| sums.weights() * a * b).sum()
    }

    /// What of a column is not explained by those `taken`, which are orthogonal to each other.
    fn beside(&self, mut column: Vec<f64>, taken: &[Vec<f64>]) -> Option<Vec<f64>> {
        let before = self.product(&column, &column);
        for other in taken {
            let share = self.product(&column, other) / self.product(other, other);
            column.iter_mut().zip(other).for_each(|(x, other)| *x -= share * other);
        }
        (before > 0.0 && self.product(&column, &column) > LEAST_LEFT * before).then_some(column)
    }

    /// The square of the score statistic; 0 where the two halves of the rows do not agree.
    fn strength(&self, column: &[f64], unexplained: &Unexplained) -> f64 {
        let z_of = |residual: &dyn Fn(&ClassSums) -> f64, weight: &dyn Fn(&ClassSums) -> f64| {
            let sum = self.sums.iter().zip(column).map(|(sums, x)| x * residual(sums)).sum::<f64>();
            let variance = self.sums.iter().zip(column).map(|(sums, x)| x * x * weight(sums)).sum::<f64>();
            unexplained.z(sum, variance)
        };
        let all = z_of(&ClassSums::residuals, &ClassSums::weights);
        let halves = [0, 1].map(|half| z_of(&|sums| sums.residual[half], &|sums| sums.weight[half]));
        let agree = halves.iter().all(|half| half * all.signum() > HALF_SURE);
        if agree { all * all } else { 0.0 }
    }
}
