//! Stagnation by hand: against age, against fixed days, what changed since the reference day, and the sums of it.

use super::assess::{StagnationInput, stagnation};
use super::rows::{Closed, Stagnation};
use super::status::{StagnationStatus, StatusChange};
use super::summary::{DealTotal, StagnationSummary, StatusTally};
use crate::books::deal_values::DealValues;
use crate::books::segment::Segment;
use crate::config::{Config, StagnationConfig};
use crate::domain::day::{Day, MICROS_PER_DAY};
use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::ingest::tables::{DealRow, Tables};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;
use crate::timeline::fixtures::World;

const AS_OF: Day = Day(20_000);

/// Deals without stage history: 20 won after 1, 2, … 20 days; three open for 5, 19 and 400 days, 7.00 each.
fn world() -> (Tables, Timeline, Snapshot) {
    let deal = |id: String, days: i32, closed: bool| DealRow {
        deal_id: id,
        stage: if closed { "Won" } else { "Talks" }.to_owned(),
        status: Some(if closed { StageKind::Won } else { StageKind::Open }),
        created_at: i64::from(AS_OF.0 - if closed { 50 } else { days }) * MICROS_PER_DAY,
        closed_at: closed.then(|| i64::from(AS_OF.0 - 50 + days) * MICROS_PER_DAY),
        amount_minor: Some(700),
        owner: Some(format!("o{}", days % 2)),
        ..DealRow::default()
    };
    let won = (1..=20).map(|days| deal(format!("w{days:02}"), days, true));
    let open = [5, 19, 400].map(|days| deal(format!("a{days:03}"), days, false));
    let tables = Tables::from_deals(&open.into_iter().chain(won).collect::<Vec<_>>()).expect("a frame");
    let timeline = Timeline::build(&tables, &Config::default(), AS_OF).expect("a timeline");
    let snapshot = Snapshot::of(&timeline);
    (tables, timeline, snapshot)
}

fn run(config: &StagnationConfig) -> (Tables, Timeline, Snapshot, Stagnation) {
    let (tables, timeline, snapshot) = world();
    let keep = vec![true; timeline.deals.len()];
    let stays = timeline.stays();
    let result = stagnation(&StagnationInput {
        timeline: &timeline,
        stays: &stays,
        snapshot: &snapshot,
        config,
        candidates: &[],
        keep: &keep,
        previous: Some(AS_OF.plus(-7)),
    });
    (tables, timeline, snapshot, result)
}

#[test]
fn without_history_age_is_held_against_the_time_to_win() {
    let (.., result) = run(&StagnationConfig::default());
    // Aalen-Johansen by hand: the three open deals weigh the late wins a little more, but no quantile moves a day
    // beyond 11 (half), 16 (three quarters) and 20 (95 %).
    let benchmark = &result.benchmarks.lives[0];
    assert_eq!((benchmark.median, benchmark.slow_after, benchmark.stalled_after), (Some(11), Some(16), Some(20)));
    let row = |i: usize| &result.rows[i];
    let days: Vec<_> = result.rows.iter().map(|row| row.days_in_stage).collect();
    assert_eq!(days, [Some(5), Some(19), Some(400)]);
    let status: Vec<_> = result.rows.iter().map(|row| row.status.name()).collect();
    assert_eq!(status, ["on pace", "slow", "stalled"]);
    assert_eq!(row(1).stalled_since, None);
    assert_eq!(row(2).stalled_since, Some(AS_OF.plus(-400 + 21)));
    assert_eq!((row(2).percentile, row(2).advance_30d, row(2).lost_30d), (Some(100.0), Some(0.0), Some(0.0)));
    assert!(row(0).percentile < row(1).percentile);
    assert!(!row(0).stage_tracked);
}

#[test]
fn configured_thresholds_win() {
    let mut config = StagnationConfig::default();
    config.stalled_after_days.insert("Talks".to_owned(), 4);
    let (.., result) = run(&config);
    assert!(result.rows.iter().all(|row| row.status == StagnationStatus::Stalled));
    assert_eq!(result.rows[0].stalled_since, Some(AS_OF));
}

#[test]
fn the_summary_adds_up_deals_and_money() {
    let (tables, timeline, snapshot, result) = run(&StagnationConfig::default());
    let keep = vec![true; timeline.deals.len()];
    let values = DealValues::of(&tables, &Config::default().money, &snapshot, &keep);
    let segment = |column| Segment::by(column, &tables, &timeline, &snapshot).expect("a column");
    let summary = StagnationSummary::of(&result, &timeline, &values, &[segment("owner"), segment("team")]);
    assert_eq!((summary.older_than_any_closed, summary.longest_closing_days), (1, Some(20)));
    assert_eq!((summary.without_history, summary.total.deals()), (3, 3));
    assert_eq!(summary.total.of(StagnationStatus::Stalled), DealTotal { deals: 1, value_minor: 700 });
    let names =
        |groups: &[StatusTally]| groups.iter().map(|group| (group.name.clone(), group.deals())).collect::<Vec<_>>();
    assert_eq!(names(summary.by("owner")), [("o0".to_owned(), 1), ("o1".to_owned(), 2)]);
    assert_eq!(names(summary.by("stage")), [("Talks".to_owned(), 3)]);
    assert_eq!(names(summary.by("team")), [("(no team)".to_owned(), 3)]);
}

#[test]
fn nothing_closed_means_nothing_to_compare_with() {
    let row = DealRow { deal_id: "d".to_owned(), stage: "Talks".to_owned(), ..DealRow::default() };
    let tables = Tables::from_deals(&[row]).expect("a frame");
    let timeline = Timeline::build(&tables, &Config::default(), AS_OF).expect("a timeline");
    let result = stagnation(&StagnationInput {
        timeline: &timeline,
        stays: &timeline.stays(),
        snapshot: &Snapshot::of(&timeline),
        config: &StagnationConfig::default(),
        candidates: &[],
        keep: &[true],
        previous: None,
    });
    let row = &result.rows[0];
    assert_eq!(
        (row.status, row.percentile, row.advance_30d, row.benchmark_days),
        (StagnationStatus::OnPace, None, None, None)
    );
    assert_eq!(result.benchmarks.longest_closing_days, None);
}

#[test]
fn what_changed_since_the_reference_day() {
    let world = World::default().deal("a", 0, "New").moved(0, "New").deal("b", 15, "New").moved(15, "New");
    let world = world.deal("c", 45, "New").moved(45, "New").deal("d", 0, "Demo").moved(0, "New").moved(45, "Demo");
    let world = world.deal("e", 0, "Lost").moved(0, "New").moved(45, "Lost").deal("f", 25, "New").moved(25, "New");
    let timeline = world.timeline(50);
    let mut config = StagnationConfig::default();
    config.slow_after_days.insert("New".to_owned(), 20);
    config.stalled_after_days.insert("New".to_owned(), 30);
    let ask = |previous| {
        stagnation(&StagnationInput {
            timeline: &timeline,
            stays: &timeline.stays(),
            snapshot: &Snapshot::of(&timeline),
            config: &config,
            candidates: &[],
            keep: &[true; 6],
            previous,
        })
    };
    let result = ask(Some(Day(40)));
    let told: Vec<_> = result
        .rows
        .iter()
        .map(|row| (row.status.name(), row.previous.map(StagnationStatus::name), row.change.map(StatusChange::name)))
        .collect();
    let expected = [
        ("stalled", Some("stalled"), Some("unchanged")),
        ("stalled", Some("slow"), Some("newly stalled")),
        ("on pace", None, Some("new")),
        ("on pace", Some("stalled"), Some("no longer stalled")),
        ("slow", Some("on pace"), Some("newly slow")),
    ];
    assert_eq!(told, expected);
    let new = timeline.stages.position("New").into();
    assert_eq!(result.closed, [Closed { deal: DealIx::at(4), stage: new, kind: StageKind::Lost }]);
    // A stalled deal is to be looked at now, c on the day it turns slow, f on the day it turns stalled, if not before.
    let reviews: Vec<_> = result.rows.iter().map(|row| row.next_review).collect();
    assert_eq!(reviews[..3], [Some(Day(50)), Some(Day(50)), Some(Day(45 + 21))]);
    assert_eq!(reviews[4], Some(Day(25 + 31)));
    let (tables, keep) = (world.tables(), [true; 6]);
    let values = DealValues::of(&tables, &Config::default().money, &Snapshot::of(&timeline), &keep);
    let total = StagnationSummary::of(&result, &timeline, &values, &[]).total;
    let counts =
        [total.previously_stalled, total.newly_stalled, total.moved, total.won, total.lost].map(|tally| tally.deals);
    assert_eq!((counts, total.of(StagnationStatus::Stalled).deals), ([3, 1, 1, 0, 1], 2));
    // Without a reference day nothing is said of changes.
    assert!(ask(None).rows.iter().all(|row| row.previous.is_none() && row.change.is_none()));
}
