//! The process of small worlds: order, kinds, pipelines, renamed stages.

use crate::config::Config;
use crate::domain::day::{Day, WrittenDay};
use crate::domain::ids::{DealIx, StageId};
use crate::domain::stage::{FormerName, Phase, Stage, StageKind};
use crate::timeline::deal_history::Timeline;
use crate::timeline::fixtures::World;
use crate::timeline::process::error::{MAX_PIPELINES, MAX_PROPOSED_STAGES, StageListError};
use crate::timeline::quality::{StageOrder, UnlistedStage};
use crate::timeline::stays::Stay;

fn names(timeline: &Timeline) -> Vec<&str> {
    timeline.stages.stages().iter().map(|stage| &*stage.name).collect()
}

#[test]
fn order_comes_from_first_entries_whatever_goes_back_or_skips() {
    let world = World::default()
        .deal("a", 0, "Zoom")
        .moved(0, "New")
        .moved(5, "Zoom")
        .moved(7, "Closed Lost")
        .deal("b", 0, "Zoom")
        .moved(0, "Zoom")
        .moved(5, "Contract")
        .moved(6, "Zoom")
        .moved(7, "New")
        .deal("c", 0, "Won")
        .moved(0, "New")
        .moved(5, "Contract")
        .moved(9, "Won")
        .deal("d", 0, "Zoom")
        .moved(0, "New")
        .moved(1, "Zoom")
        .deal("e", 0, "Contract")
        .moved(0, "New")
        .moved(1, "Contract");
    let timeline = world.timeline(50);
    assert_eq!(names(&timeline), ["New", "Zoom", "Contract", "Won", "Closed Lost"]);
    assert_eq!(timeline.quality.stage_order, StageOrder::History);
}

#[test]
fn without_history_names_give_the_order() {
    let world = World::default().deal("a", 0, "2-Develop").deal("b", 0, "1-Qualify").deal("c", 0, "Lost").closed(9);
    let timeline = world.timeline(50);
    assert_eq!(names(&timeline), ["1-Qualify", "2-Develop", "Lost"]);
    assert_eq!(timeline.quality.stage_order, StageOrder::Name);
}

#[test]
fn stages_of_the_future_do_not_exist() {
    let world = World::default().deal("a", 0, "Signed").closed(50).moved(0, "New").moved(50, "Signed");
    let world = world.deal("b", 50, "Other").moved(50, "Other");
    assert_eq!(names(&world.timeline(50)), ["New"]);
}

#[test]
fn a_stage_where_deals_end_as_won_is_a_won_stage() {
    let mut world = World::default().deal("open", 0, "Propose").moved(0, "Propose");
    for id in ["a", "b", "c"] {
        world = world.deal(id, 0, "Signed").status(StageKind::Won).closed(20).moved(0, "Propose").moved(20, "Signed");
    }
    let timeline = world.timeline(50);
    assert_eq!(names(&timeline), ["Propose", "Signed"]);
    assert_eq!(timeline.stages.kind(StageId::at(1)), StageKind::Won);
    let left = world.deal("d", 0, "Negotiation").moved(0, "Signed").moved(9, "Propose");
    assert_eq!(left.timeline(50).stages.kind(StageId::at(0)), StageKind::Open);
}

fn configured(names: &[(&str, StageKind)]) -> Config {
    let stage = |&(name, kind): &(&str, StageKind)| Stage { name: name.to_owned(), kind, ..Stage::default() };
    Config { stages: names.iter().map(stage).collect(), ..Config::default() }
}

fn build(world: &World, config: &Config, as_of: i32) -> Timeline {
    Timeline::build(&world.tables(), config, Day(as_of)).expect("a process")
}

#[test]
fn unlisted_stages_get_the_place_the_past_gives_them() {
    use StageKind::{Lost, Open, Won};
    let config = configured(&[("new ", Open), ("Offer", Open), ("Won", Won), ("Lost", Lost)]);
    let sold = |world: World, id| {
        let world = world.deal(id, 0, "New").moved(0, "New").moved(5, "Demo").moved(7, "Offer");
        world.moved(9, "Pilot").moved(20, "Won").moved(22, "Delivery")
    };
    let world = ["a", "a1", "a2"]
        .into_iter()
        .fold(World::default(), sold)
        .deal("b", 0, "New")
        .moved(0, "New")
        .moved(3, "Demo")
        .moved(4, "No decision - lost")
        .moved(60, "Future");
    let timeline = build(&world, &config, 50);
    assert_eq!(names(&timeline), ["new ", "Demo", "Offer", "Pilot", "Won", "Delivery", "Lost", "No decision - lost"]);
    let told = |name: &str, deals, kind, phase, after: &str| UnlistedStage {
        stage: name.to_owned(),
        pipeline: None,
        deals,
        kind,
        phase,
        after: Some(after.to_owned()),
    };
    let unlisted = [
        told("Demo", 4, Open, Phase::Deal, "new "),
        told("Pilot", 3, Open, Phase::Deal, "Offer"),
        told("Delivery", 3, Won, Phase::PostSale, "Won"),
        told("No decision - lost", 1, Lost, Phase::Deal, "Lost"),
    ];
    assert_eq!(timeline.quality.unlisted_stages, unlisted);
    assert_eq!(timeline.deals[0].closed.get(), Some(Day(20)));
    assert_eq!(build(&world, &config, 3).quality.unlisted_stages, []);
}

#[test]
fn every_pipeline_has_its_own_order() {
    let world = World::default()
        .deal("a", 0, "Won")
        .pipeline("New")
        .moved(0, "Offer")
        .moved(3, "Trial")
        .moved(5, "Review")
        .moved(7, "Won")
        .deal("b", 0, "Won")
        .pipeline("Renewal")
        .moved(0, "Review")
        .moved(5, "Quote")
        .moved(6, "Offer")
        .moved(9, "Won");
    let timeline = world.timeline(50);
    let new = ["New: Offer", "Trial", "New: Review", "New: Won"];
    let renewal = ["Renewal: Review", "Quote", "Renewal: Offer", "Renewal: Won"];
    assert_eq!(timeline.stages.names(), [new, renewal].concat());
    let stages = timeline.steps_of(DealIx::at(1)).iter().map(|step| step.stage.get().map(StageId::index));
    assert_eq!(stages.collect::<Vec<_>>(), [4, 5, 6, 7].map(Some));
    let shared = world.deal("c", 9, "Quote").pipeline("New").moved(9, "Quote").timeline(50);
    assert_eq!(shared.stages.stages().len(), 5, "New has all stages of Renewal: one process");
}

#[test]
fn a_pipeline_that_is_not_configured_is_proposed_behind_the_others() {
    let mut config = configured(&[("Offer", StageKind::Open), ("Won", StageKind::Won)]);
    config.stages[0].pipeline = Some("New".to_owned());
    let world = World::default()
        .deal("a", 0, "Offer")
        .pipeline("New")
        .moved(0, "Offer")
        .deal("b", 0, "Won")
        .pipeline("Renewal")
        .moved(0, "Review")
        .moved(5, "Offers")
        .moved(9, "Won");
    let timeline = build(&world, &config, 50);
    assert_eq!(names(&timeline), ["Offer", "Review", "Offers", "Won"]);
    assert_eq!(timeline.deals[1].kind, StageKind::Won);
    let pipelines: Vec<_> = timeline.quality.unlisted_stages.iter().map(|s| s.pipeline.as_deref()).collect();
    assert_eq!(pipelines, [Some("Renewal"), Some("Renewal")]);
    assert!(timeline.quality.unknown_pipelines.is_empty());
    // Stages of a pipeline that is spelt otherwise in the data are of no deal: that is said.
    config.stages[0].pipeline = Some("Renewl".to_owned());
    let unknown = build(&world, &config, 50).quality.unknown_pipelines;
    assert_eq!(unknown, [("Renewl".to_owned(), Some("Renewal".to_owned()))]);
}

#[test]
fn a_renamed_stage_is_one_stay() {
    let mut config = configured(&[("New", StageKind::Open), ("Demo", StageKind::Open)]);
    let until = Some(WrittenDay(Day(10)));
    config.stages[1].was =
        vec![FormerName::Always("Show".into()), FormerName::Dated { name: "New".into(), from: None, until }];
    let world = World::default().deal("a", 0, "Demo").moved(0, "New").moved(8, "Show").moved(12, "Demo");
    let timeline = build(&world.deal("b", 0, "New").moved(0, "Show").moved(11, "New"), &config, 50);
    let stay = |of: &Stay| (of.deal.index(), timeline.stages.name(of.stage), of.entered.0);
    let stays: Vec<_> = timeline.stays().iter().map(stay).collect();
    assert_eq!(stays, [(0, "Demo", 0), (1, "Demo", 0), (1, "New", 11)]);
    assert!(timeline.quality.unlisted_stages.is_empty());
}

#[test]
fn a_deal_closes_in_its_own_pipeline() {
    let mut config = configured(&[("Sold", StageKind::Won), ("Renewed", StageKind::Won), ("Open", StageKind::Open)]);
    config.stages[0].pipeline = Some("New".to_owned());
    config.stages[1].pipeline = Some("Renewal".to_owned());
    let deal =
        |world: World, id, pipeline| world.deal(id, 0, "Open").pipeline(pipeline).status(StageKind::Won).closed(9);
    let world = deal(deal(deal(World::default(), "a", "New"), "b", "Renewal"), "c", "Other");
    let timeline = build(&world, &config, 50);
    let ends: Vec<_> = timeline.deal_ids().map(|i| timeline.stages.name(timeline.steps_of(i)[1].stage)).collect();
    assert_eq!(ends, ["Sold", "Renewed", "Won"]);
}

#[test]
fn a_column_of_free_text_is_no_process() {
    let world = (0..=MAX_PROPOSED_STAGES).fold(World::default(), |w, i| w.deal(&format!("D{i}"), 0, &format!("S{i}")));
    let error = Timeline::build(&world.tables(), &Config::default(), Day(9)).expect_err("too many");
    assert!(matches!(error, StageListError::TooManyStages { got } if got == MAX_PROPOSED_STAGES + 1));
    let world = (0..=MAX_PIPELINES)
        .fold(World::default(), |w, i| w.deal(&format!("D{i}"), 0, "New").pipeline(&format!("P{i}")));
    let error = Timeline::build(&world.tables(), &Config::default(), Day(9)).expect_err("too many");
    assert!(matches!(error, StageListError::TooManyPipelines { got } if got == MAX_PIPELINES + 1));
}
