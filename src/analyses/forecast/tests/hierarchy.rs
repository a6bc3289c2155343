//! Who a deal and a quota count for: filters, moves between teams, managers, rates of the day.

use super::fixtures::*;
use crate::analyses::forecast::rows::RowBasis;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::{COMPANY, Level, NO_TEAM};
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::ingest::tables::{FxRate, QuotaNode, User};
use crate::snapshot::DealState;

#[test]
fn filters_narrow_deals_and_quotas() {
    let mut tables = tables();
    tables.users = vec![
        User { owner: "a".to_owned(), team: Some("North".to_owned()), ..User::default() },
        User { owner: "b".to_owned(), team: Some("South".to_owned()), ..User::default() },
    ];
    let owner = |id: &str| QuotaNode::Owner(id.to_owned());
    tables.quotas = vec![
        quota(owner("a"), "2026-Q1", 1_000),
        quota(owner("b"), "2026-Q1", 2_000),
        quota(QuotaNode::Team("North".to_owned()), "2026-Q1", 5_000),
        quota(QuotaNode::Company, "2026-Q1", 9_000),
    ];
    let states = vec![closed(StageKind::Won, 0, 100, "2026-01-05"), closed(StageKind::Won, 1, 200, "2026-01-05")];
    let quota_and_won = |filter: &ForecastFilter| {
        let forecast = run(&tables, states.clone(), None, filter);
        let row = company(&forecast, "2026-Q1");
        (row.quota, row.won)
    };
    assert_eq!(quota_and_won(&ForecastFilter::default()), (Some(9_000), 300));
    let by_owner = ForecastFilter { owners: vec!["a".to_owned()], ..ForecastFilter::default() };
    assert_eq!(quota_and_won(&by_owner), (Some(1_000), 100));
    let by_team = ForecastFilter { teams: vec!["North".to_owned()], ..ForecastFilter::default() };
    assert_eq!(quota_and_won(&by_team), (Some(5_000), 100));
    let by_currency = ForecastFilter { currencies: vec!["EUR".to_owned()], ..ForecastFilter::default() };
    assert_eq!(quota_and_won(&by_currency), (None, 0));
}

#[test]
fn a_deal_counts_where_its_owner_stood_when_it_closed() {
    let mut tables = tables();
    let user = |team: &str, active_from: Option<Day>, active_to: Option<Day>| User {
        owner: "a".to_owned(),
        team: Some(team.to_owned()),
        active_from,
        active_to,
        ..User::default()
    };
    let moved = day("2026-01-20");
    tables.users = vec![user("North", None, Some(moved.plus(-1))), user("South", Some(moved), None)];
    let states = vec![
        closed(StageKind::Won, 0, 1, "2026-01-19"),
        closed(StageKind::Won, 0, 20, "2026-01-20"),
        closed(StageKind::Won, 2, 300, "2026-01-20"),
        open(0, 4_000, "2026-01-05"),
    ];
    let forecast = run(&tables, states, None, &ForecastFilter::default());
    let team = |name| find(&forecast, Level::Team, name, "2026-01", RowBasis::Base).map(|row| (row.won, row.pipeline));
    assert_eq!([team("North"), team("South"), team(NO_TEAM)], [Some((1, 0)), Some((20, 4_000)), Some((300, 0))]);
    assert_eq!(find(&forecast, Level::Region, "(no region)", "2026-01", RowBasis::Base), None);
}

#[test]
fn a_manager_row_is_the_whole_subtree() {
    let mut tables = tables();
    let user = |owner: &str, manager: Option<&str>| User {
        owner: owner.to_owned(),
        name: Some(format!("{owner} by name")),
        manager: manager.map(str::to_owned),
        ..User::default()
    };
    tables.users = vec![user("a", Some("b")), user("b", Some("c")), user("c", None)];
    let states = (0..3).map(|owner| closed(StageKind::Won, owner, 10_i64.pow(owner as u32), "2026-01-05")).collect();
    let forecast = run(&tables, states, None, &ForecastFilter::default());
    let won = |node| find(&forecast, Level::Manager, node, "2026-Q1", RowBasis::Native).map(|row| row.won);
    assert_eq!([won("a"), won("b"), won("c")], [None, Some(11), Some(111)]);
    let names: Vec<&str> = forecast.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["a by name", "b by name", "c by name", "b by name", "c by name", COMPANY]);
}

#[test]
fn rates_from_the_as_of_day_on_do_not_exist() {
    let mut tables = tables();
    let euros = DealState { closed: day("2026-02-01").into(), ..deal(StageKind::Won, 0, EUR, 500) };
    let before = run(&tables, vec![euros], None, &ForecastFilter::default());
    tables.fx_rates = vec![FxRate { currency: EUR, day: AS_OF, rate: "1.5".parse().expect("a rate") }];
    let after = run(&tables, vec![euros], None, &ForecastFilter::default());
    assert_eq!((before.rows, before.quality), (after.rows, after.quality));
}
