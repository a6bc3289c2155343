//! Every column of `sources`, `campaigns` and `attribution` shows its own field.

use std::collections::BTreeMap;

use super::{attribution_table, table};
use crate::analyses::sources::chance::WHOLE;
use crate::analyses::sources::credit::Attribution;
use crate::analyses::sources::rows::{SourceRow, SourceSums, Sources};
use crate::books::deal_values::fixtures::{in_dollars, without_currency};
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::report::fixtures::{assert_row, cells};
use crate::stats::survival::Share;

/// Ninety deals of which 20 are won and 30 lost; 1,000.00 dollars spent.
fn row() -> SourceRow {
    let sums = SourceSums {
        leads: 200 * WHOLE,
        lead_deals: 80 * WHOLE,
        expected_lead_deals: 0,
        lead_spread: 0,
        created: 90 * WHOLE + WHOLE / 2,
        won: 20 * WHOLE,
        lost: 30 * WHOLE,
        expected_won: 25 * WHOLE + WHOLE / 4,
        spread: 0,
        won_valued: 0,
        revenue_minor: 0,
        to_come_minor: 0,
        open_value_minor: 0,
        median_cycle_days: Some(41.5),
        cost_minor: Some(100_000),
        cost_without_rate: false,
    };
    SourceRow {
        source: "web".to_owned(),
        campaign: Some("spring".to_owned()),
        period: Some(FiscalCalendar::default().period_of(PeriodKind::Quarter, Day(20_000))),
        sums,
        revenue_minor: Some(300_000),
        expected_revenue_minor: Some(450_000),
        open_value_minor: Some(555_555),
        mean_won_minor: Some(15_050.0),
        win_rate: Some(Share { value: 0.28, low: 0.21, high: 0.36 }),
        lead_conversion: Some(Share { value: 0.44, low: 0.0, high: 1.0 }),
        expected_cycle_days: Some(57),
    }
}

fn sources(attribution: Option<Attribution>, row: SourceRow) -> Sources {
    let costs_without_rate = BTreeMap::new();
    Sources { attribution, has_leads: true, rows: vec![row], kind: PeriodKind::Quarter, costs_without_rate }
}

/// The cells both tables show of [`row`] behind its names.
const MEASURES: [(&str, &str); 26] = [
    ("period", "2024-Q4"),
    ("created", "90"),
    ("won", "20"),
    ("lost", "30"),
    ("win_rate", "0.4"),
    ("revenue", "3000.00"),
    ("median_cycle_days", "41.5"),
    ("cost", "1000.00"),
    ("return", "2.0"),
    ("cost_per_win", "50.0"),
    ("currency", "USD"),
    ("leads", "200"),
    ("leads_converted", "80"),
    ("lead_conversion", "0.44"),
    ("open", "40"),
    ("open_value", "5555.55"),
    ("mean_won", "150.5"),
    ("expected_won", "25.25"),
    ("expected_win_rate", "0.28"),
    ("expected_win_rate_low", "0.21"),
    ("expected_win_rate_high", "0.36"),
    ("expected_revenue", "4500.00"),
    ("expected_return", "3.5"),
    ("expected_cycle_days", "57"),
    ("cost_per_lead", "5.0"),
    ("cost_per_deal", "11.049723756906078"),
];

#[test]
fn every_column_of_sources_and_campaigns_shows_its_own_field() {
    let sources = sources(None, row());
    let expected = |names: &[(&'static str, &'static str)]| [names, &MEASURES[..]].concat();
    let by_source = table(&sources, false, &in_dollars(&[])).expect("a table");
    assert_row(&by_source, 0, &expected(&[("source", "web")]));
    let by_campaign = table(&sources, true, &in_dollars(&[])).expect("a table");
    assert_eq!((by_source.name(), by_campaign.name()), ("sources", "campaigns"));
    assert_row(&by_campaign, 0, &expected(&[("source", "web"), ("campaign", "spring")]));
}

#[test]
fn every_column_of_attribution_shows_its_own_field() {
    let models = [sources(Some(Attribution::Last), row())];
    let expected = [
        ("attribution", "last touch"),
        ("source", "web"),
        ("campaign", "spring"),
        ("period", "2024-Q4"),
        ("created", "90.5"),
        ("won", "20.0"),
        ("lost", "30.0"),
        ("win_rate", "0.4"),
        ("revenue", "3000.00"),
        ("expected_won", "25.25"),
        ("expected_revenue", "4500.00"),
        ("cost", "1000.00"),
        ("return", "2.0"),
        ("expected_return", "3.5"),
        ("cost_per_deal", "11.049723756906078"),
        ("cost_per_win", "50.0"),
        ("currency", "USD"),
    ];
    assert_row(&attribution_table(&models, &in_dollars(&[])).expect("a table"), 0, &expected);
}

#[test]
fn without_leads_costs_and_a_currency_their_cells_are_empty() {
    let mut row = SourceRow { revenue_minor: None, expected_revenue_minor: None, open_value_minor: None, ..row() };
    row.sums.cost_minor = None;
    row.mean_won_minor = None;
    let sources = Sources { has_leads: false, ..sources(None, row) };
    let table = table(&sources, false, &without_currency()).expect("a table");
    let empty: Vec<String> =
        cells(&table, 0).into_iter().filter(|(_, cell)| cell.is_empty()).map(|(column, _)| column).collect();
    let expected = "revenue cost return cost_per_win currency leads leads_converted open_value mean_won \
                    expected_revenue expected_return cost_per_lead cost_per_deal";
    assert_eq!(empty.join(" "), expected);
}
