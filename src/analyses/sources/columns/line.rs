//! A row of the sources as its tables show it: counts whole or in parts of deals, money in the report currency.

use crate::analyses::sources::chance::WHOLE;
use crate::analyses::sources::credit::Attribution;
use crate::analyses::sources::rows::{SourceRow, Sources};
use crate::books::deal_values::DealValues;
use crate::report::column::MoneyCell;

/// A row of the sources and what the rows share.
pub struct SourceLine<'a> {
    pub(super) row: &'a SourceRow,
    pub(super) attribution: Option<Attribution>,
    has_leads: bool,
    pub(super) values: &'a DealValues,
}

impl<'a> SourceLine<'a> {
    /// The rows of `sources`.
    pub(super) fn of(sources: &'a Sources, values: &'a DealValues) -> impl Iterator<Item = Self> {
        let Sources { attribution, has_leads, .. } = *sources;
        sources.rows.iter().map(move |row| Self { row, attribution, has_leads, values })
    }
}

impl SourceLine<'_> {
    /// A number of leads; `None` where there are no leads at all.
    pub(super) fn leads(&self, parts: i64) -> Option<i64> {
        self.has_leads.then(|| whole(parts))
    }

    pub(super) fn money(&self, minor: Option<i128>) -> Option<MoneyCell> {
        self.values.cell(minor?)
    }

    /// The cost of one of `parts`, in units of the currency.
    pub(super) fn cost_per(&self, parts: i64) -> Option<f64> {
        self.row.cost_per(parts).map(|minor| self.values.units(minor))
    }

    pub(super) fn currency(&self) -> Option<&str> {
        self.values.currency_name()
    }
}

/// Whole deals of parts.
pub(super) fn whole(parts: i64) -> i64 {
    parts / WHOLE
}

/// Deals and parts of deals.
pub(super) fn deals(parts: i64) -> f64 {
    parts as f64 / WHOLE as f64
}
