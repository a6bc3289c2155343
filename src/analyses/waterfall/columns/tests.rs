//! Every cell of rows whose fields all differ, and of a deal that has next to nothing.

use super::*;
use crate::analyses::forecast::RowBasis;
use crate::books::hierarchy::Level;
use crate::domain::ids::RowIx;
use crate::domain::period::FiscalCalendar;
use crate::ingest::tables::DealRow;
use crate::report::fixtures::{assert_empty_where_declared, assert_row};

fn currencies() -> Vec<RowCurrency> {
    let currency = |code: &str, decimals| RowCurrency { code: code.to_owned(), decimals };
    vec![currency("JPY", 0), currency("EUR", 2)]
}

fn period(label: &str) -> Period {
    FiscalCalendar::default().parse(label).expect("a period")
}

fn waterfall(rows: Vec<WaterfallRow>) -> Waterfall {
    let node = |level, key: &str, name: &str| NamedNode { level, key: key.to_owned(), name: name.to_owned() };
    Waterfall {
        to: Day(20_498),
        nodes: vec![node(Level::Owner, "u1", "Ann"), node(Level::Region, "r2", "North")],
        currencies: currencies(),
        rows,
        without_base: Vec::new(),
    }
}

fn row() -> WaterfallRow {
    WaterfallRow {
        node: 1,
        period: period("2026-Q2"),
        currency: 1,
        basis: RowBasis::Base,
        from: Day(20_454),
        amounts: [101, 202, 303, 404, 505, 606, 707, 808, 909, 1_010, 1_111, 1_212],
        deals: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    }
}

#[test]
fn every_cell_is_read_from_its_own_field() {
    let table = waterfall_table(&waterfall(vec![row()])).expect("a table");
    assert_eq!(table.name(), "waterfall");
    let expected = [
        ("level", "region"),
        ("node", "r2"),
        ("period", "2026-Q2"),
        ("currency", "EUR"),
        ("basis", "base"),
        ("from", "2026-01-01"),
        ("to", "2026-02-14"),
        ("start", "1.01"),
        ("created", "2.02"),
        ("pulled_in", "3.03"),
        ("increased", "4.04"),
        ("decreased", "5.05"),
        ("pushed_out", "6.06"),
        ("lost", "7.07"),
        ("won", "8.08"),
        ("end", "9.09"),
        ("moved_in", "10.10"),
        ("moved_out", "11.11"),
        ("revalued", "12.12"),
        ("node_name", "North"),
        ("period_kind", "quarter"),
        ("period_start", "2026-04-01"),
        ("period_end", "2026-06-30"),
        ("start_deals", "1"),
        ("created_deals", "2"),
        ("pulled_in_deals", "3"),
        ("increased_deals", "4"),
        ("decreased_deals", "5"),
        ("pushed_out_deals", "6"),
        ("lost_deals", "7"),
        ("won_deals", "8"),
        ("end_deals", "9"),
        ("moved_in_deals", "10"),
        ("moved_out_deals", "11"),
        ("revalued_deals", "12"),
    ];
    assert_row(&table, 0, &expected);
}

#[test]
fn parts_make_the_whole_and_nothing_is_one_empty_part() {
    let rows =
        |rows| -> Vec<usize> { waterfall_parts(&waterfall(rows)).map(|part| part.expect("a table").rows()).collect() };
    assert_eq!(rows(vec![row(); ROWS_PER_PART + 1]), [ROWS_PER_PART, 1]);
    assert_eq!(rows(Vec::new()), [0]);
}

fn bars(row: DealBar<'_>) -> Table {
    let deal = |id: &str| DealRow { deal_id: id.to_owned(), stage: "Demo".to_owned(), ..DealRow::default() };
    let tables = Tables::from_deals(&[deal("d1"), deal("d2")]).expect("a frame");
    let listed =
        WaterfallDeals { to: Day(20_498), currencies: currencies(), rows: vec![row], without_base: Vec::new() };
    waterfall_deals_table(&listed, &tables).expect("a table")
}

fn bar() -> DealBar<'static> {
    DealBar {
        row: RowIx::at(1),
        owner: "u2",
        period: period("2026-01"),
        from: Day(20_454),
        bar: Bar::PushedOut,
        currency: 0,
        native: 1_001,
        base: Some(2_002),
        reason: Some("date moved"),
        stage_from: Some("Demo"),
        stage_to: "Offer",
        expected_from: Some(Day(20_460)),
        expected_to: Some(Day(20_500)),
    }
}

#[test]
fn every_cell_of_a_deal_is_read_from_its_own_field() {
    let table = bars(bar());
    assert_eq!(table.name(), "waterfall_deals");
    let expected = [
        ("deal_id", "d2"),
        ("owner", "u2"),
        ("period", "2026-01"),
        ("bar", "pushed_out"),
        ("amount", "1001.00"),
        ("currency", "JPY"),
        ("base_amount", "20.02"),
        ("base_currency", "EUR"),
        ("stage_from", "Demo"),
        ("stage_to", "Offer"),
        ("expected_close_from", "2026-01-07"),
        ("expected_close_to", "2026-02-16"),
        ("reason", "date moved"),
        ("period_kind", "month"),
        ("from", "2026-01-01"),
        ("to", "2026-02-14"),
    ];
    assert_row(&table, 0, &expected);
}

#[test]
fn columns_of_deals_say_when_they_are_empty() {
    let bare = DealBar { base: None, reason: None, stage_from: None, expected_from: None, expected_to: None, ..bar() };
    assert_empty_where_declared(&bars(bare), 0, &deals_spec().declaration());
}
