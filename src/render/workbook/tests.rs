//! The workbook of a few rows, read back.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

use super::document::xlsx_of;
use crate::render::language::Language;
use crate::render::material::Material;
use crate::report::column::{Column, MoneyCell, TableSpec};

const FINDINGS: &str = r#"{"as_of": "2026-02-14", "model_id": null, "sections": []}"#;

/// A deal with its amount in cents.
type Deal = (String, i64);

/// A run whose open deals are `deals`.
fn material(deals: &[Deal]) -> Material {
    let columns = vec![
        Column::text("deal_id", "the deal", |deal: &Deal| Some(deal.0.as_str().into())),
        Column::money("amount", "what it is worth", |deal: &Deal| Some(MoneyCell::new(deal.1, 2))),
        Column::text("currency", "its currency", |_: &Deal| Some("EUR".into())),
    ];
    let table = TableSpec::new("scores", "deal", columns).table(deals, 2).expect("a table");
    Material::of(FINDINGS.as_bytes(), BTreeMap::from([("scores".to_owned(), table)])).expect("findings")
}

/// The cells of the sheet of deals in a workbook whose sheets have `most` rows.
fn pipeline(deals: &[Deal], most: usize) -> Vec<Vec<Data>> {
    let english = Language::of("en").expect("a language");
    let bytes = xlsx_of(&material(deals), &english, most).expect("a workbook");
    assert_eq!(bytes, xlsx_of(&material(deals), &english, most).expect("a workbook"), "the same bytes again");
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let cells = book.worksheet_range("Pipeline").expect("a sheet");
    cells.rows().map(<[Data]>::to_vec).collect()
}

fn deals(count: i64) -> Vec<Deal> {
    (1..=count).map(|number| (format!("D{number}"), number * 1_000_001)).collect()
}

#[test]
fn amounts_are_numbers_and_their_sum_stands_above_them() {
    let cells = pipeline(&deals(3), 1_000);
    let amounts: Vec<&Data> = cells.iter().map(|row| &row[1]).collect();
    // 10,000.01, 20,000.02 and 30,000.03.
    assert_eq!(amounts[5..], [10_000.01, 20_000.02, 30_000.03].map(Data::Float).iter().collect::<Vec<_>>());
    assert_eq!(*amounts[2], Data::Float(60_000.06), "their sum, as it is stored beside the formula");
}

#[test]
fn rows_that_find_no_room_are_told_and_no_rows_are_no_table() {
    let cells = pipeline(&deals(20), 10);
    // Title, what is told, the sum, a gap and the headings leave room for five rows.
    assert_eq!((cells.len(), &cells[9][0]), (10, &Data::String("D5".into())));
    assert!(cells[1][0].to_string().contains("5 / 20 rows; 15 rows found no room"), "{}", cells[1][0]);
    assert_eq!(cells[2][1], Data::Float(150_000.15), "the sum of what is shown");
    let none = pipeline(&[], 10);
    assert!(none.iter().flatten().any(|cell| *cell == Data::String("No rows.".into())), "{none:?}");
}
