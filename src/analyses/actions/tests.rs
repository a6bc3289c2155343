//! Actions of small worlds by hand, and what holds of those of any world.

use proptest::prelude::*;

use super::build::actions;
use super::columns;
use super::facts::ActionFacts;
use super::input::ActionsInput;
use super::rows::{ActionKind, ActionRow, Actions};
use crate::analyses::forecast::{Forecast, ForecastInput, ForecastRow, expected_value, forecast};
use crate::analyses::outlook::Outlook;
use crate::analyses::stagnation::{Stagnation, StagnationInput, StagnationStatus, stagnation};
use crate::books::currency::CurrencyConverter;
use crate::books::filter::ForecastFilter;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::PeriodKind;
use crate::domain::stage::StageKind;
use crate::ingest::tables::{Quota, QuotaNode, Revision, Tables, User};
use crate::scoring::{PeriodOutcome, Score, Scores};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;
use crate::timeline::fixtures::{World, worlds};

/// A world with all that actions are found from.
struct Scene {
    tables: Tables,
    timeline: Timeline,
    snapshot: Snapshot,
    config: Config,
    scores: Option<Scores>,
    outlook: Outlook,
    forecast: Forecast,
    stagnation: Stagnation,
    facts: ActionFacts,
}

/// The chance to be won of the open deal at a position: within the horizon, and in the period.
fn chance(position: usize) -> f64 {
    0.1 + 0.15 * (position % 6) as f64
}

impl Scene {
    /// The world on the morning of `as_of`; with scores, where the first tenth of wins comes in `tenth` days, half in
    /// twice as many.
    fn new(tables: Tables, as_of: i32, tenth: Option<i32>) -> Self {
        let config = Config::default();
        let timeline = Timeline::build(&tables, &config, Day(as_of)).expect("a timeline");
        let snapshot = Snapshot::of(&timeline);
        let all = vec![true; timeline.deals.len()];
        let converter = CurrencyConverter::new(&tables, "USD", Day(as_of));
        let outlook = Outlook::learn(&timeline, &snapshot, &converter, &tables.owners, &all);
        let scores = tenth.map(|tenth| scores(&snapshot, tenth));
        let forecast = forecast(&ForecastInput {
            tables: &tables,
            timeline: &timeline,
            snapshot: &snapshot,
            scores: scores.as_ref(),
            outlook: Some(&outlook),
            config: &config,
            stage_win_rates: &[],
            mask: None,
            filter: &ForecastFilter::default(),
        })
        .expect("a forecast");
        let stagnation = stagnation(&StagnationInput {
            timeline: &timeline,
            stays: &timeline.stays(),
            snapshot: &snapshot,
            config: &config.stagnation,
            candidates: &[],
            keep: &all,
            previous: None,
        });
        let facts = ActionFacts::gather(&tables, &timeline, &snapshot, &stagnation);
        Self { tables, timeline, snapshot, config, scores, outlook, forecast, stagnation, facts }
    }

    fn actions(&self) -> Actions {
        actions(&ActionsInput {
            tables: &self.tables,
            timeline: &self.timeline,
            snapshot: &self.snapshot,
            calendar: &self.config.fiscal_calendar(),
            config: &self.config,
            scores: self.scores.as_ref(),
            outlook: &self.outlook,
            forecast: &self.forecast,
            facts: &self.facts,
        })
    }

    fn id(&self, row: &ActionRow) -> &str {
        row.deal.map_or("", |at| self.facts.deals[at].id.as_str())
    }

    /// Deal (or owner) and kind of every row, in order.
    fn told(&self) -> Vec<(String, &'static str)> {
        let of = |row: &ActionRow| match row.deal {
            Some(_) => self.id(row).to_owned(),
            None => row.owner.clone().unwrap_or_default(),
        };
        self.actions().rows.iter().map(|row| (of(row), row.kind.name())).collect()
    }
}

fn scores(snapshot: &Snapshot, tenth: i32) -> Scores {
    let running = Config::default().fiscal_calendar().period_of(PeriodKind::Quarter, snapshot.as_of);
    let score = |(position, deal): (usize, DealIx)| Score {
        deal,
        win_probability: chance(position),
        score: 0,
        grade: None,
        by_period: vec![PeriodOutcome { win: chance(position), lose: 0.0, slip: 1.0 - chance(position) }],
        predicted_close: Some([tenth, 2 * tenth, 3 * tenth].map(|days| snapshot.as_of.plus(days))),
    };
    let open = snapshot.open().map(|state| state.deal).enumerate();
    Scores {
        as_of: snapshot.as_of,
        model_id: "test".to_owned(),
        signal: true,
        intercept: 0.0,
        periods: vec![running],
        fields: Vec::new(),
        rows: open.map(score).collect(),
        contributions: Vec::new(),
    }
}

/// Adds an open deal of ann, in New since `created`.
fn open(world: World, id: &str, created: i32, amount: i64, expected: i32) -> World {
    let mut world = world.deal(id, created, "New").moved(created, "New");
    let deal = world.deals.last_mut().expect("a deal");
    (deal.amount_minor, deal.expected_close_date) = (Some(amount), Some(expected));
    (deal.owner, deal.currency) = (Some("ann".to_owned()), "USD".to_owned());
    world
}

fn quota(node: QuotaNode, tables: &mut Tables, as_of: i32, quota_minor: i64) {
    let period = Config::default().fiscal_calendar().period_of(PeriodKind::Quarter, Day(as_of));
    let currency = tables.currency("USD");
    tables.quotas.push(Quota { node, period, quota_minor, currency });
}

/// Chances: .1, .25, .4, .55. Amounts x chance x (1 - chance): a 90, b 187.5, c 72, d 24.75.
fn gap_world() -> World {
    let world = open(World::default(), "a", 40, 1_000, 70);
    let world = open(world, "b", 40, 1_000, 75);
    let world = open(world, "c", 40, 300, 80);
    open(world, "d", 40, 100, 95)
}

#[test]
fn the_fewest_deals_that_close_the_gap_of_the_lowest_node_with_a_quota() {
    // Expected: 100 + 250 + 120 + 55 = 525, d in another quarter too, as scores know no later one.
    let mut tables = gap_world().tables();
    quota(QuotaNode::Company, &mut tables, 60, 525 + 750);
    let scene = Scene::new(tables, 60, Some(1));
    let gap: Vec<_> = scene.told().into_iter().filter(|(_, kind)| *kind == "close the gap").collect();
    assert_eq!(gap, [("b".to_owned(), "close the gap")], "its win adds 750");
    let row = &scene.actions().rows[0];
    assert_eq!(row.node.as_ref().map(|node| node.key.as_str()), Some("company"));
    assert_eq!((row.worth.map(|worth| worth.native), row.due, row.amount), (Some(250), Day(75), Some(1_000)));
    assert_eq!(
        row.why.sentence,
        "company is expected to end 1970-Q1 8 USD short of its quota of 13 USD; a win, now at 25.0 %, adds 8 USD"
    );

    let mut tables = gap_world().tables();
    quota(QuotaNode::Company, &mut tables, 60, 525 + 750);
    quota(QuotaNode::Owner("ann".to_owned()), &mut tables, 60, 525 + 751);
    let scene = Scene::new(tables, 60, Some(1));
    let gap: Vec<String> =
        scene.told().into_iter().filter(|(_, kind)| *kind == "close the gap").map(|(id, _)| id).collect();
    assert_eq!(gap, ["b", "a"], "750 is one too few for ann; d is due in the next quarter");
}

#[test]
fn a_node_that_will_reach_its_quota_needs_nothing() {
    let mut tables = gap_world().tables();
    quota(QuotaNode::Owner("ann".to_owned()), &mut tables, 60, 500);
    quota(QuotaNode::Company, &mut tables, 60, 9_000);
    let told = Scene::new(tables, 60, Some(1)).told();
    assert!(told.iter().all(|(_, kind)| *kind != "close the gap"), "ann's own quota counts: {told:?}");
}

#[test]
fn close_dates_that_passed_or_will_not_hold_have_an_honest_one() {
    let world = open(World::default(), "passed", 40, 100, 59);
    let world = open(world, "early", 40, 100, 64).logged(50, |row| row.expected_close = Some(64));
    let world = open(world, "fine", 40, 100, 65);
    let scene = Scene::new(world.tables(), 60, Some(5));
    let found = scene.actions();
    let of = |id: &str| found.rows.iter().find(|row| scene.id(row) == id);
    let (passed, early) = (of("passed").expect("a row"), of("early").expect("a row"));
    assert_eq!((passed.kind, passed.due, passed.likely_close), (ActionKind::CloseDateOverdue, Day(60), Some(Day(70))));
    assert_eq!(passed.why.sentence, "its close date, 1970-03-01, is 1 day past");
    assert_eq!((early.kind, early.due), (ActionKind::CloseDateEarly, Day(64)));
    assert_eq!(early.what, "move the close date: 1970-03-12 is as likely as not, if it is won");
    assert!(of("fine").is_none(), "a tenth of its wins come by its close date");
    let without = Scene::new(world_of_passed().tables(), 60, None).actions();
    assert_eq!(without.rows.len(), 1, "the calendar needs no model");
    assert_eq!((without.rows[0].worth, without.rows[0].what.as_str()), (None, "set a new close date, or close it"));
}

fn world_of_passed() -> World {
    open(open(World::default(), "passed", 40, 100, 59), "early", 40, 100, 64)
}

/// `advanced` deals that went on from New in their fifth day with a next step, `lost` ones without; then two open ones.
fn habit_world(advanced: usize, lost: usize) -> World {
    let closed = |world: World, id: String, to: &'static str, step: bool| {
        let mut world = world.deal(&id, 1, to).moved(1, "New").moved(6, to).closed(if to == "Won" { 6 } else { 7 });
        world.deals.last_mut().expect("a deal").extras =
            vec![("Next step".to_owned(), step.then(|| "call".to_owned()))];
        if step { world.set(3, "Next step", Some(""), Some("call")) } else { world }
    };
    let mut world = World::default();
    for i in 0..advanced {
        world = closed(world, format!("won{i}"), "Won", true);
    }
    for i in 0..lost {
        world = closed(world, format!("lost{i}"), "Lost", false);
    }
    let world = open(world, "without", 20, 100, 90);
    let mut world = open(world, "with", 20, 100, 90).set(22, "Next step", None, Some("call"));
    world.deals.last_mut().expect("a deal").extras = vec![("Next step".to_owned(), Some("call".to_owned()))];
    world
}

fn missing(world: &World) -> Vec<(String, String)> {
    let scene = Scene::new(world.tables(), 60, Some(1));
    let found = scene.actions();
    let rows = found.rows.iter().filter(|row| row.kind == ActionKind::FieldsMissing);
    rows.map(|row| (scene.id(row).to_owned(), row.why.sentence.clone())).collect()
}

#[test]
fn what_deals_that_went_on_had_is_missed_where_evidence_suffices() {
    let sentence = "Next step: 100.0 % of 40 deals that went on from New had it, 0.0 % of 35 lost there; this one has \
                    none after 40 days there";
    assert_eq!(missing(&habit_world(40, 35)), [("without".to_owned(), sentence.to_owned())]);
    assert!(missing(&habit_world(40, 29)).is_empty(), "too few lost ones");
    assert!(missing(&habit_world(29, 40)).is_empty(), "too few that went on");
}

#[test]
fn forecasts_far_from_the_range_are_worth_their_distance_from_it() {
    let mut tables = gap_world().tables();
    let period = Config::default().fiscal_calendar().period_of(PeriodKind::Quarter, Day(60));
    let currency = tables.currency("USD");
    tables.users = vec![User {
        owner: "ann".to_owned(),
        name: Some("Ann".to_owned()),
        manager: Some("boss".to_owned()),
        team: None,
        region: None,
        active_from: None,
        active_to: None,
    }];
    let revision = |author: &str, amount_minor: i64| Revision {
        submitted_at: Day(50).start(),
        author: author.to_owned(),
        owner: "ann".to_owned(),
        period,
        category: "forecast".to_owned(),
        amount_minor,
        currency,
        note: None,
    };
    tables.revisions = vec![revision("ann", 900_000), revision("boss", 500)];
    let scene = Scene::new(tables, 60, Some(1));
    let found = scene.actions();
    let rows: Vec<&ActionRow> = found.rows.iter().filter(|row| row.deal.is_none()).collect();
    let [row] = rows[..] else { panic!("what boss says lies in the range: {:?}", scene.told()) };
    let range = row.why.number("p90").cloned();
    assert_eq!(row.kind, ActionKind::SubmittedForecast);
    assert_eq!((row.managers.as_slice(), row.owner_name.as_deref()), (&["boss".to_owned()][..], Some("Ann")));
    let high = scene
        .forecast
        .rows
        .iter()
        .filter_map(|row| Some((row, row.final_sum.as_ref()?.p90())))
        .find(|(row, _)| scene.forecast.nodes[row.node].key == "ann" && row.period == period)
        .map(|(_, high)| high);
    assert_eq!(row.worth.and_then(|worth| worth.base), high.map(|high| 900_000 - high), "{range:?}");
}

#[test]
fn every_column_shows_its_own_field() {
    let mut tables = gap_world().tables();
    quota(QuotaNode::Company, &mut tables, 60, 525 + 750);
    let scene = Scene::new(tables, 60, Some(1));
    let table = columns::table(&scene.actions(), &scene.facts, &scene.tables, &scene.timeline).expect("a table");
    let expected = [
        ("rank", "1"),
        ("owner_rank", "1"),
        ("owner", "ann"),
        ("kind", "close the gap"),
        ("what", "win it in 1970-Q1"),
        ("due", "1970-03-17"),
        ("deal_id", "b"),
        ("stage", "New"),
        ("amount", "10.00"),
        ("currency", "USD"),
        ("chance", "0.25"),
        ("worth", "2.50"),
        ("base_worth", "2.50"),
        ("base_currency", "USD"),
        ("expected_close", "1970-03-17"),
        ("likely_close", "1970-03-04"),
        ("level", "company"),
        ("node", "company"),
        ("node_name", "company"),
        ("period", "1970-Q1"),
        ("owner_name", "ann"),
        ("managers", "[]"),
        ("code", "actions.close_gap"),
    ];
    let cells = crate::report::fixtures::cells(&table, 0);
    for (name, value) in expected {
        let cell = cells.iter().find(|(column, _)| *column == name).map(|(_, cell)| cell.as_str());
        assert_eq!(cell, Some(value), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn actions_are_of_open_deals_once_per_kind_and_stand_by_worth(
        world in worlds(), tenth in prop::option::of(1_i32..40), target in 0_i64..40,
    ) {
        let mut tables = world.tables();
        quota(QuotaNode::Company, &mut tables, 60, target);
        quota(QuotaNode::Owner("ann".to_owned()), &mut tables, 60, target / 2);
        let scene = Scene::new(tables, 60, tenth);
        let found = scene.actions();
        let change = scene.outlook.mean_change();
        let mut seen = std::collections::BTreeSet::new();
        for row in &found.rows {
            let Some(at) = row.deal else { continue };
            let state = scene.snapshot.state(scene.facts.deals[at].stay.deal);
            prop_assert_eq!(state.kind, StageKind::Open);
            prop_assert!(seen.insert((at, row.kind)), "two rows of one deal and kind");
            prop_assert_eq!(row.worth.is_some(), tenth.is_some());
            if let Some(worth) = row.worth {
                let counted = state.amount_minor.get().unwrap_or_else(|| scene.outlook.unknown_amounts.of(state.currency));
                let chance = worth.chance.expect("of a deal");
                prop_assert_eq!(worth.native, expected_value(counted, chance, change));
                prop_assert!(row.kind == ActionKind::CloseGap || (chance - self::chance(at)).abs() < 1e-12);
            }
        }
        let stalled = scene.stagnation.rows.iter().filter(|row| row.status == StagnationStatus::Stalled).count();
        prop_assert_eq!(found.rows.iter().filter(|row| row.kind == ActionKind::Stalled).count(), stalled);
        let worths: Vec<Option<i64>> = found.rows.iter().map(|row| row.worth.and_then(|worth| worth.base)).collect();
        prop_assert!(worths.windows(2).all(|pair| pair[0] >= pair[1]), "{worths:?}");
        // The lowest of the fewest: without the last deal of a node its gap stays open.
        let node_rows = found.rows.iter().filter(|row| row.kind == ActionKind::CloseGap);
        for row in node_rows {
            let node = row.node.as_ref().expect("a node");
            let of_node = scene.forecast.rows.iter().find(|of| {
                let named = &scene.forecast.nodes[of.node];
                (named.level, &named.key, of.period) == (node.level, &node.key, node.period) && of.expected_gap().is_some()
            });
            prop_assert!(of_node.and_then(ForecastRow::expected_gap).is_some_and(|gap| gap > 0));
        }
        let table = columns::table(&found, &scene.facts, &scene.tables, &scene.timeline).expect("a table");
        let others = Default::default();
        let violations = crate::report::invariants::check(&columns::spec().declaration(), &table, &others);
        prop_assert!(violations.is_empty(), "{violations:?}");
    }
}
