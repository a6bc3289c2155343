//! Residuals of a fit: what is left to explain, row by row.

use crate::snapshot::DealState;

/// What a fit of the main effects leaves unexplained of the training rows.
#[derive(Clone, Debug)]
pub struct Unexplained {
    /// Outcome less chance.
    pub(super) residual: Vec<f64>,
    /// Variance of the outcome under that chance.
    pub(super) weight: Vec<f64>,
    /// How much larger the variance of a sum is than of independent rows, because rows of one deal share their fate.
    pub(super) inflation: f64,
}

impl Unexplained {
    /// Of rows with these outcomes and fitted chances.
    #[must_use]
    pub fn of(rows: &[DealState], won: &[bool], chances: &[f64]) -> Self {
        let residual: Vec<f64> = won.iter().zip(chances).map(|(&won, chance)| f64::from(won) - chance).collect();
        let weight = chances.iter().map(|chance| chance * (1.0 - chance)).collect();
        let inflation = inflation(rows, &residual);
        Self { residual, weight, inflation }
    }

    /// The half of row `i`: 0 for the older rows, 1 for the newer ones.
    pub(super) fn half(&self, i: usize) -> usize {
        usize::from(2 * i >= self.residual.len())
    }

    /// A sum of residuals in standard errors, given its variance if rows were independent.
    pub(super) fn z(&self, sum: f64, variance: f64) -> f64 {
        if variance > 0.0 { sum / (self.inflation * variance).sqrt() } else { 0.0 }
    }
}

/// The sum of squares of the deals' residuals over that of the rows': what a column pays that is the same on all rows of
/// a deal.
fn inflation(rows: &[DealState], residual: &[f64]) -> f64 {
    let deals = rows.iter().map(|row| row.deal.index() + 1).max().unwrap_or(0);
    let mut of_deal = vec![0.0; deals];
    for (row, residual) in rows.iter().zip(residual) {
        of_deal[row.deal.index()] += residual;
    }
    let squares = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
    let rows = squares(residual);
    if rows > 0.0 { (squares(&of_deal) / rows).max(1.0) } else { 1.0 }
}
