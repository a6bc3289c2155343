//! Residuals summed up by class, for the older and the newer half of the rows apart.

use crate::features::terms::unexplained::Unexplained;

/// Fewest rows a class needs to be asked anything.
pub(super) const FEWEST_ROWS: f64 = 20.0;
/// Least variance of the outcomes of a class, as that of so many wins that surprise.
pub(super) const LEAST_WEIGHT: f64 = 3.0;

/// The sums of one class.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ClassSums {
    pub rows: f64,
    /// Residuals of the older and of the newer half.
    pub residual: [f64; 2],
    /// Weights of the older and of the newer half.
    pub weight: [f64; 2],
}

impl ClassSums {
    /// Residuals of both halves.
    pub fn residuals(&self) -> f64 {
        self.residual[0] + self.residual[1]
    }

    /// Weights of both halves.
    pub fn weights(&self) -> f64 {
        self.weight[0] + self.weight[1]
    }

    /// Whether there is enough to say anything of the class.
    pub fn is_enough(&self) -> bool {
        self.rows >= FEWEST_ROWS && self.weights() >= LEAST_WEIGHT
    }
}

/// The sums of `classes` classes over the rows given, each with its class.
pub(super) fn tally(
    classes: usize,
    of_rows: impl Iterator<Item = (usize, usize)>,
    unexplained: &Unexplained,
) -> Vec<ClassSums> {
    let mut sums = vec![ClassSums::default(); classes];
    for (row, class) in of_rows {
        let (sum, half) = (&mut sums[class], unexplained.half(row));
        sum.rows += 1.0;
        sum.residual[half] += unexplained.residual[row];
        sum.weight[half] += unexplained.weight[row];
    }
    sums
}
