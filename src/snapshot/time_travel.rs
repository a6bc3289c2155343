//! The as-of rule as properties: nothing dated on or after the as-of day changes a byte of timeline, snapshot or
//! landmarks; nor does the order of the rows, but for ties.

use std::fmt::Write;

use proptest::prelude::*;

use crate::config::{Config, LandmarkGrid, TrainingConfig};
use crate::domain::day::{Day, Moment, WrittenDay};
use crate::domain::ids::{CurrencyId, RowIx};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{FormerName, Stage, StageKind};
use crate::ingest::tables::{DealRow, Tables};
use crate::snapshot::all_deals::Snapshot;
use crate::snapshot::deal_state::DealState;
use crate::snapshot::landmarks::landmarks;
use crate::timeline::fixtures::{AS_OF, OWNERS, Row, STAGES, World, noon, worlds};
use crate::timeline::{Timeline, TimelineQuality};

/// Everything this stage and the one before make of a world, with a proposed stage list and with a configured one.
fn dump(world: &World) -> String {
    let tables = world.tables();
    let kinds = [StageKind::Open, StageKind::Open, StageKind::Open, StageKind::Won, StageKind::Won, StageKind::Lost];
    let stages =
        STAGES.iter().zip(kinds).map(|(name, kind)| Stage { name: (*name).to_owned(), kind, ..Stage::default() });
    let mut stages: Vec<Stage> = stages.collect();
    let configured = Config { stages: stages.clone(), ..Config::default() };
    let own = dump_with(&tables, &Config::default()) + &dump_with(&tables, &configured);

    let tables = of_pipelines(world).tables();
    let until = Some(WrittenDay(Day(30)));
    stages[0].pipeline = Some(PIPELINES[0].to_owned());
    stages[2].was = vec![FormerName::Dated { name: STAGES[1].to_owned(), from: None, until }];
    stages.remove(1);
    let configured = Config { stages, ..Config::default() };
    own + &dump_with(&tables, &Config::default()) + &dump_with(&tables, &configured)
}

const PIPELINES: [&str; 2] = ["New", "Renewal"];

/// The world with every deal in a pipeline.
fn of_pipelines(world: &World) -> World {
    let mut world = world.clone();
    for deal in &mut world.deals {
        let pipeline = deal.deal_id.bytes().map(usize::from).sum::<usize>() % PIPELINES.len();
        deal.pipeline = Some(PIPELINES[pipeline].to_owned());
    }
    world
}

/// The dump of one build, with names in place of codes and row numbers.
fn dump_with(tables: &Tables, config: &Config) -> String {
    let timeline = Timeline::build(tables, config, AS_OF).expect("a stage list");
    let mut text = format!("{:?}\n", timeline.stages.stages());
    let quality = TimelineQuality { deals_in_the_future: 0, change_rows_in_the_future: 0, ..timeline.quality.clone() };
    writeln!(text, "{quality:?}").expect("text");
    for (i, head) in timeline.deal_ids().zip(&timeline.deals) {
        let id = tables.deals.id(head.row).expect("an id");
        writeln!(text, "{id} {:?} {:?} {} {}", head.created, head.closed, head.stage_tracked, head.kind as u8)
            .expect("text");
        for step in timeline.steps_of(i) {
            let (owner, stage) = (tables.owners.name(step.owner), timeline.stages.name(step.stage));
            writeln!(text, "  {stage} {owner:?} {:?}", crate::timeline::Step { owner: Maybe::NONE, ..*step })
                .expect("text");
        }
        for activity in timeline.activities_of(i) {
            let kind = tables.activities.kinds.name(activity.kind);
            writeln!(text, "  {:?} {kind:?} {}", activity.day, activity.count).expect("text");
        }
    }
    writeln!(text, "{:?}", timeline.stays()).expect("text");
    Snapshot::of(&timeline).states.iter().for_each(|state| text += &line(tables, state));
    for max_rows in [usize::MAX, 3] {
        let config = TrainingConfig { landmarks: LandmarkGrid::Weekly, max_rows, ..TrainingConfig::default() };
        let set = landmarks(&timeline, &tables.deals, &config);
        writeln!(text, "{} {}", set.total_rows, set.sampled).expect("text");
        set.rows.iter().for_each(|row| text += &format!("{:?} {}", row.outcome, line(tables, &row.state)));
    }
    text
}

fn line(tables: &Tables, state: &DealState) -> String {
    let id = tables.deals.id(state.row);
    let (owner, currency) = (tables.owners.name(state.owner), tables.currencies.name(state.currency));
    let bare = DealState { row: RowIx::at(0), owner: Maybe::NONE, currency: CurrencyId::at(0), ..*state };
    format!("{id:?} {owner:?} {currency:?} {bare:?}\n")
}

fn future(at: i64) -> bool {
    at >= AS_OF.start().0
}

/// `base` as another export would show it after another future: `other` supplies what happens on and after the as-of day.
pub fn with_another_future(base: &World, other: &World, shift: usize) -> World {
    let exists = |deal: &DealRow| !future(deal.created_at);
    let past = |row: &&Row| !future(row.at.0) && base.deals.iter().any(|d| exists(d) && d.deal_id == row.deal);
    let rows: Vec<Row> = base.rows.iter().filter(past).cloned().collect();
    let mut deals: Vec<DealRow> = base.deals.iter().filter(|d| exists(d)).cloned().collect();
    for (i, deal) in deals.iter_mut().enumerate() {
        let donor = &other.deals[(i + shift) % other.deals.len()];
        let log: Vec<&Row> = rows.iter().filter(|row| row.deal == deal.deal_id).collect();
        rewrite(deal, donor, &log);
    }
    let known = deals.len();
    deals.extend(other.deals.iter().enumerate().map(|(i, deal)| DealRow {
        deal_id: format!("C{i}"),
        created_at: deal.created_at.max(AS_OF.start().0),
        ..deal.clone()
    }));
    let later = |at: Moment| Moment(at.0.max(AS_OF.start().0 + 1 + at.0.rem_euclid(7)));
    let id = |i: usize| deals[(i * 5 + shift) % deals.len()].deal_id.clone();
    let mut all: Vec<Row> = Vec::new();
    for i in 0..rows.len().max(other.rows.len()) {
        all.extend(other.rows.get(i).map(|row| Row { deal: id(i), at: later(row.at), ..row.clone() }));
        all.extend(rows.get(i).cloned());
    }
    let new_activities = other.activities.iter().enumerate().map(|(i, a)| (id(i), later(a.1), a.2, a.3));
    let activities =
        base.activities.iter().filter(|a| !future(a.1.0)).filter(|a| deals[..known].iter().any(|d| d.deal_id == a.0));
    let activities = new_activities.chain(activities.cloned()).collect();
    for deal in &mut deals[..known] {
        let donor = &other.deals[shift % other.deals.len()];
        keep_what_was_told(base, deal, donor, &mut all);
    }
    let turn = shift % deals.len();
    deals.rotate_left(turn);
    World { deals, rows: all, activities, ..World::default() }
}

/// What a later export may show differently of a deal: the columns its `log` tells the past of, and its closing unless
/// that is past.
fn rewrite(deal: &mut DealRow, donor: &DealRow, log: &[&Row]) {
    let stage_logged = log.iter().any(|row| row.stage.is_some());
    let later = donor.closed_at.map(|at| at.max(AS_OF.start().0));
    if stage_logged && deal.closed_at.is_none_or(future) {
        deal.closed_at = later;
        (deal.stage, deal.status) = (format!("{} later", donor.stage), donor.status);
    } else if deal.closed_at.is_some_and(future) {
        deal.closed_at = later.or(deal.closed_at);
        (deal.stage, deal.status) = (format!("{} later", donor.stage), donor.status);
    }
    if log.iter().any(|row| row.amount.is_some()) {
        deal.amount_minor = donor.amount_minor;
    }
    if log.iter().any(|row| row.expected_close.is_some()) {
        deal.expected_close_date = donor.expected_close_date;
    }
    if log.iter().any(|row| row.owner.is_some()) {
        deal.owner.clone_from(&donor.owner);
    }
    if log.iter().any(|row| row.probability.is_some()) {
        deal.probability = donor.probability;
    }
}

/// Makes the later `rows` of `deal` agree with what stood in the fields its past log never names.
fn keep_what_was_told(base: &World, deal: &mut DealRow, donor: &DealRow, rows: &mut Vec<Row>) {
    let id = deal.deal_id.clone();
    let log = [base.log_of(&id, AS_OF), base.log_from(&id, AS_OF)];
    let own = |name: Option<&str>| name.and_then(|name| OWNERS.into_iter().find(|owner| *owner == name));
    let chance = |deal: &DealRow| deal.probability.map(|p| p as f32);
    let (amount, due) = (deal.amount_minor, deal.expected_close_date);
    deal.amount_minor = keep(&log, rows, &id, [amount, donor.amount_minor], |row| &mut row.amount);
    deal.expected_close_date = keep(&log, rows, &id, [due, donor.expected_close_date], |row| &mut row.expected_close);
    let owners = [own(deal.owner.as_deref()), own(donor.owner.as_deref())];
    deal.owner = keep(&log, rows, &id, owners, |row| &mut row.owner).map(Into::into);
    keep(&log, rows, &id, [None, None], |row| &mut row.category);
    let chances = [chance(deal), chance(donor)];
    deal.probability = keep(&log, rows, &id, chances, |row| &mut row.probability).map(f64::from);
}

/// What the later table shows in a field that is `[own, other]` there and in another world. If the log before the day does
/// not name it, a row of the day tells the old value, after which the table may show any; where nobody knew that, none
/// tells one.
fn keep<T: Copy>(
    [past, later]: &[Vec<&Row>; 2],
    rows: &mut Vec<Row>,
    id: &str,
    [own, other]: [Option<T>; 2],
    field: impl Fn(&mut Row) -> &mut Option<T>,
) -> Option<T> {
    let value = |row: &Row| *field(&mut row.clone());
    if past.iter().any(|row| value(row).is_some()) {
        return own;
    }
    let first = later.iter().find(|row| value(row).is_some());
    let told = first.map_or(own, |row| value(row).filter(|_| row.prior));
    if told.is_some() {
        let mut old = Row { prior: true, ..Row::new(id, Moment(AS_OF.start().0)) };
        *field(&mut old) = told;
        rows.push(old);
        return other;
    }
    let mut naming = 0;
    for row in rows.iter_mut().filter(|row| row.deal == id && future(row.at.0) && value(row).is_some()) {
        row.prior = false;
        naming += 1;
    }
    other.filter(|_| naming > 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn another_future_changes_nothing(base in worlds(), other in worlds(), shift in 0_usize..20) {
        prop_assert_eq!(dump(&base), dump(&with_another_future(&base, &other, shift)));
    }

    #[test]
    fn row_order_changes_nothing_but_ties(mut base in worlds(), turn in 0_usize..20) {
        base.rows.sort_by(|a, b| (a.at, &a.deal).cmp(&(b.at, &b.deal)));
        base.rows.dedup_by(|a, b| (a.at, &a.deal) == (b.at, &b.deal));
        base.activities.sort();
        base.activities.dedup_by(|a, b| (a.1.day(), &a.0) == (b.1.day(), &b.0));
        let mut turned = base.clone();
        turned.deals.rotate_left(turn % base.deals.len());
        turned.rows.reverse();
        turned.activities.reverse();
        prop_assert_eq!(dump(&base), dump(&turned));
    }
}

/// The property above would also hold if nothing were read at all: the past does change the result.
#[test]
fn another_past_changes_the_dump() {
    let base = World::default().deal("a", 10, "Demo").moved(10, "New").moved(59, "Demo");
    let later = World::default().deal("a", 10, "Demo").moved(10, "New").moved(60, "Demo");
    assert_ne!(dump(&base), dump(&later));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut world = World::default();
    for i in 0..20_000 {
        let (id, day) = (format!("D{:05}", i * 7_919 % 20_000), i % 50);
        world = world.deal(&id, day, "Offer").moved(day, "New").moved(day + i % 9, "Demo").moved(day + i % 13, "Offer");
        world.activities.push((id, noon(day), "call", 1));
    }
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
        pool.install(|| dump(&world))
    };
    assert!(with(1) == with(5), "one thread and five differ");
}
