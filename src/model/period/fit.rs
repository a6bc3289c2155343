//! Fitting the period head, and its line of the evaluation.

use crate::domain::day::Day;
use crate::domain::probability::{PeriodOutcome, log_loss};
use crate::features::FeatureMatrix;
use crate::model::error::ModelError;
use crate::model::evaluation::EvaluationRow;
use crate::model::metrics::clustered_mean;
use crate::model::multinomial;
use crate::model::newton::Line;
use crate::model::period::head::{PeriodColumn, PeriodHead};
use crate::model::period::rows::{LOSE, PeriodRow, SLIP, WIN};
use crate::model::period::terms::PeriodTerm;

/// Ridge penalty per row: a few columns on many rows need little.
const ALPHA: f64 = 1e-4;

impl PeriodHead {
    /// Fits on `rows`, seeing `terms` of each.
    ///
    /// # Errors
    /// [`ModelError::Solver`] or [`ModelError::NotConverged`].
    pub(crate) fn fit(rows: &[PeriodRow], terms: &[PeriodTerm]) -> Result<Self, ModelError> {
        let mut matrix = FeatureMatrix::zeros(rows.len(), terms.len());
        let mut columns = Vec::with_capacity(terms.len());
        for (j, &name) in terms.iter().enumerate() {
            let cells = matrix.column_mut(j);
            cells.iter_mut().zip(rows).for_each(|(cell, row)| *cell = name.value(&row.input, &row.until));
            let column = PeriodColumn::over(name, cells);
            cells.iter_mut().for_each(|cell| *cell = column.standard(*cell));
            columns.push(column);
        }
        let class: Vec<usize> = rows.iter().map(|row| row.class).collect();
        let lines = multinomial::fit(&matrix, &class, 3, ALPHA, "period")?;
        Ok(Self {
            alpha: ALPHA,
            rows: rows.len() as u64,
            longest_days: rows.iter().map(|row| row.until.days.unsigned_abs()).max().unwrap_or(1),
            columns,
            win_intercept: lines[WIN].intercept - lines[SLIP].intercept,
            win_weights: weights_against(&lines[SLIP], &lines[WIN]),
            lose_intercept: lines[LOSE].intercept - lines[SLIP].intercept,
            lose_weights: weights_against(&lines[SLIP], &lines[LOSE]),
            ..Self::default()
        })
    }

    /// The line of the evaluation on `rows`.
    pub(crate) fn evaluated(&self, rows: &[PeriodRow], name: &str, cutoff: Day) -> EvaluationRow {
        let chances: Vec<[f64; 3]> = rows.iter().map(|row| self.chances_by_class(row)).collect();
        let losses: Vec<f64> =
            chances.iter().zip(rows).map(|(chance, row)| log_loss(chance[row.class], true)).collect();
        let squares: Vec<f64> =
            chances.iter().zip(rows).map(|(chance, row)| squared_error(*chance, row.class)).collect();
        let mut deals: Vec<u32> = rows.iter().map(|row| row.deal.index() as u32).collect();
        let brier = clustered_mean(&squares, &deals);
        let log_loss = clustered_mean(&losses, &deals);
        deals.sort_unstable();
        deals.dedup();
        EvaluationRow {
            cutoff: Some(cutoff),
            model: name.to_owned(),
            scope: "all".to_owned(),
            rows: rows.len() as u64,
            deals: deals.len() as u64,
            won: rows.iter().filter(|row| row.class == WIN).count() as u64,
            log_loss: log_loss.mean,
            log_loss_se: Some(log_loss.se).filter(|se| se.is_finite()),
            brier: brier.mean,
            brier_se: Some(brier.se).filter(|se| se.is_finite()),
            auc: None,
            auc_se: None,
            slope: None,
            slope_se: None,
            intercept: None,
            intercept_se: None,
            ece: None,
        }
    }

    fn chances_by_class(&self, row: &PeriodRow) -> [f64; 3] {
        let PeriodOutcome { win, lose, slip } = self.outcome(&row.input, &row.until);
        let mut chances = [0.0; 3];
        (chances[SLIP], chances[WIN], chances[LOSE]) = (slip, win, lose);
        chances
    }
}

impl PeriodColumn {
    fn over(name: PeriodTerm, values: &[f64]) -> Self {
        let n = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        Self { name, mean, sd: if sd > 1e-9 { sd } else { 1.0 } }
    }
}

fn weights_against(base: &Line, line: &Line) -> Vec<f64> {
    line.weights.iter().zip(&base.weights).map(|(weight, base)| weight - base).collect()
}

/// The squared distance of three chances from what happened.
fn squared_error(chances: [f64; 3], class: usize) -> f64 {
    (0..3).map(|k| (chances[k] - f64::from(k == class)).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::FiscalCalendar;
    use crate::features::fixtures::state;
    use crate::model::fixtures::even;
    use crate::model::period::rows::period_rows;
    use crate::model::period::terms::{PeriodInput, Until};
    use crate::snapshot::{Landmark, Outcome};

    /// Deals close on day 10 with even chances, won or lost: by then half are won, and none before.
    #[test]
    fn a_landmark_teaches_about_the_horizons_that_have_ended() {
        let outcomes =
            (0..500).map(|deal| if even(deal, 1) < 0.5 { Outcome::Won(Day(10)) } else { Outcome::Lost(Day(10)) });
        let landmarks: Vec<Landmark> =
            (0..).zip(outcomes).map(|(deal, outcome)| Landmark { state: state(deal, 0, 0), outcome }).collect();
        let input = PeriodInput { win_log_odds: 0.0, soon_log_odds: 0.0, expected_in: None };
        let rows = period_rows(&landmarks, &vec![input; 500], 60, Day(90), &FiscalCalendar::default());
        assert!(rows.iter().all(|row| row.until.days <= 90));
        assert!(rows.iter().all(|row| (row.class == SLIP) == (row.until.days <= 10)), "day 10 is the eleventh day");
        let head = PeriodHead::fit(&rows, &PeriodTerm::OF_THE_HORIZON).unwrap();
        let wins = landmarks.iter().filter(|l| matches!(l.outcome, Outcome::Won(_))).count() as f64 / 500.0;
        let late = head.outcome(&input, &Until::days(Day(0), 60, &FiscalCalendar::default()));
        assert!((late.win - wins).abs() < 0.03 && late.slip < 0.03, "{late:?}, {wins} won");
        assert!(head.outcome(&input, &Until::days(Day(0), 4, &FiscalCalendar::default())).slip > 0.9);
    }
}
