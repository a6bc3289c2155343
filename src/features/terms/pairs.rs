//! Do two fields matter together beyond what each does alone?
//!
//! Both fields are cut into a few classes; of every cell of the two the residuals are summed up, less what row and column
//! of the cell explain (additive fit). What is left is compared with chance: chi-squared, in standard deviations.

use rayon::prelude::*;

use crate::features::cells::{CellLevel, Cells};
use crate::features::context::FeatureContext;
use crate::features::knots::quantile;
use crate::features::naming::unique;
use crate::features::pair::NO_CLASS;
use crate::features::read::read;
use crate::features::rounding::rounded;
use crate::features::spec::{FeatureSpec, Field, Measure};
use crate::features::spec::{PairCell, PairSide};
use crate::features::terms::tally::{ClassSums, FEWEST_ROWS, tally};
use crate::features::terms::unexplained::Unexplained;
use crate::snapshot::DealState;

/// Classes of a number with many values.
const CLASSES: usize = 5;
/// Levels with a class of their own.
const MOST_LEVELS: usize = 6;
/// Rows times pairs that are looked at: with very many fields a share of the rows does.
const MOST_WORK: usize = 200_000_000;
/// Standard deviations above what chance gives from which a pair is worth its columns.
const LEAST_STRENGTH: f64 = 7.0;
/// Standard deviations by which the cells of the older rows must agree with those of the newer ones.
const LEAST_AGREEMENT: f64 = 2.0;
/// Standard errors from which a cell has a column of its own.
const TELLING_CELL: f64 = 1.5;
/// Most cells of a pair.
const MOST_CELLS: usize = 12;
/// Most pairs.
const MOST_PAIRS: usize = 10;
/// Rounds of the additive fit.
const ROUNDS: usize = 6;

/// Two fields that matter together.
#[derive(Clone, Debug)]
pub(super) struct FoundPair {
    /// Positions of the fields.
    pub fields: [usize; 2],
    pub sides: [PairSide; 2],
    pub cells: Vec<PairCell>,
    /// Standard deviations above what chance gives.
    pub strength: f64,
}

/// A field cut into classes, and the class of every row looked at.
struct Cut {
    field: usize,
    side: PairSide,
    classes: Vec<u8>,
}

/// The pairs of fields of `spec` that matter together, strongest first.
pub(super) fn pairs(
    spec: &FeatureSpec,
    rows: &[DealState],
    unexplained: &Unexplained,
    context: &FeatureContext<'_>,
) -> Vec<FoundPair> {
    let fields: Vec<usize> = (0..spec.fields.len()).collect();
    let cuts: Vec<Cut> = fields.par_iter().filter_map(|&field| Cut::of(spec, field, rows, context)).collect();
    let mut pairs: Vec<[&Cut; 2]> = Vec::new();
    for (i, first) in cuts.iter().enumerate() {
        let factor = |cut: &Cut| &spec.fields[cut.field].factor;
        pairs.extend(
            cuts[i + 1..].iter().filter(|second| factor(second) != factor(first)).map(|second| [first, second]),
        );
    }
    let stride = (pairs.len() * rows.len()).div_ceil(MOST_WORK).max(1);
    let mut found: Vec<FoundPair> =
        pairs.par_iter().filter_map(|pair| PairTest::of(*pair, stride, unexplained).found(*pair)).collect();
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.fields.cmp(&b.fields)));
    found.truncate(MOST_PAIRS);
    found
}

impl Cut {
    /// None where the field has no two classes to compare.
    fn of(spec: &FeatureSpec, field: usize, rows: &[DealState], context: &FeatureContext<'_>) -> Option<Self> {
        let of_field = &spec.fields[field];
        let cells = read(&of_field.measure, rows, context);
        let side = side_of(of_field, &cells)?;
        let classes = side.classes_of(&cells);
        let mut counts = vec![0_usize; side.classes()];
        classes.iter().filter(|class| **class != NO_CLASS).for_each(|class| counts[usize::from(*class)] += 1);
        let filled = counts.iter().filter(|count| **count as f64 >= FEWEST_ROWS).count();
        (filled >= 2).then_some(Self { field, side, classes })
    }
}

fn side_of(field: &Field, cells: &Cells) -> Option<PairSide> {
    if matches!(field.measure, Measure::Pair { .. }) {
        return None;
    }
    let mut side = PairSide {
        field: field.name.clone(),
        measure: Box::new(field.measure.clone()),
        cuts: Vec::new(),
        levels: Vec::new(),
        absence_is_neutral: field.absence_is_neutral,
    };
    match (cells, &field.measure) {
        (Cells::Numbers(values), _) => side.cuts = cuts(values.clone()),
        (Cells::Levels(of_rows), Measure::Level { levels, .. }) => side.levels = frequent(of_rows, levels),
        (Cells::Levels(_), _) => return None,
    }
    Some(side)
}

/// Where a number is cut: at every value where there are few, at quantiles where there are many.
fn cuts(mut values: Vec<f64>) -> Vec<f64> {
    values.retain(|value| value.is_finite());
    values.sort_unstable_by(f64::total_cmp);
    let mut distinct: Vec<f64> = values.chunk_by(|a, b| a == b).take(CLASSES + 2).map(|run| run[0]).collect();
    if distinct.len() > CLASSES + 1 {
        distinct = (1..CLASSES).map(|k| quantile(&values, k as f64 / CLASSES as f64)).collect();
        distinct.dedup();
    }
    let highest = values.last().copied();
    distinct.retain(|&cut| Some(cut) != highest);
    // Rounded upwards, so that the value itself stays below its cut.
    distinct.into_iter().map(|cut| rounded(cut + 1e-8 * cut.abs().max(1e-3))).collect()
}

/// The most frequent levels, in the order of their names.
fn frequent(of_rows: &[CellLevel], levels: &[String]) -> Vec<String> {
    let mut counts: Vec<(usize, usize)> = (0..levels.len()).map(|level| (0, level)).collect();
    for level in of_rows {
        if let CellLevel::Known(at) = level {
            counts[*at as usize].0 += 1;
        }
    }
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    counts.truncate(MOST_LEVELS);
    let mut names: Vec<String> = counts.into_iter().map(|(_, level)| levels[level].clone()).collect();
    names.sort_unstable();
    names
}

/// What is left of the cells of two fields once each field alone is explained.
struct PairTest<'a> {
    cells: Vec<ClassSums>,
    /// Classes of the second field.
    width: usize,
    /// By cell and half, in standard errors; 0 where there is too little to say.
    z: Vec<[f64; 2]>,
    /// The same of both halves together.
    z_all: Vec<f64>,
    /// Cells that were looked at, less what the additive fit took.
    freedom: f64,
    unexplained: &'a Unexplained,
}

impl<'a> PairTest<'a> {
    fn of(pair: [&Cut; 2], stride: usize, unexplained: &'a Unexplained) -> Self {
        let width = pair[1].side.classes();
        let [first, second] = pair.map(|cut| &cut.classes);
        let of_rows = (0..first.len()).step_by(stride).filter_map(|row| {
            let both = first[row] != NO_CLASS && second[row] != NO_CLASS;
            both.then(|| (row, usize::from(first[row]) * width + usize::from(second[row])))
        });
        let mut test = Self {
            cells: tally(pair[0].side.classes() * width, of_rows, unexplained),
            width,
            z: Vec::new(),
            z_all: Vec::new(),
            freedom: 0.0,
            unexplained,
        };
        test.compare();
        test
    }

    fn compare(&mut self) {
        let all = self.left(&|cell| cell.residuals(), &|cell| cell.weights());
        let halves = [0, 1].map(|half| self.left(&|cell| cell.residual[half], &|cell| cell.weight[half]));
        let (mut rows, mut columns, mut cells) = (vec![false; self.cells.len()], vec![false; self.width], 0.0);
        for (at, cell) in self.cells.iter().enumerate() {
            if cell.is_enough() {
                cells += 1.0;
                rows[at / self.width] = true;
                columns[at % self.width] = true;
                self.z_all.push(self.unexplained.z(all[at], cell.weights()));
                self.z.push([0, 1].map(|half| self.unexplained.z(halves[half][at], cell.weight[half])));
            } else {
                self.z_all.push(0.0);
                self.z.push([0.0; 2]);
            }
        }
        let count = |flags: &[bool]| flags.iter().filter(|flag| **flag).count() as f64;
        self.freedom = cells - count(&rows) - count(&columns) + 1.0;
    }

    /// The residuals of the cells, less those of an additive fit through the cells that are large enough.
    fn left(&self, residual: &dyn Fn(&ClassSums) -> f64, weight: &dyn Fn(&ClassSums) -> f64) -> Vec<f64> {
        let mut left: Vec<f64> = self.cells.iter().map(residual).collect();
        let weights: Vec<f64> =
            self.cells.iter().map(|cell| if cell.is_enough() { weight(cell) } else { 0.0 }).collect();
        let height = self.cells.len() / self.width;
        for _ in 0..ROUNDS {
            for row in 0..height {
                take_mean(&mut left, &weights, (0..self.width).map(|column| row * self.width + column));
            }
            for column in 0..self.width {
                take_mean(&mut left, &weights, (0..height).map(|row| row * self.width + column));
            }
        }
        left
    }

    /// The cells that stand out most, in order.
    fn telling_cells(&self) -> Vec<usize> {
        let size = |at: usize| self.z_all[at].abs();
        let mut cells: Vec<usize> = (0..self.cells.len()).filter(|&at| size(at) >= TELLING_CELL).collect();
        cells.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
        cells.truncate(MOST_CELLS);
        cells.sort_unstable();
        cells
    }

    fn found(self, pair: [&Cut; 2]) -> Option<FoundPair> {
        if self.freedom < 1.0 {
            return None;
        }
        let chi_squared: f64 = self.z_all.iter().map(|z| z * z).sum();
        let strength = (chi_squared - self.freedom) / (2.0 * self.freedom).sqrt();
        let agreement = self.z.iter().map(|[older, newer]| older * newer).sum::<f64>() / self.freedom.sqrt();
        if strength < LEAST_STRENGTH || agreement < LEAST_AGREEMENT {
            return None;
        }
        let sides = pair.map(|cut| cut.side.clone());
        let cells = named_cells(&sides, &self.telling_cells(), self.width);
        let fields = pair.map(|cut| cut.field);
        (!cells.is_empty()).then_some(FoundPair { fields, sides, cells, strength })
    }
}

/// Cells by their names. Cuts may lie so close that they read alike, and a level may be called `other`.
fn named_cells(sides: &[PairSide; 2], cells: &[usize], width: usize) -> Vec<PairCell> {
    let mut named: Vec<PairCell> = Vec::with_capacity(cells.len());
    for at in cells {
        let (first, second) = ((at / width) as u8, (at % width) as u8);
        let name = format!("{}, {}", sides[0].class_name(first), sides[1].class_name(second));
        let name = unique(name, |name| named.iter().any(|cell| cell.name == name));
        named.push(PairCell { name, first, second });
    }
    named
}

/// Takes the weighted mean of some cells from each of them; cells without weight stay as they are.
fn take_mean(left: &mut [f64], weights: &[f64], cells: impl Iterator<Item = usize>) {
    let of_cells: Vec<usize> = cells.filter(|&at| weights[at] > 0.0).collect();
    let (sum, weight) = of_cells.iter().fold((0.0, 0.0), |(sum, weight), &at| (sum + left[at], weight + weights[at]));
    if weight > 0.0 {
        of_cells.into_iter().for_each(|at| left[at] -= sum / weight * weights[at]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both cells had the name "Size up to 5, Deal type other": the second never had a column.
    #[test]
    fn cells_that_read_alike_are_told_apart() {
        let side = |field: &str, measure: Measure, cuts: Vec<f64>, levels: Vec<String>| PairSide {
            field: field.to_owned(),
            measure: Box::new(measure),
            cuts,
            levels,
            absence_is_neutral: false,
        };
        let levels = vec!["other".to_owned(), "new".to_owned()];
        let level =
            Measure::Level { column: "type".to_owned(), levels: levels.clone(), pooled: vec!["odd".to_owned()] };
        let number = Measure::Number { column: "size".to_owned(), log: false };
        let sides = [side("Size", number, vec![5.0], Vec::new()), side("Deal type", level, Vec::new(), levels)];
        let width = sides[1].classes();
        let names: Vec<String> = named_cells(&sides, &[0, 2, width], width).into_iter().map(|cell| cell.name).collect();
        assert_eq!(names[..2], ["Size up to 5, Deal type other", "Size up to 5, Deal type other (2)"], "{names:?}");
        assert_ne!(names[2], names[0]);
    }
}
