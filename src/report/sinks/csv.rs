//! CSV: what people open in a spreadsheet.
//!
//! Text that a spreadsheet would run as a formula gets a leading apostrophe ([`is_formula`]); JSON and Parquet carry every
//! text as it is, as programs read those.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::DataType;

use crate::report::sinks::encoded::{Encoded, Part};

/// Writes a header line and the rows; an empty cell is "no value".
pub(super) fn write_csv(batches: impl Iterator<Item = Part>, out: &mut (dyn Write + Send)) -> Encoded {
    let mut writer = arrow::csv::Writer::new(out);
    for batch in batches {
        let batch = batch?;
        let columns = batch.columns().iter().map(defused).collect();
        writer.write(&RecordBatch::try_new(batch.schema(), columns)?)?;
    }
    Ok(())
}

/// Whether a spreadsheet would take `text` for a formula: it begins with `=`, `+`, `-`, `@`, a tab or a carriage
/// return (the list of the OWASP page "CSV Injection"), and is no plain number.
#[must_use]
pub fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.len() > 1 && text.parse::<f64>().is_err()
}

/// `text` as it is written to a CSV file.
#[must_use]
pub fn csv_text(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// `text` as it was before [`csv_text`].
#[must_use]
pub fn text_of_csv(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

fn defused(column: &ArrayRef) -> ArrayRef {
    if column.data_type() != &DataType::Utf8 {
        return Arc::clone(column);
    }
    let texts = column.as_string::<i32>();
    if !texts.iter().flatten().any(is_formula) {
        return Arc::clone(column);
    }
    Arc::new(texts.iter().map(|text| text.map(csv_text)).collect::<StringArray>())
}
