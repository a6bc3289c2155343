//! Should log-odds be moved onto a straight line before they become chances, and onto which one?
//!
//! A line through all folds is taken where such lines help out of time. What every fold would have looked like under the
//! line that could have been fitted by its cutoff is given back, so that the evaluation knows nothing of later outcomes.

use crate::domain::day::Day;
use crate::domain::probability::{log_loss, logistic as chance, logit};
use crate::model::fold_trial::FoldScores;
use crate::model::metrics::{CalibrationLine, Estimate, clustered_mean, line_through};
use crate::model::rows::TrainingRows;
use crate::model::win_head::Calibration;

/// The recalibration line, and the folds' log-odds under the lines of their own day.
pub(super) struct Recalibration {
    /// Fitted on all folds; none where such lines do not help.
    pub line: Option<CalibrationLine>,
    /// Fold after fold.
    pub log_odds: Vec<Vec<f64>>,
}

/// Looks for a line on the test rows of all folds.
pub(super) fn recalibrate(rows: &TrainingRows, folds: &[FoldScores<'_>], horizon: i32) -> Recalibration {
    let outcomes = FoldOutcomes { rows, folds, horizon };
    // Folds without a cutoff have no earlier outcomes to learn a line from.
    let Some(line) = outcomes.helpful_line() else {
        return Recalibration { line: None, log_odds: folds.iter().map(|fold| fold.log_odds.to_vec()).collect() };
    };
    let recalibrated = folds.iter().map(|fold| {
        let known = fold.trial.split.cutoff.and_then(|cutoff| outcomes.line_known_by(cutoff));
        let known = known.unwrap_or(CalibrationLine::UNCHANGED);
        fold.log_odds.iter().map(|&x| known.apply(x)).collect()
    });
    Recalibration { line: Some(line), log_odds: recalibrated.collect() }
}

/// The folds' log-odds beside what happened, and when that was known.
struct FoldOutcomes<'a> {
    rows: &'a TrainingRows,
    folds: &'a [FoldScores<'a>],
    horizon: i32,
}

impl FoldOutcomes<'_> {
    /// The line through all folds, where the newest fold, under the line of its own day, loses less than as it is by more
    /// than one standard error.
    fn helpful_line(&self) -> Option<CalibrationLine> {
        let newest = self.folds.last()?;
        let gain = self.change(newest, self.line_known_by(newest.trial.split.cutoff?)?);
        self.line_known_by(Day(i32::MAX)).filter(|_| gain.mean + gain.se < 0.0)
    }

    /// The line through all test rows whose outcomes were known by `day`.
    fn line_known_by(&self, day: Day) -> Option<CalibrationLine> {
        let (mut log_odds, mut won) = (Vec::new(), Vec::new());
        for fold in self.folds {
            for (position, &row) in fold.trial.split.test.iter().enumerate() {
                if self.rows.states[row].day.0 + self.horizon <= day.0 {
                    log_odds.push(fold.log_odds[position]);
                    won.push(fold.won[position]);
                }
            }
        }
        line_through(&log_odds, &won).filter(|line| line.slope > 0.0)
    }

    /// By how much the line changes a fold's log loss.
    fn change(&self, fold: &FoldScores<'_>, line: CalibrationLine) -> Estimate {
        let outcomes = fold.log_odds.iter().zip(&fold.won);
        let changes: Vec<f64> =
            outcomes.map(|(&x, &won)| log_loss(chance(line.apply(x)), won) - log_loss(chance(x), won)).collect();
        let groups: Vec<u32> = fold.trial.split.test.iter().map(|&i| self.rows.groups[i]).collect();
        clustered_mean(&changes, &groups)
    }
}

/// Recalibration and shrinkage in one line.
pub(super) fn final_calibration(line: Option<CalibrationLine>, shrink: f64, base_rate: f64) -> Calibration {
    let CalibrationLine { slope, intercept } = line.unwrap_or(CalibrationLine::UNCHANGED);
    let mut reason = match line {
        Some(_) => format!("recalibrated: slope {slope:.3}, intercept {intercept:+.3} lower the loss out of time"),
        None => "none: recalibration did not lower the loss out of time".to_owned(),
    };
    if shrink < 1.0 {
        reason +=
            &format!("; drawn {:.0} % to the base rate, so that no fold is worse than it", 100.0 * (1.0 - shrink));
    }
    Calibration { slope: shrink * slope, intercept: shrink * intercept + (1.0 - shrink) * logit(base_rate), reason }
}
