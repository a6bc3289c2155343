//! Numbers computed elsewhere: `tests/fixtures/funnel_reference.py` (pandas 2.3.3, lifelines 0.30.3, duckdb 2.0.0).

use dealcast::analyses::funnel::FunnelRow;
use dealcast::analyses::funnel::compare::{CompareInput, Group, compare};
use dealcast::analyses::sources::WHOLE;
use dealcast::analyses::stagnation::{StagnationRow, StagnationStatus};
use dealcast::domain::ids::StageId;
use dealcast::domain::period::FiscalCalendar;
use dealcast::stats::survival::{ExitCause, ExitCounts};
use dealcast::timeline::{Exit, Stay};

use crate::paths::reference_world;
use crate::world::{AS_OF, World};

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
    for (stage, ((median, slow_after, stalled_after), counts, sums)) in expected.into_iter().enumerate() {
        let benchmark = &result.benchmarks.stages[stage];
        let thresholds = (benchmark.median, benchmark.slow_after, benchmark.stalled_after);
        assert_eq!(thresholds, (Some(median), Some(slow_after), Some(stalled_after)));
        let rows: Vec<&StagnationRow> =
            result.rows.iter().filter(|row| row.stage.get() == Some(StageId::at(stage))).collect();
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
    let rows: Vec<&FunnelRow> = funnel.rows.iter().filter(|row| row.cohort == whole.cohort).collect();
    assert!(rows.len() >= expected.len(), "{rows:?}");
    for (row, (counts, conversion, (median, p90), to_won)) in rows.into_iter().zip(expected) {
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
        for stay in world.stays.iter().filter(|stay| stay.stage.get() == Some(StageId::at(0)) && keep(stay)) {
            match stay.exit {
                Exit::Advanced(_) | Exit::Won => counts.push(stay.days(), ExitCause::Advance),
                Exit::Lost => counts.push(stay.days(), ExitCause::Lost),
                Exit::Back(_) => counts.push(stay.days(), ExitCause::Back),
                Exit::StillThere => counts.push_running(stay.days()),
            }
        }
        counts
    };
    let of_s0 = count(&|stay| source.values[source.of_deal[stay.deal.index()] as usize] == "s0");
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
