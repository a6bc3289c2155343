//! The forecast on public exports, against numbers computed elsewhere (scripts beside the fixtures).

use std::path::Path;

use dealcast::analyses::forecast::columns::forecast_table;
use dealcast::analyses::forecast::{Forecast, ForecastInput, ForecastRow, RowBasis, forecast};
use dealcast::books::filter::ForecastFilter;
use dealcast::books::hierarchy::{COMPANY, Level};
use dealcast::config::Config;
use dealcast::domain::day::{Day, Moment};
use dealcast::domain::maybe::Maybe;
use dealcast::domain::stage::StageKind;
use dealcast::ingest::tables::{DealRow, Quota, QuotaNode, Tables, User};
use dealcast::snapshot::Snapshot;
use dealcast::timeline::Timeline;

use crate::exports::fixture;

/// The rows of a CSV as lookups by column name.
fn read(path: &Path) -> Vec<impl Fn(&str) -> String + use<>> {
    let text = std::fs::read_to_string(path).expect("readable");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let row = |record: csv::StringRecord| {
        let headers = headers.clone();
        move |name: &str| {
            let column = headers.iter().position(|header| header == name).expect(name);
            record[column].trim().to_owned()
        }
    };
    reader.records().map(|record| row(record.expect("a record"))).collect()
}

/// Noon of a date such as `4/12/2021 16:50` (month first), in microseconds; `None` for an empty cell.
fn us_noon(text: &str) -> Option<i64> {
    let date = text.split(' ').next().filter(|date| !date.is_empty())?;
    let parts: Vec<i16> = date.split('/').map(|part| part.parse().expect("a number")).collect();
    let day = Day::from_ymd(parts[2], parts[0] as i8, parts[1] as i8).expect("a date");
    Some(day.start().0 + 43_200_000_000)
}

/// Noon of a date such as `2021-04-12`, in microseconds; `None` for an empty cell.
fn iso_noon(text: &str) -> Option<i64> {
    (!text.is_empty()).then(|| text.parse::<Day>().expect("a date").start().0 + 43_200_000_000)
}

fn cents(text: &str) -> i64 {
    let number: String = text.chars().filter(|c| c.is_ascii_digit() || "-.".contains(*c)).collect();
    let decimal: rust_decimal::Decimal = number.parse().expect("a number");
    dealcast::domain::money::to_minor(decimal, 2).expect("18 digits at most")
}

fn status(text: &str) -> StageKind {
    match text {
        "Won" => StageKind::Won,
        "Lost" => StageKind::Lost,
        _ => StageKind::Open,
    }
}

fn run(tables: &Tables) -> Forecast {
    let config = Config::default();
    let closed = tables.deals.closed_at().into_iter().filter_map(Maybe::get);
    let newest = tables.deals.created_at().into_iter().chain(closed).max().expect("deals");
    let as_of = newest.day().plus(1);
    let timeline = Timeline::build(tables, &config, as_of).expect("a timeline");
    let input = ForecastInput {
        tables,
        timeline: &timeline,
        snapshot: &Snapshot::of(&timeline),
        scores: None,
        outlook: None,
        config: &config,
        stage_win_rates: &[],
        mask: None,
        filter: &ForecastFilter::default(),
    };
    forecast(&input).expect("a forecast")
}

fn row<'f>(forecast: &'f Forecast, level: Level, node: &str, period: &str, basis: RowBasis) -> Option<&'f ForecastRow> {
    let wanted = |row: &&ForecastRow| {
        let of = &forecast.nodes[row.node];
        (of.level, of.key.as_str(), row.basis) == (level, node, basis) && row.period.to_string() == period
    };
    forecast.rows.iter().find(wanted)
}

fn contoso(folder: &Path) -> Tables {
    let mut deals = Vec::new();
    for cell in read(&folder.join("Opportunity.csv")) {
        deals.push(DealRow {
            deal_id: format!("{:05}", deals.len()),
            stage: format!("{} {}", cell("Status"), cell("Sales Stage")),
            created_at: us_noon(&cell("Created On")).expect("always filled"),
            closed_at: us_noon(&cell("Actual Close Date")),
            status: Some(status(&cell("Status"))),
            amount_minor: Some(cents(&cell("Est. revenue"))),
            owner: Some(cell("Owner")),
            expected_close_date: us_noon(&cell("Est. close date")).map(|at| Moment(at).day().0),
            ..DealRow::default()
        });
    }
    let mut tables = Tables::from_deals(&deals).expect("a frame");
    let calendar = Config::default().fiscal_calendar();
    for goal in read(&folder.join("Goal.csv")).iter().filter(|goal| !goal("Target").is_empty()) {
        let label = format!("{}-Q{}", goal("Fiscal Year"), goal("Fiscal Period").trim_start_matches("Quarter "));
        let company = goal("Name").starts_with("Sales Team");
        let node = if company { QuotaNode::Company } else { QuotaNode::Owner(goal("Goal Owner")) };
        let currency = tables.currency("USD");
        let period = calendar.parse(&label).expect("a period");
        tables.quotas.push(Quota { node, period, quota_minor: cents(&goal("Target")), currency });
    }
    tables
}

pub fn contoso_quota_won_gap_and_attainment_per_owner_and_quarter(export: &Path) {
    let forecast = run(&contoso(export));
    let expected = read(&fixture("contoso_quota.csv"));
    for cell in &expected {
        let (node, period) = (cell("node"), cell("period"));
        let (level, key) = if node == "(company)" { (Level::Company, COMPANY) } else { (Level::Owner, node.as_str()) };
        let got = row(&forecast, level, key, &period, RowBasis::Native).unwrap_or_else(|| panic!("no {node} {period}"));
        let number = |name: &str| cell(name).parse::<i64>().ok();
        assert_eq!(
            (got.quota, Some(got.won), got.gap()),
            (number("quota"), number("won"), number("gap")),
            "{node} {period}"
        );
        let attainment: Option<f64> = cell("attainment").parse().ok();
        assert_eq!(got.attainment().is_some(), attainment.is_some(), "{node} {period}");
        let off = got.attainment().zip(attainment).map_or(0.0, |(got, wanted)| (got - wanted).abs());
        assert!(off < 1e-9, "{node} {period}: {off}");
    }
    let quarters = forecast.rows.iter().filter(|row| {
        let owner = matches!(forecast.nodes[row.node].level, Level::Owner | Level::Company);
        let closed_or_due = row.quota.is_some() || row.won_deals > 0;
        owner && closed_or_due && row.basis == RowBasis::Native && row.period.to_string().contains('Q')
    });
    assert_eq!(quarters.count(), expected.len());
    assert_eq!(forecast.quality.closed_without_date, 45);
}

pub fn maven_won_revenue_per_owner(export: &Path) {
    let deals: Vec<DealRow> = read(&export.join("sales_pipeline.csv"))
        .iter()
        .map(|cell| DealRow {
            deal_id: cell("opportunity_id"),
            stage: cell("deal_stage"),
            created_at: iso_noon(&cell("engage_date")).unwrap_or(1_483_228_800_000_000),
            closed_at: iso_noon(&cell("close_date")),
            status: Some(status(&cell("deal_stage"))),
            amount_minor: Some(cell("close_value")).filter(|value| !value.is_empty()).map(|value| cents(&value)),
            owner: Some(cell("sales_agent")),
            ..DealRow::default()
        })
        .collect();
    let mut tables = Tables::from_deals(&deals).expect("a frame");
    let user = |cell: &dyn Fn(&str) -> String| User {
        owner: cell("sales_agent"),
        manager: Some(cell("manager")),
        region: Some(cell("regional_office")),
        ..User::default()
    };
    tables.users = read(&export.join("sales_teams.csv")).iter().map(|cell| user(cell)).collect();
    let forecast = run(&tables);
    let expected = read(&fixture("maven_won.csv"));
    for cell in &expected {
        let got = row(&forecast, Level::Owner, &cell("owner"), "2017", RowBasis::Base).expect("an owner's year");
        assert_eq!((got.won, got.won_deals.to_string()), (cents(&cell("won")), cell("won_deals")));
    }
    let sum = |level, name: &str| -> i64 {
        let of_level = forecast.rows.iter().filter(|row| forecast.nodes[row.node].level == level);
        of_level.filter(|row| row.basis == RowBasis::Base && row.period.to_string() == name).map(|row| row.won).sum()
    };
    let total: i64 = expected.iter().map(|cell| cents(&cell("won"))).sum();
    // managers here are flat and manage everyone, so they add up too
    for level in Level::ALL.into_iter().filter(|level| *level != Level::Team) {
        assert_eq!(sum(level, "2017"), total, "{level:?}");
    }
    let table = forecast_table(&forecast).expect("a table");
    assert_eq!(table.rows(), forecast.rows.len());
    let columns: Vec<String> = table.batch().schema().fields().iter().map(|field| field.name().clone()).collect();
    let contract = "level,node,period,currency,basis,quota,won,gap,lost,pipeline,best_case,commit,weighted,\
                    expected_from_open,expected_from_new,p10,p50,p90,attainment,coverage,required_coverage,\
                    p_hit_quota,submitted";
    assert_eq!(columns[..23].join(","), contract);
}
