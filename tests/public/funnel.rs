//! Funnel and stagnation on a public export, against numbers computed elsewhere.

use std::path::Path;

use dealcast::analyses::stagnation::StagnationStatus;
use dealcast::analyses::stagnation::summary::StagnationSummary;
use dealcast::config::Config;
use dealcast::domain::day::{Day, MICROS_PER_DAY};
use dealcast::domain::stage::{Stage, StageKind};
use dealcast::ingest::tables::{DealRow, Tables};

use crate::funnel_world::World;

pub fn maven_shows_its_outcomes_and_its_stale_pipeline(export: &Path) {
    let world = maven(&export.join("sales_pipeline.csv"));
    let funnel = world.funnel(&["owner"]);
    let count = |stage: &str| {
        let row = funnel
            .rows
            .iter()
            .find(|row| row.segment == 0 && row.cohort == 0 && funnel.stages[row.stage as usize] == stage);
        row.map(|row| (row.entered, row.open, row.value_minor))
    };
    assert_eq!(count("Won"), Some((4_238, 0, Some(1_000_553_400))));
    assert_eq!(count("Lost"), Some((2_473, 0, Some(0))));
    assert_eq!(count("Engaging"), Some((1_589, 1_589, Some(0))));
    assert_eq!(count("Prospecting"), Some((500, 500, Some(0))));
    let schlecht = funnel.segments.iter().position(|name| name == "owner=Darcel Schlecht").expect("an agent") as u32;
    let quarter = funnel.cohorts.iter().position(|name| name == "2017-Q1").expect("a quarter") as u32;
    let summary = funnel.summaries.iter().find(|s| s.segment == schlecht && s.cohort == quarter).expect("deals");
    assert_eq!((summary.deals, summary.won), (103, 63));

    let result = world.stagnation();
    let summary = StagnationSummary::of(&result, &world.timeline, &world.values, &[world.segment("owner")]);
    // duckdb: 1,301 of the 1,589 engaged deals are older than 138 days on 2018-01-01. The 500 prospects have no date;
    // here they count as created the day before.
    assert_eq!(summary.longest_closing_days, Some(138));
    assert_eq!((summary.older_than_any_closed, summary.total.deals(), summary.without_history), (1_301, 2_089, 2_089));
    let oldest = result.rows.iter().max_by_key(|row| row.days_in_stage).expect("open deals");
    assert_eq!((oldest.days_in_stage, oldest.status), (Some(424), StagnationStatus::Stalled));
    assert_eq!((oldest.percentile, oldest.advance_30d), (Some(100.0), Some(0.0)));
    let stalled = summary.total.of(StagnationStatus::Stalled).deals;
    assert!(stalled >= 1_301, "{stalled}");
}

fn maven(file: &Path) -> World {
    let day = |text: &str| text.parse::<Day>().ok().map(|day| i64::from(day.0) * MICROS_PER_DAY);
    let as_of: Day = "2018-01-01".parse().expect("a day");
    let mut reader = csv::Reader::from_path(file).expect("readable");
    let row = |record: csv::StringRecord| DealRow {
        deal_id: record[0].to_owned(),
        owner: Some(record[1].to_owned()),
        product: Some(record[2].to_owned()),
        stage: record[4].to_owned(),
        created_at: day(&record[5]).unwrap_or(i64::from(as_of.0 - 1) * MICROS_PER_DAY),
        closed_at: day(&record[6]),
        amount_minor: record[7].parse::<i64>().ok().map(|amount| amount * 100),
        ..DealRow::default()
    };
    let rows: Vec<DealRow> = reader.records().map(|record| row(record.expect("a record"))).collect();
    assert_eq!(rows.len(), 8_800);
    let stage = |name: &str, kind| Stage { name: name.to_owned(), kind, ..Stage::default() };
    let config = Config {
        stages: vec![
            stage("Prospecting", StageKind::Open),
            stage("Engaging", StageKind::Open),
            stage("Won", StageKind::Won),
            stage("Lost", StageKind::Lost),
        ],
        ..Config::default()
    };
    World::new(Tables::from_deals(&rows).expect("a frame"), config, as_of)
}
