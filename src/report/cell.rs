//! The cells of a table as values: a record batch in, one [`Cell`] per column and row out.

use std::fmt;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type};

use crate::domain::day::Day;
use crate::domain::money::{exponent, to_decimal};

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'t> {
    /// No value.
    Empty,
    /// Text, not empty.
    Text(&'t str),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// Money: units of its last decimal place, and how many places there are.
    Money(i128, u32),
    /// A date.
    Date(Day),
    /// True or false.
    Flag(bool),
}

impl<'t> Cell<'t> {
    /// The cell of `column` in `row`; empty where the type is none that tables have.
    #[must_use]
    pub fn of(column: &'t ArrayRef, row: usize) -> Self {
        if column.is_null(row) {
            return Self::Empty;
        }
        match column.data_type() {
            DataType::Utf8 => match column.as_string::<i32>().value(row) {
                "" => Self::Empty,
                text => Self::Text(text),
            },
            DataType::Int64 => Self::Whole(column.as_primitive::<Int64Type>().value(row)),
            DataType::Float64 => Self::Number(column.as_primitive::<Float64Type>().value(row)),
            DataType::Decimal128(_, scale) => {
                Self::Money(column.as_primitive::<Decimal128Type>().value(row), u32::try_from(*scale).unwrap_or(0))
            }
            DataType::Date32 => Self::Date(Day(column.as_primitive::<Date32Type>().value(row))),
            DataType::Boolean => Self::Flag(column.as_boolean().value(row)),
            _ => Self::Empty,
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The value as a number: money in whole units of its currency, a date in days.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match *self {
            Self::Whole(number) => Some(number as f64),
            Self::Number(number) => Some(number),
            Self::Money(minor, scale) => Some(minor as f64 / 10_f64.powi(i32::try_from(scale).unwrap_or(0))),
            Self::Date(day) => Some(f64::from(day.0)),
            Self::Empty | Self::Text(_) | Self::Flag(_) => None,
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> Option<&'t str> {
        match *self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => f.write_str("nothing"),
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Money(minor, scale) => write!(f, "{}", to_decimal(minor, scale)),
            Self::Date(day) => write!(f, "{day}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// A table whose cells are asked for by name.
#[derive(Clone, Copy)]
pub struct TableCells<'t>(pub &'t RecordBatch);

impl<'t> TableCells<'t> {
    /// How many rows there are.
    #[must_use]
    pub fn rows(self) -> usize {
        self.0.num_rows()
    }

    /// The cell of a column in a row; empty where there is no such column.
    #[must_use]
    pub fn at(self, column: &str, row: usize) -> Cell<'t> {
        self.0.column_by_name(column).map_or(Cell::Empty, |cells| Cell::of(cells, row))
    }

    /// The smallest amount of a row's currency: 0.01, 1 for yen.
    #[must_use]
    pub fn minor_unit(self, row: usize) -> f64 {
        let places = self.at("currency", row).text().map_or(2, exponent);
        1.0 / 10_f64.powi(i32::try_from(places).unwrap_or(2))
    }

    /// The texts of several columns in a row, to compare rows by.
    #[must_use]
    pub fn key(self, columns: &[&str], row: usize) -> Vec<String> {
        columns.iter().map(|column| self.at(column, row).to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use arrow::array::{Decimal128Array, Float64Array, StringArray};

    #[test]
    fn every_type_of_a_table_is_read() {
        let money = Decimal128Array::from(vec![Some(-1_250), None]).with_precision_and_scale(38, 2).expect("decimals");
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("name", Arc::new(StringArray::from(vec![Some("a"), Some("")]))),
            ("amount", Arc::new(money)),
            ("share", Arc::new(Float64Array::from(vec![0.25, 1.0]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let cells = TableCells(&batch);
        assert_eq!((cells.at("name", 0), cells.at("name", 1)), (Cell::Text("a"), Cell::Empty));
        assert_eq!((cells.at("amount", 0).number(), cells.at("amount", 1)), (Some(-12.5), Cell::Empty));
        assert_eq!(cells.key(&["amount", "share", "none"], 0), ["-12.50", "0.25", "nothing"]);
    }
}
