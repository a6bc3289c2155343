//! A column that the data name: a field of a model, a column of the user's export, one of two models compared.
//!
//! Values in, a [`NamedColumn`] out, to stand behind the declared columns of a [`TableSpec`](super::column::TableSpec).
//! What such a column means is for the data to say, so it carries no notes.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray};
use arrow::datatypes::{DataType, Field};

/// One column with its cells, as many as the table has rows.
#[derive(Clone, Debug)]
pub struct NamedColumn {
    pub(super) field: Field,
    pub(super) cells: ArrayRef,
}

impl NamedColumn {
    /// A text column.
    #[must_use]
    pub fn text<S: AsRef<str>>(name: &str, cells: impl IntoIterator<Item = Option<S>>) -> Self {
        let cells: StringArray = cells.into_iter().collect();
        Self { field: Field::new(name, DataType::Utf8, true), cells: Arc::new(cells) }
    }

    /// A column of numbers; NaN becomes empty.
    #[must_use]
    pub fn number(name: &str, cells: impl IntoIterator<Item = Option<f64>>) -> Self {
        let cells: Float64Array = cells.into_iter().map(|number| number.filter(|number| !number.is_nan())).collect();
        Self { field: Field::new(name, DataType::Float64, true), cells: Arc::new(cells) }
    }
}
