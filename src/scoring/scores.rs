//! The scores of a day as a value.

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::Period;
use crate::domain::probability::PeriodOutcome;

/// The score of one open deal.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Index in the snapshot's states (= index in the timeline's deals).
    pub deal: DealIx,
    /// Chance to be won within the model's horizon, 0 to 1.
    pub win_probability: f64,
    /// The same, 0 to 100.
    pub score: u8,
    /// A (best) to D, by the quartiles of the training rows' scores; none where all deals have the base rate.
    pub grade: Option<char>,
    /// One per entry of [`Scores::periods`], in order: by the end of that period.
    pub by_period: Vec<PeriodOutcome>,
    /// The days by which a tenth, half and nine tenths of the chance to be won within the horizon have come: the
    /// median closing day of a win, between the ends of its 80 % interval.
    pub predicted_close: Option<[Day; 3]>,
}

/// The scores of all open deals.
#[derive(Clone, Debug)]
pub struct Scores {
    /// As-of day.
    pub as_of: Day,
    /// The model.
    pub model_id: String,
    /// Whether the model found any signal; if not every deal has the base rate.
    pub signal: bool,
    /// The log-odds every explanation starts from.
    pub intercept: f64,
    /// Periods the outcomes speak of: the running and the following ones of every kind, by end day.
    pub periods: Vec<Period>,
    /// Names of the fields contributions refer to.
    pub fields: Vec<String>,
    /// One per open deal, in the order of the timeline's deals.
    pub rows: Vec<Score>,
    /// Row after row, one per field; see [`Scores::contributions_of`].
    pub contributions: Vec<f64>,
}

impl Scores {
    /// What each of [`Scores::fields`] adds to or takes from the log-odds of row `i`, relative to the average training
    /// row: `intercept + sum = logit(win_probability)` within 1e-9.
    #[must_use]
    pub fn contributions_of(&self, i: usize) -> &[f64] {
        let fields = self.fields.len();
        self.contributions.get(i * fields..(i + 1) * fields).unwrap_or_default()
    }
}
