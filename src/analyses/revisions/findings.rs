//! What was appended to the revisions, in a sentence.

use crate::domain::period::Period;
use crate::report::finding::{Finding, Quantity, Subject};

/// A revision as it was appended.
#[derive(Clone, Copy, Debug)]
pub struct Appended<'a> {
    /// Whether somebody else than the owner made it.
    pub is_adjustment: bool,
    /// Whose forecast.
    pub owner: &'a str,
    /// The period.
    pub period: Period,
    /// What was meant: `forecast`, `commit`…
    pub category: &'a str,
    /// Amount as typed.
    pub amount: &'a str,
    /// ISO code.
    pub currency: &'a str,
    /// The file.
    pub file: &'a str,
}

/// What was appended, and where.
#[must_use]
pub fn appended(row: Appended<'_>) -> Finding {
    let Appended { is_adjustment, owner, period, category, amount, currency, file } = row;
    let what = if is_adjustment { "adjusted forecast" } else { "submitted forecast" };
    let sentence = format!("{what} of {amount} {currency} for {owner} in {period} ({category}) appended to {file}");
    Finding::info("revisions.appended", Subject::named("owner", owner).in_period(period), sentence)
        .with("amount", Quantity::Text(amount.to_owned()))
        .with("currency", Quantity::Text(currency.to_owned()))
        .with("file", Quantity::Text(file.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::domain::period::{FiscalCalendar, PeriodKind};

    #[test]
    fn a_revision_says_whose_it_is_and_where_it_went() {
        let row = |is_adjustment| Appended {
            is_adjustment,
            owner: "ann",
            period: FiscalCalendar::default().period_of(PeriodKind::Quarter, Day(20_498)),
            category: "commit",
            amount: "1200.50",
            currency: "EUR",
            file: "revisions.csv",
        };
        let said = appended(row(false)).sentence;
        assert_eq!(said, "submitted forecast of 1200.50 EUR for ann in 2026-Q1 (commit) appended to revisions.csv");
        assert!(appended(row(true)).sentence.starts_with("adjusted forecast of"));
    }
}
