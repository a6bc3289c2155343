//! The `revisions` table.

use arrow::error::ArrowError;

use crate::analyses::revisions::{RevisionLine, Revisions};
use crate::ingest::tables::Tables;
use crate::report::table::{Table, TableBuilder};

/// One row per revision, oldest first.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(revisions: &Revisions, tables: &Tables, base_decimals: u32) -> Result<Table, ArrowError> {
    let lines = &revisions.lines;
    let records = revisions.records();
    let record = |line: &RevisionLine| records.get(line.author.as_str()).copied();
    let decimals = |line: &RevisionLine| tables.decimals_of(line.currency);
    let scale = lines.iter().map(decimals).max().unwrap_or(2).max(base_decimals);
    let base = |value: Option<i64>| value.map(|minor| (minor.into(), base_decimals));
    TableBuilder::default()
        .date("submitted_on", lines.iter().map(|line| Some(line.submitted_at.day().0)))
        .text("author", lines.iter().map(|line| Some(&line.author)))
        .text("owner", lines.iter().map(|line| Some(&line.owner)))
        .text("period", lines.iter().map(|line| Some(line.period.to_string())))
        .text("category", lines.iter().map(|line| Some(&line.category)))
        .flag("adjustment", lines.iter().map(|line| Some(line.is_adjustment)))
        .money("amount", scale, lines.iter().map(|line| Some((line.amount_minor.into(), decimals(line)))))
        .text("currency", lines.iter().map(|line| tables.currencies.name(line.currency)))
        .money("base_amount", scale, lines.iter().map(|line| base(line.base_minor)))
        .money("actual", scale, lines.iter().map(|line| base(line.actual_minor)))
        .integer("author_cases", lines.iter().map(|line| record(line).map(|record| record.cases.into())))
        .number("author_bias", lines.iter().map(|line| record(line)?.bias))
        .number("author_wape", lines.iter().map(|line| record(line)?.wape))
        .text("note", lines.iter().map(|line| line.note.as_ref()))
        .finish("revisions")
}
