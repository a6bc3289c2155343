//! The columns that say which node and which period a row is about: declared once for every table that has them.
//!
//! A row that knows its node is [`OfNode`], one that knows its name too [`OfNamedNode`], one that knows its period [`OfPeriod`]. Reads nothing but these.

use crate::domain::period::Period;
use crate::report::column::Column;

/// A row about a node of the hierarchy.
pub trait OfNode {
    /// Name of its level.
    fn level(&self) -> &str;
    /// Owner id, team, region or `company`.
    fn node(&self) -> &str;
}

/// A row about a node with a printed name.
pub trait OfNamedNode: OfNode {
    /// The name.
    fn node_name(&self) -> &str;
}

/// A row about a fiscal period.
pub trait OfPeriod {
    /// The period.
    fn period(&self) -> Period;
}

/// `level`.
#[must_use]
pub fn level<R: OfNode>() -> Column<R> {
    Column::text("level", "level of the hierarchy", |row: &R| Some(row.level().into()))
        .one_of(&["owner", "manager", "team", "region", "company"])
}

/// `node`.
#[must_use]
pub fn node<R: OfNode>() -> Column<R> {
    Column::text("node", "the owner's or manager's id, the team, the region or `company`", |row: &R| {
        Some(row.node().into())
    })
}

/// `node_name`.
#[must_use]
pub fn node_name<R: OfNamedNode>() -> Column<R> {
    Column::text("node_name", "name of the owner or manager in the users table, else the node", |row: &R| {
        Some(row.node_name().into())
    })
}

/// `period`.
#[must_use]
pub fn period<R: OfPeriod>() -> Column<R> {
    Column::text("period", "the fiscal period", |row: &R| Some(row.period().to_string().into()))
        .unit("`2026-01` (`2026-P01` in calendars of weeks), `2026-Q1`, `2026-H1`, `2026`")
}

/// `period_kind`.
#[must_use]
pub fn period_kind<R: OfPeriod>() -> Column<R> {
    Column::text("period_kind", "length of the period", |row: &R| Some(row.period().kind.name().into()))
        .one_of(&["month", "quarter", "half", "year"])
}

/// `period_start`.
#[must_use]
pub fn period_start<R: OfPeriod>() -> Column<R> {
    Column::date("period_start", "first day of the period", |row: &R| Some(row.period().first))
}

/// `period_end`.
#[must_use]
pub fn period_end<R: OfPeriod>() -> Column<R> {
    Column::date("period_end", "last day of the period", |row: &R| Some(row.period().last))
}
