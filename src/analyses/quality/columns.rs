//! The columns of `input_columns` and `input_costs`, and the tables made of them.

use std::borrow::Cow;

use arrow::error::ArrowError;

use crate::analyses::quality::column_quality::ColumnQuality;
use crate::analyses::quality::cost::{GAPS, QualityCost};
use crate::domain::inputs::InputTable;
use crate::ingest::Reject;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

type OfColumn = Column<ColumnQuality>;
type OfCost = Column<QualityCost>;

const UNBROKEN: &str = "no cell breaks a rule";
const FIRST: &str = "there is no earlier run, or it had no such column";

fn whole(count: u64) -> Option<i64> {
    i64::try_from(count).ok()
}

fn sample(row: &ColumnQuality) -> Option<&Reject> {
    row.counts.samples.first()
}

fn word(text: &str) -> Option<Cow<'_, str>> {
    Some(Cow::Borrowed(text))
}

/// The columns of `input_columns`.
#[must_use]
pub fn spec() -> TableSpec<ColumnQuality> {
    let mut columns = vec![
        OfColumn::text("table", "input table, or `lookup`: a file that adds columns to one", |row| word(row.table))
            .one_of(InputTable::READ),
        OfColumn::text("column", "canonical name or, of a column the contract does not know, its header", |row| {
            word(&row.column)
        }),
        OfColumn::text("header", "what the file calls it", |row| word(&row.counts.header)),
        OfColumn::integer("rows", "rows of the files that have it, those filters leave out not counted", |row| {
            whole(row.counts.rows)
        })
        .unit("rows"),
        OfColumn::integer("filled", "rows in which something stands", |row| whole(row.counts.filled)).unit("rows"),
        OfColumn::integer("missing", "rows in which nothing stands", |row| {
            whole(row.counts.rows.saturating_sub(row.counts.filled))
        })
        .unit("rows")
        .formula("rows - filled"),
        OfColumn::integer("invalid", "filled cells that break a rule", |row| whole(row.counts.invalid)).unit("rows"),
        OfColumn::text("severity", "the gravest thing that happened to their rows", |row| {
            row.counts.severity.map(|severity| severity.to_string().into())
        })
        .one_of(&["warn", "reject", "error"])
        .empty(UNBROKEN),
    ];
    columns.extend(day_columns());
    columns.extend(sample_columns());
    columns.extend(previous_columns());
    TableSpec::new("input_columns", "input table x column", columns).holds([Invariant::Key(&["table", "column"])])
}

fn day_columns() -> [OfColumn; 2] {
    const EMPTY: &str = "the column holds no day";
    [
        OfColumn::date("first_day", "the first day it holds", |row| row.counts.days.map(|days| days.0)).empty(EMPTY),
        OfColumn::date("last_day", "the last day it holds", |row| row.counts.days.map(|days| days.1)).empty(EMPTY),
    ]
}

fn sample_columns() -> [OfColumn; 5] {
    [
        OfColumn::text("rule", "rule that the first invalid cell breaks", |row| word(sample(row)?.rule.name()))
            .empty(UNBROKEN),
        OfColumn::text("file", "file of the first invalid cell", |row| word(&sample(row)?.file)).empty(UNBROKEN),
        OfColumn::integer("line", "its line; row for Parquet", |row| whole(sample(row)?.line)).empty(UNBROKEN),
        OfColumn::text("value", "what stands there, cut to 200 characters", |row| word(&sample(row)?.value))
            .empty(UNBROKEN),
        OfColumn::text("reason", "what was expected", |row| word(&sample(row)?.reason)).empty(UNBROKEN),
    ]
}

fn previous_columns() -> [OfColumn; 4] {
    [
        OfColumn::date("previous_day", "as-of day of the last run", |row| row.previous_day)
            .empty("there is no earlier run"),
        OfColumn::integer("previous_rows", "`rows` at the last run", |row| whole(row.previous.as_ref()?.rows))
            .unit("rows")
            .empty(FIRST),
        OfColumn::integer("previous_filled", "`filled` at the last run", |row| whole(row.previous.as_ref()?.filled))
            .unit("rows")
            .empty(FIRST),
        OfColumn::integer("previous_invalid", "`invalid` at the last run", |row| whole(row.previous.as_ref()?.invalid))
            .unit("rows")
            .empty(FIRST),
    ]
}

/// One row per column.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(columns: &[ColumnQuality]) -> Result<Table, ArrowError> {
    spec().table(columns, 2)
}

/// The columns of `input_costs`.
#[must_use]
pub fn costs_spec() -> TableSpec<QualityCost> {
    let columns = vec![
        OfCost::text("gap", "what is missing", |cost| word(cost.gap)).one_of(GAPS),
        OfCost::text("table", "input table", |cost| word(cost.table.name())).one_of(InputTable::NAMES),
        OfCost::text("column", "column", |cost| word(cost.column)),
        OfCost::integer("deals", "deals it is about", |cost| whole(cost.deals)).unit("deals"),
        OfCost::integer("of_deals", "deals it could be about", |cost| whole(cost.of_deals)).unit("deals"),
        OfCost::money("amount", "what these deals are worth, or about would be", |cost| {
            let decimals = cost.currency.as_ref().map_or(2, |(_, decimals)| *decimals);
            cost.amount_minor.map(|minor| MoneyCell::new(minor, decimals))
        })
        .empty("it is not about money, or amounts cannot be brought together"),
        OfCost::text("currency", "currency of the amount", |cost| {
            cost.amount_minor.and_then(|_| word(&cost.currency.as_ref()?.0))
        })
        .empty("there is no amount"),
        OfCost::text("meaning", "what it costs, in words", |cost| word(&cost.sentence)),
        OfCost::text("remedy", "what to do about it", |cost| word(cost.remedy)),
        OfCost::date("previous_day", "as-of day of the last run", |cost| cost.previous.map(|previous| previous.0))
            .empty("there is no earlier run"),
        OfCost::integer("previous_deals", "`deals` at the last run", |cost| whole(cost.previous?.1))
            .unit("deals")
            .empty("there is no earlier run"),
    ];
    TableSpec::new("input_costs", "gap of the input", columns)
        .holds([Invariant::Key(&["gap"]), Invariant::Together(&["previous_day", "previous_deals"])])
}

/// One row per gap.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn costs_table(costs: &[QualityCost]) -> Result<Table, ArrowError> {
    let decimals = costs.iter().filter_map(|cost| cost.currency.as_ref()).map(|(_, decimals)| *decimals).max();
    costs_spec().table(costs, decimals.unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::quality::record::ColumnRecord;
    use crate::config::{Rule, RuleSeverity};
    use crate::domain::day::Day;
    use crate::ingest::ColumnCounts;
    use crate::report::fixtures::{assert_empty_where_declared, assert_row};

    fn column() -> ColumnQuality {
        let text = |text: &str| text.to_owned();
        let samples = vec![Reject {
            file: text("deals.csv"),
            line: 7,
            column: text("Closed"),
            value: text("31/02/2025"),
            reason: text("expected a date"),
            rule: Rule::BadDate,
        }];
        let counts = ColumnCounts {
            header: text("Closed"),
            rows: 10,
            filled: 8,
            invalid: 2,
            severity: Some(RuleSeverity::Reject),
            days: Some((Day(0), Day(31))),
            samples,
        };
        let previous = ColumnRecord { table: text("deals"), column: text("closed_at"), rows: 9, filled: 6, invalid: 1 };
        let previous_day = Some(Day(59));
        ColumnQuality { table: "deals", column: text("closed_at"), counts, previous: Some(previous), previous_day }
    }

    #[test]
    fn every_cell_of_a_column_shows_its_own_field() {
        let expected = [
            ("table", "deals"),
            ("column", "closed_at"),
            ("header", "Closed"),
            ("rows", "10"),
            ("filled", "8"),
            ("missing", "2"),
            ("invalid", "2"),
            ("severity", "reject"),
            ("first_day", "1970-01-01"),
            ("last_day", "1970-02-01"),
            ("rule", "bad_date"),
            ("file", "deals.csv"),
            ("line", "7"),
            ("value", "31/02/2025"),
            ("reason", "expected a date"),
            ("previous_day", "1970-03-01"),
            ("previous_rows", "9"),
            ("previous_filled", "6"),
            ("previous_invalid", "1"),
        ];
        assert_row(&table(&[column()]).expect("a table"), 0, &expected);
    }

    #[test]
    fn every_cell_of_a_cost_shows_its_own_field() {
        let cost = QualityCost {
            gap: "open_without_amount",
            table: InputTable::Deals,
            column: "amount",
            deals: 4,
            of_deals: 9,
            amount_minor: Some(1_250),
            currency: Some(("EUR".to_owned(), 2)),
            sentence: "4 deals".to_owned(),
            remedy: "fill it",
            previous: Some((Day(59), 3)),
        };
        let expected = [
            ("gap", "open_without_amount"),
            ("table", "deals"),
            ("column", "amount"),
            ("deals", "4"),
            ("of_deals", "9"),
            ("amount", "12.50"),
            ("currency", "EUR"),
            ("meaning", "4 deals"),
            ("remedy", "fill it"),
            ("previous_day", "1970-03-01"),
            ("previous_deals", "3"),
        ];
        assert_row(&costs_table(std::slice::from_ref(&cost)).expect("a table"), 0, &expected);
        let bare = QualityCost { amount_minor: None, previous: None, ..cost };
        assert_empty_where_declared(&costs_table(&[bare]).expect("a table"), 0, &costs_spec().declaration());
        let first = ColumnQuality { previous: None, previous_day: None, counts: ColumnCounts::default(), ..column() };
        let counts = ColumnCounts { header: "Closed".to_owned(), ..first.counts };
        let first = table(&[ColumnQuality { counts, ..first }]).expect("a table");
        assert_empty_where_declared(&first, 0, &spec().declaration());
    }
}
