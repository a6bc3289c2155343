//! Columns an earlier configuration names and the export has no longer: named, with the likely new name; followed where
//! `init` wrote them, left to the person where a person did.

use crate::config::ColumnNames;
use crate::domain::inputs::InputTable;
use crate::domain::spelling::{key, nearest};
use crate::ingest::profile::{ColumnProfile, FileProfile};
use crate::presets::TableRole;
use crate::setup::answers::Answers;
use crate::setup::before::{Before, NamedBefore};
use crate::setup::deals::column_value;
use crate::setup::fits::can_be;
use crate::setup::made_of::parts;
use crate::setup::proposal::{Proposal, Sure};
use crate::setup::recognise::Recognised;
use crate::setup::styles::{settle_dates, settle_marks};

/// Letters a name must have to be looked for within another.
const FEWEST_LETTERS: usize = 3;

/// Says what became of columns that left the files of these tables, and takes over their likely new names, and what was
/// taken over by an earlier run.
pub(super) fn follow_columns(proposal: &mut Proposal, tables: &mut [&mut Recognised<'_>], answers: &Answers) {
    let before = answers.before();
    for reading in tables {
        let TableRole::Input(table) = reading.role() else { continue };
        let named = before.columns.iter().filter(|named| named.table == table);
        let mut is_changed = false;
        for named in named.filter(|named| answers.get(&key_of(named)).is_none()) {
            let gone = missing(named, reading.file);
            let used: Vec<String> = reading.columns.values().flat_map(parts).collect();
            let read_now = if gone.is_empty() {
                as_before(named, reading, &used)
            } else {
                let likely = likely_name(before, named, &gone, reading.file, &used);
                follow(proposal, named, &gone, likely)
            };
            is_changed |= read_now.is_some();
            reading.columns.extend(read_now.map(|names| (named.name, names)));
        }
        if is_changed {
            settle_marks(proposal, reading);
            settle_dates(proposal, reading, None);
        }
        for (_, header) in before.entered.iter().filter(|(of, _)| *of == table) {
            if !has(reading.file, header) {
                let section = format!("sources.{table}.entered");
                proposal.doubts.push(format!("the column {header:?} left the export of {table}: {section} loses it"));
                proposal.gone.push((section, header.clone()));
            }
        }
    }
}

/// Of files in which no deals are found: what the earlier configuration reads from columns that are gone, with answers that
/// would say what they are called now.
pub(super) fn explain(files: &[FileProfile], answers: &Answers) -> Vec<(String, String)> {
    let before = answers.before();
    let deals = || before.columns.iter().filter(|named| named.table == InputTable::Deals);
    let there = |file: &&FileProfile| deals().filter(|named| missing(named, file).is_empty()).count();
    let Some(file) = files.iter().max_by_key(there).filter(|file| there(file) > 0) else { return Vec::new() };
    let used: Vec<String> = deals().flat_map(|named| parts(&named.names)).collect();
    let gone = deals().map(|named| (named, missing(named, file))).filter(|(_, gone)| !gone.is_empty());
    gone.map(|(named, gone)| {
        let likely = likely_name(before, named, &gone, file, &used).unwrap_or_else(|| "...".to_owned());
        let told = format!("{} was read from {:?}, which left {}", named.name, gone[0], file.path);
        (told, format!("{}=\"{likely}\"", key_of(named)))
    })
    .collect()
}

/// The key that names a column.
fn key_of(named: &NamedBefore) -> String {
    format!("sources.{}.columns.{}", named.table, named.name)
}

/// What a column was made of and the file has not; nothing where the rest will do.
fn missing(named: &NamedBefore, file: &FileProfile) -> Vec<String> {
    let recipe = named.names.recipe();
    let absent = |names: Vec<String>| names.into_iter().filter(|name| !has(file, name)).collect::<Vec<_>>();
    let all = recipe.first_filled.len();
    let first = absent(recipe.first_filled);
    let first = if first.len() == all { first } else { Vec::new() };
    first.into_iter().chain(absent(recipe.join)).collect()
}

/// Whether the file has a column, as loading would find it.
fn has(file: &FileProfile, name: &str) -> bool {
    file.column(name.trim()).is_some()
}

/// What an earlier run read something from that no word tells of now: it is read so still, the configuration says it.
fn as_before(named: &NamedBefore, reading: &Recognised<'_>, used: &[String]) -> Option<ColumnNames> {
    let is_read = reading.columns.contains_key(named.name);
    let made_of = parts(&named.names);
    let may_be = |part: &String| {
        let column = reading.file.column(part);
        !used.contains(part) && column.is_some_and(|column| can_be(reading.role(), named.name, column, reading.file))
    };
    (named.by_init && !is_read && made_of.iter().all(may_be)).then(|| named.names.clone())
}

/// Follows one column, or leaves it to the person who named it. Gives what it is read from under its new name.
fn follow(
    proposal: &mut Proposal,
    named: &NamedBefore,
    gone: &[String],
    likely: Option<String>,
) -> Option<ColumnNames> {
    let mut read_now = None;
    let section = format!("sources.{}.columns", named.table);
    let left = format!("{} was read from the column {:?}, which left the export", named.name, gone.join("\", \""));
    let answer = |name: &str| format!("--answer {}=\"{name}\"", key_of(named));
    let now = proposal.value_of(&section, named.name).map(|value| value.to_string().trim().to_owned());
    let sentence = match (named.by_init, now, likely) {
        (true, Some(now), _) => format!("{left}: it is read from {now} now"),
        (true, None, Some(likely)) => {
            let why = format!("likely the new name of {:?}, which left the export", gone[0]);
            let names = ColumnNames::One(likely.clone());
            proposal.set(&section, named.name, column_value(&names), why, Sure::Likely);
            read_now = Some(names);
            format!("{left}: {likely:?} is likely its new name")
        }
        (true, None, None) => {
            proposal.gone.push((section, named.name.to_owned()));
            proposal.unread.push(format!("{}: {left}", named.table));
            format!("{left}, and no other column may be it: name it with {}", answer("..."))
        }
        (false, _, Some(likely)) => {
            format!("{left}; you named it, so it stays: {} if that is its new name", answer(&likely))
        }
        (false, _, None) => format!("{left}; you named it, so it stays: {}", answer("...")),
    };
    proposal.doubts.push(sentence);
    read_now
}

/// The column of the file that is likely the one that was called otherwise: a new one, of a like name, or the only one
/// that may be it.
fn likely_name(
    before: &Before,
    named: &NamedBefore,
    gone: &[String],
    file: &FileProfile,
    used: &[String],
) -> Option<String> {
    let role = TableRole::Input(named.table);
    let may_be = |column: &&ColumnProfile| {
        let free = column.filled > 0 && !column.name.is_empty() && !used.contains(&column.name);
        free && can_be(role, named.name, column, file) && before.is_new(named.table, &column.name) != Some(false)
    };
    let names: Vec<&str> = file.columns.iter().filter(may_be).map(|column| column.name.as_str()).collect();
    let old = gone.first()?;
    let (short, is_long) = (key(old), |name: &str| name.chars().count() >= FEWEST_LETTERS);
    let contains = |name: &&&str| {
        let other = key(name);
        is_long(&short) && other.contains(&short) || is_long(&other) && short.contains(&other)
    };
    let alike = nearest(old, names.iter().copied()).or_else(|| names.iter().find(contains).copied());
    let is_known = before.is_new(named.table, old).is_some();
    let only = || names.first().copied().filter(|_| is_known && names.len() == 1);
    alike.or_else(only).map(str::to_owned)
}
