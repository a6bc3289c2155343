//! Every kind of calendar: days by hand, and what holds for all of them.

use proptest::prelude::*;

use super::*;
use crate::domain::day::Day;
use crate::domain::period::fiscal_start::calendar_month;
use crate::domain::period::table::PeriodTable;
use crate::domain::period::weeks::{WeekCalendar, WeekPattern, Weekday, YearEnd};

fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

fn weeks(
    pattern: WeekPattern,
    week_starts: Weekday,
    year_ends: YearEnd,
    start: (u8, FiscalYearName),
) -> FiscalCalendar {
    let start = FiscalStart::new(start.0, start.1).expect("a month");
    WeekCalendar { pattern, week_starts, year_ends, start }.into()
}

fn years(calendar: &FiscalCalendar, labels: [&str; 4]) -> [(String, i32); 4] {
    labels.map(|label| {
        let year = calendar.parse(label).expect("a year");
        (year.first.to_string(), year.days() / 7)
    })
}

#[test]
fn calendar_year_periods() {
    let calendar = FiscalCalendar::default();
    let quarter = calendar.period_of(PeriodKind::Quarter, day("2026-02-14"));
    assert_eq!(quarter.to_string(), "2026-Q1");
    assert_eq!((quarter.first, quarter.last), (day("2026-01-01"), day("2026-03-31")));
    assert_eq!(calendar.shift(&quarter, -1).to_string(), "2025-Q4");
    assert_eq!(calendar.period_of(PeriodKind::Month, day("2024-02-29")).last, day("2024-02-29"));
    let half = calendar.period_of(PeriodKind::Half, day("2026-07-01"));
    assert_eq!((half.to_string().as_str(), half.first, half.last), ("2026-H2", day("2026-07-01"), day("2026-12-31")));
}

#[test]
fn fiscal_years_are_named_by_their_end_or_their_start() {
    let end = FiscalCalendar::new(4, FiscalYearName::End).expect("april");
    let start = FiscalCalendar::new(4, FiscalYearName::Start).expect("april");
    let january = day("2026-01-15");
    assert_eq!(end.period_of(PeriodKind::Quarter, january).to_string(), "2026-Q4");
    assert_eq!(start.period_of(PeriodKind::Quarter, january).to_string(), "2025-Q4");
    assert_eq!(end.period_of(PeriodKind::Half, january).to_string(), "2026-H2");
    assert_eq!(end.period_of(PeriodKind::Month, january).to_string(), "2026-01");
    assert_eq!(end.parse("2026").map(|p| p.first), Some(day("2025-04-01")));
    assert_eq!(FiscalCalendar::new(13, FiscalYearName::End), None);
}

#[test]
fn the_retail_calendar() {
    // National Retail Federation, 4-5-4 calendar: fiscal 2023 began on 2023-01-29 and had 53 weeks to 2024-02-03;
    // fiscal 2024 to 2026 begin on 2024-02-04, 2025-02-02 and 2026-02-01. https://nrf.com/resources/4-5-4-calendar
    let retail = weeks(WeekPattern::FourFiveFour, Weekday::Sunday, YearEnd::Nearest, (2, FiscalYearName::Start));
    let known = [("2023-01-29", 53), ("2024-02-04", 52), ("2025-02-02", 52), ("2026-02-01", 52)];
    assert_eq!(years(&retail, ["2023", "2024", "2025", "2026"]), known.map(|(first, weeks)| (first.to_owned(), weeks)));
    assert_eq!(retail.parse("2023").map(|year| year.last), Some(day("2024-02-03")));
    // The same: in 2024 February has four weeks, March five, April four.
    let months = ["2024-P01", "2024-P02", "2024-P03"].map(|label| retail.parse(label).expect("a month"));
    assert_eq!(months.map(|month| month.first.to_string()), ["2024-02-04", "2024-03-03", "2024-04-07"]);
    // The 53rd week is the last of January.
    assert_eq!(retail.parse("FY2023-P12").map(|month| month.days()), Some(35));
}

#[test]
fn a_year_to_the_last_saturday() {
    // Apple Inc., forms 10-K of 2022 to 2025: years end on the last Saturday of September, on 2022-09-24, 2023-09-30
    // (after 53 weeks), 2024-09-28 and 2025-09-27.
    let calendar = weeks(WeekPattern::FourFourFive, Weekday::Sunday, YearEnd::Last, (10, FiscalYearName::End));
    let known = [("2021-09-26", 52), ("2022-09-25", 53), ("2023-10-01", 52), ("2024-09-29", 52)];
    assert_eq!(
        years(&calendar, ["2022", "2023", "2024", "2025"]),
        known.map(|(first, weeks)| (first.to_owned(), weeks))
    );
    // Here the 53rd week is the last one; Apple's is in the first quarter, for which there are tables.
    assert_eq!(calendar.parse("2023-P12").map(|month| month.days()), Some(42));
}

#[test]
fn months_of_the_calendar_and_of_the_fiscal_year_are_not_confused() {
    let months = FiscalCalendar::default();
    let weeks = weeks(WeekPattern::FourFourFive, Weekday::Monday, YearEnd::Last, (1, FiscalYearName::End));
    assert!(months.parse("2026-P01").is_none() && weeks.parse("2026-01").is_none());
    for spelt in ["2026-p1", "2026P01", "2026 P01", " FY2026-P01 "] {
        assert_eq!(weeks.parse(spelt).map(|month| month.to_string()).as_deref(), Some("2026-P01"), "{spelt}");
    }
    let nothing =
        ["", "2026-Q5", "2026-H3", "2026-P13", "2026-P00", "2026-P999999999", "2026-Q-1", "0000", "+202", "äöü"];
    for label in nothing {
        assert_eq!(weeks.parse(label), None, "{label}");
        assert_eq!(months.parse(label), None, "{label}");
    }
}

#[test]
fn days_beyond_a_table_fall_on_its_day_of_the_month() {
    let firsts: Vec<Day> = (0..12).map(|month| calendar_month(2026 * 12 + month, 5)).collect();
    assert_eq!(PeriodTable::new(2026, firsts[..11].to_vec(), day("2027-01-30")), None);
    assert_eq!(PeriodTable::new(2026, firsts.clone(), day("2026-12-04")), None);
    let calendar = FiscalCalendar::from(PeriodTable::new(2026, firsts, day("2027-01-30")).expect("ascending"));
    let of = |text: &str| {
        let month = calendar.period_of(PeriodKind::Month, day(text));
        (month.to_string(), month.first.to_string(), month.last.to_string())
    };
    let is = |label: &str, first: &str, last: &str| (label.to_owned(), first.to_owned(), last.to_owned());
    assert_eq!(of("2026-01-04"), is("2025-P12", "2025-12-05", "2026-01-04"));
    assert_eq!(of("2027-01-30"), is("2026-P12", "2026-12-05", "2027-01-30"));
    assert_eq!(of("2027-02-01"), is("2027-P01", "2027-01-31", "2027-02-27"));
    assert_eq!(of("2027-02-28"), is("2027-P02", "2027-02-28", "2027-03-30"));
    assert_eq!(calendar.known(), Some((day("2026-01-05"), day("2027-01-30"))));
}

#[test]
fn the_ends_of_time_are_far_but_no_trap() {
    let weeks = weeks(WeekPattern::FourFourFive, Weekday::Monday, YearEnd::Last, (1, FiscalYearName::End));
    for calendar in [FiscalCalendar::default(), weeks, a_table(2020, vec![30; 24])] {
        for extreme in [Day(i32::MIN), Day(-4_371_587), Day(2_932_896), Day(i32::MAX)] {
            for kind in PeriodKind::ALL {
                let period = calendar.period_of(kind, extreme);
                assert_eq!(calendar.shift(&period, i32::MAX).kind, kind);
                assert_eq!(calendar.parts(&period, PeriodKind::Month).count() as i32, kind.months());
            }
        }
    }
}

fn a_table(year: i32, lengths: Vec<i32>) -> FiscalCalendar {
    let mut next = calendar_month(year * 12, 3);
    let mut firsts = Vec::new();
    for length in lengths {
        firsts.push(next);
        next = next.plus(length);
    }
    PeriodTable::new(year, firsts, next.plus(-1)).expect("ascending").into()
}

fn a_start() -> impl Strategy<Value = (u8, FiscalYearName)> {
    (1..=12_u8, prop_oneof![Just(FiscalYearName::Start), Just(FiscalYearName::End)])
}

fn a_week_calendar() -> impl Strategy<Value = WeekCalendar> {
    let patterns = vec![WeekPattern::FourFourFive, WeekPattern::FourFiveFour, WeekPattern::FiveFourFour];
    let days = vec![
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    let ends = vec![YearEnd::Last, YearEnd::Nearest];
    let (patterns, days, ends) =
        (prop::sample::select(patterns), prop::sample::select(days), prop::sample::select(ends));
    (patterns, days, ends, a_start()).prop_map(|(pattern, week_starts, year_ends, (month, name))| {
        let start = FiscalStart::new(month, name).expect("a month");
        WeekCalendar { pattern, week_starts, year_ends, start }
    })
}

/// Any calendar; tables have one to four years around the days of [`A_DAY`].
fn a_calendar() -> impl Strategy<Value = FiscalCalendar> {
    let months = a_start().prop_map(|(month, name)| FiscalCalendar::new(month, name).expect("a month"));
    let table = (2000..2030_i32, 1..=4_usize).prop_flat_map(|(year, years)| {
        prop::collection::vec(1..60_i32, years * 12).prop_map(move |lengths| a_table(year, lengths))
    });
    prop_oneof![months, a_week_calendar().prop_map(FiscalCalendar::from), table]
}

/// 1990 to 2050.
const A_DAY: std::ops::Range<i32> = 7_305..29_220;

fn a_kind() -> impl Strategy<Value = PeriodKind> {
    prop::sample::select(PeriodKind::ALL.to_vec())
}

proptest! {
    #[test]
    fn periods_tile_the_days(calendar in a_calendar(), day in A_DAY, kind in a_kind()) {
        let mut period = calendar.period_of(kind, Day(day));
        prop_assert!(period.contains(Day(day)));
        for _ in 0..30 {
            let next = calendar.shift(&period, 1);
            prop_assert_eq!(next.first, period.last.plus(1));
            prop_assert!(next.days() > 0);
            prop_assert_eq!(calendar.period_of(kind, period.last), period);
            prop_assert_eq!(calendar.period_of(kind, next.first), next);
            prop_assert_eq!(calendar.shift(&next, -1), period);
            period = next;
        }
    }

    #[test]
    fn every_label_reads_back(calendar in a_calendar(), day in A_DAY, kind in a_kind()) {
        let period = calendar.period_of(kind, Day(day));
        prop_assert_eq!(calendar.parse(&period.to_string()), Some(period));
        prop_assert_eq!(calendar.parse(&format!("FY{period}")), Some(period));
    }

    #[test]
    fn shifting_is_stepping(calendar in a_calendar(), day in A_DAY, kind in a_kind(), steps in 0..40_i32) {
        let start = calendar.period_of(kind, Day(day));
        let mut walked = start;
        for _ in 0..steps {
            walked = calendar.period_of(kind, walked.last.plus(1));
        }
        prop_assert_eq!(calendar.shift(&start, steps), walked);
        prop_assert_eq!(calendar.shift(&walked, -steps), start);
    }

    #[test]
    fn shorter_periods_nest_in_longer_ones(calendar in a_calendar(), day in A_DAY) {
        for (part, whole, count) in [
            (PeriodKind::Month, PeriodKind::Quarter, 3),
            (PeriodKind::Quarter, PeriodKind::Half, 2),
            (PeriodKind::Half, PeriodKind::Year, 2),
        ] {
            let whole = calendar.period_of(whole, Day(day));
            let parts: Vec<Period> = calendar.parts(&whole, part).collect();
            prop_assert_eq!(parts.len(), count);
            prop_assert_eq!((parts[0].first, parts[count - 1].last), (whole.first, whole.last));
            prop_assert!(parts.windows(2).all(|two| two[0].last.plus(1) == two[1].first));
            prop_assert!(parts.contains(&calendar.period_of(part, Day(day))));
        }
    }

    #[test]
    fn weeks_are_whole(weeks in a_week_calendar(), day in A_DAY) {
        let calendar = FiscalCalendar::from(weeks);
        let year = calendar.period_of(PeriodKind::Year, Day(day));
        prop_assert!([364, 371].contains(&year.days()), "{} days", year.days());
        prop_assert_eq!(year.first.civil().weekday().to_monday_zero_offset() as i32, weeks.week_starts as i32);
        let months = calendar.parts(&year, PeriodKind::Month).map(|month| month.days() / 7);
        let mut months: Vec<i32> = months.collect();
        months[11] -= (year.days() - 364) / 7;
        let of_quarter = match weeks.pattern {
            WeekPattern::FourFourFive => [4, 4, 5],
            WeekPattern::FourFiveFour => [4, 5, 4],
            WeekPattern::FiveFourFour => [5, 4, 4],
        };
        prop_assert!(months.chunks(3).all(|quarter| quarter == of_quarter), "{months:?}");
    }

    #[test]
    fn years_begin_around_the_first_of_their_month(weeks in a_week_calendar(), day in A_DAY) {
        let year = FiscalCalendar::from(weeks).period_of(PeriodKind::Year, Day(day));
        let first = calendar_month((year.year - weeks.start.ahead()) * 12 + weeks.start.offset(), 1);
        let days = year.first.0 - first.0;
        let near = if weeks.year_ends == YearEnd::Last { -6..=0 } else { -3..=3 };
        prop_assert!(near.contains(&days), "{days} days");
    }
}
