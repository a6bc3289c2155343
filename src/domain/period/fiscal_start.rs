//! Fiscal years of calendar months: the month they start in, and how they are named.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::day::Day;

/// Which calendar year names a fiscal year that spans two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FiscalYearName {
    /// The year it starts in.
    Start,
    /// The year it ends in.
    #[default]
    End,
}

/// The month a fiscal year starts in and how the year is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FiscalStart {
    /// Months from January to the first one, 0-11.
    offset: u8,
    name: FiscalYearName,
}

impl FiscalStart {
    /// Years that start in `first_month` (1-12), or `None` for another number.
    #[must_use]
    pub fn new(first_month: u8, name: FiscalYearName) -> Option<Self> {
        (1..=12).contains(&first_month).then(|| Self { offset: first_month - 1, name })
    }

    /// Months from January to the first one.
    pub(super) fn offset(self) -> i32 {
        self.offset.into()
    }

    /// What to add to the calendar year a fiscal year starts in to get its name.
    pub(super) fn ahead(self) -> i32 {
        (self.offset > 0 && self.name == FiscalYearName::End).into()
    }
}

/// A day of the calendar month `index` = year x 12 + month from 0; the month's last one if it has fewer.
pub(super) fn calendar_month(index: i32, day: i8) -> Day {
    let year = index.div_euclid(12).clamp(-9999, 9999) as i16;
    let month = index.rem_euclid(12) as i8 + 1;
    let fitting = (28..=day).rev().find_map(|day| Day::from_ymd(year, month, day));
    fitting.or_else(|| Day::from_ymd(year, month, day)).unwrap_or(Day(0))
}
