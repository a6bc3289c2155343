//! What a deal's row and its log make of it, by hand.

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::stage::Phase;
use crate::domain::stage::StageKind;
use crate::ingest::tables::{NewestEvent, Tables};
use crate::timeline::deal_history::Timeline;
use crate::timeline::fixtures::World;

const T: i32 = 100;

/// `(day, stage)` of every step of the only deal, then its kind and closing day.
fn path(timeline: &Timeline) -> (Vec<(i32, &str)>, StageKind, Option<i32>) {
    let steps = timeline.steps_of(DealIx::at(0)).iter().map(|step| (step.at.day().0, timeline.stages.name(step.stage)));
    let head = timeline.deals[0];
    (steps.collect(), head.kind, head.closed.get().map(|day| day.0))
}

/// Checks the only deal of `world` as of day 100.
fn check(world: &World, steps: &[(i32, &str)], kind: StageKind, closed: Option<i32>) {
    assert_eq!(path(&world.timeline(T)), (steps.to_vec(), kind, closed));
}

#[test]
fn without_history_the_stage_is_only_known_at_the_end() {
    let open = World::default().deal("a", 10, "Demo");
    check(&open, &[(10, "Demo")], StageKind::Open, None);
    assert!(!open.timeline(T).deals[0].stage_tracked);
    let won = World::default().deal("a", 10, "Closed Won").closed(40);
    check(&won, &[(10, "(unknown)"), (40, "Closed Won")], StageKind::Won, Some(40));
    let won_later = World::default().deal("a", 10, "Closed Won").closed(T);
    check(&won_later, &[(10, "(unknown)")], StageKind::Open, None);
}

#[test]
fn closed_without_a_date_is_never_open() {
    let world = World::default().deal("a", 10, "Closed Lost");
    check(&world, &[(10, "Closed Lost")], StageKind::Lost, None);
    assert_eq!(world.timeline(T).quality.closed_without_date, 1);
    assert!(world.timeline(T).stays().is_empty());
    let with_history = world.moved(20, "Demo");
    check(&with_history, &[(10, "(unknown)"), (20, "Demo")], StageKind::Open, None);
}

#[test]
fn a_status_apart_from_the_stage_closes_the_deal() {
    let world = World::default().deal("a", 10, "Propose").status(StageKind::Won).closed(30);
    let world = world.deal("b", 10, "Propose").status(StageKind::Open);
    check(&world, &[(10, "Propose"), (30, "Won")], StageKind::Won, Some(30));
}

#[test]
fn history_tells_every_stay() {
    let world = World::default().deal("a", 10, "Closed Won").closed(40);
    let world = world.moved(10, "New").moved(20, "Demo").moved(25, "Demo").moved(40, "Closed Won");
    check(&world, &[(10, "New"), (20, "Demo"), (40, "Closed Won")], StageKind::Won, Some(40));
    assert_eq!(world.timeline(T).quality.history_disagrees_with_table, 0);
}

#[test]
fn a_closing_the_history_lacks_is_woven_in() {
    let world = World::default().deal("a", 10, "Closed Won").closed(40).moved(10, "New").moved(40, "Demo");
    check(&world, &[(10, "New"), (40, "Demo"), (40, "Closed Won")], StageKind::Won, Some(40));
    assert_eq!(world.timeline(T).quality.history_disagrees_with_table, 1);
}

#[test]
fn history_after_the_closing_date_wins() {
    let world = World::default().deal("a", 10, "Closed Won").closed(40);
    let world = world.moved(10, "New").moved(40, "Closed Won").moved(41, "Demo");
    check(&world, &[(10, "New"), (40, "Closed Won"), (41, "Demo")], StageKind::Open, None);
    assert_eq!(world.timeline(T).quality.history_disagrees_with_table, 1);
    let closed_again = world.moved(50, "Closed Lost").moved(60, "Closed Won");
    assert_eq!(closed_again.timeline(T).deals[0].closed.get(), Some(Day(60)));
}

#[test]
fn what_the_log_tells_late_is_unknown_before() {
    let world = World::default().deal("a", 10, "Demo").moved(12, "Demo").logged(15, |row| row.amount = Some(7));
    let timeline = world.timeline(T);
    let steps = timeline.steps_of(DealIx::at(0)).iter();
    let steps: Vec<_> = steps.map(|step| (timeline.stages.name(step.stage), step.amount_minor.get())).collect();
    assert_eq!(steps, [("(unknown)", None), ("Demo", None), ("Demo", Some(7))]);
}

#[test]
fn a_value_the_log_first_names_later_is_not_the_tables() {
    let amount = |world: &World| {
        let timeline = world.timeline(T);
        timeline.steps_of(DealIx::at(0)).last().and_then(|step| step.amount_minor.get())
    };
    let mut world = World::default().deal("a", 10, "Demo").moved(12, "Demo");
    world.deals[0].amount_minor = Some(9);
    assert_eq!(amount(&world), Some(9), "no change of it is known");
    let filled = world.clone().logged(T, |row| row.amount = Some(9));
    assert_eq!(amount(&filled), None, "filled in later");
    let changed = world.logged(T + 4, |row| (row.amount, row.prior) = (Some(7), true));
    let changed = changed.logged(T + 4, |row| row.amount = Some(9)).logged(T + 9, |row| row.amount = Some(8));
    assert_eq!(amount(&changed), Some(7), "changed later, from seven");
}

#[test]
fn an_old_value_holds_from_creation_on_if_it_is_the_first() {
    let old = |world: World, day, stage| world.logged(day, |row| (row.stage, row.prior) = (Some(stage), true));
    let world = old(World::default().deal("a", 10, "Offer"), 20, "New").moved(20, "Demo").moved(30, "Offer");
    check(&world, &[(10, "New"), (20, "Demo"), (30, "Offer")], StageKind::Open, None);
    let contradicted = old(world, 35, "New");
    check(&contradicted, &[(10, "New"), (20, "Demo"), (30, "Offer")], StageKind::Open, None);
}

#[test]
fn stages_of_one_moment_are_passed_in_the_order_of_the_process() {
    let order = |world: World| world.deal("z", 0, "Offer").moved(0, "New").moved(1, "Demo").moved(2, "Offer");
    let tied = |stages: [&'static str; 2]| {
        let world = World::default().deal("a", 10, "Offer").moved(10, "New");
        order(stages.into_iter().fold(world, |world, stage| world.moved(20, stage)))
    };
    for stages in [["Demo", "Offer"], ["Offer", "Demo"]] {
        check(&tied(stages), &[(10, "New"), (20, "Demo"), (20, "Offer")], StageKind::Open, None);
    }
    for stages in [["Demo", "New"], ["New", "Demo"]] {
        check(&tied(stages), &[(10, "New"), (20, "Demo")], StageKind::Open, None);
    }
}

#[test]
fn a_stage_without_a_name_ends_the_stay_before_it() {
    let world = World::default().deal("a", 10, "Offer").moved(10, "New").logged(20, |row| row.emptied = true);
    let world = world.moved(35, "Offer");
    check(&world, &[(10, "New"), (20, "(unknown)"), (35, "Offer")], StageKind::Open, None);
    let timeline = world.timeline(T);
    let stays: Vec<_> = timeline.stays().iter().map(|stay| (stay.left.0 - stay.entered.0, stay.exit)).collect();
    let offer = timeline.stages.position("Offer").expect("a stage");
    use crate::timeline::Exit::{Advanced, StillThere};
    assert_eq!(stays, [(10, Advanced(offer)), (15, Advanced(offer)), (65, StillThere)]);
}

#[test]
fn the_closing_day_of_an_open_deal_is_a_plan_on_the_day_of_the_table() {
    let world = World::default().deal("a", 10, "Demo").closed(40).deal("b", 10, "Demo").closed(T + 9);
    let mut tables = world.deal("c", 0, "Won").closed(5).tables();
    let heads = |tables: &Tables| {
        let timeline = Timeline::build(tables, &Config::default(), Day(T)).expect("a process");
        let heads = timeline.deals.iter().map(|deal| (deal.kind, deal.closed.get(), deal.plan.get()));
        heads.collect::<Vec<_>>()
    };
    let won = (StageKind::Won, Some(Day(5)), None);
    let open = |plan: Option<i32>| (StageKind::Open, None, plan.map(Day));
    assert_eq!(heads(&tables), [open(None), open(None), won]);
    tables.newest = Some(NewestEvent { day: Day(T - 1), stray: None });
    assert_eq!(heads(&tables), [open(Some(40)), open(Some(T + 9)), won]);
}

#[test]
fn an_amount_is_in_the_currency_its_row_names() {
    let world = World::default().deal("a", 10, "Demo");
    let world = world.logged(10, |row| (row.amount, row.currency) = (Some(7), Some("USD")));
    let timeline = world.logged(20, |row| row.amount = Some(9)).timeline(T);
    let steps = timeline.steps_of(DealIx::at(0)).iter();
    let told: Vec<_> = steps.map(|step| (step.amount_minor.get(), step.currency.is_some())).collect();
    assert_eq!(told, [(Some(7), true), (Some(9), false)]);
}

#[test]
fn history_before_creation_counts_at_creation() {
    let world = World::default().deal("a", 10, "Demo").moved(3, "New").moved(5, "Demo").moved(12, "Offer");
    check(&world, &[(10, "Demo"), (12, "Offer")], StageKind::Open, None);
}

#[test]
fn after_sales_is_no_second_win() {
    let world = World::default().deal("a", 10, "Delivery").moved(10, "New").moved(20, "Won").moved(30, "Delivery");
    let stage =
        |name: &str, kind, phase| crate::domain::stage::Stage { name: name.into(), kind, phase, ..Default::default() };
    let stages = vec![
        stage("New", StageKind::Open, Phase::Deal),
        stage("Won", StageKind::Won, Phase::Deal),
        stage("Delivery", StageKind::Open, Phase::PostSale),
    ];
    let config = crate::config::Config { stages, ..Default::default() };
    let timeline = Timeline::build(&world.tables(), &config, Day(T)).expect("covered");
    assert_eq!(path(&timeline), (vec![(10, "New"), (20, "Won"), (30, "Delivery")], StageKind::Won, Some(20)));
}
