//! The definitions on small examples, every number by hand.

use super::fixtures::*;
use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::build::forecast;
use crate::analyses::forecast::input::ForecastInput;
use crate::analyses::forecast::rows::RowBasis;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::{COMPANY, Level, NO_TEAM};
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::maybe::Maybe;
use crate::domain::period::PeriodKind;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::{FxRate, QuotaNode, Revision, User};
use crate::snapshot::{DealState, Snapshot};

#[test]
fn every_column_by_hand() {
    let mut tables = tables();
    tables.quotas = vec![quota(QuotaNode::Owner("a".to_owned()), "2026-Q1", 100_000)];
    let mut commit = open(0, 10_000, "2026-03-31");
    commit.category = Some(ForecastCategory::Commit);
    commit.probability = 0.5.into();
    let mut omitted = open(0, 70_000, "2026-03-01");
    omitted.category = Some(ForecastCategory::Omitted);
    let states = vec![
        closed(StageKind::Won, 0, 40_000, "2026-01-01"),
        DealState { amount_minor: Maybe::NONE, ..closed(StageKind::Won, 0, 0, "2026-02-13") },
        closed(StageKind::Lost, 0, 60_000, "2026-02-01"),
        closed(StageKind::Won, 0, 5_000, "2025-12-31"),
        deal(StageKind::Lost, 0, USD, 999),
        commit,
        omitted,
        open(0, 2_002, "2026-02-13"),
        open(0, 8_000, "2026-04-01"),
        deal(StageKind::Open, 0, USD, 1_000),
    ];
    let forecast = run(&tables, states, Some(&scores(10, [0.1, 0.25, 0.25, 0.75])), &ForecastFilter::default());
    let quarter = company(&forecast, "2026-Q1");
    assert_eq!(
        (quarter.quota, quarter.won, quarter.gap(), quarter.lost),
        (Some(100_000), 40_000, Some(60_000), 60_000)
    );
    assert_eq!((quarter.pipeline, quarter.best_case, quarter.commit), (12_002, 0, 10_000));
    assert_eq!((quarter.pipeline_single(), quarter.omitted), (2_002, 70_000));
    let cumulative = [quarter.commit_cumulative(), quarter.best_case_cumulative(), quarter.pipeline_cumulative()];
    assert_eq!(cumulative, [50_000, 50_000, 52_002]);
    // 10000 x 0.5 + 2002 x 0.25 = 5000 + 500 (500.5 to even)
    assert_eq!(quarter.weighted, Some(5_500));
    // a quarter of 10000, 70000, 2002, 8000 and 1000, each rounded: 2500 + 17500 + 500 + 2000 + 250
    assert_eq!((quarter.expected_from_open, quarter.expected()), (Some(22_750), Some(62_750)));
    assert_eq!((quarter.attainment(), quarter.coverage()), (Some(0.4), Some(12_002.0 / 60_000.0)));
    assert_eq!((quarter.overdue, quarter.overdue_deals), (Some(2_002), 1));
    assert_eq!((quarter.won_deals, quarter.lost_deals, quarter.open_deals, quarter.deals_without_amount), (2, 1, 2, 1));
    // won 45000 of 105000 closed with a date in the trailing year
    assert!(quarter.required_coverage.is_some_and(|c| (c - 105.0 / 45.0).abs() < 1e-12));
    // three quarters less one quarter: 5000 + 35000 + (1502 - 500) + 4000 + 500
    assert_eq!(company(&forecast, "2026-Q2").expected_from_open, Some(45_502));
    let over = company(&forecast, "2025-Q4");
    assert_eq!((over.expected_from_open, over.expected_from_new(), over.expected()), (Some(0), Some(0), Some(5_000)));
    assert_eq!(company(&forecast, "2025-Q4").required_coverage, None);
    assert_eq!(company(&forecast, "2026").expected_from_open, None);
    assert_eq!(forecast.quality.closed_without_date, 1);
    assert_eq!(forecast.quality.open_without_date, 1);
    assert_eq!(forecast.quality.without_amount, 1);
    assert_eq!(forecast.quality.base_rows, BaseRows::SameCurrency);
}

#[test]
fn categories_come_from_the_column_else_from_the_stage() {
    let all = [
        (Some(ForecastCategory::Pipeline), 1),
        (Some(ForecastCategory::BestCase), 20),
        (Some(ForecastCategory::Commit), 300),
        (Some(ForecastCategory::Closed), 4_000),
        (Some(ForecastCategory::Omitted), 50_000),
        (None, 600_000),
    ];
    let deals = || -> Vec<DealState> {
        let of = |(category, amount): (Option<ForecastCategory>, i64)| DealState {
            category,
            ..open(0, amount, "2026-03-01")
        };
        let won = closed(StageKind::Won, 0, 7_000_000, "2026-01-02");
        all.into_iter().map(of).chain([won]).collect()
    };
    let sums = |stage: Option<ForecastCategory>, filter: &ForecastFilter| {
        let mut timeline = timeline();
        let mut stages = timeline.stages.stages().to_vec();
        stages[0].category = stage;
        timeline.stages = stage_list(stages);
        let snapshot = Snapshot { as_of: AS_OF, states: deals() };
        let (tables, config) = (tables(), Config::default());
        let input = ForecastInput {
            tables: &tables,
            timeline: &timeline,
            snapshot: &snapshot,
            scores: None,
            outlook: None,
            config: &config,
            stage_win_rates: &[],
            mask: None,
            filter,
        };
        let forecast = forecast(&input).expect("a forecast");
        let row = company(&forecast, "2026-Q1");
        let cumulative = [row.commit_cumulative(), row.best_case_cumulative(), row.pipeline_cumulative()];
        (row.pipeline, [row.pipeline_single(), row.best_case, row.commit, row.omitted], cumulative)
    };
    let any = ForecastFilter::default();
    assert_eq!(sums(None, &any), (604_321, [600_001, 20, 4_300, 50_000], [7_004_300, 7_004_320, 7_604_321]));
    let best_case = Some(ForecastCategory::BestCase);
    assert_eq!(sums(best_case, &any), (604_321, [1, 600_020, 4_300, 50_000], [7_004_300, 7_604_320, 7_604_321]));
    let omitted = Some(ForecastCategory::Omitted);
    assert_eq!(sums(omitted, &any), (4_321, [1, 20, 4_300, 650_000], [7_004_300, 7_004_320, 7_004_321]));
    let filter = ForecastFilter { categories: vec![ForecastCategory::BestCase], ..ForecastFilter::default() };
    assert_eq!(sums(None, &filter), (20, [0, 20, 0, 0], [7_000_000, 7_000_020, 7_000_020]));
}

#[test]
fn a_tenth_of_ten_million_is_a_million_to_the_cent() {
    let states = vec![DealState { probability: 0.1.into(), ..open(0, 1_000_000_000, "2026-03-01") }];
    let forecast = run(&tables(), states, None, &ForecastFilter::default());
    assert_eq!(company(&forecast, "2026-Q1").weighted, Some(100_000_000));
}

#[test]
fn a_quota_stands_beside_its_roll_up() {
    let mut tables = tables();
    let user = |owner: &str, team: &str| User {
        owner: owner.to_owned(),
        team: Some(team.to_owned()),
        region: Some("EU".to_owned()),
        ..User::default()
    };
    tables.users = vec![user("a", "North"), user("b", "North"), user("c", "South")];
    let owner = |id: &str| QuotaNode::Owner(id.to_owned());
    tables.quotas = vec![
        quota(owner("a"), "2026-Q1", 1_000),
        quota(owner("b"), "2026-Q1", 2_000),
        quota(owner("c"), "2026-Q1", 4_000),
        quota(QuotaNode::Team("North".to_owned()), "2026-Q1", 3_500),
        quota(QuotaNode::Region("EU".to_owned()), "2026-Q1", 7_500),
        quota(QuotaNode::Company, "2026-Q1", 9_000),
        quota(QuotaNode::Company, "2025-Q1", 1),
    ];
    let forecast = run(&tables, Vec::new(), None, &ForecastFilter::default());
    let found = |level, node, period| {
        let row = find(&forecast, level, node, period, RowBasis::Base).expect("a row");
        (row.quota, row.quota_rollup, row.quota_difference())
    };
    assert_eq!(found(Level::Owner, "a", "2026-Q1"), (Some(1_000), None, None));
    assert_eq!(found(Level::Team, "North", "2026-Q1"), (Some(3_500), Some(3_000), Some(500)));
    assert_eq!(found(Level::Team, "South", "2026-Q1"), (Some(4_000), Some(4_000), None));
    assert_eq!(found(Level::Region, "EU", "2026-Q1"), (Some(7_500), Some(7_500), None));
    assert_eq!(found(Level::Company, COMPANY, "2026-Q1"), (Some(9_000), Some(7_500), Some(1_500)));
    assert_eq!(found(Level::Company, COMPANY, "2025-Q1"), (Some(1), None, None));
    assert_eq!(forecast.quota_differences().count(), 2);
    // In another currency than its members': the sum of those below has a row of its own.
    tables.quotas.iter_mut().take(2).for_each(|quota| quota.currency = EUR);
    let rate = |rate: &str| rate.parse().expect("a rate");
    tables.fx_rates = vec![FxRate { currency: EUR, day: day("2025-12-01"), rate: rate("1.5") }];
    let forecast = run(&tables, Vec::new(), None, &ForecastFilter::default());
    let rows = forecast.rows.iter().filter(|row| forecast.nodes[row.node].key == "North");
    let rows: Vec<_> = rows.map(|row| (row.basis, row.quota, row.quota_rollup, row.quota_difference())).collect();
    assert_eq!(
        rows,
        [
            (RowBasis::Base, Some(3_500), Some(4_500), Some(-1_000)),
            (RowBasis::Native, None, Some(3_000), None),
            (RowBasis::Native, Some(3_500), None, None),
        ]
    );
}

#[test]
fn what_is_submitted_has_rows_and_obeys_the_filter() {
    let mut tables = tables();
    tables.users = vec![
        User { owner: "a".to_owned(), team: Some("North".to_owned()), ..User::default() },
        User { owner: "b".to_owned(), team: Some("South".to_owned()), ..User::default() },
    ];
    let calendar = Config::default().fiscal_calendar();
    let revision = |owner: &str, period: &str, amount_minor| Revision {
        submitted_at: Day(AS_OF.0 - 100).start(),
        author: owner.to_owned(),
        owner: owner.to_owned(),
        period: calendar.parse(period).expect("a period"),
        category: "forecast".to_owned(),
        amount_minor,
        currency: USD,
        note: None,
    };
    // Nobody has a deal or a quota in the third quarter, and halves are not reported.
    tables.revisions = vec![
        revision("a", "2026-Q3", 5),
        revision("b", "2026-Q3", 70),
        revision("a", "2025-H2", 400),
        revision("a", "2026-Q1", 9),
    ];
    let won = vec![
        closed(StageKind::Won, 0, 30, "2025-11-30"),
        closed(StageKind::Won, 0, 10, "2025-12-31"),
        closed(StageKind::Won, 1, 1_000, "2025-12-31"),
        closed(StageKind::Won, 0, 20_000, "2026-01-01"),
    ];
    let found = |filter: &ForecastFilter| {
        let forecast = run(&tables, won.clone(), None, filter);
        let row =
            |level, node| find(&forecast, level, node, "2026-Q3", RowBasis::Base).and_then(|row| row.held.submitted);
        let rows =
            [row(Level::Owner, "a"), row(Level::Owner, "b"), row(Level::Team, "North"), row(Level::Company, COMPANY)];
        (rows, forecast.revisions.lines.iter().map(|line| line.actual_minor).collect::<Vec<_>>())
    };
    let (rows, actuals) = found(&ForecastFilter::default());
    assert_eq!(rows, [Some(5), Some(70), Some(5), Some(75)]);
    assert_eq!(actuals, [None, None, Some(40), None]);
    let north = ForecastFilter { teams: vec!["North".to_owned()], ..ForecastFilter::default() };
    assert_eq!(found(&north).0, [Some(5), None, Some(5), Some(5)]);
    let other = ForecastFilter { currencies: vec!["EUR".to_owned()], ..ForecastFilter::default() };
    assert_eq!(found(&other).0, [None; 4]);
    // Without rates a submission in another currency counts for nothing, and stops nothing.
    let mut tables = tables.clone();
    tables.revisions[1].currency = EUR;
    let forecast = run(&tables, won, None, &ForecastFilter::default());
    assert_eq!(
        find(&forecast, Level::Company, COMPANY, "2026-Q3", RowBasis::Base).and_then(|row| row.held.submitted),
        Some(5)
    );
    tables.revisions[1].owner = "nobody".to_owned();
    let forecast = run(&tables, Vec::new(), None, &ForecastFilter::default());
    assert_eq!(forecast.revisions.unknown_owners(&tables).into_iter().collect::<Vec<_>>(), ["nobody"]);
}

#[test]
fn names_are_known_from_the_past_and_from_quotas() {
    let mut tables = tables();
    let before =
        User { owner: "a".to_owned(), team: Some("Gone".to_owned()), active_to: Some(Day(0)), ..User::default() };
    tables.users = vec![before];
    tables.quotas = vec![quota(QuotaNode::Owner("new".to_owned()), "2026-Q1", 1)];
    let snapshot = Snapshot { as_of: AS_OF, states: vec![open(0, 1, "2026-03-01")] };
    let unknown = |filter: ForecastFilter| filter.unknown_name(&tables, &snapshot);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let owners = |owners: &[&str]| ForecastFilter { owners: names(owners), ..ForecastFilter::default() };
    assert_eq!(unknown(owners(&["a", "c", "new", "(no owner)"])), None);
    assert_eq!(unknown(owners(&["a", "ab"])).map(|name| (name.column, name.wanted)), Some(("owner", "ab".to_owned())));
    let teams = |teams: &[&str]| ForecastFilter { teams: names(teams), ..ForecastFilter::default() };
    assert_eq!(unknown(teams(&["Gone", NO_TEAM])), None);
    assert_eq!(unknown(teams(&["Gome"])).and_then(|name| name.guess).as_deref(), Some("Gone"));
    let currencies = |codes: &[&str]| ForecastFilter { currencies: names(codes), ..ForecastFilter::default() };
    assert_eq!(unknown(currencies(&["USD"])), None);
    assert_eq!(unknown(currencies(&["JPY"])).map(|name| name.column), Some("currency"), "nothing is in yen");
}

#[test]
fn without_scores_rates_or_deals_little_is_said() {
    let mut tables = tables();
    let empty = run(&tables, Vec::new(), None, &ForecastFilter::default());
    let periods: Vec<String> = empty.rows.iter().map(|row| row.period.to_string()).collect();
    assert_eq!(periods, ["2026-02", "2026-Q1", "2026"]);
    assert_eq!(empty.summary(PeriodKind::Quarter).len(), 1);
    let euros = DealState { closed: day("2026-02-01").into(), ..deal(StageKind::Won, 0, EUR, 500) };
    let mixed = vec![closed(StageKind::Won, 0, 300, "2026-02-01"), euros];
    let forecast = run(&tables, mixed.clone(), None, &ForecastFilter::default());
    assert_eq!(forecast.quality.base_rows, BaseRows::NoRates);
    assert!(forecast.rows.iter().all(|row| row.basis == RowBasis::Native && row.expected().is_none()));
    let summary = forecast.summary(PeriodKind::Quarter);
    let won: Vec<(&str, i64)> =
        summary.iter().map(|r| (forecast.currencies[r.currency].code.as_str(), r.won)).collect();
    assert_eq!(won, [("EUR", 500), ("USD", 300)]);
    tables.fx_rates = vec![FxRate { currency: EUR, day: day("2026-01-15"), rate: "1.5".parse().expect("a rate") }];
    assert_eq!(company(&run(&tables, mixed, None, &ForecastFilter::default()), "2026-Q1").won, 1_050);
}

#[test]
fn a_missing_rate_leaves_base_sums_and_too_much_money_is_an_error() {
    let mut tables = tables();
    tables.fx_rates = vec![FxRate { currency: EUR, day: day("2026-01-15"), rate: "1.5".parse().expect("a rate") }];
    let config = Config::default();
    let fails = |states: Vec<DealState>| {
        let filter = ForecastFilter::default();
        let input = ForecastInput {
            tables: &tables,
            timeline: &timeline(),
            snapshot: &Snapshot { as_of: AS_OF, states },
            scores: None,
            outlook: None,
            config: &config,
            stage_win_rates: &[],
            mask: None,
            filter: &filter,
        };
        forecast(&input).expect_err("an error").to_string()
    };
    let early = DealState { closed: day("2026-01-14").into(), ..deal(StageKind::Won, 0, EUR, 500) };
    let later = DealState { closed: day("2026-01-15").into(), ..deal(StageKind::Won, 0, EUR, 100) };
    let found = run(&tables, vec![early, later], None, &ForecastFilter::default());
    let row = company(&found, "2026-Q1");
    assert_eq!((row.won, row.won_deals, row.deals_without_amount), (150, 2, 1), "100 x 1.5, of two deals");
    let native = found.rows.iter().find(|row| row.basis == RowBasis::Native && row.won > 0).expect("euros");
    assert_eq!((native.won, native.deals_without_amount), (600, 0));
    assert_eq!(found.without_rate.deals, [(EUR, 1)].into());
    let huge = closed(StageKind::Won, 0, 10_i64.pow(18) - 1, "2026-02-01");
    assert!(fails(vec![huge; 10]).contains("add up to 9999999999999999990 minor units"));
}
