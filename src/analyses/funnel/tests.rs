//! Funnels by hand: without history, after the sale, and in a few numbers.

use super::by_segment::funnel;
use super::cohort::Cohorts;
use super::input::FunnelInput;
use super::rows::{ALL, CURRENT, Funnel, FunnelRow};
use crate::books::deal_values::DealValues;
use crate::books::segment::Segment;
use crate::config::Config;
use crate::domain::day::{Day, MICROS_PER_DAY};
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::domain::stage::{Stage, StageKind};
use crate::ingest::tables::{DealRow, Tables};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;
use crate::timeline::fixtures::World;

/// Without history: won after 10 and 30 days for 100 and 201, lost, open; the fourth in the next quarter.
fn run(keep: [bool; 4]) -> Funnel {
    let deal = |id: &str, kind: StageKind, created: i64, days: i64, amount_minor: i64| DealRow {
        deal_id: id.to_owned(),
        stage: format!("{kind:?}"),
        status: Some(kind),
        created_at: created * MICROS_PER_DAY,
        closed_at: (kind != StageKind::Open).then_some((created + days) * MICROS_PER_DAY),
        amount_minor: Some(amount_minor),
        ..DealRow::default()
    };
    // Day 20,100 is 2025-01-12, day 20,190 is 2025-04-12.
    let rows = [
        deal("d1", StageKind::Won, 20_100, 10, 100),
        deal("d2", StageKind::Won, 20_100, 30, 201),
        deal("d3", StageKind::Lost, 20_100, 20, 999),
        deal("d4", StageKind::Open, 20_190, 0, 50),
    ];
    let tables = Tables::from_deals(&rows).expect("a frame");
    let config = Config::default();
    let timeline = Timeline::build(&tables, &config, Day(20_200)).expect("a timeline");
    let (stays, snapshot) = (timeline.stays(), Snapshot::of(&timeline));
    let values = DealValues::of(&tables, &config.money, &snapshot, &keep);
    let input = FunnelInput {
        timeline: &timeline,
        stays: &stays,
        snapshot: &snapshot,
        values: &values,
        keep: &keep,
        current_from: Day(20_160),
    };
    let cohorts = Cohorts::of(&timeline, &FiscalCalendar::default(), PeriodKind::Quarter);
    funnel(&input, &cohorts, &[Segment::all(4)])
}

fn row<'a>(funnel: &'a Funnel, cohort: &str, stage: &str) -> Option<&'a FunnelRow> {
    funnel
        .rows
        .iter()
        .find(|row| funnel.cohorts[row.cohort as usize] == cohort && funnel.stages[row.stage as usize] == stage)
}

#[test]
fn deals_without_history_count_where_they_are() {
    let funnel = run([true; 4]);
    let counts = |cohort, stage| row(&funnel, cohort, stage).map(|r| (r.entered, r.open, r.conversion, r.value_minor));
    assert_eq!(counts("all", "Won"), Some((2, 0, None, Some(301))));
    assert_eq!(counts("all", "Lost"), Some((1, 0, None, Some(999))));
    assert_eq!(counts("all", "Open"), Some((1, 1, None, Some(50))));
    assert_eq!(counts("2025-Q1", "Open"), Some((0, 0, None, Some(0))));
    assert_eq!(counts("2025-Q2", "Open"), Some((1, 1, None, Some(50))));
    assert!(funnel.rows.iter().all(|row| row.skipped == 0 && (row.stage as usize) < 3));
}

#[test]
fn the_summary_speaks_of_deals_and_velocity() {
    let funnel = run([true; 4]);
    let whole = &funnel.summaries[0];
    assert_eq!((whole.deals, whole.won, whole.lost, whole.open), (4, 2, 1, 1));
    assert_eq!(whole.mean_won_minor, Some(150));
    // By hand: the open deal was at risk on days 0 to 9, so a third of the other three is won on day 10 and a third
    // on day 30; half of what is won in the end is won on day 10.
    assert_eq!(whole.median_cycle_days, Some(10));
    assert_eq!(whole.velocity_minor, Some(2.0 / 3.0 * 150.0 / 10.0));
}

#[test]
fn deals_left_out_leave_no_trace() {
    let funnel = run([true, false, false, false]);
    assert_eq!(funnel.summaries.len(), 2);
    assert_eq!(row(&funnel, "all", "Won").map(|row| row.entered), Some(1));
    assert_eq!(row(&funnel, "2025-Q2", "Open"), None);
    assert!(run([false; 4]).rows.is_empty());
}

#[test]
fn the_process_goes_on_after_the_sale() {
    let stage = |name: &str, kind| Stage { name: name.to_owned(), kind, ..Stage::default() };
    let stages = vec![
        stage("New", StageKind::Open),
        stage("Won", StageKind::Won),
        stage("Invoiced", StageKind::Won),
        stage("Delivered", StageKind::Won),
        stage("Lost", StageKind::Lost),
    ];
    let config = Config { stages, ..Config::default() };
    let world = World::default().deal("a", 0, "Delivered").moved(0, "New").moved(10, "Won").moved(15, "Invoiced");
    let world = world.moved(30, "Delivered").deal("b", 0, "Invoiced").moved(0, "New").moved(20, "Won");
    let world = world.moved(25, "Delivered").moved(28, "Invoiced").deal("c", 0, "Won").moved(0, "New");
    let world = world.moved(40, "Won").deal("d", 0, "New").moved(0, "New").moved(5, "Won").moved(8, "New");
    let world = world.deal("e", 0, "Delivered").moved(0, "New").moved(30, "Won").moved(31, "Delivered");
    let timeline = Timeline::build(&world.tables(), &config, Day(50)).expect("a timeline");
    let (stays, snapshot, keep) = (timeline.stays(), Snapshot::of(&timeline), [true; 5]);
    let values = DealValues::of(&world.tables(), &config.money, &snapshot, &keep);
    let input = FunnelInput {
        timeline: &timeline,
        stays: &stays,
        snapshot: &snapshot,
        values: &values,
        keep: &keep,
        current_from: Day(27),
    };
    let cohorts = Cohorts::of(&timeline, &FiscalCalendar::default(), PeriodKind::Quarter);
    let funnel = funnel(&input, &cohorts, &[Segment::all(5)]);
    // entered, advanced, back, still there, skipped, open
    let counts = |cohort, stage| {
        let row = row(&funnel, cohort, stage).expect("a row");
        [row.entered, row.advanced, row.back, row.still_there, row.skipped, row.open]
    };
    assert_eq!(counts(ALL, "New"), [5, 4, 0, 1, 0, 1]);
    assert_eq!(counts(ALL, "Won"), [4, 3, 0, 1, 0, 0]);
    assert_eq!(counts(ALL, "Invoiced"), [2, 1, 0, 1, 1, 0]);
    assert_eq!(counts(ALL, "Delivered"), [3, 0, 1, 2, 0, 0]);
    assert_eq!(counts(CURRENT, "Won"), [2, 1, 0, 1, 0, 0]);
    assert_eq!(counts(CURRENT, "Invoiced"), [2, 1, 0, 1, 1, 0]);
    assert_eq!(counts(CURRENT, "Delivered"), [3, 0, 1, 2, 0, 0]);
    assert_eq!(row(&funnel, ALL, "Won").and_then(|row| row.median_days), Some(5));
    // Deals a and b were won before the counted days, d was not.
    let current = &funnel.summaries[1];
    assert_eq!((current.deals, current.won, current.open), (3, 2, 1));
}
