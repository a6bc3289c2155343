//! The definitions on a small example, and the identities on random organisations.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::books::hierarchy::{COMPANY, NO_TEAM};
use crate::domain::code::Dictionary;
use crate::domain::ids::{CurrencyId, DealIx, OwnerId, RowIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::period::weeks::WeekPattern;
use crate::domain::stage::{ForecastCategory, Stage, StageKind, StageList};
use crate::ingest::tables::{FxRate, Quota, QuotaNode, Revision, User};
use crate::scoring::{PeriodOutcome, Score};
use crate::snapshot::DealState;
use crate::timeline::TimelineQuality;

/// 2026-02-14.
const AS_OF: Day = Day(20_498);

const USD: CurrencyId = CurrencyId::at(0);
const EUR: CurrencyId = CurrencyId::at(1);
const JPY: CurrencyId = CurrencyId::at(2);

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn deal(kind: StageKind, owner: usize, currency: CurrencyId, amount_minor: i64) -> DealState {
    DealState {
        deal: DealIx::at(0),
        row: RowIx::at(0),
        day: AS_OF,
        kind,
        stage: StageId::at(0).into(),
        stage_tracked: true,
        created: Day(20_000),
        closed: Maybe::NONE,
        currency,
        amount_minor: amount_minor.into(),
        first_amount_minor: amount_minor.into(),
        amount_changes: 0,
        expected_close: Maybe::NONE,
        first_expected_close: Maybe::NONE,
        pushes: 0,
        owner: OwnerId::at(owner).into(),
        category: None,
        probability: Maybe::NONE,
        stage_since: Day(20_000),
        forward_moves: 0,
        back_moves: 0,
        skipped_stages: 0,
        last_change: Maybe::NONE,
        activities: 0,
        activities_30d: 0,
        last_activity: Maybe::NONE,
    }
}

fn closed(kind: StageKind, owner: usize, amount_minor: i64, on: &str) -> DealState {
    DealState { closed: day(on).into(), ..deal(kind, owner, USD, amount_minor) }
}

fn open(owner: usize, amount_minor: i64, expected: &str) -> DealState {
    DealState { expected_close: day(expected).into(), ..deal(StageKind::Open, owner, USD, amount_minor) }
}

/// Stages no data name: deals have positions.
fn stage_list(stages: Vec<Stage>) -> StageList {
    StageList::of(stages, &Dictionary::default(), &Dictionary::default())
}

fn timeline() -> Timeline {
    let stage = Stage { name: "Working".to_owned(), probability: Some(0.25), ..Stage::default() };
    Timeline {
        as_of: AS_OF,
        stages: stage_list(vec![stage]),
        deals: Vec::new(),
        steps: Vec::new(),
        step_offsets: vec![0],
        activities: Vec::new(),
        activity_offsets: vec![0],
        quality: TimelineQuality::default(),
    }
}

/// Owners a, b, c; currencies USD, EUR, JPY.
fn tables() -> Tables {
    let mut tables = Tables::default();
    for owner in ["a", "b", "c"] {
        tables.owners.intern(owner);
    }
    for currency in ["USD", "EUR", "JPY"] {
        tables.currency(currency);
    }
    tables
}

fn quota(node: QuotaNode, period: &str, quota_minor: i64) -> Quota {
    let period = Config::default().fiscal_calendar().parse(period).expect("a period");
    Quota { node, period, quota_minor, currency: USD }
}

/// Gives the deals their positions.
fn number(states: &mut [DealState]) {
    states.iter_mut().enumerate().for_each(|(i, state)| state.deal = DealIx::at(i));
}

fn run(tables: &Tables, states: Vec<DealState>, scores: Option<&Scores>, filter: &ForecastFilter) -> Forecast {
    run_with(&Config::default(), tables, states, scores, filter)
}

fn run_with(
    config: &Config,
    tables: &Tables,
    mut states: Vec<DealState>,
    scores: Option<&Scores>,
    filter: &ForecastFilter,
) -> Forecast {
    number(&mut states);
    let input = ForecastInput {
        tables,
        timeline: &timeline(),
        snapshot: &Snapshot { as_of: AS_OF, states },
        scores,
        outlook: None,
        config,
        stage_win_rates: &[],
        mask: None,
        filter,
    };
    forecast(&input).expect("a forecast")
}

/// Scores of deals 0..n with the same chances to be won by the end of 2026-02, 2026-03, 2026-Q1 and 2026-Q2.
fn scores(deals: usize, wins: [f64; 4]) -> Scores {
    let calendar = Config::default().fiscal_calendar();
    let outcome = |win: f64| PeriodOutcome { win, lose: 0.0, slip: 1.0 - win };
    let score = |deal| Score {
        deal,
        win_probability: 0.5,
        score: 50,
        grade: Some('B'),
        by_period: wins.map(outcome).to_vec(),
        predicted_close: None,
    };
    Scores {
        as_of: AS_OF,
        model_id: "test".to_owned(),
        signal: true,
        intercept: 0.0,
        periods: ["2026-02", "2026-03", "2026-Q1", "2026-Q2"].map(|p| calendar.parse(p).expect("a period")).to_vec(),
        fields: Vec::new(),
        rows: (0..deals).map(DealIx::at).map(score).collect(),
        contributions: Vec::new(),
    }
}

fn find<'f>(forecast: &'f Forecast, level: Level, node: &str, period: &str, basis: Basis) -> Option<&'f ForecastRow> {
    let wanted = |row: &&ForecastRow| {
        let of = &forecast.nodes[row.node];
        (of.level, of.key.as_str(), row.basis) == (level, node, basis) && row.period.to_string() == period
    };
    forecast.rows.iter().find(wanted)
}

fn company<'f>(forecast: &'f Forecast, period: &str) -> &'f ForecastRow {
    find(forecast, Level::Company, COMPANY, period, Basis::Base).expect("a company row")
}

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
    let told = |stage: Option<ForecastCategory>, filter: &ForecastFilter| {
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
        assert_eq!(row.pipeline, row.pipeline_single() + row.best_case + row.commit);
        ([row.pipeline_single(), row.best_case, row.commit, row.omitted], cumulative)
    };
    let any = ForecastFilter::default();
    assert_eq!(told(None, &any), ([600_001, 20, 4_300, 50_000], [7_004_300, 7_004_320, 7_604_321]));
    let best_case = Some(ForecastCategory::BestCase);
    assert_eq!(told(best_case, &any), ([1, 600_020, 4_300, 50_000], [7_004_300, 7_604_320, 7_604_321]));
    let omitted = Some(ForecastCategory::Omitted);
    assert_eq!(told(omitted, &any), ([1, 20, 4_300, 650_000], [7_004_300, 7_004_320, 7_004_321]));
    let filter = ForecastFilter { categories: vec![ForecastCategory::BestCase], ..ForecastFilter::default() };
    assert_eq!(told(None, &filter), ([0, 20, 0, 0], [7_000_000, 7_000_020, 7_000_020]));
}

#[test]
fn a_tenth_of_ten_million_is_a_million_to_the_cent() {
    let states = vec![DealState { probability: 0.1.into(), ..open(0, 1_000_000_000, "2026-03-01") }];
    let forecast = run(&tables(), states, None, &ForecastFilter::default());
    assert_eq!(company(&forecast, "2026-Q1").weighted, Some(100_000_000));
}

#[test]
fn a_quota_stands_beside_the_sum_of_those_below_it() {
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
    let told = |level, node, period| {
        let row = find(&forecast, level, node, period, Basis::Base).expect("a row");
        (row.quota, row.quota_rollup, row.quota_difference())
    };
    assert_eq!(told(Level::Owner, "a", "2026-Q1"), (Some(1_000), None, None));
    assert_eq!(told(Level::Team, "North", "2026-Q1"), (Some(3_500), Some(3_000), Some(500)));
    assert_eq!(told(Level::Team, "South", "2026-Q1"), (Some(4_000), Some(4_000), None));
    assert_eq!(told(Level::Region, "EU", "2026-Q1"), (Some(7_500), Some(7_500), None));
    assert_eq!(told(Level::Company, COMPANY, "2026-Q1"), (Some(9_000), Some(7_500), Some(1_500)));
    assert_eq!(told(Level::Company, COMPANY, "2025-Q1"), (Some(1), None, None));
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
            (Basis::Base, Some(3_500), Some(4_500), Some(-1_000)),
            (Basis::Native, None, Some(3_000), None),
            (Basis::Native, Some(3_500), None, None),
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
    let told = |filter: &ForecastFilter| {
        let forecast = run(&tables, won.clone(), None, filter);
        let row = |level, node| find(&forecast, level, node, "2026-Q3", Basis::Base).and_then(|row| row.held.submitted);
        let rows =
            [row(Level::Owner, "a"), row(Level::Owner, "b"), row(Level::Team, "North"), row(Level::Company, COMPANY)];
        (rows, forecast.revisions.lines.iter().map(|line| line.actual_minor).collect::<Vec<_>>())
    };
    let (rows, actuals) = told(&ForecastFilter::default());
    assert_eq!(rows, [Some(5), Some(70), Some(5), Some(75)]);
    assert_eq!(actuals, [None, None, Some(40), None]);
    let north = ForecastFilter { teams: vec!["North".to_owned()], ..ForecastFilter::default() };
    assert_eq!(told(&north).0, [Some(5), None, Some(5), Some(5)]);
    let other = ForecastFilter { currencies: vec!["EUR".to_owned()], ..ForecastFilter::default() };
    assert_eq!(told(&other).0, [None; 4]);
    // Without rates a submission in another currency counts for nothing, and stops nothing.
    let mut tables = tables.clone();
    tables.revisions[1].currency = EUR;
    let forecast = run(&tables, won, None, &ForecastFilter::default());
    assert_eq!(
        find(&forecast, Level::Company, COMPANY, "2026-Q3", Basis::Base).and_then(|row| row.held.submitted),
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
    assert!(forecast.rows.iter().all(|row| row.basis == Basis::Native && row.expected().is_none()));
    let summary = forecast.summary(PeriodKind::Quarter);
    let won: Vec<(&str, i64)> =
        summary.iter().map(|r| (forecast.currencies[r.currency].code.as_str(), r.won)).collect();
    assert_eq!(won, [("EUR", 500), ("USD", 300)]);
    tables.fx_rates = vec![FxRate { currency: EUR, day: day("2026-01-15"), rate: "1.5".parse().expect("a rate") }];
    assert_eq!(company(&run(&tables, mixed, None, &ForecastFilter::default()), "2026-Q1").won, 1_050);
}

#[test]
fn a_missing_rate_and_too_much_money_are_errors() {
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
    assert!(fails(vec![early]).starts_with("no rate from EUR to USD on or before 2026-01-14"));
    let huge = closed(StageKind::Won, 0, 10_i64.pow(18) - 1, "2026-02-01");
    assert!(fails(vec![huge; 10]).contains("add up to 9999999999999999990 minor units"));
}

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

const KINDS: [StageKind; 3] = [StageKind::Open, StageKind::Won, StageKind::Lost];
const CATEGORIES: [ForecastCategory; 5] = [
    ForecastCategory::Pipeline,
    ForecastCategory::BestCase,
    ForecastCategory::Commit,
    ForecastCategory::Closed,
    ForecastCategory::Omitted,
];

/// Deals within half a year of the as-of day, of owners a, b, c and none, in three currencies.
fn deals() -> impl Strategy<Value = Vec<DealState>> {
    let amount = prop::option::weighted(0.9, -5_000_i64..5_000_000);
    let owner = prop::option::of((0_usize..3).prop_map(OwnerId::at));
    let expected = prop::option::weighted(0.83, (AS_OF.0 - 180..AS_OF.0 + 180).prop_map(Day));
    let closed = prop::option::weighted(0.9, (AS_OF.0 - 180..AS_OF.0).prop_map(Day));
    let category = prop::option::weighted(0.83, prop::sample::select(&CATEGORIES[..]));
    let row = (0_usize..3, owner, 0_usize..3, amount, expected, closed, category, 0.0_f32..1.0);
    let deal =
        row.prop_map(|(kind, owner, currency, amount, expected_close, closed, category, probability)| DealState {
            owner: owner.into(),
            amount_minor: amount.into(),
            expected_close: expected_close.into(),
            closed: closed.filter(|_| kind != 0).into(),
            category,
            probability: probability.into(),
            ..deal(KINDS[kind], 0, CurrencyId::at(currency), 0)
        });
    prop::collection::vec(deal, 0..60)
}

/// Users rows of a and b that change team, region and manager on random days; c has none.
fn users() -> impl Strategy<Value = Vec<User>> {
    let row = (0_usize..2, 0_usize..3, 0_usize..3, 0_usize..4, AS_OF.0 - 200..AS_OF.0 + 30, 1_i32..200);
    let user = row.prop_map(|(owner, team, region, manager, from, days)| User {
        owner: ["a", "b"][owner].to_owned(),
        name: None,
        manager: [None, Some("a"), Some("b"), Some("boss")][manager].map(str::to_owned),
        team: [None, Some("North"), Some("South")][team].map(str::to_owned),
        region: [None, Some("EU"), Some("US")][region].map(str::to_owned),
        active_from: Some(Day(from)),
        active_to: Some(Day(from + days)),
    });
    prop::collection::vec(user, 0..8)
}

fn quotas() -> impl Strategy<Value = Vec<Quota>> {
    let periods = prop::sample::select(vec!["2025-10", "2025-11", "2025-12", "2026-02", "2026-Q1", "2025"]);
    let owners = prop::sample::select(vec!["a", "b", "c", "d"]);
    let row = (owners, periods, 0_i64..9_000_000, (0_usize..3).prop_map(CurrencyId::at));
    let set = row.prop_map(|(owner, period, minor, currency)| Quota {
        currency,
        ..quota(QuotaNode::Owner(owner.to_owned()), period, minor)
    });
    prop::collection::vec(set, 0..15)
}

fn rates() -> Vec<FxRate> {
    let rate =
        |currency, back, rate: &str| FxRate { currency, day: Day(AS_OF.0 - back), rate: rate.parse().expect("a rate") };
    vec![rate(EUR, 9_000, "1.0937"), rate(EUR, 40, "1.1313"), rate(JPY, 9_000, "0.006743"), rate(JPY, 77, "0.0070001")]
}

type MoneyColumns = [i64; 13];

fn money(row: &ForecastRow) -> MoneyColumns {
    let known = |value: Option<i64>| value.unwrap_or_default();
    [
        known(row.quota),
        row.won,
        row.lost,
        row.pipeline,
        row.best_case,
        row.commit,
        known(row.weighted),
        known(row.expected_from_open),
        known(row.overdue),
        row.omitted,
        row.commit_cumulative(),
        row.best_case_cumulative(),
        row.pipeline_cumulative(),
    ]
}

/// Sums of the money columns per period, basis and currency.
fn sums<'r>(rows: impl Iterator<Item = &'r ForecastRow>) -> BTreeMap<(Period, Basis, usize), MoneyColumns> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let sum: &mut MoneyColumns = sums.entry((row.period, row.basis, row.currency)).or_default();
        for (sum, value) in sum.iter_mut().zip(money(row)) {
            *sum += value;
        }
    }
    sums.retain(|_, sum| *sum != [0; 13]);
    sums
}

proptest! {
    #[test]
    fn books_close(states in deals(), users in users(), quotas in quotas()) {
        let mut tables = tables();
        (tables.users, tables.quotas, tables.fx_rates) = (users, quotas, rates());
        let scores = scores(states.len(), [0.123, 0.2, 0.31, 0.777]);
        let forecast = run(&tables, states, Some(&scores), &ForecastFilter::default());
        let nodes = &forecast.nodes;
        let at = |level| forecast.rows.iter().filter(move |row| nodes[row.node].level == level);
        let company = sums(at(Level::Company));
        for level in [Level::Owner, Level::Team, Level::Region] {
            if level == Level::Owner || at(level).next().is_some() {
                prop_assert_eq!(&sums(at(level)), &company, "{:?}", level);
            }
        }
        for row in &forecast.rows {
            prop_assert_eq!(row.gap(), row.quota.map(|quota| quota - row.won));
            prop_assert_eq!(row.expected(), row.expected_from_open.map(|open| open + row.won));
        }
    }

    #[test]
    fn listed_deals_are_what_the_rows_are_made_of(
        states in deals(), users in users(), quotas in quotas(), new in any::<bool>()
    ) {
        let mut tables = tables();
        (tables.users, tables.quotas, tables.fx_rates) = (users, quotas, rates());
        let (config, filter, mut states) = (Config::default(), ForecastFilter::default(), states);
        number(&mut states);
        let scores = scores(states.len(), [0.123, 0.2, 0.31, 0.777]);
        let snapshot = Snapshot { as_of: AS_OF, states };
        let converter = CurrencyConverter::new(&tables, "USD", AS_OF);
        let mut timeline = timeline();
        timeline.step_offsets = vec![0; snapshot.states.len() + 1];
        let admits = vec![true; snapshot.states.len()];
        let outlook = new.then(|| Outlook::learn(&timeline, &snapshot, &converter, &tables.owners, &admits));
        let input = ForecastInput {
            tables: &tables,
            timeline: &timeline,
            snapshot: &snapshot,
            scores: Some(&scores),
            outlook: outlook.as_ref(),
            config: &config,
            stage_win_rates: &[],
            mask: None,
            filter: &filter,
        };
        let ForecastDeals { forecast, deals } = forecast_deals(&input, &[]).expect("a forecast");
        for row in &forecast.rows {
            let code = &forecast.currencies[row.currency].code;
            let base = row.basis == Basis::Base;
            let of_row = |deal: &&DealInRow<'_>| {
                let native = tables.currencies.name(deal.currency) == Some(code);
                (deal.node, deal.period) == (row.node, row.period) && (base || native)
            };
            let listed: Vec<&DealInRow<'_>> = deals.iter().filter(of_row).collect();
            let due = listed.iter().filter(|deal| deal.in_pipeline);
            let amounts = due.clone().filter_map(|deal| if base { deal.base_amount } else { deal.amount });
            prop_assert_eq!((amounts.sum::<i64>(), due.count()), (row.pipeline, row.open_deals as usize));
            let expected = listed.iter().filter_map(|deal| if base { deal.base_expected } else { deal.expected });
            let expected: i64 = expected.sum();
            prop_assert_eq!(expected, row.expected_from_open.unwrap_or(0));
            if base {
                prop_assert!(listed.is_sorted_by_key(|deal| Reverse(deal.base_expected)));
                let total = listed.first().and_then(|deal| deal.base_expected).map(|_| expected);
                prop_assert_eq!(listed.last().and_then(|deal| deal.base_cumulative), total);
                let closing = listed.iter().filter(|deal| deal.closes_gap == Some(true)).count() as u32;
                let fewest = row.final_sum.as_ref().and_then(|sum| sum.deals_to_close);
                prop_assert_eq!(closing, fewest.unwrap_or(0));
                prop_assert!(listed.iter().all(|deal| deal.closes_gap.is_some() == fewest.is_some()));
                if let Some((fewest, gap)) = fewest.zip(row.gap()) {
                    let sums = listed.iter().filter_map(|deal| deal.base_cumulative);
                    let sums: Vec<i64> = [0].into_iter().chain(sums).collect();
                    prop_assert!(sums[fewest as usize] >= gap && (fewest == 0 || sums[fewest as usize - 1] < gap));
                }
            }
        }
    }

    #[test]
    fn shorter_periods_make_longer_ones(states in deals(), users in users(), weeks in any::<bool>()) {
        let mut tables = tables();
        (tables.users, tables.fx_rates) = (users, rates());
        let mut config = Config::default();
        config.calendar.weeks = weeks.then_some(WeekPattern::FourFourFive);
        config.calendar.periods = PeriodKind::ALL.to_vec();
        let forecast = run_with(&config, &tables, states, None, &ForecastFilter::default());
        let calendar = config.fiscal_calendar();
        let flows = |kind: PeriodKind, into: PeriodKind| {
            let mut sums: BTreeMap<(usize, Period, Basis, usize), [i64; 4]> = BTreeMap::new();
            for row in forecast.rows.iter().filter(|row| row.period.kind == kind) {
                let whole = calendar.period_of(into, row.period.first);
                let sum = sums.entry((row.node, whole, row.basis, row.currency)).or_default();
                let deals = row.won_deals + row.lost_deals + row.open_deals;
                for (sum, value) in sum.iter_mut().zip([row.won, row.lost, row.pipeline, deals.into()]) {
                    *sum += value;
                }
            }
            sums.retain(|_, sum| *sum != [0; 4]);
            sums
        };
        prop_assert_eq!(flows(PeriodKind::Month, PeriodKind::Quarter), flows(PeriodKind::Quarter, PeriodKind::Quarter));
        prop_assert_eq!(flows(PeriodKind::Quarter, PeriodKind::Half), flows(PeriodKind::Half, PeriodKind::Half));
        prop_assert_eq!(flows(PeriodKind::Half, PeriodKind::Year), flows(PeriodKind::Year, PeriodKind::Year));
    }

    #[test]
    fn rows_stand_in_report_order_and_do_not_depend_on_deal_order(states in deals(), users in users()) {
        let mut tables = tables();
        (tables.users, tables.fx_rates) = (users, rates());
        let reversed: Vec<DealState> = states.iter().rev().copied().collect();
        let forecast = run(&tables, states, None, &ForecastFilter::default());
        let again = run(&tables, reversed, None, &ForecastFilter::default());
        prop_assert_eq!(&forecast.rows, &again.rows);
        let key = |row: &ForecastRow| (row.node, row.period.kind, row.period, row.basis, row.currency);
        prop_assert!(forecast.rows.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
        prop_assert!(forecast.nodes.windows(2).all(|pair| (pair[0].level, &pair[0].key) < (pair[1].level, &pair[1].key)));
    }
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
    let team = |name| find(&forecast, Level::Team, name, "2026-01", Basis::Base).map(|row| (row.won, row.pipeline));
    assert_eq!([team("North"), team("South"), team(NO_TEAM)], [Some((1, 0)), Some((20, 4_000)), Some((300, 0))]);
    assert_eq!(find(&forecast, Level::Region, "(no region)", "2026-01", Basis::Base), None);
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
    let won = |node| find(&forecast, Level::Manager, node, "2026-Q1", Basis::Native).map(|row| row.won);
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
