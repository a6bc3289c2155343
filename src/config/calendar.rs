//! `[calendar]`: time zone, fiscal years and the periods to report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::fault::Fault;
use crate::domain::day::{WrittenDay, YEARS};
use crate::domain::period::table::PeriodTable;
use crate::domain::period::weeks::{WeekCalendar, WeekPattern, Weekday, YearEnd};
use crate::domain::period::{FiscalCalendar, FiscalStart, FiscalYearName, PeriodKind};

/// Time zone and fiscal calendar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarConfig {
    /// IANA time zone in which a day begins.
    pub time_zone: String,
    /// Month (1-12) the fiscal year starts in; with `weeks` the month its first week starts in or near.
    pub fiscal_year_start: u8,
    /// Whether a fiscal year carries the calendar year it starts or ends in.
    pub fiscal_year_name: FiscalYearName,
    /// Weeks of the three months of a quarter, for fiscal years of 52 or 53 whole weeks. A 53rd week belongs to the last
    /// month. Months are then named by their number in the fiscal year, `2026-P01`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weeks: Option<WeekPattern>,
    /// With `weeks`: the first day of a week; sunday when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week_starts: Option<Weekday>,
    /// With `weeks`: a year ends with the `last` full week of the month before `fiscal_year_start` (when absent), or with
    /// the week that ends `nearest` to that month's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year_ends: Option<YearEnd>,
    /// Fiscal years by the first day of every month, in order and without a gap, instead of fiscal year start, name and
    /// weeks. Months are named `2026-P01`. Before and after the table months begin on the same day of each calendar month.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub table: Vec<TableYear>,
    /// Period lengths to report; month, quarter and year when absent.
    pub periods: Vec<PeriodKind>,
    /// The period `win_in_period` of the scores speaks of.
    pub score_period: PeriodKind,
}

/// One fiscal year of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableYear {
    /// The fiscal year.
    pub year: i32,
    /// The first days of its twelve months.
    pub months: Vec<WrittenDay>,
    /// Its last day; the day before the next year when absent, required of the last year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<WrittenDay>,
}

impl Default for CalendarConfig {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            fiscal_year_start: 1,
            fiscal_year_name: FiscalYearName::End,
            weeks: None,
            week_starts: None,
            year_ends: None,
            table: Vec::new(),
            periods: PeriodKind::USUAL.to_vec(),
            score_period: PeriodKind::Quarter,
        }
    }
}

fn fault(key: &str, got: impl Into<String>, expected: impl Into<String>) -> Fault {
    Fault::new(format!("calendar.{key}"), got, expected)
}

impl CalendarConfig {
    /// The calendar; `None` where [`CalendarConfig::check`] fails.
    pub(super) fn fiscal_calendar(&self) -> Option<FiscalCalendar> {
        let start = FiscalStart::new(self.fiscal_year_start, self.fiscal_year_name)?;
        let first = match (self.weeks, self.table.first()) {
            (None, None) => return Some(start.into()),
            (Some(pattern), _) => {
                let week_starts = self.week_starts.unwrap_or(Weekday::Sunday);
                let year_ends = self.year_ends.unwrap_or(YearEnd::Last);
                return Some(WeekCalendar { pattern, week_starts, year_ends, start }.into());
            }
            (None, Some(first)) => first,
        };
        let firsts = self.table.iter().flat_map(|year| year.months.iter().map(|day| day.0)).collect();
        let last = self.table.last()?.last?.0;
        PeriodTable::new(first.year, firsts, last).map(FiscalCalendar::from)
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        let month = self.fiscal_year_start;
        if !(1..=12).contains(&month) {
            return Err(fault("fiscal_year_start", month.to_string(), "a month, 1 to 12"));
        }
        let zone = &self.time_zone;
        if jiff::tz::TimeZone::get(zone).is_err() {
            return Err(fault("time_zone", format!("{zone:?}"), "an IANA time zone such as Europe/Berlin"));
        }
        if self.weeks.is_none() {
            let only = [("week_starts", self.week_starts.is_some()), ("year_ends", self.year_ends.is_some())];
            if let Some((key, _)) = only.into_iter().find(|(_, given)| *given) {
                return Err(fault(key, "given", "`calendar.weeks` beside it: \"4-4-5\", \"4-5-4\" or \"5-4-4\""));
            }
        }
        if !self.table.is_empty() {
            let rivals = [
                ("weeks", self.weeks.is_some()),
                ("fiscal_year_start", month != 1),
                ("fiscal_year_name", self.fiscal_year_name != FiscalYearName::End),
            ];
            if let Some((key, _)) = rivals.into_iter().find(|(_, given)| *given) {
                return Err(fault(key, "given", "nothing beside `calendar.table`, which says it all"));
            }
        }
        self.check_table()
    }

    fn check_table(&self) -> Result<(), Fault> {
        for (at, TableYear { year, months, last }) in self.table.iter().enumerate() {
            let due = at.checked_sub(1).map_or(*year, |before| self.table[before].year.saturating_add(1));
            if *year != due {
                return Err(fault("table.year", year.to_string(), format!("{due}: years follow each other")));
            }
            if !YEARS.contains(year) {
                return Err(fault(
                    "table.year",
                    year.to_string(),
                    format!("a year from {} to {}", YEARS.start(), YEARS.end()),
                ));
            }
            if months.len() != 12 {
                let got = format!("a list of {} in {year}", months.len());
                return Err(fault("table.months", got, "the first days of twelve months"));
            }
            let next = self.table.get(at + 1).and_then(|next| next.months.first());
            let end = match (last, next) {
                (None, None) => {
                    return Err(fault("table.last", format!("absent in {year}"), "the last day of the table"));
                }
                (Some(last), Some(next)) if last.0.plus(1) != next.0 => {
                    let expected = format!("{}, the day before {} begins", next.0.plus(-1), year + 1);
                    return Err(fault("table.last", format!("{} in {year}", last.0), expected));
                }
                (Some(last), _) => last.0,
                (None, Some(next)) => next.0.plus(-1),
            };
            let ends = months.iter().skip(1).map(|day| day.0.plus(-1)).chain([end]);
            if let Some((month, _)) = months.iter().zip(ends).find(|(month, end)| month.0 > *end) {
                let got = format!("{} in {year}", month.0);
                return Err(fault("table.months", got, "days before the month that follows, oldest first"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn config(calendar: &str) -> Result<Config, String> {
        Config::parse(&format!("[calendar]\n{calendar}"), "dealcast.toml").map_err(|error| error.to_string())
    }

    fn label(calendar: &str, kind: PeriodKind, day: &str) -> String {
        config(calendar).expect("a calendar").fiscal_calendar().period_of(kind, day.parse().expect("a day")).to_string()
    }

    /// Two years of months that begin on the fifth; the first year's end is implied.
    fn table() -> String {
        let year = |year: i32, quote: &str| {
            let days: Vec<String> = (1..=12).map(|month| format!("{quote}{year}-{month:02}-05{quote}")).collect();
            format!("[[calendar.table]]\nyear = {year}\nmonths = [{}]\n", days.join(", "))
        };
        format!("{}{}last = 2027-01-10\n", year(2025, "\""), year(2026, ""))
    }

    #[test]
    fn weeks_and_tables_make_calendars() {
        let retail = "weeks = \"4-5-4\"\nyear_ends = \"nearest\"\nfiscal_year_start = 2\nfiscal_year_name = \"start\"";
        assert_eq!(label(retail, PeriodKind::Year, "2024-02-03"), "2023");
        assert_eq!(label(retail, PeriodKind::Month, "2024-02-04"), "2024-P01");
        assert_eq!(label(&table(), PeriodKind::Half, "2026-01-04"), "2025-H2");
        assert_eq!(label(&table(), PeriodKind::Month, "2026-01-05"), "2026-P01");
        assert_eq!(config(&table()).map(|c| c.fiscal_calendar().known()), {
            Ok(Some(("2025-01-05".parse().expect("a day"), "2027-01-10".parse().expect("a day"))))
        });
    }

    #[test]
    fn they_read_back_as_they_were_written() {
        for text in [table(), "weeks = \"5-4-4\"\nweek_starts = \"monday\"\nperiods = [\"half\"]".to_owned()] {
            let config = config(&text).expect("parses");
            let written = toml::to_string(&config).expect("writes");
            assert_eq!(Config::parse(&written, "dealcast.toml").expect("parses again"), config);
        }
    }

    #[test]
    fn what_makes_no_calendar_is_told() {
        let table = table();
        let faults = [
            ("week_starts = \"monday\"".to_owned(), "`calendar.week_starts` is given, expected `calendar.weeks`"),
            ("year_ends = \"last\"".to_owned(), "`calendar.year_ends` is given, expected `calendar.weeks`"),
            (
                format!("fiscal_year_start = 4\n{table}"),
                "`calendar.fiscal_year_start` is given, expected nothing beside",
            ),
            (format!("weeks = \"4-4-5\"\n{table}"), "`calendar.weeks` is given, expected nothing beside"),
            (table.replace("year = 2026", "year = 2028"), "`calendar.table.year` is 2028, expected 2026"),
            (table.replace("last = 2027-01-10", ""), "`calendar.table.last` is absent in 2026"),
            (table.replace("2026-06-05", "2026-04-05"), "`calendar.table.months` is 2026-05-05 in 2026"),
            (table.replace("2026-01-05", "2025-11-30"), "`calendar.table.months` is 2025-12-05 in 2025"),
            (table.replace(", 2026-12-05", ""), "`calendar.table.months` is a list of 11 in 2026"),
            (
                table.replace("[[calendar.table]]\nyear = 2026", "last = 2026-01-05\n[[calendar.table]]\nyear = 2026"),
                "`calendar.table.last` is 2026-01-05 in 2025, expected 2026-01-04, the day before 2026 begins",
            ),
        ];
        for (text, told) in faults {
            let error = config(&text).expect_err(&text);
            assert!(error.starts_with(&format!("dealcast.toml: {told}")), "{error}");
        }
        assert!(config(&table.replace("2026-06-05", "\"June\"")).expect_err("no date").contains("is no date"));
        let error = Config::parse("[calendar]\nweeks = \"4-4-6\"", "dealcast.toml").expect_err("no such pattern");
        assert_eq!(error.hint().as_deref(), Some("did you mean `4-4-5`?"));
    }
}
