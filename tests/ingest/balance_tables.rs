//! Rows in = used + rejected, whatever stands in the rows of any table, as text, as Parquet and as a workbook.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use dealcast::config::Config;
use dealcast::domain::inputs::{CellKind, InputColumn, InputTable};
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::world::World;

const LOOSE: &str = "[rules]\nmax_reject_share = 1.0\n[rules.severity]\nambiguous_date = \"warn\"\n\
                     ambiguous_amount = \"warn\"\nunknown_deal = \"reject\"\n";

/// How a table is stored.
#[derive(Clone, Copy, Debug)]
enum Form {
    Csv,
    Parquet,
    Workbook,
}

/// Cells a column of the kind holds on good days.
fn good(column: &InputColumn) -> Vec<&'static str> {
    match column.kind {
        CellKind::Text if column.name.ends_with("_id") => vec!["d1", "d2", "l1", "x"],
        CellKind::Text if column.name == "currency" => vec!["EUR", "USD"],
        CellKind::Text => vec!["a", "b", "won", "open", "stage"],
        CellKind::Date => vec!["2025-01-05", "2025-02-28T10:00:00Z", "31/12/2025"],
        CellKind::Period => vec!["2025-01", "2025-Q1", "2025"],
        CellKind::Money | CellKind::Number => vec!["1", "12.50", "0"],
    }
}

/// A good cell, nothing, or damage.
fn cell(column: &'static InputColumn) -> impl Strategy<Value = String> {
    let bad =
        ["", " ", "NULL", "soon", "-1", "1e99", "2025-02-30", "1,5", "1.234", "é", "\u{feff}", "=1+1", "9999-12-31"];
    prop_oneof![
        7 => proptest::sample::select(good(column)).prop_map(str::to_owned),
        3 => proptest::sample::select(bad.to_vec()).prop_map(str::to_owned),
        1 => "[ -~]{0,5}",
    ]
}

/// Rows of every declared column, some of them twice.
fn rows(table: InputTable) -> impl Strategy<Value = Vec<Vec<String>>> {
    let row: Vec<_> = table.spec().columns.iter().map(|column| cell(column).boxed()).collect();
    proptest::collection::vec((row, 1..3_usize), 0..12)
        .prop_map(|rows| rows.into_iter().flat_map(|(row, times)| std::iter::repeat_n(row, times)).collect())
}

fn stored(form: Form, table: InputTable, rows: &[Vec<String>]) -> (String, Vec<u8>) {
    let names: Vec<&str> = table.spec().columns.iter().map(|column| column.name).collect();
    match form {
        Form::Csv => (format!("{table}.csv"), text(&names, rows)),
        Form::Parquet => (format!("{table}.parquet"), parquet(&names, rows)),
        Form::Workbook => (format!("{table}.xlsx"), workbook(&names, rows)),
    }
}

fn text(names: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names).expect("written");
    rows.iter().for_each(|row| writer.write_record(row).expect("written"));
    writer.into_inner().expect("whole")
}

fn parquet(names: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let column = |at: usize| Arc::new(rows.iter().map(|row| Some(&row[at])).collect::<StringArray>()) as ArrayRef;
    let columns = names.iter().enumerate().map(|(at, name)| (*name, column(at)));
    let batch = RecordBatch::try_from_iter(columns).expect("equal lengths");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

/// The smallest workbook: one sheet of texts.
fn workbook(names: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut sheet = "<worksheet><sheetData>".to_owned();
    let header = names.iter().map(|name| (*name).to_owned()).collect();
    for row in std::iter::once(&header).chain(rows) {
        sheet += "<row>";
        row.iter().for_each(|cell| {
            write!(sheet, "<c t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(cell)).expect("written");
        });
        sheet += "</row>";
    }
    sheet += "</sheetData></worksheet>";
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let book = format!(
        "<workbook xmlns:r=\"{relation}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let relations = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{relation}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let types = "<Types/>".to_owned();
    let parts = [
        ("[Content_Types].xml", &types),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default()).expect("begun");
        writer.write_all(content.as_bytes()).expect("written");
    }
    writer.finish().expect("closed").into_inner()
}

/// A world of two deals with the table beside them, or in their place.
fn world(form: Form, table: InputTable, rows: &[Vec<String>]) -> World {
    let deals = "deal_id,stage,created_at\nd1,stage,2025-01-02\nd2,won,2025-01-03\n";
    let (name, bytes) = stored(form, table, rows);
    let world = if table == InputTable::Deals { World::empty() } else { World::deals(deals) };
    let mut world = world.with(&name, bytes);
    world.config.rules = Config::parse(LOOSE, "dealcast.toml").expect("a configuration").rules;
    world
}

#[test]
fn a_table_is_read_from_every_form_alike() {
    for table in InputTable::ALL {
        let row =
            |at: usize| table.spec().columns.iter().map(move |column| good(column)[at % good(column).len()].to_owned());
        let rows: Vec<Vec<String>> = (0..2).map(|at| row(at).collect()).collect();
        let read = [Form::Csv, Form::Parquet, Form::Workbook].map(|form| {
            let loaded = world(form, *table, &rows).load();
            let of_table = loaded.map(|loaded| {
                let file = loaded.inputs.iter().find(|input| input.table == table.name()).expect("read");
                (file.rows, file.used, file.rejected)
            });
            of_table.map_err(drop)
        });
        assert!(read[0] == read[1] && read[1] == read[2], "{table}: {read:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_row_of_every_table_is_used_or_rejected(
        (table, rows) in proptest::sample::select(InputTable::ALL.to_vec()).prop_flat_map(|table| (Just(table), rows(table))),
    ) {
        for form in [Form::Csv, Form::Parquet, Form::Workbook] {
            // the balance itself is asserted by every load
            if let Ok(loaded) = world(form, table, &rows).load() {
                let of_table: u64 = loaded.inputs.iter().filter(|input| input.table == table.name()).map(|input| input.rows).sum();
                let empty = rows.iter().filter(|row| row.iter().all(|cell| cell.trim().is_empty())).count() as u64;
                let all = rows.len() as u64;
                prop_assert!(of_table == all || of_table == all - empty, "{of_table} of {all} rows in {form:?}");
                for (name, _, counts) in loaded.issues.columns().filter(|column| column.0 == table.name()) {
                    prop_assert!(counts.filled <= counts.rows, "{name}: {counts:?}");
                }
            }
        }
    }
}
