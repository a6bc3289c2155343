//! Fiscal periods: months, quarters, halves and years of three kinds of calendar.
//!
//! - Calendar months, the year starting with any of them. Months keep their calendar names (`2026-01`), longer periods
//!   are fiscal.
//! - Weeks: months of four or five whole weeks, see [`weeks`]. Months are fiscal too (`2026-P01`).
//! - A table of the first day of every month, see [`table`]. Months as above.
//!
//! Always three months make a quarter, two quarters a half, two halves a year. A fiscal year carries the calendar year it
//! ends in, as most CRMs name it, unless told to use the year it starts in.

mod fiscal_calendar;
mod fiscal_start;
mod kind;
pub mod table;
#[cfg(test)]
mod tests;
pub mod weeks;

pub use fiscal_calendar::FiscalCalendar;
pub use fiscal_start::{FiscalStart, FiscalYearName};
pub use kind::{MonthNames, Period, PeriodKind};
