//! A [`Table`] to bytes: CSV, JSON or Parquet, the same columns in each.
//!
//! CSV is what people open in a spreadsheet, so text that a spreadsheet would run as a formula gets a leading
//! apostrophe there ([`is_formula`]). JSON and Parquet carry every text as it is: programs read those.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Schema};
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::report::table::Table;

/// Version of the output tables: raised when a column is renamed, dropped or changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// Rows of a Parquet row group, and of a chunk of JSON.
const ROWS_PER_GROUP: usize = 131_072;

/// How a table is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, UTF-8, with a header line; an empty cell is "no value".
    Csv,
    /// One array of objects; every object has every column, `null` where there is no value.
    Json,
    /// Parquet with Snappy compression and the [`Stamp`] as key-value metadata.
    Parquet,
}

impl Format {
    /// The file extension.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }
}

/// What a Parquet file says about its origin, beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// As-of day, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Model the scores come from.
    pub model_id: Option<String>,
}

impl Stamp {
    fn pairs(&self, rows: usize) -> Vec<KeyValue> {
        let mut pairs = vec![
            KeyValue::new("dealcast.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            KeyValue::new("dealcast.schema_version".to_owned(), SCHEMA_VERSION.to_string()),
            KeyValue::new("dealcast.rows".to_owned(), rows.to_string()),
        ];
        let optional = [("dealcast.as_of", &self.as_of), ("dealcast.model_id", &self.model_id)];
        pairs.extend(
            optional
                .into_iter()
                .filter_map(|(key, value)| value.as_ref().map(|value| KeyValue::new(key.to_owned(), value.clone()))),
        );
        pairs
    }
}

/// Writes `table` to `out` in `format`.
///
/// # Errors
/// What `out` failed with, its kind intact; or [`io::ErrorKind::Other`] where the encoder refuses.
pub fn write(table: &Table, format: Format, stamp: &Stamp, out: &mut (dyn Write + Send)) -> io::Result<()> {
    write_parts([Ok(table.clone())], format, stamp, out).map(|_| ())
}

/// Writes a table that comes in parts, at least one, none of which need outlive the next. Returns the rows.
///
/// # Errors
/// As [`write()`]; and with what a part failed.
pub fn write_parts(
    parts: impl IntoIterator<Item = Result<Table, ArrowError>>,
    format: Format,
    stamp: &Stamp,
    out: &mut (dyn Write + Send),
) -> io::Result<u64> {
    let mut out = Witness { inner: out, failure: None };
    let mut rows = 0;
    let batches = parts.into_iter().map(|part| part.map(Table::into_batch)).inspect(|batch| {
        rows += batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
    });
    let written = match format {
        Format::Csv => write_csv(batches, &mut out),
        Format::Json => write_json(batches, &mut out),
        Format::Parquet => write_parquet(batches, stamp, &mut out),
    };
    match (written, out.failure.take()) {
        (Ok(()), None) => out.flush().map(|()| rows),
        (_, Some(failure)) => Err(failure),
        (Err(refusal), None) => Err(io::Error::other(refusal)),
    }
}

type Encoded = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn write_csv(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>, out: &mut (dyn Write + Send)) -> Encoded {
    let mut writer = arrow::csv::Writer::new(out);
    for batch in batches {
        let batch = batch?;
        let columns = batch.columns().iter().map(defused).collect();
        writer.write(&RecordBatch::try_new(batch.schema(), columns)?)?;
    }
    Ok(())
}

fn write_json(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>, out: &mut (dyn Write + Send)) -> Encoded {
    let options = arrow::json::WriterBuilder::new().with_explicit_nulls(true);
    let mut writer = options.build::<_, arrow::json::writer::JsonArray>(&mut *out);
    for batch in batches {
        writer.write(&batch?)?;
    }
    writer.finish()?;
    out.write_all(b"\n")?;
    Ok(())
}

fn write_parquet(
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    stamp: &Stamp,
    out: &mut (dyn Write + Send),
) -> Encoded {
    let mut batches = batches.peekable();
    let schema = match batches.peek() {
        Some(Ok(first)) => first.schema(),
        _ => Arc::new(Schema::empty()),
    };
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_created_by(concat!("dealcast ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(out, schema, Some(properties))?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows();
        writer.write(&batch)?;
    }
    stamp.pairs(rows).into_iter().for_each(|pair| writer.append_key_value_metadata(pair));
    writer.close()?;
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

/// Remembers why a write failed: the encoders wrap the error and lose its kind.
struct Witness<'a> {
    inner: &'a mut (dyn Write + Send),
    failure: Option<io::Error>,
}

impl Witness<'_> {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            self.failure = Some(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            });
        })
    }
}

impl Write for Witness<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.inner.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.inner.flush();
        self.note(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::TableBuilder;

    fn table() -> Table {
        TableBuilder::default()
            .text("name", [Some("Acme"), Some("=1+1"), None, Some("-5"), Some("--None--")])
            .money("amount", 2, [Some((1250, 2)), Some((7, 0)), None, Some((-5, 2)), Some((0, 2))])
            .number("chance", [Some(0.25), None, Some(f64::NAN), Some(1.0), Some(1e-9)])
            .date("day", [Some(0), None, Some(20_498), Some(-1), Some(1)])
            .finish("t")
            .expect("columns of one length")
    }

    fn bytes(format: Format) -> Vec<u8> {
        let mut out = Vec::new();
        let stamp = Stamp { as_of: Some("2026-02-14".to_owned()), model_id: None };
        write(&table(), format, &stamp, &mut out).expect("a vector takes everything");
        out
    }

    #[test]
    fn csv_is_exact_and_runs_no_formula() {
        let expected = "name,amount,chance,day\n\
                        Acme,12.50,0.25,1970-01-01\n\
                        '=1+1,7.00,,\n\
                        ,,,2026-02-14\n\
                        -5,-0.05,1.0,1969-12-31\n\
                        '--None--,0.00,1e-9,1970-01-02\n";
        assert_eq!(String::from_utf8(bytes(Format::Csv)).expect("text"), expected);
    }

    #[test]
    fn json_has_every_column_in_every_row_and_text_unchanged() {
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&bytes(Format::Json)).expect("JSON");
        assert_eq!(rows.len(), 5);
        assert_eq!(rows[1]["name"], "=1+1");
        assert_eq!(rows[2]["amount"], serde_json::Value::Null);
        assert_eq!(rows[0].as_object().expect("an object").len(), 4);
        let empty = TableBuilder::default().text("a", [None::<&str>; 0]).finish("t").expect("one column");
        let mut out = Vec::new();
        write(&empty, Format::Json, &Stamp::default(), &mut out).expect("written");
        assert_eq!(out, b"[]\n");
    }

    #[test]
    fn parquet_reads_back_with_its_stamp() {
        use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
        let builder = {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(&bytes(Format::Parquet)).expect("written");
            ParquetRecordBatchReaderBuilder::try_new(file)
        }
        .expect("opens");
        let pairs = builder.metadata().file_metadata().key_value_metadata().cloned().expect("a stamp");
        assert!(pairs.contains(&KeyValue::new("dealcast.as_of".to_owned(), "2026-02-14".to_owned())));
        assert!(pairs.contains(&KeyValue::new("dealcast.rows".to_owned(), "5".to_owned())));
        let batch = builder.build().expect("reads").next().expect("one batch").expect("decodes");
        assert_eq!(batch.columns(), table().batch().columns());
    }

    #[test]
    fn the_kind_of_a_failed_write_survives_every_encoder() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for format in [Format::Csv, Format::Json, Format::Parquet] {
            let error = write(&table(), format, &Stamp::default(), &mut Full).expect_err("full");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{format:?}");
        }
    }
}
