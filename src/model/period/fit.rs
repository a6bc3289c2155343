//! Fitting the period head: which terms the training has seen enough of, and their weights.

use crate::features::FeatureMatrix;
use crate::model::newton::dot;
use crate::model::period::choice::PeriodChoice;
use crate::model::period::course::ClosingRates;
use crate::model::period::head::{PeriodColumn, PeriodHead};
use crate::model::period::lines::lines;
use crate::model::period::of_late::PaceOfLate;
use crate::model::period::pace::{pace, pace_by_age, paced, paced_by_age};
use crate::model::period::rows::{PeriodRow, PeriodRows};
use crate::model::period::terms::{PeriodTerm, SeenSpan};

/// A term of a quarter (month) takes at least so many quarter (month) ends.
const FEWEST_ENDS: usize = 3;
/// A term has at least so many rows above and below its mean.
const FEWEST_ROWS: usize = 20;
/// Of a term's variance this share at least cannot be told from the terms before it.
const OWN_SHARE: f64 = 0.01;

impl PeriodHead {
    /// Fits on rows, seeing those of the terms of `choice` that these rows can tell from each other.
    pub(crate) fn fit(seen: &PeriodRows, choice: PeriodChoice) -> Self {
        let (rows, terms) = (&seen.rows, choice.terms);
        let enough: Vec<PeriodTerm> = terms.iter().copied().filter(|term| seen.has_enough_ends(*term)).collect();
        let (columns, matrix) = screened(rows, &enough);
        let lines = lines(rows, &matrix, choice.penalty);
        let rates =
            rows.iter().zip(lines.rates(&matrix)).map(|(row, [win, lose])| ClosingRates { span: row.span, win, lose });
        let rates: Vec<ClosingRates> = rates.collect();
        let pace = pace(rows, &rates, &lines.days);
        let mut paced: Vec<ClosingRates> = rates.iter().map(|rates| paced(*rates, &pace)).collect();
        let by_age = pace_by_age(rows, &paced, &lines.days);
        for (rates, row) in paced.iter_mut().zip(rows) {
            *rates = paced_by_age(*rates, &by_age, row.input.age);
        }
        let of_late = PaceOfLate::seen(rows, &paced, &lines.days);
        let left_out = terms.iter().filter(|term| columns.iter().all(|column| column.name != **term));
        Self {
            penalty: lines.penalty,
            rows: rows.len() as u64,
            longest_days: seen.longest_days(),
            left_out: left_out.copied().collect(),
            columns,
            win_intercept: lines.win.intercept,
            win_weights: lines.win.weights,
            lose_intercept: lines.lose.intercept,
            lose_weights: lines.lose.weights,
            pace,
            by_age,
            of_late,
            ..Self::default()
        }
    }
}

impl PeriodRows {
    /// How many days after a landmark more than a handful of deals were followed.
    fn longest_days(&self) -> u32 {
        let mut days: Vec<u32> = self.rows.iter().map(PeriodRow::followed_days).collect();
        days.sort_unstable_by(|a, b| b.cmp(a));
        days.get(FEWEST_ROWS.min(days.len().saturating_sub(1))).copied().unwrap_or(1)
    }

    /// Whether a term of the calendar has been seen often enough not to be the story of one quarter.
    fn has_enough_ends(&self, term: PeriodTerm) -> bool {
        match term {
            PeriodTerm::QuarterEnd | PeriodTerm::QuarterStart | PeriodTerm::SoonQuarterEnd => {
                self.quarter_ends >= FEWEST_ENDS
            }
            PeriodTerm::MonthEnd => self.month_ends >= FEWEST_ENDS,
            _ => true,
        }
    }
}

/// The terms that vary over `rows` and are not made up of those before them, with their standardised values.
fn screened(rows: &[PeriodRow], terms: &[PeriodTerm]) -> (Vec<PeriodColumn>, FeatureMatrix) {
    let seen: Vec<SeenSpan> = rows.iter().map(|row| SeenSpan::of(&row.input, row.span)).collect();
    let mut columns: Vec<PeriodColumn> = Vec::new();
    let mut values: Vec<Vec<f64>> = Vec::new();
    // What each column has of its own, of length 1.
    let mut own: Vec<Vec<f64>> = Vec::new();
    for &name in terms {
        let mut cells: Vec<f64> = seen.iter().map(|seen| name.value(seen)).collect();
        let Some(column) = PeriodColumn::over(name, &cells) else { continue };
        cells.iter_mut().for_each(|cell| *cell = column.standard(*cell));
        let mut rest = cells.clone();
        for direction in &own {
            let along = dot(&rest, direction);
            rest.iter_mut().zip(direction).for_each(|(x, d)| *x -= along * d);
        }
        let length = dot(&rest, &rest).sqrt();
        if length * length >= OWN_SHARE * dot(&cells, &cells) {
            rest.iter_mut().for_each(|x| *x /= length);
            own.push(rest);
            columns.push(column);
            values.push(cells);
        }
    }
    let mut matrix = FeatureMatrix::zeros(rows.len(), columns.len());
    matrix.columns_mut().zip(&values).for_each(|(cells, values)| cells.copy_from_slice(values));
    (columns, matrix)
}

impl PeriodColumn {
    /// `None` where there is too little to see.
    fn over(name: PeriodTerm, values: &[f64]) -> Option<Self> {
        let n = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        let above = values.iter().filter(|&&x| x > mean).count();
        let below = values.iter().filter(|&&x| x < mean).count();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (sd > 1e-9 && above.min(below) >= FEWEST_ROWS).then_some(Self { name, mean, sd, range: [low, high] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::domain::period::FiscalCalendar;
    use crate::features::fixtures::state;
    use crate::model::fixtures::even;
    use crate::model::period::ahead::DaysAhead;
    use crate::model::period::rows::{SeenLandmark, period_rows};
    use crate::model::period::terms::PeriodInput;
    use crate::snapshot::{Landmark, Outcome};

    const ALL: PeriodChoice = PeriodChoice { terms: &PeriodTerm::ALL, penalty: 10.0 };
    const INPUT: PeriodInput = PeriodInput { win_log_odds: 0.0, soon_log_odds: 0.0, expected_in: None, age: 0 };

    /// 800 landmarks of day 0; each deal closes after up to 60 days, half of them won.
    fn seen() -> PeriodRows {
        let landmarks: Vec<SeenLandmark> = (0..800)
            .map(|deal| {
                let closed = Day((60.0 * even(deal, 2)) as i32);
                let outcome = if even(deal, 1) < 0.5 { Outcome::Won(closed) } else { Outcome::Lost(closed) };
                SeenLandmark { landmark: Landmark { state: state(deal, 0, 0), outcome }, input: INPUT }
            })
            .collect();
        period_rows(&landmarks, 50, Day(61), &FiscalCalendar::default())
    }

    #[test]
    fn chances_follow_the_closings_seen() {
        let head = PeriodHead::fit(&seen(), ALL);
        let course = head.course(&INPUT, &DaysAhead::of(Day(0), 50, 200, &FiscalCalendar::default()), None);
        for days in [6, 15, 30, 45] {
            let [closed, came] = [1.0 - course.by(days).slip, f64::from(days) / 60.0];
            assert!((closed - came).abs() < 0.06, "{closed:.3} by day {days}, {came:.3} came");
            assert!((course.by(days).win - closed / 2.0).abs() < 0.05);
        }
    }

    /// One landmark day tells a deal's days from the calendar's no more than one input tells deals apart.
    #[test]
    fn a_term_enters_once_its_range_was_seen() {
        let mut seen = seen();
        let head = PeriodHead::fit(&seen, ALL);
        let names = |head: &PeriodHead| head.columns.iter().map(|column| column.name).collect::<Vec<_>>();
        assert_eq!(names(&head), [PeriodTerm::Days, PeriodTerm::DaysSquared]);
        assert_eq!(head.left_out.len(), PeriodTerm::ALL.len() - 2);
        assert!(head.columns.iter().all(|column| column.standard(f64::INFINITY) < 10.0));
        (seen.quarter_ends, seen.month_ends) = (FEWEST_ENDS, FEWEST_ENDS);
        assert!(names(&PeriodHead::fit(&seen, ALL)).contains(&PeriodTerm::MonthEnd));
    }
}
