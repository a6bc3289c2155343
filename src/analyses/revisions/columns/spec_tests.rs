//! Every cell of a revision whose fields all differ, and of one that has next to nothing.

use super::*;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::FiscalCalendar;
use crate::ingest::tables::DealRow;
use crate::report::fixtures::{assert_empty_where_declared, assert_row};

fn line() -> RevisionLine {
    RevisionLine {
        submitted_at: Day(20_400).start(),
        author: "boss".to_owned(),
        owner: "ann".to_owned(),
        period: FiscalCalendar::default().parse("2025-Q4").expect("a period"),
        category: "Commit".to_owned(),
        is_adjustment: true,
        amount_minor: 1_001,
        currency: CurrencyId::at(99),
        base_minor: Some(30_000),
        note: Some("as discussed".to_owned()),
        actual_minor: Some(40_000),
    }
}

/// An earlier one by the same author for another owner: 10.00 too much of 600.00 won in both.
fn other_line() -> RevisionLine {
    RevisionLine { owner: "bob".to_owned(), base_minor: Some(31_000), actual_minor: Some(20_000), ..line() }
}

fn tables() -> Tables {
    let deal = DealRow {
        deal_id: "d1".to_owned(),
        stage: "Demo".to_owned(),
        currency: "JPY".to_owned(),
        ..DealRow::default()
    };
    Tables::from_deals(&[deal]).expect("a frame")
}

#[test]
fn every_cell_is_read_from_its_own_field() {
    let tables = tables();
    let yen = RevisionLine { currency: tables.currencies.code("JPY").expect("a currency"), ..line() };
    let table = table(&Revisions { lines: vec![other_line(), yen] }, &tables, 2).expect("a table");
    assert_eq!(table.name(), "revisions");
    // Errors of -100.00 and 110.00 over 600.00 won.
    let expected = [
        ("submitted_on", "2025-11-08"),
        ("author", "boss"),
        ("owner", "ann"),
        ("period", "2025-Q4"),
        ("category", "Commit"),
        ("adjustment", "true"),
        ("amount", "1001.00"),
        ("currency", "JPY"),
        ("base_amount", "300.00"),
        ("actual", "400.00"),
        ("author_cases", "2"),
        ("author_bias", "0.016666666666666666"),
        ("author_wape", "0.35"),
        ("note", "as discussed"),
    ];
    assert_row(&table, 1, &expected);
}

#[test]
fn columns_say_when_they_are_empty() {
    let bare = RevisionLine { base_minor: None, actual_minor: None, note: None, ..line() };
    let table = table(&Revisions { lines: vec![bare] }, &tables(), 2).expect("a table");
    assert_empty_where_declared(&table, 0, &spec().declaration());
}
