//! Every cell of a listed deal whose fields all differ, and of one that has next to nothing.

use super::*;
use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::rows::{Forecast, ForecastQuality};
use crate::analyses::forecast::without_rate::WithoutRate;
use crate::analyses::revisions::Revisions;
use crate::books::hierarchy::Level;
use crate::domain::ids::{CurrencyId, RowIx};
use crate::domain::period::FiscalCalendar;
use crate::domain::stage::ForecastCategory;
use crate::ingest::tables::DealRow;
use crate::report::fixtures::{assert_empty_where_declared, assert_row};

fn deal(id: &str) -> DealRow {
    let (deal_id, stage, currency) = (id.to_owned(), "Demo".to_owned(), "JPY".to_owned());
    DealRow { deal_id, stage, currency, ..DealRow::default() }
}

fn tables() -> Tables {
    Tables::from_deals(&[deal("d1"), deal("d2")]).expect("a frame")
}

fn full_deal(currency: CurrencyId) -> DealInRow<'static> {
    DealInRow {
        node: 1,
        period: FiscalCalendar::default().parse("2026-02").expect("a period"),
        row: RowIx::at(1),
        owner: "u2",
        stage: "Demo",
        currency,
        amount: Some(1_001),
        base_amount: Some(2_002),
        expected_close: Some(Day(20_500)),
        category: ForecastCategory::BestCase,
        in_pipeline: true,
        win_in_period: Some(0.3),
        expected: Some(404),
        base_expected: Some(505),
        base_cumulative: Some(606),
        closes_gap: Some(false),
    }
}

fn listed(deals: Vec<DealInRow<'static>>) -> ForecastDeals<'static> {
    let node = |level, key: &str, name: &str| NamedNode { level, key: key.to_owned(), name: name.to_owned() };
    let forecast = Forecast {
        as_of: Day(20_498),
        nodes: vec![node(Level::Owner, "u1", "Ann"), node(Level::Team, "t2", "North")],
        currencies: vec![
            RowCurrency { code: "JPY".to_owned(), decimals: 0 },
            RowCurrency { code: "EUR".to_owned(), decimals: 2 },
        ],
        rows: Vec::new(),
        quality: ForecastQuality {
            base_rows: BaseRows::Converted,
            closed_without_date: 0,
            open_without_date: 0,
            without_amount: 0,
            open_without_probability: 0,
        },
        revisions: Revisions::default(),
        without_rate: WithoutRate::default(),
    };
    ForecastDeals { forecast, deals }
}

#[test]
fn every_cell_is_read_from_its_own_field() {
    let tables = tables();
    let listed = listed(vec![full_deal(tables.currencies.code("JPY").expect("a currency"))]);
    let line = ForecastDealLine::of(&listed, &listed.deals[0], &listed.forecast.currencies[1], &tables);
    let table = spec().table(&[ForecastDealLine { name: Some("Mill"), ..line }], 2).expect("a table");
    assert_eq!(table.name(), "forecast_deals");
    let expected = [
        ("level", "team"),
        ("node", "t2"),
        ("period", "2026-02"),
        ("deal_id", "d2"),
        ("name", "Mill"),
        ("owner", "u2"),
        ("stage", "Demo"),
        ("amount", "1001.00"),
        ("currency", "JPY"),
        ("base_amount", "20.02"),
        ("base_currency", "EUR"),
        ("expected_close_date", "2026-02-16"),
        ("category", "best-case"),
        ("in_pipeline", "true"),
        ("win_in_period", "0.3"),
        ("expected", "404.00"),
        ("base_expected", "5.05"),
        ("base_expected_cumulative", "6.06"),
        ("closes_gap", "false"),
        ("node_name", "North"),
        ("period_kind", "month"),
        ("period_start", "2026-02-01"),
        ("period_end", "2026-02-28"),
    ];
    assert_row(&table, 0, &expected);
}

#[test]
fn columns_say_when_they_are_empty() {
    let bare = DealInRow {
        row: RowIx::at(0),
        currency: CurrencyId::at(99),
        amount: None,
        base_amount: None,
        expected_close: None,
        win_in_period: None,
        expected: None,
        base_expected: None,
        base_cumulative: None,
        closes_gap: None,
        ..full_deal(CurrencyId::at(0))
    };
    let table = forecast_deals_table(&listed(vec![bare]), &tables()).expect("a table");
    assert_empty_where_declared(&table, 0, &spec().declaration());
}
