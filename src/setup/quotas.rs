//! Which period a quota's date stands for, and when the fiscal year starts.

use std::collections::BTreeSet;
use std::path::Path;

use crate::domain::day::Day;
use crate::ingest::profile::{Counted, tally};
use crate::setup::proposal::{Proposal, Sure};
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
    let (Some(date), Some(quarter)) = (named(date), named("fiscal_quarter")) else { return };
    let year = named("fiscal_year").unwrap_or_default();
    let columns = [Counted::Cell(&date), Counted::Cell(&quarter), Counted::Cell(&year)];
    let rows: Vec<(Day, i32, Option<i32>)> = tally(&table.file.path, base, &columns)
        .unwrap_or_default()
        .into_keys()
        .filter_map(|cells| Some((day_of(&cells[0], month_first)?, last_number(&cells[1])?, last_number(&cells[2]))))
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
    proposal.set("calendar", "fiscal_year_start", i64::from(start), why.clone(), Sure::Certain);
    if start > 1 {
        proposal.set("calendar", "fiscal_year_name", if name == 1 { "end" } else { "start" }, why, Sure::Certain);
    }
}

/// The last number in a text: the 2 of "Quarter 2", the 2025 of "FY2025".
fn last_number(text: &str) -> Option<i32> {
    let digits: String =
        text.chars().rev().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse().ok()
}
