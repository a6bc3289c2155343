//! What one gap of the input takes from the results: [`QualityCost`].

use crate::domain::day::Day;
use crate::domain::inputs::InputTable;

/// What one gap takes from the results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityCost {
    /// Which gap; one of `GAPS`.
    pub gap: &'static str,
    /// The table it is in.
    pub table: InputTable,
    /// The column it is in.
    pub column: &'static str,
    /// Deals it is about.
    pub deals: u64,
    /// Deals it could be about.
    pub of_deals: u64,
    /// What they are worth, or would be, in minor units of [`QualityCost::currency`].
    pub amount_minor: Option<i128>,
    /// The currency of sums, with its decimal places; none where amounts cannot be brought together.
    pub currency: Option<(String, u32)>,
    /// In words.
    pub sentence: String,
    /// What to do about it.
    pub remedy: &'static str,
    /// Deals it was about at the last run, and the day of that.
    pub previous: Option<(Day, u64)>,
}

/// Every gap there can be.
pub(super) const GAPS: &[&str] = &[
    "open_without_amount",
    "won_without_amount",
    "open_without_date",
    "closed_without_date",
    "open_without_owner",
    "owner_not_listed",
    "without_rate",
    "without_history",
    "before_history",
    "not_trained_on",
    "no_quota",
];

impl QualityCost {
    /// The gap in a few words, for lists.
    #[must_use]
    pub fn words(gap: &str) -> &'static str {
        match gap {
            "open_without_amount" => "open deals without an amount",
            "won_without_amount" => "won deals without an amount",
            "open_without_date" => "open deals without an expected close date",
            "closed_without_date" => "closed deals without a closing day",
            "open_without_owner" => "open deals without an owner",
            "owner_not_listed" => "open deals of owners that users does not list",
            "without_rate" => "deals without an exchange rate",
            "without_history" => "deals without history",
            "before_history" => "deals closed before the history begins",
            "not_trained_on" => "closed deals that do not train",
            _ => "deals without a quota for the running period",
        }
    }
}
