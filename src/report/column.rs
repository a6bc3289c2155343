//! A column, declared once: its name, type, unit, meaning, formula and empty case, and how a row is read for it.
//!
//! Header, schema, dictionary, units and docs derive from a [`Column`]; so does every cell. A [`TableSpec`] is the columns
//! of one output table; rows in, [`Table`] out. Knows no question and computes nothing: what a cell shows is a field of
//! the row, or a method on it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use serde::Serialize;

use super::invariants::Invariant;
use super::named_column::NamedColumn;
use super::range::Range;
use super::table::Table;
use crate::domain::day::Day;

/// Money of one cell: minor units and the decimal places of their currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoneyCell {
    /// Minor units.
    pub minor: i128,
    /// Decimal places of their currency.
    pub decimals: u32,
}

impl MoneyCell {
    /// `minor` units of a currency with `decimals` places.
    #[must_use]
    pub fn new(minor: impl Into<i128>, decimals: u32) -> Self {
        Self { minor: minor.into(), decimals }
    }
}

/// How a cell is read from a row of type `R`; `None` is an empty cell.
pub enum Read<R> {
    /// Text.
    Text(fn(&R) -> Option<Cow<'_, str>>),
    /// Text holding JSON.
    Json(fn(&R) -> Option<Cow<'_, str>>),
    /// A whole number.
    Integer(fn(&R) -> Option<i64>),
    /// A number; NaN becomes empty.
    Number(fn(&R) -> Option<f64>),
    /// Money, stored exactly.
    Money(fn(&R) -> Option<MoneyCell>),
    /// A date.
    Date(fn(&R) -> Option<Day>),
    /// True or false.
    Flag(fn(&R) -> Option<bool>),
}

impl<R> Read<R> {
    /// `text`, `json`, `integer`, `number`, `money`, `date` or `flag`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Json(_) => "json",
            Self::Integer(_) => "integer",
            Self::Number(_) => "number",
            Self::Money(_) => "money",
            Self::Date(_) => "date",
            Self::Flag(_) => "flag",
        }
    }

    fn data_type(&self, money_scale: u32) -> DataType {
        match self {
            Self::Text(_) | Self::Json(_) => DataType::Utf8,
            Self::Integer(_) => DataType::Int64,
            Self::Number(_) => DataType::Float64,
            Self::Money(_) => DataType::Decimal128(38, i8::try_from(money_scale).unwrap_or(2)),
            Self::Date(_) => DataType::Date32,
            Self::Flag(_) => DataType::Boolean,
        }
    }

    fn cells(&self, rows: &[R], money_scale: u32) -> ArrayRef {
        match self {
            Self::Text(read) | Self::Json(read) => Arc::new(rows.iter().map(read).collect::<StringArray>()),
            Self::Integer(read) => Arc::new(rows.iter().map(read).collect::<Int64Array>()),
            Self::Number(read) => {
                let numbers = rows.iter().map(|row| read(row).filter(|number| !number.is_nan()));
                Arc::new(numbers.collect::<Float64Array>())
            }
            Self::Money(read) => {
                let rescaled = |cell: MoneyCell| cell.minor * 10_i128.pow(money_scale.saturating_sub(cell.decimals));
                let amounts: Decimal128Array = rows.iter().map(|row| read(row).map(rescaled)).collect();
                Arc::new(amounts.with_data_type(self.data_type(money_scale)))
            }
            Self::Date(read) => Arc::new(rows.iter().map(|row| read(row).map(|day| day.0)).collect::<Date32Array>()),
            Self::Flag(read) => Arc::new(rows.iter().map(read).collect::<BooleanArray>()),
        }
    }
}

/// One column of the tables whose rows are `R`.
pub struct Column<R> {
    name: &'static str,
    meaning: &'static str,
    unit: &'static str,
    range: Range,
    formula: &'static str,
    empty: &'static str,
    read: Read<R>,
}

impl<R> Column<R> {
    /// A column `name` that means `meaning` (one line) and is read by `read`.
    #[must_use]
    pub fn new(name: &'static str, meaning: &'static str, read: Read<R>) -> Self {
        Self { name, meaning, unit: "", range: Range::Any, formula: "", empty: "", read }
    }

    /// A text column.
    #[must_use]
    pub fn text(name: &'static str, meaning: &'static str, read: fn(&R) -> Option<Cow<'_, str>>) -> Self {
        Self::new(name, meaning, Read::Text(read))
    }

    /// A column of text that holds JSON.
    #[must_use]
    pub fn json(name: &'static str, meaning: &'static str, read: fn(&R) -> Option<Cow<'_, str>>) -> Self {
        Self::new(name, meaning, Read::Json(read))
    }

    /// A column of whole numbers.
    #[must_use]
    pub fn integer(name: &'static str, meaning: &'static str, read: fn(&R) -> Option<i64>) -> Self {
        Self::new(name, meaning, Read::Integer(read))
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(name: &'static str, meaning: &'static str, read: fn(&R) -> Option<f64>) -> Self {
        Self::new(name, meaning, Read::Number(read))
    }

    /// A column of money; its unit is the row's currency.
    #[must_use]
    pub fn money(name: &'static str, meaning: &'static str, read: fn(&R) -> Option<MoneyCell>) -> Self {
        Self::new(name, meaning, Read::Money(read)).unit("currency")
    }

    /// A column of dates.
    #[must_use]
    pub fn date(name: &'static str, meaning: &'static str, read: fn(&R) -> Option<Day>) -> Self {
        Self::new(name, meaning, Read::Date(read))
    }

    /// A column of true and false.
    #[must_use]
    pub fn flag(name: &'static str, meaning: &'static str, read: fn(&R) -> Option<bool>) -> Self {
        Self::new(name, meaning, Read::Flag(read))
    }

    /// What the values count, or how they are written.
    #[must_use]
    pub fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// The values lie between `low` and `high`, both included.
    #[must_use]
    pub fn between(self, low: i32, high: i32) -> Self {
        Self { range: Range::Between(low, high), ..self }
    }

    /// No value is below `low`.
    #[must_use]
    pub fn at_least(self, low: i32) -> Self {
        Self { range: Range::AtLeast(low), ..self }
    }

    /// Every value is one of `words`.
    #[must_use]
    pub fn one_of(self, words: &'static [&'static str]) -> Self {
        Self { range: Range::OneOf(words), ..self }
    }

    /// How it follows from other columns.
    #[must_use]
    pub fn formula(self, formula: &'static str) -> Self {
        Self { formula, ..self }
    }

    /// When a cell is empty.
    #[must_use]
    pub fn empty(self, empty: &'static str) -> Self {
        Self { empty, ..self }
    }

    /// What is known of the column without a row.
    #[must_use]
    pub fn declaration(&self) -> ColumnDeclaration {
        let Self { name, meaning, range, formula, empty, read, .. } = self;
        let (kind, unit, range) = (read.kind(), self.unit_and_range(), *range);
        ColumnDeclaration { name, kind, unit, range, meaning, formula, empty }
    }

    /// `days`, `0 to 1`, or both.
    fn unit_and_range(&self) -> String {
        let both = [self.unit.to_owned(), self.range.words()];
        both.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ")
    }

    fn field(&self, money_scale: u32) -> Field {
        let unit = self.unit_and_range();
        let notes = [("meaning", self.meaning), ("unit", &unit), ("formula", self.formula), ("empty", self.empty)];
        let notes = notes.into_iter().filter(|(_, note)| !note.is_empty());
        let notes: HashMap<String, String> = notes.map(|(key, note)| (key.to_owned(), note.to_owned())).collect();
        Field::new(self.name, self.read.data_type(money_scale), true).with_metadata(notes)
    }
}

/// The columns of one output table.
pub struct TableSpec<R> {
    name: &'static str,
    row: &'static str,
    columns: Vec<Column<R>>,
    invariants: Vec<Invariant>,
}

impl<R> TableSpec<R> {
    /// The table `name` (its file stem), one row per `row`.
    #[must_use]
    pub fn new(name: &'static str, row: &'static str, columns: Vec<Column<R>>) -> Self {
        Self { name, row, columns, invariants: Vec::new() }
    }

    /// With what always holds of its rows.
    #[must_use]
    pub fn holds(self, invariants: impl Into<Vec<Invariant>>) -> Self {
        Self { invariants: invariants.into(), ..self }
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column<R>] {
        &self.columns
    }

    /// What is known of the table without a row.
    #[must_use]
    pub fn declaration(&self) -> TableDeclaration {
        let columns = self.columns.iter().map(Column::declaration).collect();
        TableDeclaration { name: self.name, row: self.row, columns, invariants: self.invariants.clone() }
    }

    /// The table of `rows`; money is stored with `money_scale` decimals, at least every row's own.
    ///
    /// # Errors
    /// An arrow error where the columns make no table: there are none, or two have one name.
    pub fn table(&self, rows: &[R], money_scale: u32) -> Result<Table, ArrowError> {
        self.table_with(rows, money_scale, Vec::new())
    }

    /// The same with `further` columns, which the data name, behind the declared ones.
    ///
    /// # Errors
    /// As [`TableSpec::table`], and where a further column has not one cell per row.
    pub fn table_with(&self, rows: &[R], money_scale: u32, further: Vec<NamedColumn>) -> Result<Table, ArrowError> {
        let mut fields: Vec<Field> = self.columns.iter().map(|column| column.field(money_scale)).collect();
        let mut cells: Vec<ArrayRef> = self.columns.iter().map(|column| column.read.cells(rows, money_scale)).collect();
        for column in further {
            fields.push(column.field);
            cells.push(column.cells);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new_with_metadata(fields, self.notes())), cells)?;
        Ok(Table::of_batch(self.name, batch))
    }
}

impl<R> TableSpec<R> {
    /// What a Parquet file says of the table.
    fn notes(&self) -> HashMap<String, String> {
        let words: Vec<String> = self.invariants.iter().map(Invariant::words).collect();
        let note = (!words.is_empty()).then(|| ("invariants".to_owned(), words.join("; ")));
        note.into_iter().collect()
    }
}

/// A column as the reference lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnDeclaration {
    /// Name in every format.
    pub name: &'static str,
    /// `text`, `integer`, `number`, `money`, `date`, `flag` or `json` (text holding JSON).
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Unit or range; empty where the type says it all.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub unit: String,
    /// The range, as `unit` says it.
    #[serde(skip)]
    pub range: Range,
    /// One line.
    pub meaning: &'static str,
    /// How it follows from other columns; empty where it does not.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub formula: &'static str,
    /// When a cell is empty; empty where the meaning says it, or none ever is.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub empty: &'static str,
}

/// A table as the reference lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableDeclaration {
    /// File stem.
    pub name: &'static str,
    /// What one row stands for.
    pub row: &'static str,
    /// In order.
    pub columns: Vec<ColumnDeclaration>,
    /// What always holds, beside what the columns say of themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub invariants: Vec<Invariant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row<'a> {
        name: &'a str,
        amount: Option<i64>,
    }

    fn spec<'a>() -> TableSpec<Row<'a>> {
        let columns = vec![
            Column::text("name", "what it is called", |row: &Row<'_>| Some(row.name.into())),
            Column::money("amount", "what it is worth", |row: &Row<'_>| Some(MoneyCell::new(row.amount?, 2)))
                .empty("nobody said"),
            Column::number("ratio", "never known", |_: &Row<'_>| Some(f64::NAN)).between(0, 1),
        ];
        TableSpec::new("things", "thing", columns)
    }

    #[test]
    fn cells_header_and_reference_come_from_one_declaration() {
        let owned = "Acme".to_owned();
        let rows = [Row { name: &owned, amount: Some(1250) }, Row { name: "B", amount: None }];
        let table = spec().table(&rows, 3).expect("a table");
        assert_eq!(table.name(), "things");
        let schema = table.batch().schema();
        assert_eq!(schema.field(1).data_type(), &DataType::Decimal128(38, 3));
        assert_eq!(schema.field(1).metadata()["empty"], "nobody said");
        let amounts = table.batch().column(1).as_any().downcast_ref::<Decimal128Array>().expect("decimals");
        assert_eq!((amounts.value(0), arrow::array::Array::is_null(amounts, 1)), (12_500, true));
        assert_eq!(table.batch().column(2).null_count(), 2);
        let declared = spec().declaration();
        assert_eq!(declared.columns[1].unit, "currency");
        assert_eq!(declared.columns.iter().map(|column| column.kind).collect::<Vec<_>>(), ["text", "money", "number"]);
    }

    #[test]
    fn columns_the_data_name_stand_behind_the_declared_ones() {
        let rows = [Row { name: "A", amount: None }];
        let further = vec![NamedColumn::text("region", [Some("North")]), NamedColumn::number("size", [Some(f64::NAN)])];
        let table = spec().table_with(&rows, 2, further).expect("a table");
        let shown = [("name", "A"), ("amount", ""), ("ratio", ""), ("region", "North"), ("size", "")];
        crate::report::fixtures::assert_row(&table, 0, &shown);
        assert!(spec().table_with(&rows, 2, vec![NamedColumn::number("size", [])]).is_err());
    }

    #[test]
    fn no_rows_are_a_table_too() {
        assert_eq!(spec().table(&[], 2).expect("a table").rows(), 0);
    }
}
