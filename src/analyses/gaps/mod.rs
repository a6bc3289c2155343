//! Who falls behind in the running period, and why?
//!
//! The forecast, how past periods went ([`LagHistory`]) and the deals to [`Lags`]: one [`LagRow`] per node, or per value of a
//! column, and running period, in the base currency. What is expected is a product of five factors,
//!
//! | factor | definition | cause of a gap |
//! |---|---|---|
//! | deals | in play at some time of the period: open on its first morning or created in it; those still to be created, as many as their wins took in past periods | `pipeline` |
//! | kept share | of these not pushed out: expected by the period's end at some time in it, later than that by now, and still open at its end | `slippage` |
//! | decided share | of the kept won or lost by the period's end | `cycle` |
//! | win rate | of the decided won | `conversion` |
//! | deal size | expected value per deal won | `deal_size` |
//!
//! where an open deal counts with its chances, as in the forecast. The norms are the same factors in the last up to four
//! finished periods of that length, pushes counted up to the same day of the period: the whole company's where the target is a
//! quota, the node's own, filled up with the company's to ten deals, where the target rests on the node's own past. The norm of the
//! deals is what the target needs at the other norms, so that the product of the norms is the target, and the five parts of
//! the gap (Shapley values, see `decompose`) add up to it: gap = target - expected, in whole minor units, nothing left over. A
//! part below zero narrows the gap.
//!
//! - Target: the forecast's quota (`quota`); for values of a column the company's quota in proportion to what each won in the
//!   past periods (`share`); without a quota the mean won of the past periods (`past`); with neither there is no row.
//! - Expected: the forecast's; for values of a column won + open deals x chance to be won, deal by deal as in the forecast, and
//!   new business in proportion to what each won in the past periods (if nothing, to its deals). Rows of a column so add up to the company.
//! - A node is behind if its chance to reach the target is below one half, or, where that is not told, if less is expected.
//! - Main cause: of those that make up an even share of the gap (a fifth) or more and differ from the norm beyond chance, the
//!   largest.
//!
//! Nothing without scores, or where several currencies have no rates. No parts where the company won nothing in past periods.
//! A factor without deals to measure it on has no value and no part. Where no close date was ever moved out of a period, kept
//! share is not measured and its part is 0: what it hides is in the decided share.

pub mod columns;
mod factors;
pub mod findings;
mod history;
mod rows;
mod tally;
#[cfg(test)]
mod tests;

use crate::analyses::forecast::{BaseRows, Forecast, ForecastCurrency};
use crate::analyses::outlook::Outlook;
use crate::books::deal_values::DealValues;
use crate::books::filter::ForecastFilter;
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period};
use crate::ingest::tables::Tables;
use crate::scoring::Scores;
use crate::snapshot::Snapshot;

pub use factors::{CAUSES, Cause};
pub use history::LagHistory;

use tally::Tallies;

/// What the gaps are taken apart from.
#[derive(Clone, Copy, Debug)]
pub struct LagsInput<'a> {
    /// Users and dictionaries.
    pub tables: &'a Tables,
    /// Every deal as of the day.
    pub snapshot: &'a Snapshot,
    /// The model's view of the open deals.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come.
    pub outlook: &'a Outlook,
    /// The forecast made of these, under the same filter.
    pub forecast: &'a Forecast,
    /// How past periods went, and the deals by column.
    pub history: &'a LagHistory,
    /// What every deal is worth.
    pub values: &'a DealValues,
    /// Calendar.
    pub calendar: &'a FiscalCalendar,
    /// Which owners and currencies count; all categories do.
    pub filter: &'a ForecastFilter,
}

/// Where a target comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetSource {
    /// The node's quota.
    Quota,
    /// A share of the company's quota.
    Share,
    /// What past periods brought.
    Past,
}

impl TargetSource {
    /// As printed in the `target_source` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::Share => "share",
            Self::Past => "past",
        }
    }
}

/// Why there is nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLags {
    /// Nothing is expected of open deals.
    NoScores,
    /// Several currencies, no rates.
    NoRates,
}

/// A gap taken apart. Arrays are by [`Cause`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reasons {
    /// What each cause adds to the gap, minor units; their sum is the gap.
    pub parts: [i64; CAUSES],
    /// The factors; none where there is nothing to measure them on.
    pub factors: [Option<f64>; CAUSES],
    /// Their norms; none where the factor is not measured at all.
    pub norms: [Option<f64>; CAUSES],
    /// Whether they differ beyond chance.
    pub beyond_chance: [bool; CAUSES],
}

impl Reasons {
    /// The cause that widens the gap most among those beyond chance that make up a fifth of it or more.
    #[must_use]
    pub fn main_cause(&self) -> Option<Cause> {
        let gap: i128 = self.parts.iter().map(|&part| i128::from(part)).sum();
        let part = |cause: Cause| i128::from(self.parts[cause as usize]);
        let is_large = |cause: Cause| part(cause) > 0 && part(cause) * CAUSES as i128 >= gap;
        let counts = |cause: &Cause| self.beyond_chance[*cause as usize] && is_large(*cause);
        // Of equal ones the first.
        Cause::ALL.into_iter().rev().filter(counts).max_by_key(|cause| self.parts[*cause as usize])
    }
}

/// One node, or one value of a column, in one running period. Money in minor units of the base currency.
#[derive(Clone, Debug, PartialEq)]
pub struct LagRow {
    /// Name of the level or of the column.
    pub level: String,
    /// The node's key, or the value.
    pub node: String,
    /// Its printed name.
    pub name: String,
    /// The period.
    pub period: Period,
    /// What was to be won.
    pub target: i64,
    /// Where that comes from.
    pub target_source: TargetSource,
    /// Won so far.
    pub won: i64,
    /// Expected from open deals.
    pub expected_from_open: i64,
    /// Expected from deals not yet created.
    pub expected_from_new: i64,
    /// Chance to reach the quota.
    pub hits_quota: Option<f64>,
    /// Whether the target will rather be missed.
    pub behind: bool,
    /// Why; none without past periods to compare with.
    pub reasons: Option<Reasons>,
}

impl LagRow {
    /// Won + expected from open + expected from new.
    #[must_use]
    pub fn expected(&self) -> i64 {
        self.won + self.expected_from_open + self.expected_from_new
    }

    /// Target - expected; negative beyond the target.
    #[must_use]
    pub fn gap(&self) -> i64 {
        self.target - self.expected()
    }

    /// What the `main_cause` column says: nothing unless behind.
    #[must_use]
    pub fn main_cause(&self) -> Option<&'static str> {
        let reasons = self.reasons.as_ref().filter(|_| self.behind)?;
        Some(reasons.main_cause().map_or("within chance", Cause::name))
    }
}

/// Every row, by level, length of period and gap, the widest first; columns after the levels of the forecast.
#[derive(Clone, Debug)]
pub struct Lags {
    /// The first day that is not known.
    pub as_of: Day,
    /// Currency of all money.
    pub currency: ForecastCurrency,
    /// The rows.
    pub rows: Vec<LagRow>,
    /// Why there are none.
    pub absence: Option<NoLags>,
}

/// The gap of every node of the forecast and of every value of the segments, taken apart.
#[must_use]
pub fn lags(input: &LagsInput<'_>) -> Lags {
    let rates = input.forecast.quality.base_rows != BaseRows::NoRates;
    let (rows, absence) = match input.scores {
        None => (Vec::new(), Some(NoLags::NoScores)),
        Some(_) if !rates => (Vec::new(), Some(NoLags::NoRates)),
        Some(scores) => (rows::rows(input, &Tallies::of(input, scores)), None),
    };
    let unknown = || ForecastCurrency { code: String::new(), decimals: 2 };
    let currency = input.forecast.currencies.last().cloned().unwrap_or_else(unknown);
    Lags { as_of: input.snapshot.as_of, currency, rows, absence }
}
