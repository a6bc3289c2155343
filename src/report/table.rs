//! A report table: named, typed columns over an arrow record batch.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

/// One result table. Columns keep the order they were added in.
#[derive(Clone, Debug)]
pub struct Table {
    name: String,
    batch: RecordBatch,
}

impl Table {
    /// `batch` under the name `name`.
    pub(super) fn of_batch(name: &str, batch: RecordBatch) -> Self {
        Self { name: name.to_owned(), batch }
    }

    /// The file stem: `scores`, `funnel`…
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The data.
    #[must_use]
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// The data, the name forgotten.
    #[must_use]
    pub fn into_batch(self) -> RecordBatch {
        self.batch
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }
}

/// Collects the columns of a [`Table`] that no [`TableSpec`](super::column::TableSpec) declares yet.
#[derive(Debug, Default)]
pub struct TableBuilder {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl TableBuilder {
    /// Adds a text column.
    #[must_use]
    pub fn text<S: AsRef<str>>(self, name: &str, values: impl IntoIterator<Item = Option<S>>) -> Self {
        self.add(name, DataType::Utf8, Arc::new(values.into_iter().collect::<StringArray>()))
    }

    /// Adds a whole-number column.
    #[must_use]
    pub fn integer(self, name: &str, values: impl IntoIterator<Item = Option<i64>>) -> Self {
        self.add(name, DataType::Int64, Arc::new(values.into_iter().collect::<Int64Array>()))
    }

    /// Adds a number column. NaN becomes null.
    #[must_use]
    pub fn number(self, name: &str, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let values = values.into_iter().map(|value| value.filter(|v| !v.is_nan()));
        self.add(name, DataType::Float64, Arc::new(values.collect::<Float64Array>()))
    }

    /// Adds a flag column.
    #[must_use]
    pub fn flag(self, name: &str, values: impl IntoIterator<Item = Option<bool>>) -> Self {
        self.add(name, DataType::Boolean, Arc::new(values.into_iter().collect::<BooleanArray>()))
    }

    /// Adds a date column of days since 1970-01-01.
    #[must_use]
    pub fn date(self, name: &str, values: impl IntoIterator<Item = Option<i32>>) -> Self {
        self.add(name, DataType::Date32, Arc::new(values.into_iter().collect::<Date32Array>()))
    }

    /// Adds a money column: `(minor units, decimal places of their currency)`, stored exactly with `scale` decimals.
    /// `scale` must be at least every row's decimal places.
    #[must_use]
    pub fn money(self, name: &str, scale: u32, values: impl IntoIterator<Item = Option<(i128, u32)>>) -> Self {
        let rescale = |(minor, decimals): (i128, u32)| minor * 10_i128.pow(scale.saturating_sub(decimals));
        let scale_i8 = i8::try_from(scale).unwrap_or(2);
        let array: Decimal128Array = values.into_iter().map(|value| value.map(rescale)).collect();
        let array = array.with_data_type(DataType::Decimal128(38, scale_i8));
        self.add(name, DataType::Decimal128(38, scale_i8), Arc::new(array))
    }

    /// The finished table.
    ///
    /// # Errors
    /// An arrow error where columns differ in length.
    pub fn finish(self, name: &str) -> Result<Table, ArrowError> {
        let batch = RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.arrays)?;
        Ok(Table { name: name.to_owned(), batch })
    }

    fn add(mut self, name: &str, data_type: DataType, array: ArrayRef) -> Self {
        self.fields.push(Field::new(name, data_type, true));
        self.arrays.push(array);
        self
    }
}
