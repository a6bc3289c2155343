//! The two regressions of the period head on its rows: log wins and log losses per day.
//!
//! Rows and their columns in, [`RateLines`] out. Always finds them: under a stronger penalty where the given one does not do,
//! in the end as two constants.

use crate::features::FeatureMatrix;
use crate::model::newton::Line;
use crate::model::period::rows::{Closing, HALF_A_DAY, PeriodRow};
use crate::model::rates;

/// A penalty under which the weights are not found is raised so many times.
const RAISES: usize = 5;
/// By so much.
const RAISE: f64 = 10.0;
/// Most rounds in which the moments of the closings within their days are estimated.
const ROUNDS: usize = 6;
/// Moments that move by less than this part of a day on average stay where they are.
const SETTLED: f64 = 0.01;
/// Below this rate a day's closing falls half-way through it, and the exact moment only loses digits.
const SLOW: f64 = 1e-3;

/// Lines whose values are log rates per day.
#[derive(Clone, Debug)]
pub(crate) struct RateLines {
    /// Ridge penalty on the weights that was needed.
    pub penalty: f64,
    pub win: Line,
    pub lose: Line,
    /// Days the deal of each row was open, up to the moment it probably closed.
    pub days: Vec<f64>,
}

impl RateLines {
    /// Wins and losses per day, row by row.
    pub(crate) fn rates(&self, matrix: &FeatureMatrix) -> Vec<[f64; 2]> {
        let (win, lose) = (self.win.log_odds(matrix), self.lose.log_odds(matrix));
        win.into_iter().zip(lose).map(|(win, lose)| [rates::rate(win), rates::rate(lose)]).collect()
    }
}

/// What the regressions are fitted on.
struct Closings<'a> {
    rows: &'a [PeriodRow],
    matrix: &'a FeatureMatrix,
    won: Vec<bool>,
    lost: Vec<bool>,
}

/// The lines of `rows`, whose columns are those of `matrix`.
pub(crate) fn lines(rows: &[PeriodRow], matrix: &FeatureMatrix, penalty: f64) -> RateLines {
    let closed = |closing: Closing| rows.iter().map(|row| row.closing == Some(closing)).collect();
    let closings = Closings { rows, matrix, won: closed(Closing::Won), lost: closed(Closing::Lost) };
    let raised = std::iter::successors(Some(penalty), |penalty| Some(penalty * RAISE));
    let found = raised.take(1 + RAISES).find_map(|penalty| closings.fit(penalty));
    found.unwrap_or_else(|| closings.constants(penalty))
}

impl Closings<'_> {
    /// The most likely lines given on which day deals closed, by the EM algorithm (Dempster, Laird & Rubin 1977): when on
    /// its day a deal closed nobody knows; half-way where few close, early where nearly all do.
    fn fit(&self, penalty: f64) -> Option<RateLines> {
        let mut lines = self.given(self.half_way(), penalty)?;
        for _ in 0..ROUNDS {
            let (days, moved) = self.moments(&lines);
            if moved < SETTLED {
                break;
            }
            lines = self.given(days, penalty)?;
        }
        Some(lines)
    }

    /// The lines where deals were open for `days`.
    fn given(&self, days: Vec<f64>, penalty: f64) -> Option<RateLines> {
        let fit = |happened: &[bool]| rates::fit(self.matrix, &days, happened, penalty);
        let (win, lose) = rayon::join(|| fit(&self.won), || fit(&self.lost));
        Some(RateLines { penalty, win: win?, lose: lose?, days })
    }

    /// Days open where closings fall half-way through their day.
    fn half_way(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.days).collect()
    }

    /// The days deals were open if closings happen at the rates of `lines`, and how far the closings moved on average.
    fn moments(&self, lines: &RateLines) -> (Vec<f64>, f64) {
        let rates = lines.rates(self.matrix);
        let days = self.rows.iter().zip(rates).map(|(row, [win, lose])| match row.closing {
            Some(_) => row.days - HALF_A_DAY + moment(win + lose),
            None => row.days,
        });
        let days: Vec<f64> = days.collect();
        let moved: f64 = days.iter().zip(&lines.days).map(|(after, before)| (after - before).abs()).sum();
        let closings = self.rows.iter().filter(|row| row.closing.is_some()).count();
        (days, moved / closings.max(1) as f64)
    }

    fn constants(&self, penalty: f64) -> RateLines {
        let days = self.half_way();
        let constant = |happened: &[bool]| rates::constant(self.matrix.columns(), &days, happened);
        RateLines { penalty, win: constant(&self.won), lose: constant(&self.lost), days }
    }
}

/// When on its day a deal closes, on average, if it closes on it and deals close at this rate per day.
fn moment(rate: f64) -> f64 {
    if rate < SLOW { HALF_A_DAY } else { 1.0 / rate - 1.0 / rate.exp_m1() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::domain::ids::DealIx;
    use crate::model::period::ahead::DaySpan;
    use crate::model::period::terms::PeriodInput;

    /// Of 2,000 deals a half is due, and all of these close on the day, won and lost in turn; of the others one in 50.
    fn due() -> (Vec<PeriodRow>, FeatureMatrix) {
        let span = DaySpan { from: 3, to: 4, quarter_end: 0.0, quarter_start: 0.0, month_end: 0.0 };
        let input = PeriodInput { win_log_odds: 0.0, soon_log_odds: 0.0, expected_in: None, age: 0 };
        let closing = |i: usize| match (i.is_multiple_of(2) || i % 50 == 1, i % 4 < 2) {
            (false, _) => None,
            (true, true) => Some(Closing::Won),
            (true, false) => Some(Closing::Lost),
        };
        let row = |closing: Option<Closing>| {
            let days = if closing.is_some() { HALF_A_DAY } else { 1.0 };
            PeriodRow { deal: DealIx::at(0), day: Day(0), input, span, days, closing }
        };
        let rows: Vec<PeriodRow> = (0..2_000).map(|i| row(closing(i))).collect();
        let mut matrix = FeatureMatrix::zeros(2_000, 1);
        matrix.column_mut(0).iter_mut().enumerate().for_each(|(i, cell)| *cell = f64::from(i.is_multiple_of(2)));
        (rows, matrix)
    }

    /// With every closing half-way through its day, 13 % of the deals that are due stay open.
    #[test]
    fn where_all_close_on_a_day_nearly_none_is_open_after_it() {
        let (rows, matrix) = due();
        let rates = lines(&rows, &matrix, 0.1).rates(&matrix);
        let [win, lose] = rates[0];
        assert!((-(win + lose)).exp() < 0.03 && (win / (win + lose) - 0.5).abs() < 0.01, "{win} {lose}");
        let [win, lose] = rates[3];
        // One in 25 of the odd ones closes: ln(25 / 24) a day.
        assert!((win + lose - (25.0_f64 / 24.0).ln()).abs() < 2e-3, "{win} {lose}");
    }

    #[test]
    fn a_penalty_that_does_not_do_is_raised_and_constants_always_do() {
        let (rows, mut matrix) = due();
        matrix.column_mut(0)[7] = f64::NAN;
        let RateLines { win, lose, .. } = lines(&rows, &matrix, 0.1);
        assert!(win.weights == [0.0] && lose.weights == [0.0] && win.is_finite() && lose.is_finite());
        assert!((moment(1e-9) - 0.5).abs() < 1e-9 && (moment(1e-3) - 0.5).abs() < 1e-3 && moment(50.0) < 0.021);
    }
}
