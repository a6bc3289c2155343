//! What the sources of a proposal say: path and columns of each table, and what the deals need beside their columns.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, InlineTable, Value};

use crate::config::{ColumnNames, ColumnRecipe, Condition, Copies};
use crate::domain::inputs::InputTable;
use crate::domain::spelling::key;
use crate::domain::stage::{StageKind, is_deleted, kind_of_word};
use crate::ingest::profile::{ColumnProfile, FileProfile};
use crate::presets::{TableRole, Verified};
use crate::report::words::count;
use crate::setup::copies::CopySeries;
use crate::setup::crm_words;
use crate::setup::fits::truth;
use crate::setup::made_of::parts;
use crate::setup::outcomes::{by_name, status_outcome};
use crate::setup::proposal::{Proposal, Question, Sure};
use crate::setup::recognise::Recognised;
use crate::setup::renamed::by_all_names;
use crate::setup::roles::Assigned;
use crate::setup::trial::VANISHED;

/// So many names of a style nobody has seen on a real export, in one file, show that it is right.
const CONFIRMED: usize = 5;

/// A list of texts as a value.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::Array(texts.into_iter().collect::<Array>())
}

/// How a column is made, as the configuration writes it.
pub(super) fn column_value(names: &ColumnNames) -> Value {
    match names {
        ColumnNames::One(name) => name.as_str().into(),
        ColumnNames::FirstFilled(names) => list(names.iter().map(String::as_str)),
        ColumnNames::Recipe(recipe) => recipe_value(recipe),
    }
}

fn recipe_value(recipe: &ColumnRecipe) -> Value {
    let mut table = InlineTable::new();
    let lists = [
        ("first_filled", &recipe.first_filled),
        ("join", &recipe.join),
        ("json", &recipe.json),
        ("except", &recipe.except),
    ];
    for (name, texts) in lists.into_iter().filter(|(_, texts)| !texts.is_empty()) {
        table.insert(name, list(texts.iter().map(String::as_str)));
    }
    if let Some(mark) = &recipe.behind {
        table.insert("behind", mark.as_str().into());
    }
    if let Some(with) = &recipe.with {
        table.insert("with", with.as_str().into());
    }
    if let Some(when) = &recipe.when {
        table.insert("when", condition_value(when));
    }
    Value::InlineTable(table)
}

fn condition_value(condition: &Condition) -> Value {
    let mut table = InlineTable::new();
    table.insert("column", condition.column.as_str().into());
    if let Some(filled) = condition.filled {
        table.insert("filled", filled.into());
    }
    if let Some(words) = &condition.any_of {
        table.insert("any_of", list(words.iter().map(String::as_str)));
    }
    if !condition.none_of.is_empty() {
        table.insert("none_of", list(condition.none_of.iter().map(String::as_str)));
    }
    Value::InlineTable(table)
}

/// Writes path and columns of a table.
pub(super) fn propose_source(proposal: &mut Proposal, assigned: &Assigned<'_>) {
    let Assigned { reading, path, copies, older } = assigned;
    let (role, file) = (reading.role(), reading.file);
    let source = format!("sources.{role}");
    let style = if reading.is_of_crm() {
        let language = if reading.style.language == "en" { "" } else { reading.style.language.as_str() };
        let language = if language.is_empty() { String::new() } else { format!(" in {}", language_name(language)) };
        format!("{}, {}{language} ({})", reading.preset.title, reading.style.style, reading.style.verified.words())
    } else {
        let language = reading.spoken.map_or(String::new(), |language| format!(" ({language})"));
        format!("no CRM's own way to write, known by usual words{language}")
    };
    let why = format!(
        "{style}: {} of its {} columns are known; {}",
        reading.known,
        file.columns.len(),
        count(file.rows, "row")
    );
    proposal.found.push(format!("{path}: {role}, {why}"));
    proposal.found.push(format!("  read as {}", mapped(reading)));
    proposal.set(&source, "path", path.as_str(), why, Sure::Certain);
    if let Some(series) = copies {
        propose_copies(proposal, &source, *series);
    }
    if file.ragged > 0 {
        proposal.found.push(format!("{path}: {} lines have another number of cells and are no rows", file.ragged));
    }
    let filters: Vec<&Condition> =
        reading.table.filters.iter().filter(|condition| keeps_most(condition, file)).collect();
    if !filters.is_empty() {
        let why = "records that were deleted, or are something else, do not count";
        let filters = Value::Array(filters.into_iter().map(condition_value).collect());
        proposal.set(&source, "filters", filters, why, Sure::Certain);
    }
    if !reading.table.null_values.is_empty() {
        let nulls = list(reading.table.null_values.iter().map(String::as_str));
        proposal.set(&source, "null_values", nulls, "the CRM writes them for no value", Sure::Certain);
    }
    if reading.table.units_per_base {
        let why = "the CRM keeps units of each currency per unit of the company's own";
        proposal.set(&source, "units_per_base", true, why, Sure::Certain);
    }
    crm_words::propose_words(proposal, reading);
    if role != TableRole::Input(InputTable::Deals) {
        crm_words::ignore_strangers(proposal, reading);
    }
    let columns = format!("{source}.columns");
    for (name, names) in reading.columns.iter().filter(|(name, _)| is_input(role, name)) {
        let (mut why, sure) = why_column(reading, name, names);
        if let Some(older) = older.get(name) {
            why = format!("{why}; other copies call it {}", older.join(", "));
        }
        proposal.set(&columns, name, column_value(&by_all_names(names, older.get(name))), why, sure);
    }
}

/// A language in English.
fn language_name(code: &str) -> &str {
    match code {
        "de" => "German",
        "fr" => "French",
        "es" => "Spanish",
        "nl" => "Dutch",
        "pt" => "Portuguese",
        "it" => "Italian",
        other => other,
    }
}

/// Which column is what, in a line.
fn mapped(reading: &Recognised<'_>) -> String {
    let of = |names: &ColumnNames| {
        let made_of = parts(names);
        let when = if names.recipe().when.is_some() { " where closed" } else { "" };
        format!("{}{when}", made_of.join(" + "))
    };
    let place = |name: &str| match reading.role() {
        TableRole::Input(table) => table.spec().position(name),
        TableRole::Stages => None,
    };
    let mut columns: Vec<_> = reading.columns.iter().filter(|(name, _)| is_input(reading.role(), name)).collect();
    columns.sort_by_key(|(name, _)| place(name));
    columns.into_iter().map(|(name, names)| format!("{name}: {}", of(names))).collect::<Vec<_>>().join(", ")
}

/// How dated copies are read. What became of deals that leave them is asked where no stage and no status says that any was won.
fn propose_copies(proposal: &mut Proposal, source: &str, series: CopySeries) {
    let files = count(series.files, "file");
    let (mode, why) = match series.mode {
        Copies::Whole => ("whole", format!("{files} with a day of their own in their names hold the same deals")),
        Copies::Changes => ("changes", format!("{files} of a day each: `gone` says that a deal is there no longer")),
    };
    proposal.set(source, "copies", mode, why, Sure::Certain);
    if series.tells_wins {
        return;
    }
    let asks = "no stage of the copies says that a deal was won: how did those end that are gone from the next copy, by their \
                last stage? For instance { Contract = \"won\", \"*\" = \"lost\" }";
    proposal.ask(Question { key: VANISHED.to_owned(), asks: asks.to_owned(), choices: Vec::new() });
}

/// Whether the file has the column of a condition, and most of its rows pass.
fn keeps_most(condition: &Condition, file: &FileProfile) -> bool {
    let Some(column) = file.columns.iter().find(|column| column.name == condition.column) else { return false };
    let is_one_of = |value: &str, words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    let passes = |value: &str| {
        condition.any_of.as_ref().is_none_or(|words| is_one_of(value, words)) && !is_one_of(value, &condition.none_of)
    };
    let fails: u64 = column.values.iter().filter(|(value, _)| !passes(value)).map(|(_, rows)| rows).sum();
    fails * 2 <= file.rows
}

fn is_input(role: TableRole, name: &str) -> bool {
    !TableRole::BESIDE.contains(&name) && role.has_column(name)
}

/// Why a column is taken for what it is, and how sure that is.
fn why_column(reading: &Recognised<'_>, name: &str, names: &ColumnNames) -> (String, Sure) {
    let file = reading.file;
    let made_of = parts(names);
    let Some(column) = made_of.first().and_then(|part| file.column(part)) else { return (String::new(), Sure::Likely) };
    let example = column.first.as_ref().map_or(String::new(), |first| format!(", such as \"{}\"", first.value));
    let why = format!("{} of {} rows have it{example}", column.filled, file.rows);
    let words = reading
        .table
        .headers
        .iter()
        .filter_map(|style| style.columns.get(name))
        .flat_map(|ways| &ways.0)
        .flat_map(parts);
    let words: BTreeSet<String> = words.map(|word| key(&word)).collect();
    let rivals =
        file.columns.iter().filter(|other| words.contains(&key(&other.name)) && !made_of.contains(&other.name));
    let rivals: Vec<&str> =
        rivals.map(|other| other.name.as_str()).filter(|other| !is_made_of(reading, other)).collect();
    if key(name) == key(&column.name) || reading.is_of_crm() && reading.style.verified != Verified::Unverified {
        return (why, Sure::Certain);
    }
    match rivals.as_slice() {
        [] if reading.style.verified != Verified::Unverified => (why, Sure::Certain),
        [] if reading.known >= CONFIRMED => {
            (format!("{why}; one of {} names of this style", reading.known), Sure::Certain)
        }
        [] => (format!("{why}; this name was never seen on a real export (unverified)"), Sure::Likely),
        rivals => (format!("{why}; could also be {}", rivals.join(", ")), Sure::Likely),
    }
}

/// Whether any canonical column is made of this one.
fn is_made_of(reading: &Recognised<'_>, column: &str) -> bool {
    reading.columns.values().any(|names| parts(names).iter().any(|part| part == column))
}

/// A stage for deals whose export has only a status or a flag.
pub(super) fn ensure_stage(deals: &mut Recognised<'_>, proposal: &mut Proposal) {
    if deals.columns.contains_key("stage") {
        return;
    }
    if let Some(status) = deals.columns.get("status").cloned() {
        // a status with words for stages is a stage; its ends are known by their names
        if !says_outcomes_only(deals) {
            deals.columns.remove("status");
        }
        deals.columns.insert("stage", status);
        return;
    }
    let Some(flag) = deals.single("is_won").map(str::to_owned) else { return };
    let values: Vec<String> =
        deals.file.column(&flag).map(|column| column.values.keys().cloned().collect()).unwrap_or_default();
    for value in values {
        let meant = if truth(&value) == Some(true) { "Won" } else { "Lost" };
        let why = format!("{flag} is the only column that tells an end: whoever is not won is lost");
        proposal.set("sources.deals.values.stage", &value, meant, why, Sure::Likely);
    }
    deals.columns.insert("stage", ColumnNames::One(flag));
}

/// Whether most words of the statuses are ones for open, won, lost or deleted: else they are stages.
fn says_outcomes_only(deals: &Recognised<'_>) -> bool {
    let known = deals.table.values.get("status");
    let is_known = |word: &String| {
        kind_of_word(word).is_some()
            || is_deleted(word)
            || known.is_some_and(|values| values.keys().any(|known| known.eq_ignore_ascii_case(word)))
    };
    let column = deals.single("status").and_then(|status| deals.file.column(status));
    column.is_none_or(|column| {
        let known = column.values.keys().filter(|word| is_known(word)).count();
        known > 0 && known * 2 >= column.values.len()
    })
}

/// Whether another column than `status` tells how deals ended.
fn tells_ends_beside(deals: &Recognised<'_>, status: &str) -> bool {
    if ["is_won", "is_closed"].iter().any(|flag| deals.columns.contains_key(flag)) {
        return true;
    }
    let Some(stage) = deals.single("stage").filter(|stage| *stage != status) else {
        // names found elsewhere, by a number
        return deals.columns.contains_key("stage") && deals.single("stage").is_none();
    };
    deals.file.column(stage).is_none_or(|column| column.values.keys().any(|name| by_name(name).is_some()))
}

/// Words of statuses nobody knows.
pub(super) fn settle_statuses(proposal: &mut Proposal, deals: &Recognised<'_>) {
    let Some(status) = deals.single("status") else { return };
    let Some(column) = deals.file.column(status) else { return };
    let values = deals.table.values.get("status").cloned().unwrap_or_default();
    for (word, rows) in &column.values {
        let section = "sources.deals.values.status";
        if let Some(meant) = values.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meant)| meant) {
            let meaning = if meant.is_empty() { "the stage decides" } else { meant };
            proposal.set(
                section,
                word,
                meant.as_str(),
                format!("{}: {meaning}; {rows} rows", deals.preset.title),
                Sure::Certain,
            );
        } else if kind_of_word(word).is_none() && !is_deleted(word) {
            match status_outcome(word, &values) {
                Some(kind) => {
                    let meant = if kind == StageKind::Won { "won" } else { "lost" };
                    proposal.set(section, word, meant, format!("by the word; {rows} rows"), Sure::Likely);
                }
                None if rows * 50 <= column.filled || tells_ends_beside(deals, status) => {
                    proposal.set(section, word, "", format!("no word for won or lost: the stage decides; {rows} rows"), Sure::Likely);
                }
                None => proposal.ask(Question {
                    key: format!("{section}.{word}"),
                    asks: format!("{status} is {word:?} on {rows} rows: are these deals open, won or lost (or \"\" for: the stage decides)?"),
                    choices: ["open", "won", "lost"].map(str::to_owned).to_vec(),
                }),
            }
        }
    }
}

/// Columns of the deals that the preset says to leave unread, and a word on those that become fields of the model.
pub(super) fn settle_further_columns(
    proposal: &mut Proposal,
    deals: &Recognised<'_>,
    entered: &BTreeMap<String, String>,
) {
    let file: &FileProfile = deals.file;
    let read = |name: &str| {
        deals
            .columns
            .iter()
            .any(|(own, names)| is_input(deals.role(), own) && parts(names).iter().any(|part| part == name))
            || entered.contains_key(name)
    };
    let (mut ignored, mut further): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for column in file.columns.iter().filter(|column| !column.name.is_empty() && !read(&column.name)) {
        let known = deals.table.ignore.iter().any(|name| key(name) == key(&column.name));
        let flag = ["is_won", "is_closed"].iter().any(|flag| deals.single(flag) == Some(&column.name));
        if known || flag || holds_addresses(column) { ignored.push(&column.name) } else { further.push(&column.name) }
    }
    if !ignored.is_empty() {
        let why = "known only at the end, said by another column too, or addresses of people";
        proposal.set("sources.deals", "ignore", list(ignored.iter().copied()), why, Sure::Certain);
        proposal.unread.push(format!("{}: columns {}: {why}", file.path, ignored.join(", ")));
    }
    if !further.is_empty() {
        proposal.found.push(format!(
            "{}: further columns may become fields of the model: {}",
            file.path,
            further.join(", ")
        ));
    }
}

/// Whether most cells are e-mail addresses: they name people, and say nothing of a deal.
fn holds_addresses(column: &ColumnProfile) -> bool {
    let is_address = |text: &str| text.split_once('@').is_some_and(|(_, behind)| behind.contains('.'));
    let kept: u64 = column.values.values().sum();
    let addresses: u64 = column.values.iter().filter(|(text, _)| is_address(text)).map(|(_, rows)| rows).sum();
    addresses * 2 > kept
}

/// Leaves one more column of the deals unread.
pub(super) fn ignore_too(proposal: &mut Proposal, column: &str, why: &str) {
    let section = proposal.section("sources.deals");
    let known =
        section.settings.iter().find(|setting| setting.key == "ignore").and_then(|setting| setting.value.as_array());
    let before: Vec<String> = known.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    if before.iter().any(|name| name == column) {
        return;
    }
    let all = list(before.iter().map(String::as_str).chain([column]));
    let reason = if before.is_empty() { why } else { "known only at the end, or said by another column too" };
    proposal.set("sources.deals", "ignore", all, reason, Sure::Certain);
}
