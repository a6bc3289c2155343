//! Funnel, stagnation and sources against numbers computed elsewhere: `tests/fixtures/funnel_reference.py` (pandas 2.3.3,
//! lifelines 0.30.3, duckdb 2.0.0), and invariants on random worlds.

use std::path::Path;

use dealcast::analyses::funnel::compare::{CompareInput, Group, compare};
use dealcast::analyses::funnel::{Cohorts, Funnel, FunnelInput, FunnelRow, funnel};
use dealcast::analyses::sources::{Sources, SourcesBy, SourcesInput, WHOLE, sources};
use dealcast::analyses::stagnation::summary::StagnationSummary;
use dealcast::analyses::stagnation::{Stagnation, StagnationInput, StagnationRow, StagnationStatus, stagnation};
use dealcast::books::deal_values::DealValues;
use dealcast::books::leads::LeadLives;
use dealcast::books::segment::Segment;
use dealcast::config::Config;
use dealcast::domain::day::{Day, MICROS_PER_DAY, Moment};
use dealcast::domain::period::{FiscalCalendar, PeriodKind};
use dealcast::domain::stage::{Stage, StageKind};
use dealcast::ingest::tables::{Change, DealRow, Tables};
use dealcast::snapshot::Snapshot;
use dealcast::stats::survival::{ExitCause, ExitCounts};
use dealcast::timeline::{Exit, Stay, Timeline};
use proptest::prelude::*;

const FIRST_DAY: i32 = 19_000;
const AS_OF: Day = Day(19_600);
/// 200 days of process as it runs now.
const CURRENT_FROM: Day = Day(19_400);
const STAGES: usize = 4;

/// Everything an analysis needs.
struct World {
    tables: Tables,
    config: Config,
    timeline: Timeline,
    stays: Vec<Stay>,
    snapshot: Snapshot,
    values: DealValues,
    keep: Vec<bool>,
}

impl World {
    fn new(tables: Tables, config: Config, as_of: Day) -> Self {
        let timeline = Timeline::build(&tables, &config, as_of).expect("a timeline");
        let (stays, snapshot) = (timeline.stays(), Snapshot::of(&timeline));
        let keep = vec![true; timeline.deals.len()];
        let values = DealValues::of(&tables, &config.money, &snapshot, &keep);
        Self { tables, config, timeline, stays, snapshot, values, keep }
    }

    fn segment(&self, column: &str) -> Segment {
        Segment::by(column, &self.tables, &self.timeline, &self.snapshot).expect("a text column")
    }

    fn funnel(&self, columns: &[&str]) -> Funnel {
        let Self { timeline, stays, snapshot, values, keep, .. } = self;
        let input = FunnelInput { timeline, stays, snapshot, values, keep, current_from: CURRENT_FROM };
        let cohorts = Cohorts::of(timeline, &FiscalCalendar::default(), PeriodKind::Quarter);
        let mut segments = vec![Segment::all(timeline.deals.len())];
        segments.extend(columns.iter().map(|column| self.segment(column)));
        funnel(&input, &cohorts, &segments)
    }

    fn sources(&self, calendar: &FiscalCalendar) -> Sources {
        let Self { tables, timeline, values, keep, .. } = self;
        let (leads, kind) = (&LeadLives::of(tables, timeline), PeriodKind::Quarter);
        let input =
            SourcesInput { tables, timeline, values, keep, leads, keep_leads: &[], with_costs: true, calendar, kind };
        sources(&input, &[SourcesBy::default()]).expect("a frame").remove(0)
    }

    fn stagnation(&self) -> Stagnation {
        stagnation(&StagnationInput {
            timeline: &self.timeline,
            stays: &self.stays,
            snapshot: &self.snapshot,
            config: &self.config.stagnation,
            candidates: &[],
            keep: &self.keep,
            previous: Some(AS_OF.plus(-60)),
        })
    }
}

/// One deal's path: day of creation, amount, source, and the (day, stage) it entered from then on; stage `STAGES` is
/// won, one more is lost.
#[derive(Debug)]
struct DealPath {
    amount: i64,
    source: u32,
    events: Vec<(i32, usize)>,
}

const WON: usize = STAGES;
const LOST: usize = STAGES + 1;

fn four_stages() -> Config {
    let stage = |name: &str, kind| Stage { name: name.to_owned(), kind, ..Stage::default() };
    let mut stages: Vec<Stage> = (0..STAGES).map(|i| stage(&format!("S{i}"), StageKind::Open)).collect();
    stages.extend([stage("Won", StageKind::Won), stage("Lost", StageKind::Lost)]);
    Config { stages, ..Config::default() }
}

fn world_of(paths: &[DealPath]) -> World {
    let config = four_stages();
    let name = |stage: usize| config.stages[stage].name.clone();
    let row = |(i, path): (usize, &DealPath)| {
        let last = *path.events.last().expect("a deal begins");
        DealRow {
            deal_id: format!("d{i:05}"),
            stage: name(last.1),
            created_at: i64::from(path.events[0].0) * MICROS_PER_DAY,
            closed_at: (last.1 >= STAGES).then_some(moment(last.0, path.events.len() - 1).0),
            amount_minor: Some(path.amount * 100),
            owner: Some(format!("o{}", i % 7)),
            source: Some(format!("s{}", path.source)),
            ..DealRow::default()
        }
    };
    let rows: Vec<DealRow> = paths.iter().enumerate().map(row).collect();
    let mut tables = Tables::from_deals(&rows).expect("a frame");
    for (deal, path) in (0..).zip(paths) {
        for (order, &(day, stage)) in path.events.iter().enumerate() {
            let stage = tables.stage_names.intern(&name(stage));
            tables.changes.push(Change { stage, ..Change::empty(deal, moment(day, order)) });
        }
    }
    World::new(tables, config, AS_OF)
}

/// The day's minute `order`, so that events of one day keep their order.
fn moment(day: i32, order: usize) -> Moment {
    Moment(i64::from(day) * MICROS_PER_DAY + 60_000_000 * order as i64)
}

/// 300 deals that take a week per stage where they come from s0, two months where they come from s1, and the last of each
/// in S0 for 30 days.
fn two_speeds() -> World {
    let mut state: u64 = 7;
    let mut draw = |n: u64| {
        state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF;
        ((state >> 8) % n) as i32
    };
    let mut paths = Vec::new();
    for i in 0..300_u32 {
        let (source, mut day) = (i % 2, FIRST_DAY + draw(200));
        let mut events = vec![(day, 0)];
        for stage in 1..=STAGES {
            day += if source == 0 { 4 + draw(7) } else { 50 + draw(20) };
            events.push((day, if draw(4) == 0 { LOST } else { stage }));
            if events.last().is_some_and(|event| event.1 == LOST) {
                break;
            }
        }
        paths.push(DealPath { amount: 1, source, events });
    }
    paths.extend([0, 1].map(|source| DealPath { amount: 1, source, events: vec![(AS_OF.0 - 30, 0)] }));
    world_of(&paths)
}

#[test]
fn deals_are_held_against_their_own_kind_where_kinds_differ() {
    let world = two_speeds();
    let judged = |columns: &[&str]| {
        let candidates: Vec<Segment> = columns.iter().map(|column| world.segment(column)).collect();
        let input = StagnationInput {
            timeline: &world.timeline,
            stays: &world.stays,
            snapshot: &world.snapshot,
            config: &world.config.stagnation,
            candidates: &candidates,
            keep: &world.keep,
            previous: None,
        };
        stagnation(&input)
    };
    let result = judged(&["owner", "source"]);
    let levels = result.benchmarks.levels.as_ref().expect("sources differ");
    assert_eq!((levels.column.as_str(), levels.values.len()), ("source", 2));
    let [fast, slow] = [&result.rows[0], &result.rows[1]];
    assert!(fast.status != StagnationStatus::OnPace && slow.status == StagnationStatus::OnPace);
    assert!(
        fast.benchmark_days < Some(12) && slow.benchmark_days > Some(45),
        "{:?} {:?}",
        fast.benchmark_days,
        slow.benchmark_days
    );
    assert!(fast.percentile > Some(90.0) && slow.percentile < Some(5.0), "{:?} {:?}", fast.percentile, slow.percentile);
    assert_eq!(result.benchmarks.whose(&world.snapshot.states[slow.deal as usize]), "source=s1");
    // Owners were dealt out in turn: they tell nothing.
    assert_eq!(judged(&["owner"]).benchmarks.levels, None);
}

/// The world of `funnel_reference.py`.
fn reference_world() -> World {
    let mut state: u64 = 20_260_214;
    let mut draw = |n: u64| {
        state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF;
        (state >> 8) % n
    };
    let mut paths = Vec::new();
    for _ in 0..400 {
        let mut day = FIRST_DAY + draw(700) as i32;
        let (amount, source) = (100 * (1 + draw(500)) as i64, draw(3) as u32);
        let mut stage = usize::from(draw(10) == 0);
        let mut events = vec![(day, stage)];
        while stage < STAGES {
            day += draw(40) as i32;
            stage = match draw(100) {
                0..50 => (stage + 1).min(WON),
                50..60 => (stage + 2).min(WON),
                60..75 if stage == 0 => continue,
                60..75 => stage - 1,
                _ => LOST,
            };
            events.push((day, stage));
        }
        paths.push(DealPath { amount, source, events });
    }
    world_of(&paths)
}

fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-9, "got {got}, expected {expected}");
}

#[test]
fn every_stage_counts_what_pandas_counts() {
    let world = reference_world();
    let funnel = world.funnel(&[]);
    assert_eq!(funnel.stages[..6], ["S0", "S1", "S2", "S3", "Won", "Lost"]);
    let whole = &funnel.summaries[0];
    assert_eq!((whole.deals, whole.won, whole.lost, whole.open), (343, 79, 238, 26));
    assert_eq!(whole.median_cycle_days, Some(73));
    let expected = [
        ([303, 205, 89, 0, 40, 9, 69], 7_535_100, 0.6968062616426518, 24, 43, 0.2544937959263567),
        ([227, 134, 70, 13, 27, 10, 71], 5_700_400, 0.6193789838948903, 21, 41, 0.34674826124525754),
        ([151, 98, 43, 6, 19, 4, 68], 3_747_600, 0.6673976976152268, 23, 39, 0.4672424369617264),
        ([109, 59, 36, 11, 17, 3, 62], 2_683_200, 0.5562410261430598, 21, 36, 0.5841570414942312),
    ];
    for (row, (counts, value, conversion, median, p90, to_won)) in funnel.rows.iter().zip(expected) {
        let got = [row.entered, row.advanced, row.lost, row.back, row.skipped, row.open, row.won];
        assert_eq!(got, counts, "{row:?}");
        assert_eq!(row.value_minor, Some(value * 100));
        close(row.conversion.expect("stays have ended").value, conversion);
        assert_eq!((row.median_days, row.p90_days), (Some(median), Some(p90)));
        close(row.conversion_to_won.expect("deals have closed").value, to_won);
    }
    let closed: Vec<_> = funnel.rows[4..6].iter().map(|row| (row.entered, row.advanced, row.conversion)).collect();
    assert_eq!(closed, [(79, 0, None), (238, 0, None)]);
}

#[test]
fn open_deals_are_judged_by_the_curves_of_lifelines() {
    let world = reference_world();
    let result = world.stagnation();
    let expected = [
        ((21, 38, 64), (9, 1, 0), (480.50190121545035, 5.676301005040763, 2.544126223808214)),
        ((19, 19, 39), (10, 3, 0), (481.6440132963044, 5.653660869345665, 2.584391395537061)),
        ((22, 34, 39), (4, 0, 0), (187.2216499360335, 2.6353178882826196, 0.853094764367468)),
        ((17, 17, 26), (3, 0, 0), (83.46135721350242, 1.4538406237903012, 0.905793128510598)),
    ];
    for (stage, ((median, slow_after, stalled_after), counts, sums)) in (0..).zip(expected) {
        let benchmark = &result.benchmarks.stages[usize::from(stage)];
        let thresholds = (benchmark.median, benchmark.slow_after, benchmark.stalled_after);
        assert_eq!(thresholds, (Some(median), Some(slow_after), Some(stalled_after)));
        let rows: Vec<&StagnationRow> = result.rows.iter().filter(|row| row.stage == stage).collect();
        let with = |status| rows.iter().filter(|row| row.status == status).count();
        assert_eq!((rows.len(), with(StagnationStatus::Slow), with(StagnationStatus::Stalled)), counts);
        let sum = |read: fn(&StagnationRow) -> Option<f64>| rows.iter().filter_map(|row| read(row)).sum::<f64>();
        close(sum(|row| row.percentile), sums.0);
        close(sum(|row| row.advance_30d), sums.1);
        close(sum(|row| row.lost_30d), sums.2);
        for row in rows.iter().filter(|row| row.status == StagnationStatus::Stalled) {
            let entered = AS_OF.plus(-row.days_in_stage.expect("known"));
            assert_eq!(row.stalled_since, Some(entered.plus(stalled_after as i32 + 1)));
        }
    }
}

#[test]
fn the_process_as_it_runs_now_is_what_lifelines_makes_of_late_entries() {
    let world = reference_world();
    let funnel = world.funnel(&[]);
    let whole = &funnel.summaries[1];
    assert_eq!(funnel.cohorts[whole.cohort as usize], "current");
    assert_eq!((whole.deals, whole.won, whole.lost, whole.open), (130, 26, 78, 26));
    let expected = [
        ([104, 69, 26, 0, 16, 9, 0], 0.728_148_487_617_481_4, (25, 45), 0.237_456_495_961_749_03),
        ([82, 45, 25, 2, 8, 10, 13], 0.625_316_950_732_316_9, (20, 43), 0.342_938_516_754_577_7),
        ([46, 25, 16, 1, 11, 4, 3], 0.592_751_975_195_214_3, (23, 38), 0.433_367_563_386_229_5),
        ([39, 20, 11, 5, 6, 3, 8], 0.572_691_197_691_197_7, (25, 36), 0.575_145_393_327_211_5),
    ];
    let rows = funnel.rows.iter().filter(|row| row.cohort == whole.cohort);
    for (row, (counts, conversion, (median, p90), to_won)) in rows.zip(expected) {
        let got = [row.entered, row.advanced, row.lost, row.back, row.skipped, row.open, row.moves_back];
        assert_eq!(got, counts, "{row:?}");
        close(row.conversion.expect("stays have ended").value, conversion);
        assert_eq!((row.median_days, row.p90_days), (Some(median), Some(p90)));
        close(row.conversion_to_won.expect("deals have closed").value, to_won);
    }
}

#[test]
fn two_sources_are_compared_as_lifelines_does() {
    let world = reference_world();
    let World { timeline, stays, snapshot, values, .. } = &world;
    let source = world.segment("source");
    let group = |name: &str| Group { name: name.to_owned(), keep: source.is_one_of(&[name.to_owned()]), from: None };
    let rows = compare(&CompareInput { timeline, stays, snapshot, values }, [&group("s0"), &group("s1")]);
    // tests/fixtures/compare_reference.py: lifelines 0.30.3, `logrank_test`.
    let expected = [
        (0.153_804_094_708_253_01, 0.694_926_216_864_819_6),
        (0.751_946_776_001_877_8, 0.385_860_569_080_089_37),
        (1.674_249_573_680_913_5, 0.195_690_304_578_344_66),
        (0.335_178_736_396_497_3, 0.562_625_455_575_820_1),
    ];
    assert_eq!((rows.len(), rows[0].sides[0].entered + rows[0].sides[1].entered), (5, 92 + 125));
    for (row, (statistic, p)) in rows[1..].iter().zip(expected) {
        let time = row.time.expect("both groups were there");
        close(time.test.statistic, statistic);
        close(time.test.p, p);
        let [a, b] = row.difference.expect("stays ended");
        assert!(a < b && row.conversion.is_some() && row.verdict(["a", "b"]) == "no significant difference");
    }
}

#[test]
fn sources_are_what_pandas_groups() {
    let world = reference_world();
    let calendar = FiscalCalendar::default();
    let result = world.sources(&calendar);
    let expected = [
        ("s0", "2022-Q1", 9, 5, 4, 130_000, Some(97.0)),
        ("s0", "2022-Q2", 23, 5, 18, 143_100, Some(104.0)),
        ("s0", "2022-Q3", 14, 4, 10, 110_800, Some(73.5)),
        ("s0", "2022-Q4", 16, 1, 15, 15_700, Some(104.0)),
        ("s0", "2023-Q1", 10, 6, 4, 178_200, Some(65.0)),
        ("s0", "2023-Q2", 10, 2, 7, 28_200, Some(71.0)),
        ("s0", "2023-Q3", 10, 1, 3, 28_600, Some(29.0)),
        ("s1", "2022-Q1", 20, 5, 15, 174_600, Some(84.0)),
        ("s1", "2022-Q2", 20, 6, 14, 114_600, Some(103.0)),
        ("s1", "2022-Q3", 21, 5, 16, 83_200, Some(66.0)),
        ("s1", "2022-Q4", 18, 4, 14, 138_600, Some(64.0)),
        ("s1", "2023-Q1", 19, 3, 15, 79_600, Some(43.0)),
        ("s1", "2023-Q2", 20, 3, 17, 73_800, Some(68.0)),
        ("s1", "2023-Q3", 7, 0, 1, 0, None),
        ("s2", "2022-Q1", 14, 2, 12, 24_100, Some(77.0)),
        ("s2", "2022-Q2", 19, 7, 12, 224_700, Some(69.0)),
        ("s2", "2022-Q3", 25, 9, 16, 218_700, Some(67.0)),
        ("s2", "2022-Q4", 18, 4, 14, 105_600, Some(63.5)),
        ("s2", "2023-Q1", 22, 5, 17, 119_600, Some(84.0)),
        ("s2", "2023-Q2", 13, 2, 9, 41_300, Some(32.5)),
        ("s2", "2023-Q3", 15, 0, 5, 0, None),
    ];
    assert_eq!(result.rows.len(), expected.len());
    for (row, (source, period, created, won, lost, revenue, cycle)) in result.rows.iter().zip(expected) {
        assert_eq!((row.source.as_str(), row.period_name().as_str()), (source, period));
        let counts = [row.sums.created, row.sums.won, row.sums.lost];
        assert_eq!(counts, [created, won, lost].map(|count| count * WHOLE));
        assert_eq!((row.revenue_minor, row.sums.median_cycle_days), (Some(revenue * 100), cycle));
    }
}

#[test]
fn stays_of_one_source_are_held_towards_those_of_all() {
    let world = reference_world();
    let source = world.segment("source");
    let count = |keep: &dyn Fn(&Stay) -> bool| {
        let mut counts = ExitCounts::default();
        for stay in world.stays.iter().filter(|stay| stay.stage == 0 && keep(stay)) {
            match stay.exit {
                Exit::Advanced(_) | Exit::Won => counts.push(stay.days(), ExitCause::Advance),
                Exit::Lost => counts.push(stay.days(), ExitCause::Lost),
                Exit::Back(_) => counts.push(stay.days(), ExitCause::Back),
                Exit::StillThere => counts.push_running(stay.days()),
            }
        }
        counts
    };
    let of_s0 = count(&|stay| source.values[source.of_deal[stay.deal as usize] as usize] == "s0");
    let curves = of_s0.shrunk_towards(&count(&|_| true), 25.0);
    for (day, survival, advanced, lost) in [
        (10, 0.803_732_054_435_326_5, 0.130_376_955_156_517_37, 0.065_890_990_408_155_94),
        (20, 0.541_828_150_990_269_2, 0.356_636_048_445_853_17, 0.101_535_800_563_877_45),
        (30, 0.298_062_165_371_082_1, 0.538_868_756_220_167_1, 0.163_069_078_408_750_62),
    ] {
        close(curves.survival(day), survival);
        close(curves.incidence(ExitCause::Advance, day), advanced);
        close(curves.incidence(ExitCause::Lost, day), lost);
    }
}

/// No source differs from the others here beyond chance, so that all deals speak for each; chances are kept to 1e-9.
#[test]
fn what_is_expected_of_open_deals_is_what_lifelines_says() {
    let result = reference_world().sources(&FiscalCalendar::default());
    let expected = [
        ("s0", "2023-Q2", 2.479_551_820_728_292, 306_913),
        ("s0", "2023-Q3", 3.061_160_503_317_046_4, 6_515_454),
        ("s1", "2023-Q1", 4.000_000_000_000_003, 330_000),
        ("s1", "2023-Q3", 1.885_079_882_468_367, 5_751_356),
        ("s2", "2023-Q2", 2.922_332_569_391_393_5, 3_168_977),
        ("s2", "2023-Q3", 3.463_725_822_160_689, 8_539_802),
    ];
    let with_open = result.rows.iter().filter(|row| row.sums.created > row.sums.won + row.sums.lost);
    let with_open: Vec<_> = with_open.collect();
    assert_eq!(with_open.len(), expected.len());
    for (row, (source, period, won, to_come)) in with_open.into_iter().zip(expected) {
        assert_eq!((row.source.as_str(), row.period_name().as_str()), (source, period));
        let (sums, open) = (row.sums, row.sums.created - row.sums.won - row.sums.lost);
        // Each open deal's chance is rounded to parts of a whole.
        let rounding = 0.5e-9 * (open / WHOLE) as f64 + 1e-12;
        assert!((sums.expected_won as f64 / WHOLE as f64 - won).abs() <= rounding, "{row:?}");
        assert_eq!(row.expected_revenue_minor.map(|all| all - sums.revenue_minor), Some(to_come));
        assert_eq!(row.expected_cycle_days, Some(73));
    }
}

#[test]
fn tables_begin_with_the_columns_of_the_contract() {
    let world = reference_world();
    let World { tables, timeline, values, .. } = &world;
    let sources = world.sources(&FiscalCalendar::default());
    let (funnel, stagnation) = (world.funnel(&["source"]), world.stagnation());
    let expected = [
        (
            dealcast::analyses::stagnation::columns::table(&stagnation, tables, timeline, &world.snapshot),
            "deal_id owner stage days_in_stage percentile advance_30d stalled_since status amount currency",
        ),
        (
            dealcast::analyses::funnel::columns::table(&funnel, &timeline.stages, values),
            "cohort segment stage entered advanced lost back skipped open conversion conversion_low conversion_high \
             median_days p90_days value",
        ),
        (
            dealcast::analyses::sources::columns::table(&sources, false, values),
            "source period created won lost win_rate revenue median_cycle_days cost return",
        ),
        (
            dealcast::analyses::funnel::columns::summary_table(&funnel, values),
            "cohort segment deals won lost open win_rate",
        ),
    ];
    for (table, columns) in expected {
        let table = table.expect("columns of one length");
        let schema = table.batch().schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let columns: Vec<&str> = columns.split_whitespace().collect();
        assert_eq!(names[..columns.len()], columns, "{}", table.name());
        assert!(table.rows() > 20, "{}", table.name());
    }
}

#[test]
fn threads_change_nothing() {
    let world = reference_world();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| (world.funnel(&["owner", "source"]), world.stagnation()))
    };
    assert_eq!(run(1), run(5));
}

#[test]
fn maven_shows_its_outcomes_and_its_stale_pipeline() {
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/maven/sales_pipeline.csv"));
    if !file.exists() {
        eprintln!("skipped: {} is absent", file.display());
        return;
    }
    let world = maven(file);
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

fn random_path() -> impl Strategy<Value = DealPath> {
    let steps = prop::collection::vec((0..60_i32, 0..STAGES + 2), 0..8);
    (FIRST_DAY..FIRST_DAY + 650, 0..STAGES, steps, 0..1_000_i64, 0..3_u32).prop_map(
        |(created, stage, steps, amount, source)| {
            let mut events = vec![(created, stage)];
            for (days, stage) in steps {
                let (day, before) = *events.last().expect("not empty");
                if before < STAGES && stage != before {
                    events.push((day + days, stage));
                }
            }
            DealPath { amount, source, events }
        },
    )
}

/// What can be added up over cohorts or segments.
fn sums(row: &FunnelRow) -> [i128; 9] {
    let counts = [row.entered, row.advanced, row.lost, row.back, row.open, row.skipped, row.won].map(i128::from);
    let [a, b, c, d, e, f, g] = counts;
    [a, b, c, d, e, f, g, row.value_minor.unwrap_or(0), 1]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn books_close(paths in prop::collection::vec(random_path(), 1..60)) {
        let world = world_of(&paths);
        prop_assume!(!world.timeline.deals.is_empty());
        let funnel = world.funnel(&["owner", "source"]);
        for row in &funnel.rows {
            prop_assert_eq!(row.entered, row.advanced + row.lost + row.back + row.still_there);
            prop_assert_eq!(row.open, if (row.stage as usize) < STAGES { row.still_there } else { 0 });
            if let Some(share) = row.conversion {
                prop_assert!(0.0 <= share.low && share.low <= share.value && share.value <= share.high && share.high <= 1.0);
                if row.still_there == 0 && row.cohort != 1 {
                    prop_assert!((share.value - row.advanced as f64 / row.entered as f64).abs() < 1e-9);
                }
            }
        }
        // Cohorts add up to all cohorts, the values of a column to all deals.
        let total = |keep: &dyn Fn(&FunnelRow) -> bool| {
            let mut sum = vec![[0_i128; 9]; funnel.stages.len()];
            for row in funnel.rows.iter().filter(|row| keep(row)) {
                sum[row.stage as usize].iter_mut().zip(sums(row)).take(8).for_each(|(sum, more)| *sum += more);
            }
            sum
        };
        let all = total(&|row| row.segment == 0 && row.cohort == 0);
        prop_assert_eq!(&all, &total(&|row| row.segment == 0 && row.cohort > 1));
        for column in ["owner=", "source="] {
            let of_column = |row: &FunnelRow| row.cohort == 0 && funnel.segments[row.segment as usize].starts_with(column);
            prop_assert_eq!(&all, &total(&of_column));
        }
        let whole = &funnel.summaries[0];
        prop_assert_eq!(whole.deals, world.timeline.deals.len() as u64);
        let ended = |stage: usize| all[stage][0] as u64;
        prop_assert_eq!((whole.won, whole.lost), (ended(WON), ended(LOST)));
        let open: i128 = all[..STAGES].iter().map(|stage| stage[4]).sum();
        prop_assert_eq!(i128::from(whole.open), open);
        let (stagnation, owner) = (world.stagnation(), world.segment("owner"));
        let summary = StagnationSummary::of(&stagnation, &world.timeline, &world.values, &[owner]);
        for group in summary.groups.iter().flat_map(|(_, groups)| groups) {
            let left = group.moved.deals + group.won.deals + group.lost.deals;
            let stalled = group.of(StagnationStatus::Stalled).deals;
            prop_assert_eq!(stalled + left, group.previously_stalled.deals + group.newly_stalled.deals, "{}", &group.name);
        }
        prop_assert_eq!(stagnation.rows.len() as u64, whole.open);
        for row in &stagnation.rows {
            let (advance, lost) = (row.advance_30d.unwrap_or(0.0), row.lost_30d.unwrap_or(0.0));
            prop_assert!(0.0 <= advance && 0.0 <= lost && advance + lost <= 1.0 + 1e-12, "{:?}", row);
            prop_assert!(row.percentile.is_none_or(|rank| (0.0..=100.0).contains(&rank)), "{:?}", row);
            prop_assert!(row.next_review.is_none_or(|day| day >= AS_OF), "{:?}", row);
            prop_assert_eq!(row.stalled_since.is_some(), row.status == StagnationStatus::Stalled);
        }
    }
}
