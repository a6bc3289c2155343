//! The columns of `revisions`, and the table made of [`Revisions`].

use arrow::error::ArrowError;

use crate::analyses::revisions::book::Revisions;
use crate::analyses::revisions::rows::{AuthorRecord, RevisionLine};
use crate::books::node_columns::{OfPeriod, period};
use crate::domain::period::Period;
use crate::ingest::tables::Tables;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// One row of `revisions`, with its author's record and what its money is in.
pub struct RevisionCells<'a> {
    line: &'a RevisionLine,
    record: Option<AuthorRecord>,
    currency: Option<&'a str>,
    decimals: u32,
    base_decimals: u32,
}

impl RevisionCells<'_> {
    fn in_base(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.base_decimals))
    }
}

impl OfPeriod for RevisionCells<'_> {
    fn period(&self) -> Period {
        self.line.period
    }
}

type RevisionColumn<'a> = Column<RevisionCells<'a>>;

/// What always holds of `revisions`.
const INVARIANTS: &[Invariant] = &[Invariant::Together(&["author_bias", "author_wape"])];

/// The columns of `revisions`.
#[must_use]
pub fn spec<'a>() -> TableSpec<RevisionCells<'a>> {
    let mut columns = vec![
        RevisionColumn::date("submitted_on", "the day it was submitted", |cells| Some(cells.line.submitted_at.day())),
        RevisionColumn::text("author", "forecaster who submitted it", |cells| Some(cells.line.author.as_str().into())),
        RevisionColumn::text("owner", "owner whose forecast it is", |cells| Some(cells.line.owner.as_str().into())),
        period(),
        RevisionColumn::text("category", "category as written", |cells| Some(cells.line.category.as_str().into())),
        RevisionColumn::flag("adjustment", "true: adjusted by somebody else; false: submitted by the owner", |cells| {
            Some(cells.line.is_adjustment)
        }),
        RevisionColumn::money("amount", "amount as written", |cells| {
            Some(MoneyCell::new(cells.line.amount_minor, cells.decimals))
        }),
        RevisionColumn::text("currency", "currency of `amount`", |cells| cells.currency.map(Into::into))
            .unit("ISO 4217")
            .empty("it has none"),
        RevisionColumn::money("base_amount", "`amount` at the rate of the day it was submitted", |cells| {
            cells.in_base(cells.line.base_minor?)
        })
        .unit("base currency")
        .empty("without rates, where it is in another currency"),
        RevisionColumn::money("actual", "what the owner won in the period", |cells| {
            cells.in_base(cells.line.actual_minor?)
        })
        .unit("base currency")
        .empty("until the period is over, and without rates where there are several currencies"),
    ];
    columns.extend(record_columns());
    columns.push(
        RevisionColumn::text("note", "free text", |cells| cells.line.note.as_deref().map(Into::into))
            .empty("without a note"),
    );
    TableSpec::new("revisions", "submitted forecast or adjustment", columns).holds(INVARIANTS)
}

fn record_columns<'a>() -> Vec<RevisionColumn<'a>> {
    vec![
        RevisionColumn::integer(
            "author_cases",
            "owners and periods the author forecast that are over; the last forecast of each counts",
            |cells| Some(cells.record?.cases.into()),
        )
        .unit("forecasts")
        .empty("nothing the author forecast is over"),
        RevisionColumn::number(
            "author_bias",
            "sum of the author's errors over what was won; above 0 the forecasts are too high",
            |cells| cells.record?.bias,
        )
        .unit("ratio")
        .formula("sum of (base_amount - actual) / sum of actual")
        .empty("where `author_cases` is, and nothing was won"),
        RevisionColumn::number("author_wape", "sum of the author's absolute errors over what was won", |cells| {
            cells.record?.wape
        })
        .at_least(0)
        .formula("sum of |base_amount - actual| / sum of actual")
        .empty("where `author_cases` is, and nothing was won"),
    ]
}

/// The `revisions` table: one row per revision, oldest first.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn table(revisions: &Revisions, tables: &Tables, base_decimals: u32) -> Result<Table, ArrowError> {
    let records = revisions.records();
    let cells = |line| RevisionCells {
        line,
        record: records.get(line.author.as_str()).copied(),
        currency: tables.currencies.name(line.currency),
        decimals: tables.decimals_of(line.currency),
        base_decimals,
    };
    let rows: Vec<RevisionCells<'_>> = revisions.lines.iter().map(cells).collect();
    let scale = rows.iter().map(|row| row.decimals).max().unwrap_or(2).max(base_decimals);
    spec().table(&rows, scale)
}

#[cfg(test)]
mod spec_tests;
