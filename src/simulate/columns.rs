//! Arrow columns as the tables need them: dates, moments, money, shares.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::error::ArrowError;

use crate::domain::day::{Day, Moment};

/// Named columns, in order.
pub type Columns = Vec<(&'static str, ArrayRef)>;

/// A batch of nullable columns.
///
/// # Errors
/// [`ArrowError`] where the columns differ in length.
pub fn batch(columns: Columns) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
}

/// Text.
pub fn text<T: AsRef<str>>(cells: impl Iterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(cells.collect::<StringArray>())
}

/// Text that is always there.
pub fn full_text<T: AsRef<str>>(cells: impl Iterator<Item = T>) -> ArrayRef {
    text(cells.map(Some))
}

/// Whole numbers.
pub fn integers(cells: impl Iterator<Item = Option<i32>>) -> ArrayRef {
    Arc::new(cells.collect::<Int32Array>())
}

/// Numbers rounded to `places` decimals, so that they print short.
pub fn numbers(cells: impl Iterator<Item = Option<f64>>, places: i32) -> ArrayRef {
    let scale = 10_f64.powi(places);
    Arc::new(cells.map(|cell| cell.map(|value| (value * scale).round() / scale)).collect::<Float64Array>())
}

/// Civil times to the microsecond, without a zone.
pub fn moments(cells: impl Iterator<Item = Option<Moment>>) -> ArrayRef {
    Arc::new(cells.map(|cell| cell.map(|moment| moment.0)).collect::<TimestampMicrosecondArray>())
}

/// Dates.
pub fn days(cells: impl Iterator<Item = Option<Day>>) -> ArrayRef {
    Arc::new(cells.map(|cell| cell.map(|day| day.0)).collect::<Date32Array>())
}

/// Money given in hundredths.
///
/// # Errors
/// None in practice: the precision is a constant.
pub fn money(cells: impl Iterator<Item = Option<i64>>) -> Result<ArrayRef, ArrowError> {
    decimals(cells, 2)
}

/// Exact decimals given as whole numbers of their last place.
///
/// # Errors
/// [`ArrowError`] for more than eighteen places.
pub fn decimals(cells: impl Iterator<Item = Option<i64>>, places: i8) -> Result<ArrayRef, ArrowError> {
    let array: Decimal128Array = cells.map(|cell| cell.map(i128::from)).collect();
    Ok(Arc::new(array.with_precision_and_scale(18, places)?))
}
