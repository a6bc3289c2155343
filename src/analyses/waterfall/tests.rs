//! The definitions on a small example, and the identities on random histories.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::analyses::forecast::{Forecast, ForecastInput, forecast};
use crate::books::hierarchy::COMPANY;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::{FxRate, User};
use crate::timeline::fixtures::{Row, World, worlds};

/// 1970-03-02: the last known day is in March.
const TO: Day = Day(60);

/// Everything of one comparison, from the tables as exported at the end.
#[derive(Debug)]
struct Case {
    tables: Tables,
    config: Config,
    start: Standings,
    timeline: Timeline,
    snapshot: Snapshot,
    filter: ForecastFilter,
}

impl Case {
    fn new(tables: Tables, from: Day, filter: ForecastFilter) -> Self {
        let mut config = Config::default();
        config.calendar.periods = PeriodKind::ALL.to_vec();
        let start = Standings::of(&Timeline::of_changes(&tables, &config, from).expect("a stage list"));
        let timeline = Timeline::build(&tables, &config, TO).expect("a stage list");
        let snapshot = Snapshot::of(&timeline);
        Self { tables, config, start, timeline, snapshot, filter }
    }

    fn with<T>(&self, ask: impl FnOnce(&WaterfallInput<'_>) -> T) -> T {
        let spans = [Span { from: &self.start, kinds: self.config.calendar.periods.clone() }];
        let Self { tables, config, timeline, snapshot, filter, .. } = self;
        ask(&WaterfallInput { tables, timeline, snapshot, spans: &spans, config, filter })
    }

    fn waterfall(&self) -> Waterfall {
        self.with(|input| waterfall(input, &[]).expect("a waterfall"))
    }

    /// The forecast as it would have been made on the morning of `day`.
    fn forecast(&self, day: Day) -> Forecast {
        let Self { tables, config, filter, .. } = self;
        let timeline = Timeline::build(tables, config, day).expect("a stage list");
        let snapshot = Snapshot::of(&timeline);
        let (timeline, snapshot) = (&timeline, &snapshot);
        let input = ForecastInput {
            tables,
            timeline,
            snapshot,
            scores: None,
            outlook: None,
            config,
            stage_win_rates: &[],
            mask: None,
            filter,
        };
        forecast(&input).expect("a forecast")
    }
}

/// Level, node, period, currency, basis.
type Key = (Level, String, Period, String, Basis);

fn rows(waterfall: &Waterfall) -> BTreeMap<Key, &WaterfallRow> {
    let key = |row: &WaterfallRow| {
        let node = &waterfall.nodes[row.node];
        (node.level, node.key.clone(), row.period, waterfall.currencies[row.currency].code.clone(), row.basis)
    };
    waterfall.rows.iter().map(|row| (key(row), row)).collect()
}

/// Pipeline and deals in it, won and deals won, of every row.
fn told(forecast: &Forecast) -> BTreeMap<Key, [(i64, u32); 2]> {
    let of_row = |row: &crate::analyses::forecast::ForecastRow| {
        let node = &forecast.nodes[row.node];
        let currency = forecast.currencies[row.currency].code.clone();
        let key = (node.level, node.key.clone(), row.period, currency, row.basis);
        (key, [(row.pipeline, row.open_deals), (row.won, row.won_deals)])
    };
    forecast.rows.iter().map(of_row).collect()
}

fn closes(row: &WaterfallRow) -> bool {
    let close = |of: &dyn Fn(Bar) -> i64, changes: i64| {
        let came = of(Bar::Start) + of(Bar::Created) + of(Bar::PulledIn) + of(Bar::MovedIn);
        let went = of(Bar::PushedOut) + of(Bar::MovedOut) + of(Bar::Lost) + of(Bar::Won);
        came + changes - went == of(Bar::End)
    };
    let changes = row.amount(Bar::Increased) - row.amount(Bar::Decreased) + row.amount(Bar::Revalued);
    let native = row.basis == Basis::Native && row.amount(Bar::Revalued) != 0;
    close(&|bar| row.amount(bar), changes) && close(&|bar| row.deals(bar).into(), 0) && !native
}

/// Amounts by bar, the moves as one, per period, currency and basis.
fn sums(waterfall: &Waterfall, level: Level) -> BTreeMap<(Period, usize, Basis), [i64; BARS]> {
    let mut sums: BTreeMap<_, [i64; BARS]> = BTreeMap::new();
    for row in waterfall.rows.iter().filter(|row| waterfall.nodes[row.node].level == level) {
        let sum = sums.entry((row.period, row.currency, row.basis)).or_insert([0; BARS]);
        sum.iter_mut().zip(row.amounts).for_each(|(sum, amount)| *sum += amount);
    }
    for sum in sums.values_mut() {
        sum[Bar::MovedIn as usize] -= sum[Bar::MovedOut as usize];
        sum[Bar::MovedOut as usize] = 0;
    }
    sums
}

/// Rows of ann, bob and cy that change team, region and manager on random days.
fn users() -> impl Strategy<Value = Vec<User>> {
    let row = (0_usize..3, 0_usize..3, 0_usize..3, 0_usize..4, -20_i32..70, 1_i32..90);
    let user = row.prop_map(|(owner, team, region, manager, from, days)| User {
        owner: ["ann", "bob", "cy"][owner].to_owned(),
        name: None,
        manager: [None, Some("ann"), Some("bob"), Some("boss")][manager].map(str::to_owned),
        team: [None, Some("North"), Some("South")][team].map(str::to_owned),
        region: [None, Some("EU"), Some("US")][region].map(str::to_owned),
        active_from: Some(Day(from)),
        active_to: Some(Day(from + days)),
    });
    prop::collection::vec(user, 0..8)
}

fn filters() -> impl Strategy<Value = ForecastFilter> {
    let one_of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let filter = ForecastFilter::default();
    prop_oneof![
        4 => Just(filter.clone()),
        1 => Just(ForecastFilter { owners: one_of(&["ann", "bob"]), ..filter.clone() }),
        1 => Just(ForecastFilter { teams: one_of(&["North"]), ..filter.clone() }),
        1 => Just(ForecastFilter { currencies: one_of(&["EUR", "USD"]), ..filter.clone() }),
        1 => Just(ForecastFilter { categories: vec![ForecastCategory::Commit, ForecastCategory::Pipeline], ..filter }),
    ]
}

/// Dirty histories in three currencies whose rates move, and people who do too.
fn cases() -> impl Strategy<Value = Case> {
    (worlds(), users(), 1_i32..60, filters()).prop_map(|(mut world, users, from, filter)| {
        for (i, deal) in world.deals.iter_mut().enumerate() {
            deal.currency = ["USD", "EUR", "JPY"][i % 3].to_owned();
            deal.amount_minor = deal.amount_minor.map(|amount| amount * 98_765 - 30_000);
        }
        for row in &mut world.rows {
            row.amount = row.amount.map(|amount| amount * 98_765 - 120_000);
        }
        let mut tables = world.tables();
        tables.users = users;
        tables.fx_rates = rates(&mut tables, -1_000);
        Case::new(tables, Day(from), filter)
    })
}

fn rates(tables: &mut Tables, first: i32) -> Vec<FxRate> {
    let (eur, jpy) = (tables.currency("EUR"), tables.currency("JPY"));
    let rate = |currency, day, rate: &str| FxRate { currency, day: Day(day), rate: rate.parse().expect("a rate") };
    vec![
        rate(eur, first, "1.0937"),
        rate(eur, first.max(20), "1.1313"),
        rate(eur, first.max(45), "0.9871"),
        rate(jpy, first, "0.006743"),
        rate(jpy, first.max(33), "0.0070001"),
    ]
}

proptest! {
    #[test]
    fn every_row_closes_and_the_levels_add_up(case in cases()) {
        let waterfall = case.waterfall();
        prop_assert!(waterfall.without_base.is_empty());
        for row in &waterfall.rows {
            prop_assert!(closes(row), "{:?}", row);
        }
        let company = sums(&waterfall, Level::Company);
        for level in [Level::Owner, Level::Team, Level::Region] {
            if level == Level::Owner || waterfall.nodes.iter().any(|node| node.level == level) {
                prop_assert_eq!(&sums(&waterfall, level), &company, "{:?}", level);
            }
        }
        let key = |row: &WaterfallRow| (row.node, row.period.kind, row.period, row.basis, row.currency);
        prop_assert!(waterfall.rows.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
    }

    #[test]
    fn both_ends_are_the_forecasts_of_their_mornings(case in cases()) {
        let waterfall = case.waterfall();
        let rows = rows(&waterfall);
        let (then, now) = (told(&case.forecast(case.start.day)), told(&case.forecast(TO)));
        let of_levels = |key: &Key| waterfall.nodes.iter().any(|node| node.level == key.0);
        for (ends, bar) in [(&then, Bar::Start), (&now, Bar::End)] {
            for (key, [pipeline, _]) in ends {
                let row = rows.get(key).map_or((0, 0), |row| (row.amount(bar), row.deals(bar)));
                prop_assert!(row == *pipeline || !of_levels(key), "{:?} {:?}: {:?} {:?}", bar, key, row, pipeline);
            }
        }
        // A level of which nothing is known that morning is not reported then.
        for (key, row) in &rows {
            for (ends, bar) in [(&then, Bar::Start), (&now, Bar::End)] {
                let told = ends.get(key).map_or((0, 0), |told| told[0]);
                let reported = ends.keys().any(|told| told.0 == key.0);
                prop_assert!(told == (row.amount(bar), row.deals(bar)) || !reported, "{:?} {:?} {:?}", bar, key, row);
            }
            if !now.keys().any(|told| told.0 == key.0) {
                continue;
            }
            if key.2.first >= case.start.day {
                let won = now.get(key).map_or((0, 0), |told| told[1]);
                prop_assert_eq!((row.amount(Bar::Won), row.deals(Bar::Won)), won, "{:?}", key);
            }
        }
    }

    #[test]
    fn the_deals_behind_the_bars_make_the_owners_rows(case in cases()) {
        let waterfall = case.waterfall();
        let mut sums: BTreeMap<Key, ([i64; BARS], [u32; BARS])> = BTreeMap::new();
        case.with(|input| {
            let listed = waterfall_deals(input).expect("a listing");
            for row in &listed.rows {
                let mut add = |currency: usize, basis, amount| {
                    let currency = listed.currencies[currency].code.clone();
                    let key = (Level::Owner, row.owner.to_owned(), row.period, currency, basis);
                    let (amounts, deals) = sums.entry(key).or_default();
                    amounts[row.bar as usize] += amount;
                    deals[row.bar as usize] += u32::from(row.bar != Bar::Revalued || basis == Basis::Base);
                };
                add(row.currency, Basis::Native, row.native);
                add(listed.currencies.len() - 1, Basis::Base, row.base.expect("rates"));
            }
        });
        let owners = rows(&waterfall).into_iter().filter(|(key, _)| key.0 == Level::Owner);
        let owners: BTreeMap<Key, _> = owners.map(|(key, row)| (key, (row.amounts, row.deals))).collect();
        prop_assert_eq!(sums, owners);
    }

    #[test]
    fn nothing_dated_later_changes_the_start(case in cases(), more in worlds()) {
        let start = |waterfall: &Waterfall| -> BTreeMap<Key, i64> {
            let rows = rows(waterfall).into_iter().map(|(key, row)| (key, row.amount(Bar::Start)));
            rows.filter(|(key, start)| key.0 == Level::Company && *start != 0).collect()
        };
        let before = start(&case.waterfall());
        let mut tables = case.tables.clone();
        // Whatever the log tells of the deals it knows from the first morning on.
        let from = case.start.day;
        for i in 0..tables.changes.at.len() {
            if tables.changes.at[i] >= from.start() {
                tables.changes.amount_minor[i] = (more.rows.len() as i64 * 1_000).into();
            }
        }
        prop_assert_eq!(start(&Case::new(tables, from, case.filter).waterfall()), before);
    }
}

/// `start` and so on of a node's row of March, by name; bars of 0 left out.
fn bars(waterfall: &Waterfall, level: Level, node: &str, period: &str, basis: Basis) -> Vec<(&'static str, i64)> {
    let wanted = |row: &&WaterfallRow| {
        let of = &waterfall.nodes[row.node];
        (of.level, of.key.as_str(), row.basis) == (level, node, basis) && row.period.to_string() == period
    };
    let Some(row) = waterfall.rows.iter().find(wanted) else { return Vec::new() };
    Bar::ALL.into_iter().map(|bar| (bar.name(), row.amount(bar))).filter(|(_, amount)| *amount != 0).collect()
}

/// In March (59 to 89).
const MARCH: i32 = 70;
/// And this is in April.
const APRIL: i32 = 100;

fn history() -> World {
    let set = |row: &mut Row, amount: i64, expected: i32, owner: &'static str| {
        (row.stage, row.amount, row.expected_close, row.owner) =
            (Some("New"), Some(amount), Some(expected), Some(owner));
    };
    let born = |world: World, id: &str, day: i32, amount: i64, expected: i32| {
        world.deal(id, day, "New").logged(day, |row| set(row, amount, expected, "ann"))
    };
    let world = born(World::default(), "01 raised", 5, 10, MARCH).logged(52, |row| row.amount = Some(15));
    let world = born(world, "02 pushed", 5, 100, MARCH).logged(52, |row| row.expected_close = Some(APRIL));
    let world = born(world, "03 pulled", 5, 200, APRIL).logged(52, |row| row.expected_close = Some(MARCH));
    let world = born(world, "04 lost early", 5, 1_000, APRIL).moved(52, "Closed Lost");
    let world = born(world, "05 won early", 5, 3_000, APRIL).logged(59, |row| {
        (row.stage, row.amount) = (Some("Closed Won"), Some(2_500));
    });
    let world = born(world, "06 handed over", 5, 20_000, MARCH).logged(52, |row| row.owner = Some("bob"));
    let world = born(world, "07 created", 52, 40_000, MARCH);
    let world = born(world, "08 created and won", 52, 100_000, APRIL).moved(59, "Closed Won");
    let world = born(world, "09 created and lost", 52, 200_000, MARCH).moved(58, "Closed Lost");
    let world =
        born(world, "10 omitted", 5, 1_000_000, MARCH).logged(52, |row| row.category = Some(ForecastCategory::Omitted));
    let world = born(world, "11 opened again", 5, 2_000_000, MARCH).moved(20, "Closed Lost").moved(52, "New");
    let world = born(world, "12 won long ago", 5, 5_000_000, MARCH).moved(20, "Closed Won");
    born(world, "13 not touched", 5, 10_000_000, MARCH)
}

#[test]
fn every_bar_by_hand() {
    let tables = history().tables();
    assert!(tables.deals.len() == 13 && tables.currencies.code("USD").is_some());
    let case = Case::new(tables, Day(50), ForecastFilter::default());
    let waterfall = case.waterfall();
    assert!(waterfall.rows.iter().all(closes));
    let of = |level, node, period| bars(&waterfall, level, node, period, Basis::Native);
    let march = [
        ("start", 10 + 100 + 20_000 + 1_000_000 + 10_000_000),
        ("created", 40_000 + 100_000 + 200_000),
        ("pulled_in", 200 + 2_500 + 2_000_000),
        ("increased", 5),
        ("pushed_out", 100 + 1_000_000),
        ("lost", 200_000),
        ("won", 2_500 + 100_000),
        ("end", 15 + 200 + 20_000 + 40_000 + 2_000_000 + 10_000_000),
    ];
    assert_eq!(of(Level::Company, COMPANY, "1970-03"), march);
    let april = [
        ("start", 200 + 1_000 + 3_000),
        ("pulled_in", 100),
        ("decreased", 500),
        ("pushed_out", 200 + 2_500),
        ("lost", 1_000),
        ("end", 100),
    ];
    assert_eq!(of(Level::Company, COMPANY, "1970-04"), april);
    assert_eq!(of(Level::Owner, "bob", "1970-03"), [("end", 20_000), ("moved_in", 20_000)]);
    let ann: BTreeMap<_, _> = of(Level::Owner, "ann", "1970-03").into_iter().collect();
    assert_eq!((ann["start"], ann["moved_out"]), (march[0].1, 20_000));
    case.with(|input| {
        let listed = waterfall_deals(input).expect("a listing");
        let reasons: Vec<(&str, &str, &str)> = listed
            .rows
            .iter()
            .filter(|row| row.period.kind == PeriodKind::Month)
            .filter_map(|row| Some((&case.tables.deals.id(row.row)?[..2], row.bar.name(), row.reason?)))
            .collect();
        let expected = [
            ("02", "pushed_out", "date moved"),
            ("02", "pulled_in", "date moved"),
            ("03", "pulled_in", "date moved"),
            ("03", "pushed_out", "date moved"),
            ("05", "pulled_in", "won in this period"),
            ("05", "pushed_out", "won in another period"),
            ("10", "pushed_out", "omitted"),
            ("11", "pulled_in", "was closed"),
        ];
        assert_eq!(reasons, expected);
        let raised = &listed.rows[0];
        assert_eq!((raised.stage_from, raised.stage_to, raised.expected_from), (Some("New"), "New", Some(Day(MARCH))));
    });
}

#[test]
fn other_rates_revalue_and_missing_ones_leave_native_rows() {
    let mut world = history();
    for deal in &mut world.deals {
        deal.currency = "EUR".to_owned();
    }
    let mut tables = world.tables();
    let at = |tables: &mut Tables, first| {
        tables.fx_rates = rates(tables, first);
        Case::new(tables.clone(), Day(40), ForecastFilter::default()).waterfall()
    };
    let waterfall = at(&mut tables, 0);
    assert!(waterfall.rows.iter().all(closes) && waterfall.without_base.is_empty());
    let bob = bars(&waterfall, Level::Owner, "bob", "1970-03", Basis::Base);
    // 200.00 EUR x 0.9871
    assert_eq!(bob, [("end", 19_742), ("moved_in", 19_742)]);
    let march: BTreeMap<_, _> = bars(&waterfall, Level::Company, COMPANY, "1970-03", Basis::Base).into_iter().collect();
    // 0.10, 1.00, 200.00, 10,000.00 and 100,000.00 EUR, from 1.1313 to 0.9871, each rounded
    let [then, now] = [11 + 113 + 22_626 + 1_131_300 + 11_313_000, 10 + 99 + 19_742 + 987_100 + 9_871_000];
    assert_eq!((march["start"], march["revalued"]), (then, now - then));
    for first in [45, 80] {
        let waterfall = at(&mut tables, first);
        assert_eq!(waterfall.without_base, [Day(40)], "{first}");
        assert!(!waterfall.rows.is_empty() && waterfall.rows.iter().all(|row| row.basis == Basis::Native));
    }
}

#[test]
fn running_periods_begin_before_the_day() {
    let spans = |day: &str| -> Vec<(String, usize)> {
        let spans = running_spans(&Config::default(), day.parse().expect("a day"));
        spans.iter().map(|span| (span.from.to_string(), span.kinds.len())).collect()
    };
    assert_eq!(spans("2026-02-14"), [("2026-02-01".to_owned(), 1), ("2026-01-01".to_owned(), 2)]);
    assert_eq!(
        spans("2026-01-01"),
        [("2025-12-01", 1), ("2025-10-01", 1), ("2025-01-01", 1)].map(|(d, n)| (d.to_owned(), n))
    );
}

#[test]
fn nothing_to_compare_is_an_empty_waterfall() {
    let case = Case::new(World::default().deal("a", 5, "New").tables(), Day(3), ForecastFilter::default());
    assert!(case.waterfall().rows.is_empty());
    let kinds = case.snapshot.states.iter().map(|state| state.kind);
    assert_eq!(kinds.collect::<Vec<_>>(), [StageKind::Open]);
}
