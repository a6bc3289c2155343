//! How the dates and numbers of a table are written, where they say so themselves.

use crate::config::DateOrder;
use crate::domain::day::Day;
use crate::ingest::profile::{ColumnProfile, Example, FileProfile, day_in};
use crate::setup::made_of::parts;
use crate::setup::proposal::{Proposal, Sure};
use crate::setup::recognise::Recognised;
use crate::setup::roles::Assigned;

/// The first of some examples, in words.
fn shown(example: Option<&Example>) -> String {
    example.map_or(String::new(), |example| format!(", such as \"{}\" in line {}", example.value, example.line))
}

/// The columns a table is made of.
fn read<'a>(table: &'a Recognised<'_>) -> impl Iterator<Item = &'a ColumnProfile> {
    let file: &FileProfile = table.file;
    table.columns.values().flat_map(parts).filter_map(|name| file.column(&name))
}

/// Writes down the order of day and month where any column of the table proves it.
pub(super) fn settle_dates(proposal: &mut Proposal, table: &Recognised<'_>, months_elsewhere: Option<bool>) {
    let source = format!("sources.{}", table.role());
    let (mut day, mut month, mut either) = ((0, None), (0, None), 0);
    for column in read(table) {
        day = (day.0 + column.day_first.0, day.1.or(column.day_first.1.as_ref()));
        month = (month.0 + column.month_first.0, month.1.or(column.month_first.1.as_ref()));
        either += column.either_order.0;
    }
    if day.0 > 0 && month.0 == 0 {
        let why = format!("{} dates can only be day first{}; none can only be month first", day.0, shown(day.1));
        proposal.set(&source, "date_order", "day-first", why, Sure::Certain);
    } else if month.0 > 0 && day.0 == 0 && by_dots(table).is_some() {
        // a key of the whole table would turn the dates with dots round
        let column = by_dots(table).map_or("", |column| &column.name);
        proposal.found.push(format!(
            "{}: {} dates can only be month first{}; those of {column:?} have dots, and are day first",
            table.file.name,
            month.0,
            shown(month.1)
        ));
    } else if month.0 > 0 && day.0 == 0 {
        let why = format!("{} dates can only be month first{}; none can only be day first", month.0, shown(month.1));
        proposal.set(&source, "date_order", "month-first", why, Sure::Certain);
    } else if let (0, 0, 1.., Some(months)) = (day.0, month.0, either, months_elsewhere) {
        let order = if months { "month-first" } else { "day-first" };
        proposal.set(
            &source,
            "date_order",
            order,
            "nothing in this file tells; the other files of the export are so",
            Sure::Likely,
        );
    }
}

/// A column of dates that are day first by their dots alone.
fn by_dots<'a>(table: &'a Recognised<'_>) -> Option<&'a ColumnProfile> {
    read(table).find(|column| column.dotted > 0 && column.month_first.0 == 0)
}

/// Whether the dates of a table are month first, where it proves that.
pub(super) fn is_month_first(table: &Recognised<'_>) -> Option<bool> {
    let (day, month) =
        read(table).fold((0, 0), |(day, month), column| (day + column.day_first.0, month + column.month_first.0));
    match (day, month) {
        (0, 1..) => Some(true),
        (1.., 0) => Some(false),
        _ => None,
    }
}

/// Writes down the decimal mark where the amounts of the table prove it.
pub(super) fn settle_marks(proposal: &mut Proposal, table: &Recognised<'_>) {
    let source = format!("sources.{}", table.role());
    let of_money = |name: &&str| ["amount", "quota", "cost", "rate", "probability"].contains(name);
    let columns: Vec<&ColumnProfile> = table
        .columns
        .keys()
        .copied()
        .filter(|name| of_money(name))
        .filter_map(|name| table.file.column(table.single(name)?))
        .collect();
    let commas: u64 = columns.iter().map(|column| column.decimal_comma.0).sum();
    let dots: u64 = columns.iter().map(|column| column.decimal_dot.0).sum();
    if dots > 0 && commas == 0 {
        let example = columns.iter().find_map(|column| column.decimal_dot.1.as_ref());
        let why = format!("{dots} numbers have a decimal dot{}; none a decimal comma", shown(example));
        proposal.set(&source, "decimal_mark", ".", why, Sure::Certain);
    } else if commas > 0 && dots == 0 {
        let example = columns.iter().find_map(|column| column.decimal_comma.1.as_ref());
        let why = format!("{commas} numbers have a decimal comma{}; none a decimal dot", shown(example));
        proposal.set(&source, "decimal_mark", ",", why, Sure::Certain);
    }
}

/// Writes down separator and encoding of a text file that has others than the usual ones, so that no run has to guess them.
pub(super) fn settle_dialect(proposal: &mut Proposal, assigned: &Assigned<'_>) {
    let table = &assigned.reading;
    let source = format!("sources.{}", table.role());
    for assumed in &table.file.assumed {
        let Some(value) = &assumed.value else { continue };
        let (why, sure) = match assumed.is_doubtful {
            true => (format!("{}, by the letters of {}", assumed.what, table.file.name), Sure::Certain),
            false => (format!("every line of {} is cut so", table.file.name), Sure::Certain),
        };
        proposal.set(&source, assumed.key, value.as_str(), why, sure);
    }
}

/// Writes down the time zone moments speak for; that there is one to choose, where they tell none.
pub(super) fn settle_zone(proposal: &mut Proposal, tables: &[&Recognised<'_>]) {
    let columns = || tables.iter().flat_map(|table| read(table).map(move |column| (*table, column)));
    let told = columns().find_map(|(table, column)| Some((table, column, column.zone.zone()?)));
    if let Some((table, column, (zone, why))) = told {
        let why = format!("{}, {}: {why}", table.file.name, column.name);
        proposal.found.push(format!("days begin in {zone}: {why}"));
        proposal.set("calendar", "time_zone", zone, why, Sure::Likely);
    } else if let Some((table, column)) = columns().find(|(_, column)| column.zone.moments > 0) {
        let why = format!(
            "{}, {} has moments with a time zone, and nothing tells where the team works: name its zone, such as \
             Europe/Berlin",
            table.file.name, column.name
        );
        proposal.set("calendar", "time_zone", "UTC", why, Sure::Assumed);
    }
}

/// The day a cell says.
pub(super) fn day_of(cell: &str, month_first: bool) -> Option<Day> {
    day_in(cell, if month_first { DateOrder::MonthFirst } else { DateOrder::DayFirst })
}
