//! Model + snapshot to [`Scores`]: a chance to win, what speaks for and against it, and when it may close.

use crate::domain::day::Day;
use crate::domain::period::Period;

/// What one field adds to or takes from the log-odds of a deal.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Index of the field in the model's `spec.fields`.
    pub field: usize,
    /// Log-odds, relative to the average training row.
    pub logit: f64,
}

/// Win, lose, or slip (still open) by the end of a period. The three sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodOutcome {
    /// Won by the period's end.
    pub win: f64,
    /// Lost by the period's end.
    pub lose: f64,
    /// Still open at the period's end.
    pub slip: f64,
}

/// The score of one open deal.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Index in the snapshot's states (= index in the timeline's deals).
    pub deal: u32,
    /// Chance to be won within the model's horizon, 0 to 1.
    pub win_probability: f64,
    /// The same, 0 to 100.
    pub score: u8,
    /// A (best) to D, by the quartiles of the training rows' scores.
    pub grade: char,
    /// One per entry of [`Scores::periods`], in order: by the end of that period.
    pub by_period: Vec<PeriodOutcome>,
    /// Median predicted closing day, if it is won.
    pub predicted_close: Option<Day>,
    /// Every field's contribution; `intercept + sum = logit(win_probability)` within 1e-9.
    pub contributions: Vec<Contribution>,
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
}
