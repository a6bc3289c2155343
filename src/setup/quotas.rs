//! Which period a quota's date stands for, and when the fiscal year starts.

use std::collections::BTreeSet;
use std::path::Path;

use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::ingest::profile::{ColumnProfile, Counted, tally};
use crate::presets::TableRole;
use crate::setup::deals::ignore_too;
use crate::setup::made_of::parts;
use crate::setup::proposal::{Proposal, Question, Sure};
use crate::setup::recognise::Recognised;
use crate::setup::styles::day_of;

/// Says which kind of period the dates of the quotas stand for, where they are dates.
pub(super) fn settle_periods(proposal: &mut Proposal, quotas: &Recognised<'_>, month_first: bool) {
    let Some(period) = quotas.single("period").and_then(|name| quotas.file.column(name)) else { return };
    if period.date_share() < 0.9 {
        return;
    }
    let months: BTreeSet<i8> =
        period.values.keys().filter_map(|cell| day_of(cell, month_first)).map(month_of).collect();
    let steps: BTreeSet<i8> = months.iter().zip(months.iter().skip(1)).map(|(a, b)| b - a).collect();
    let (kind, sure) = match (months.len(), steps.iter().min()) {
        (1, _) => ("year", Sure::Likely),
        (2, Some(6)) => ("half", Sure::Certain),
        (2..=4, Some(step)) if *step % 3 == 0 => ("quarter", Sure::Certain),
        _ => ("month", Sure::Certain),
    };
    let why = format!("{} are the first days of {} different months", period.name, months.len());
    proposal.set("sources.quotas", "period_from_date", kind, why, sure);
}

fn month_of(day: Day) -> i8 {
    day.to_string().get(5..7).and_then(|month| month.parse().ok()).unwrap_or(1)
}

/// Says when the fiscal year starts, where a table has both dates and their fiscal quarters.
pub(super) fn settle_fiscal_year(
    proposal: &mut Proposal,
    table: &Recognised<'_>,
    date: &str,
    month_first: bool,
    base: &Path,
) {
    let named = |column: &str| table.single(column).map(str::to_owned);
    let quarter = named("fiscal_quarter").or_else(|| quarters_of(table));
    let (Some(date), Some(quarter)) = (named(date), quarter) else { return };
    let year = named("fiscal_year").unwrap_or_default();
    let columns = [Counted::Cell(&date), Counted::Cell(&quarter), Counted::Cell(&year)];
    let rows: Vec<(Day, i32, Option<i32>)> = tally(&table.file.path, base, &columns)
        .unwrap_or_default()
        .into_keys()
        .filter_map(|cells| {
            let day = day_of(&cells[0], month_first)?;
            match quarter_and_year(&cells[1]) {
                Some((quarter, year)) => Some((day, quarter, Some(year))),
                None => Some((day, last_number(&cells[1])?, last_number(&cells[2]))),
            }
        })
        .collect();
    let fits = |start: i32, name: i32| {
        let right = |(day, quarter, year): &(Day, i32, Option<i32>)| {
            let text = day.to_string();
            let (own, month) = (text[..4].parse::<i32>().unwrap_or(0), i32::from(month_of(*day)));
            let offset = (month - start).rem_euclid(12);
            let began = if month >= start { own } else { own - 1 };
            let labelled = if start == 1 { began } else { began + name };
            offset / 3 + 1 == *quarter && year.is_none_or(|year| year == labelled || year == labelled % 100)
        };
        !rows.is_empty() && rows.iter().filter(|row| right(row)).count() * 50 >= rows.len() * 49
    };
    let starts: Vec<(i32, i32)> =
        (1..=12).flat_map(|start| [(start, 1), (start, 0)]).filter(|(start, name)| fits(*start, *name)).collect();
    let Some((start, name)) = starts.first().copied().filter(|first| starts.iter().all(|other| other.0 == first.0))
    else {
        return;
    };
    let why = format!("{quarter} beside {date}: {} different pairs agree", rows.len());
    proposal.found.push(format!("the fiscal year starts in month {start}: {why}"));
    if table.role() == TableRole::Input(InputTable::Deals) {
        ignore_too(proposal, &quarter, "it says what a date beside it says");
    }
    proposal.set("calendar", "fiscal_year_start", i64::from(start), why.clone(), Sure::Certain);
    if start > 1 {
        proposal.set("calendar", "fiscal_year_name", if name == 1 { "end" } else { "start" }, why, Sure::Certain);
    }
}

/// The column of quarters with their years, such as `Q3-2025`, `T1-2025` or `FY25 Q2`, whatever it is called.
fn quarters_of(table: &Recognised<'_>) -> Option<String> {
    let taken: Vec<String> = table.columns.values().flat_map(parts).collect();
    let is_quarters = |column: &&ColumnProfile| {
        let told = || column.values.keys().all(|cell| quarter_and_year(cell).is_some());
        !taken.contains(&column.name) && column.values.len() >= 2 && !column.has_more && told()
    };
    table.file.columns.iter().find(is_quarters).map(|column| column.name.clone())
}

/// Quarter and year of a text that has both.
fn quarter_and_year(text: &str) -> Option<(i32, i32)> {
    let lower = text.to_lowercase();
    let mut quarter = None;
    let mut year = None;
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters: String = word.chars().take_while(|c| c.is_alphabetic()).collect();
        let number = word[letters.len()..].parse::<i32>().ok()?;
        match (letters.as_str(), number) {
            ("q" | "t" | "k" | "fq" | "quarter" | "quartal" | "trimestre", 1..=4) => quarter = Some(number),
            ("" | "fy" | "gj" | "ej" | "af", 1990..=2199) => year = Some(number),
            ("fy" | "gj" | "ej" | "af", 0..=99) => year = Some(number + 2000),
            _ => return None,
        }
    }
    quarter.zip(year)
}

/// Asks when the fiscal year starts, where the periods of the quotas are those of fiscal years and nothing shows it.
pub(super) fn ask_for_fiscal_year(proposal: &mut Proposal, quotas: &Recognised<'_>, month_first: bool) {
    if proposal.sections.iter().any(|section| section.name == "calendar") {
        return;
    }
    let Some(period) = quotas.single("period").and_then(|name| quotas.file.column(name)) else { return };
    let says_fiscal = period.values.keys().any(|cell| {
        let lower = cell.to_lowercase();
        ["fy", "gj", "fiscal", "geschäftsjahr"].iter().any(|word| lower.contains(word))
    });
    let starts: BTreeSet<i8> = if period.date_share() >= 0.9 {
        period.values.keys().filter_map(|cell| day_of(cell, month_first)).map(month_of).collect()
    } else {
        BTreeSet::new()
    };
    // quarters that begin in February, May, August and November are none of a year that begins in January
    let shifted = (2..=4).contains(&starts.len()) && starts.iter().all(|month| (month - 1) % 3 != 0);
    let choices: Vec<String> = if shifted {
        starts.iter().map(ToString::to_string).collect()
    } else if says_fiscal {
        [1, 2, 4, 7, 9, 10].map(|month: i8| month.to_string()).to_vec()
    } else {
        return;
    };
    let example = period.first.as_ref().map_or("", |example| example.value.as_str());
    let asks =
        format!("the quotas are of fiscal years ({example:?}): in which month (1-12) does the fiscal year start?");
    proposal.ask(Question { key: "calendar.fiscal_year_start".to_owned(), asks, choices });
}

/// The last number in a text: the 2 of "Quarter 2", the 2025 of "FY2025".
fn last_number(text: &str) -> Option<i32> {
    let digits: String =
        text.chars().rev().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_read_as_people_write_them() {
        for (text, told) in [
            ("Q3-2025", Some((3, 2025))),
            ("T1-2025", Some((1, 2025))),
            ("FY25 Q2", Some((2, 2025))),
            ("2025-Q4", Some((4, 2025))),
            ("GJ2025 Q1", Some((1, 2025))),
            ("2025", None),
            ("Quarter two", None),
            ("A-2025", None),
        ] {
            assert_eq!(quarter_and_year(text), told, "{text}");
        }
    }
}
