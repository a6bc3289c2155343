//! Dates as people and programs write them.

use crate::ingest::cells::date::*;

fn civil(text: &str) -> DateText {
    let at: jiff::civil::DateTime = text.parse().expect("a civil time");
    DateText::Civil(at.to_zoned(jiff::tz::TimeZone::UTC).expect("in range").timestamp().as_microsecond())
}

#[test]
fn whole_dates() {
    for (text, expected) in [
        ("2026-02-14", "2026-02-14T00:00"),
        ("2026-02-14T13:05:09", "2026-02-14T13:05:09"),
        ("2026-02-14 13:05:09.25", "2026-02-14T13:05:09.25"),
        ("2026-02-14 13:05", "2026-02-14T13:05"),
        ("2026/2/4", "2026-02-04T00:00"),
        ("20260214", "2026-02-14T00:00"),
        ("14-Feb-2026", "2026-02-14T00:00"),
        ("February 14, 2026 1:05 PM", "2026-02-14T13:05"),
        ("14 Sept 99", "1999-09-14T00:00"),
        // date -d @$(( (46067-25569)*86400 )) -u +%F
        ("46067", "2026-02-14T00:00"),
        ("46067.75", "2026-02-14T18:00"),
        ("2016-12-31 23:59:60", "2016-12-31T23:59:59"),
    ] {
        assert_eq!(read(text), Some(civil(expected)));
    }
}

#[test]
fn instants() {
    for (text, seconds) in [
        ("2026-02-14T13:05:09Z", 1_771_074_309),
        ("2026-02-14T13:05:09+02:00", 1_771_067_109),
        ("2026-02-14T13:05:09.000-0530", 1_771_094_109),
        ("2026-02-14 13:05:09 UTC", 1_771_074_309),
        ("1771074309", 1_771_074_309),
        ("1771074309000", 1_771_074_309),
    ] {
        // python3: datetime(2026, 2, 14, 13, 5, 9, tzinfo=utc).timestamp() == 1771074309
        assert_eq!(read(text), Some(DateText::Instant(seconds * MICROS_PER_SECOND)));
    }
}

#[test]
fn split_dates() {
    for (text, order, expected) in [
        ("4/12/2021 16:50", DateOrder::MonthFirst, "2021-04-12T16:50"),
        ("4/12/2021 16:50", DateOrder::DayFirst, "2021-12-04T16:50"),
        ("02/23/26 08:55 PM", DateOrder::MonthFirst, "2026-02-23T20:55"),
        ("20-10-16", DateOrder::DayFirst, "2016-10-20T00:00"),
        ("14.2.2026", DateOrder::DayFirst, "2026-02-14T00:00"),
        ("01.02.26 08:30", DateOrder::DayFirst, "2026-02-01T08:30"),
        ("1/2/2026 12:00:00 am", DateOrder::DayFirst, "2026-02-01T00:00"),
    ] {
        let Some(DateText::Split(split)) = read(text) else { panic!("{text} should be split") };
        assert_eq!(split.resolve(order), Some(civil(expected)));
    }
}

#[test]
fn not_dates() {
    for text in [
        "31/02/2025",
        "2025-02-30",
        "2025-13-01",
        "32/12/2025",
        "yesterday",
        "2026-02-14T25:00:00",
        "2026-02-14 13:05 PM",
        "1/2/3/4",
        "1234",
        "12/2026",
        "2026-02-14T13:05:09+99:00",
        "é/é/2026",
        "0000-01-01",
    ] {
        assert_eq!(read(text), None);
    }
}

#[test]
fn dots_put_the_day_first_unless_something_says_otherwise() {
    let split = |text| match read(text) {
        Some(DateText::Split(split)) => split,
        other => panic!("{other:?}"),
    };
    let month_first = Some(DateOrder::MonthFirst);
    for (text, order, told) in [
        ("03.04.2025", None, Some(DateOrder::DayFirst)),
        ("03.04.2025", month_first, month_first),
        ("03.25.2025", None, None),
        ("25.03.2025", None, Some(DateOrder::DayFirst)),
        ("03/04/2025", None, None),
        ("25/03/2025", month_first, month_first),
    ] {
        assert_eq!(split(text).order_in(order), told, "{text}");
    }
}

#[test]
fn evidence_comes_from_numbers_above_twelve() {
    let split = |text| match read(text) {
        Some(DateText::Split(split)) => split.only_order(),
        other => panic!("{other:?}"),
    };
    assert_eq!(split("31/12/2025"), Some(DateOrder::DayFirst));
    assert_eq!(split("12/31/2025"), Some(DateOrder::MonthFirst));
    assert_eq!(split("11/12/2025"), None);
}

proptest::proptest! {
    #[test]
    fn every_day_agrees_with_jiff(day in -300_000_i32..2_900_000) {
        let text = crate::domain::day::Day(day).to_string();
        proptest::prop_assert_eq!(read(&text), Some(DateText::Civil(i64::from(day) * MICROS_PER_DAY)));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = read(&text);
    }

    #[test]
    fn no_date_like_text_panics(text in "[0-9/:.TZ+ -é]{0,24}") {
        let _ = read(&text);
    }
}
