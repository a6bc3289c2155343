//! One revision, its author's record, and what holds for a node.

use crate::domain::day::Moment;
use crate::domain::ids::CurrencyId;
use crate::domain::period::Period;

/// Categories that mean the whole forecast, the most telling first.
pub const CATEGORIES: [&str; 3] = ["forecast", "commit", "best case"];

/// One revision, with its actual.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionLine {
    /// When.
    pub submitted_at: Moment,
    /// By whom.
    pub author: String,
    /// For whom.
    pub owner: String,
    /// For which period.
    pub period: Period,
    /// Category as written.
    pub category: String,
    /// Whether somebody other than the owner made it.
    pub is_adjustment: bool,
    /// As written, minor units of its currency.
    pub amount_minor: i64,
    /// Its currency.
    pub currency: CurrencyId,
    /// In the base currency; none without rates.
    pub base_minor: Option<i64>,
    /// Free text.
    pub note: Option<String>,
    /// What the owner won in the period, base currency, once it is over.
    pub actual_minor: Option<i64>,
}

impl RevisionLine {
    /// Position of its category in [`CATEGORIES`], the others after them.
    pub(super) fn rank(&self) -> usize {
        let position = CATEGORIES.iter().position(|name| self.category.eq_ignore_ascii_case(name));
        position.unwrap_or(CATEGORIES.len())
    }
}

/// How right an author was, over what held for each owner at the end of each period that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AuthorRecord {
    /// Periods and owners judged.
    pub cases: u32,
    /// Sum of (revision - won) / sum of what was won.
    pub bias: Option<f64>,
    /// Sum of absolute errors / sum of what was won.
    pub wape: Option<f64>,
}

/// What holds for a node in a period, minor units of the base currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldForecast {
    /// By the owners themselves.
    pub submitted: Option<i64>,
    /// After adjustments: the adjusted amount of each owner, else the submitted one.
    pub adjusted: Option<i64>,
}
