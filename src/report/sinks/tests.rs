//! Every format has the same columns and values, and says why it could not be written.

use std::io::{self, Write};

use parquet::file::metadata::KeyValue;

use super::format::{Format, Stamp};
use super::write::write;
use crate::domain::day::Day;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::table::Table;

/// A name, an amount, a chance and a day.
struct Row(Option<&'static str>, Option<MoneyCell>, Option<f64>, Option<i32>);

fn spec() -> TableSpec<Row> {
    let columns = vec![
        Column::text("name", "", |row: &Row| row.0.map(Into::into)),
        Column::money("amount", "", |row: &Row| row.1),
        Column::number("chance", "", |row: &Row| row.2),
        Column::date("day", "", |row: &Row| row.3.map(Day)),
    ];
    TableSpec::new("t", "row", columns)
}

fn table() -> Table {
    let rows = [
        Row(Some("Acme"), Some(MoneyCell::new(1250, 2)), Some(0.25), Some(0)),
        Row(Some("=1+1"), Some(MoneyCell::new(7, 0)), None, None),
        Row(None, None, Some(f64::NAN), Some(20_498)),
        Row(Some("-5"), Some(MoneyCell::new(-5, 2)), Some(1.0), Some(-1)),
        Row(Some("--None--"), Some(MoneyCell::new(0, 2)), Some(1e-9), Some(1)),
    ];
    spec().table(&rows, 2).expect("columns of one length")
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
    let empty = spec().table(&[], 2).expect("columns");
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
