//! What is learnt of a small invented history, against numbers computed elsewhere: `tests/fixtures/outlook_reference.py`
//! on `outlook_deals.csv` (plain Python, deal by deal and day by day).

use crate::analyses::outlook::Atom;
use crate::analyses::outlook::amount_change::amount_changes;
use crate::analyses::outlook::new_business::NewBusiness;
use crate::analyses::outlook::new_parts::LearntDeal;
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, OwnerId};
use crate::domain::period::FiscalCalendar;
use crate::domain::stage::StageKind;
use crate::snapshot::Snapshot;
use crate::timeline::fixtures::World;

const HISTORY: &str = include_str!("../../../tests/fixtures/outlook_deals.csv");
/// 2026-02-14.
const AS_OF: Day = Day(20_498);

struct Line {
    id: String,
    owner: String,
    created: i32,
    closed: Option<i32>,
    kind: StageKind,
    amount: Option<i64>,
    /// The amount before, and the day it changed.
    changed: Option<(i64, i32)>,
}

fn history() -> Vec<Line> {
    let day = |text: &str| text.parse::<Day>().ok().map(|day| day.0);
    let line = |record: csv::StringRecord| Line {
        id: record[0].to_owned(),
        owner: record[1].to_owned(),
        created: day(&record[2]).expect("a day"),
        closed: day(&record[3]),
        kind: match &record[4] {
            "won" => StageKind::Won,
            "lost" => StageKind::Lost,
            _ => StageKind::Open,
        },
        amount: record[5].parse().ok(),
        changed: record[6].parse().ok().zip(day(&record[7])),
    };
    csv::Reader::from_reader(HISTORY.as_bytes()).records().map(|record| line(record.expect("a row"))).collect()
}

fn new_business(owners: &mut Dictionary<OwnerId>) -> NewBusiness {
    let seen = |line: Line| LearntDeal {
        created: line.created,
        closed: line.closed.map(Day).into(),
        kind: line.kind,
        owner: owners.intern(&line.owner).into(),
        currency: CurrencyId::at(0),
        amount: line.amount.map(|amount| amount as f64),
        native: None,
    };
    let deals: Vec<LearntDeal> = history().into_iter().map(seen).collect();
    NewBusiness::learn(&deals, owners, |_| true, AS_OF)
}

fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-9 * expected.abs().max(1.0), "got {got}, expected {expected}");
}

#[test]
fn new_deals_come_at_their_rate_corrected_by_past_periods() {
    let (new, calendar) = (new_business(&mut Dictionary::default()), FiscalCalendar::default());
    for (label, deals, factor_sd) in [
        ("2026-02", 0.22276429152203145, 0.4476326619003578),
        ("2026-03", 2.2274976144738092, 0.3673756151220085),
        ("2026-Q1", 1.9619248502200348, 0.35672409223606905),
        ("2026-Q2", 8.389503350535934, 0.48422635663283997),
        ("2026", 31.339577276233953, 0.30900618321823764),
    ] {
        let period = calendar.parse(label).expect("a period");
        close(new.deals(&period, &calendar), deals);
        close(new.factor_sd(&period, &calendar), factor_sd);
    }
    // Nothing is created any more in a period that is over.
    for label in ["2026-01", "2025-Q4", "2025"] {
        close(new.deals(&calendar.parse(label).expect("a period"), &calendar), 0.0);
    }
}

#[test]
fn new_deals_are_worth_what_quick_wins_were() {
    let new = new_business(&mut Dictionary::default());
    let expected = [
        (6666.666666666667, 0.0759493670886076),
        (14000.0, 0.08860759493670886),
        (22500.0, 0.0759493670886076),
        (27571.428571428572, 0.08860759493670886),
        (31833.333333333332, 0.0759493670886076),
        (34571.42857142857, 0.08860759493670886),
        (38142.857142857145, 0.08860759493670886),
        (42333.333333333336, 0.0759493670886076),
        (48285.71428571428, 0.08860759493670886),
        (51166.666666666664, 0.0759493670886076),
        (58571.42857142857, 0.08860759493670886),
        (95714.28571428571, 0.08860759493670886),
    ];
    assert_eq!(new.amounts.len(), expected.len());
    for (atom, (value, share)) in new.amounts.iter().zip(expected) {
        close(atom.value, value);
        close(atom.share, share);
    }
}

#[test]
fn owners_who_still_sell_share_the_new_business() {
    let mut owners = Dictionary::default();
    let new = new_business(&mut owners);
    let expected = [
        ("ann", 0.6090820719344535, 0.9330960819204992),
        ("bob", 0.2737119844466046, 1.1610027762590567),
        ("cyd", 0.11720594361894181, 0.9716873373105321),
    ];
    let names: Vec<Option<&str>> = new.parts.iter().map(|part| owners.name(part.owner)).collect();
    assert_eq!(names, expected.map(|(name, ..)| Some(name)));
    for (part, (_, share, size)) in new.parts.iter().zip(expected) {
        close(part.share, share);
        close(part.size, size);
    }
    close(new.parts.iter().map(|part| part.share).sum(), 1.0);
    close(new.parts.iter().map(|part| part.share * part.size).sum(), 1.0);
}

/// The history as a timeline, without the changes where `tracked` is false.
fn changes(tracked: bool) -> Vec<Atom> {
    let mut world = World::default();
    for line in history() {
        let stage = match line.kind {
            StageKind::Won => "Closed Won",
            StageKind::Lost => "Closed Lost",
            StageKind::Open => "Open",
        };
        world = world.deal(&line.id, line.created, stage).status(line.kind);
        world = line.closed.map_or(world.clone(), |day| world.closed(day));
        world.deals.last_mut().expect("a deal").amount_minor = line.amount;
        if let Some((before, day)) = line.changed.filter(|_| tracked) {
            world = world.logged(line.created, |row| row.amount = Some(before));
            world = world.logged(day, |row| row.amount = line.amount);
        }
    }
    let timeline = world.timeline(AS_OF.0);
    let snapshot = Snapshot::of(&timeline);
    amount_changes(&timeline, &snapshot, &vec![true; snapshot.states.len()])
}

#[test]
fn amounts_change_as_they_did_before_past_wins() {
    let changes = changes(true);
    let expected = [0.8972222222222223, 1.0, 1.1833333333333333];
    assert_eq!(changes.len(), expected.len());
    for (atom, value) in changes.iter().zip(expected) {
        close(atom.value, value);
        close(atom.share, 1.0 / 3.0);
    }
    assert!(self::changes(false).is_empty(), "without a history amounts stay");
}
