//! Stories told by hand, and their events held against the snapshot on random worlds.

use proptest::prelude::*;

use super::events::{DealHistory, EventKind, HistoryEvent, PastScore};
use super::story::{HistoryInput, deal_history};
use super::words::date;
use crate::analyses::stagnation::benchmarks::StageBenchmarks;
use crate::config::{Config, StagnationConfig};
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::money::to_decimal;
use crate::ingest::tables::Tables;
use crate::snapshot::Snapshot;
use crate::snapshot::time_travel::with_another_future;
use crate::timeline::Timeline;
use crate::timeline::fixtures::{AS_OF, World, noon, worlds};

/// The stories of all deals by id, as of `day`.
fn stories(world: &World, day: i32) -> (Tables, Timeline, Snapshot, Vec<DealHistory>) {
    let tables = world.tables();
    let timeline = Timeline::build(&tables, &Config::default(), Day(day)).expect("a stage list");
    let snapshot = Snapshot::of(&timeline);
    let benchmarks = StageBenchmarks::learn(&timeline, &timeline.stays(), &StagnationConfig::default(), &[]);
    let input = HistoryInput { tables: &tables, timeline: &timeline, snapshot: &snapshot, benchmarks: &benchmarks };
    let stories = timeline.deal_ids().map(|deal| deal_history(&input, deal, &[])).collect();
    (tables, timeline, snapshot, stories)
}

/// `(day, event, from, to, change, days the value before stood)`.
type Told<'a> = (i32, &'a str, &'a str, &'a str, Option<f64>, Option<i32>);

fn told(story: &DealHistory) -> Vec<Told<'_>> {
    let told = |e: &'_ HistoryEvent| -> (i32, &'static str, Option<f64>, Option<i32>) {
        (e.at.day().0, e.kind.name(), e.change, e.after_days)
    };
    story
        .events
        .iter()
        .map(|event| {
            let (day, name, change, stood) = told(event);
            (day, name, event.from.as_str(), event.to.as_str(), change, stood)
        })
        .collect()
}

/// A deal through New, Demo, Offer, Won in that order.
fn pattern() -> World {
    World::default().deal("z", 0, "Won").moved(0, "New").moved(1, "Demo").moved(2, "Offer").moved(3, "Won")
}

#[test]
fn a_story_by_hand() {
    let world = pattern().deal("a", 10, "Won").moved(10, "New").logged(12, |row| row.amount = Some(10_000));
    let world = world.moved(20, "Offer").logged(21, |row| (row.amount, row.owner) = (Some(7_500), Some("ann")));
    let world = world.logged(22, |row| row.expected_close = Some(40)).logged(30, |row| row.expected_close = Some(50));
    let world = world.moved(33, "Demo").moved(35, "Lost").moved(40, "Demo").moved(44, "Won");
    let mut world = world;
    world.activities = vec![
        ("a".to_owned(), noon(12), "call", 2),
        ("a".to_owned(), noon(12), "call", 1),
        ("a".to_owned(), noon(9), "mail", 1),
    ];
    let (.., stories) = stories(&world, 50);
    assert_eq!(stories[0].events[1].age_days, 0, "no activity is before the deal");
    let expected: Vec<Told<'_>> = vec![
        (10, "created", "", "New", None, None),
        (10, "activity", "", "mail", Some(1.0), None),
        (12, "activity", "", "call", Some(3.0), None),
        (12, "amount", "", "100.00", None, None),
        (20, "stage", "New", "Offer", Some(2.0), Some(10)),
        (21, "amount", "100.00", "75.00", Some(-25.0), Some(9)),
        (21, "owner", "", "ann", None, None),
        (22, "close date", "", "1970-02-10", None, None),
        (30, "close date", "1970-02-10", "1970-02-20", Some(10.0), Some(8)),
        (33, "stage", "Offer", "Demo", Some(-1.0), Some(13)),
        (35, "lost", "Demo", "Lost", None, Some(2)),
        (40, "reopened", "Lost", "Demo", None, Some(5)),
        (44, "won", "Demo", "Won", None, Some(4)),
        (50, "now", "", "Won", None, None),
    ];
    assert_eq!(told(&stories[0]), expected);
    let notes: Vec<&str> = stories[0].events.iter().map(|event| event.note.as_str()).collect();
    assert!(
        notes.iter().any(|note| note.starts_with("forward; skips Demo")) && notes.contains(&"25 % less"),
        "{notes:?}"
    );
    assert!(notes.contains(&"pushed by 10 days") && notes.last() == Some(&"won 6 days ago"), "{notes:?}");
    assert_eq!(stories[0].stays.len(), 4);
}

#[test]
fn published_scores_come_before_what_happened_that_day() {
    let world = pattern().deal("a", 10, "Demo").moved(10, "New").moved(20, "Demo");
    let tables = world.tables();
    let timeline = Timeline::build(&tables, &Config::default(), Day(30)).expect("a stage list");
    let snapshot = Snapshot::of(&timeline);
    let benchmarks = StageBenchmarks::learn(&timeline, &timeline.stays(), &StagnationConfig::default(), &[]);
    let input = HistoryInput { tables: &tables, timeline: &timeline, snapshot: &snapshot, benchmarks: &benchmarks };
    let score =
        |day, win_probability| PastScore { day: Day(day), win_probability, horizon_days: 90, model_id: "m".into() };
    let story = deal_history(&input, DealIx::at(0), &[score(15, 0.2), score(20, 0.35)]);
    let expected: Vec<Told<'_>> = vec![
        (10, "created", "", "New", None, None),
        (15, "score", "", "20 %", None, None),
        (20, "score", "20 %", "35 %", Some(15.0), Some(5)),
        (20, "stage", "New", "Demo", Some(1.0), Some(10)),
        (30, "now", "", "Demo", None, None),
    ];
    assert_eq!(told(&story), expected);
    assert_eq!(story.events[1].note, "to be won within 90 days, by m");
}

/// The last value of a kind of event.
fn last<'a>(story: &'a DealHistory, kinds: &[EventKind]) -> Option<&'a str> {
    story.events.iter().rev().find(|event| kinds.contains(&event.kind)).map(|event| event.to.as_str())
}

const STAGE: [EventKind; 5] =
    [EventKind::Created, EventKind::Stage, EventKind::Won, EventKind::Lost, EventKind::Reopened];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whoever takes the events of a deal one after the other knows how it stands, on the last day and on any before.
    #[test]
    fn events_add_up_to_the_snapshot(world in worlds(), day in 5_i32..70) {
        let (tables, timeline, snapshot, stories) = stories(&world, day);
        prop_assert_eq!(stories.len(), snapshot.states.len());
        for (story, state) in stories.iter().zip(&snapshot.states) {
            let money = state.amount_minor.get().map(|minor| to_decimal(minor.into(), 2).to_string());
            prop_assert_eq!(last(story, &STAGE), Some(timeline.stages.name(state.stage)));
            prop_assert_eq!(last(story, &[EventKind::Amount]).map(str::to_owned), money);
            let close = Some(date(state.expected_close)).filter(|date| !date.is_empty());
            prop_assert_eq!(last(story, &[EventKind::CloseDate]).map(str::to_owned), close);
            prop_assert_eq!(last(story, &[EventKind::Owner]), tables.owners.name(state.owner));
            let activities: f64 = story.events.iter().filter(|e| e.kind == EventKind::Activity).filter_map(|e| e.change).sum();
            prop_assert_eq!(activities, f64::from(state.activities));
            prop_assert!(story.events.is_sorted_by_key(|event| event.at.day()));
            let tracked = timeline.head(story.deal).stage_tracked;
            let stays = timeline.stays().into_iter().filter(|stay| stay.deal == story.deal);
            prop_assert_eq!(stays.collect::<Vec<_>>(), story.stays.clone(), "{}", tracked);
        }
    }

    /// Nothing dated on or after the as-of day is told.
    #[test]
    fn another_future_tells_the_same_story(base in worlds(), other in worlds(), shift in 0_usize..20) {
        let told = |world: &World| {
            let (tables, timeline, _, stories) = stories(world, AS_OF.0);
            let id = |story: &DealHistory| tables.deals.id(timeline.head(story.deal).row).map(str::to_owned);
            stories.into_iter().map(|story| (id(&story), story.events, story.stays)).collect::<Vec<_>>()
        };
        prop_assert_eq!(told(&base), told(&with_another_future(&base, &other, shift)));
    }
}
