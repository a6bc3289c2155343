//! Deals and their stories to what a shape carries of them, in canonical words.
//!
//! Every loss is here and nowhere else: moments cut to the minute or the day, one column for two days, stages that deals keep
//! as they end, columns the CRM does not have.

use std::collections::BTreeMap;

use crate::domain::inputs::{InputTable, deals as col};
use crate::presets::{ExportShape, HeaderStyle, HistoryRows, StageAtEnd};
use crate::simulate::catalogue::{LOST, WON, stage_name};
use crate::simulate::crm::names::Names;
use crate::simulate::crm::story::{EXPECTED, Entry, FIELDS, STAGE, stories};
use crate::simulate::crm::text_table::TextTable;

/// Columns a CRM does not come with, and a company adds.
const FURTHER: [&str; 8] =
    ["product", "region", "segment", "employees", "competitor", "lead_score", "batch_code", "loss_reason"];

/// What a shape carries of some deals.
pub(super) struct Carried {
    /// The deals: canonical columns the shape has, then the further ones under the names they have there.
    pub deals: TextTable,
    /// What became of each: `open`, `won` or `lost`.
    pub outcomes: Vec<String>,
    /// The entries of each, the first one whole.
    pub stories: Vec<Vec<Entry>>,
    /// What the stories tell, positions in [`FIELDS`].
    pub fields: Vec<usize>,
}

/// What `shape` carries of the deals and their log.
pub(super) fn carried(
    shape: &ExportShape,
    header: &HeaderStyle,
    names: &Names,
    deals: &TextTable,
    history: &TextTable,
    fields: &[usize],
) -> Carried {
    let mut stories = stories(deals, history);
    let outcomes: Vec<String> = deals.rows.iter().map(|row| deals.cell(row, "status").to_owned()).collect();
    let mut deals = deals.clone();
    for (row, story) in deals.rows.iter_mut().zip(&mut stories) {
        rename(row, &deals.columns, story, names);
        cut(shape, row, &deals.columns, story);
        close(shape, row, &deals.columns, story);
        end(shape, row, &deals.columns, story);
        kept_entries(story, fields);
        if shape.table(InputTable::StageHistory).is_some_and(|file| file.rows == HistoryRows::Entered) {
            last_of_each_stage(story);
        }
    }
    Carried { deals: kept_columns(shape, header, &deals), outcomes, stories, fields: fields.to_vec() }
}

fn at(columns: &[String], field: usize) -> Option<usize> {
    let name = col::SPEC.columns[field].name;
    columns.iter().position(|column| column == name)
}

fn rename(row: &mut [String], columns: &[String], story: &mut [Entry], names: &Names) {
    if let Some(id) = at(columns, col::DEAL_ID) {
        row[id] = names.deal(&row[id]);
    }
    if let Some(owner) = at(columns, col::OWNER) {
        row[owner] = names.person(&row[owner]);
    }
    for entry in story {
        entry.values[3] = names.person(&entry.values[3]);
    }
}

/// Cuts moments to the minute.
fn cut(shape: &ExportShape, row: &mut [String], columns: &[String], story: &mut [Entry]) {
    if !shape.to_the_minute {
        return;
    }
    for field in [col::CREATED_AT, col::CLOSED_AT] {
        if let Some(cell) = at(columns, field).map(|at| &mut row[at]) {
            *cell = to_the_minute(cell);
        }
    }
    for entry in story {
        entry.at = to_the_minute(&entry.at);
    }
}

/// `2025-01-01T08:03:22` without its seconds.
fn to_the_minute(moment: &str) -> String {
    moment.get(..16).map_or(String::new(), |minute| format!("{minute}:00"))
}

/// The day of a moment.
pub(super) fn day_of(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}

/// Writes the closing day where the shape has it.
fn close(shape: &ExportShape, row: &mut [String], columns: &[String], story: &mut [Entry]) {
    let (Some(closed), Some(expected)) = (at(columns, col::CLOSED_AT), at(columns, col::EXPECTED_CLOSE_DATE)) else {
        return;
    };
    if shape.closing.is_shared() {
        for entry in story.iter_mut().filter(|entry| is_end(&entry.values[STAGE])) {
            entry.values[EXPECTED] = day_of(&entry.at).to_owned();
        }
        if !row[closed].is_empty() {
            row[expected] = day_of(&row[closed]).to_owned();
        }
    }
    if shape.closing.is_day() {
        row[closed] = day_of(&row[closed]).to_owned();
    }
}

fn is_end(stage: &str) -> bool {
    stage == stage_name(WON) || stage == stage_name(LOST)
}

/// Keeps deals in the stage they ended in, where the shape does.
fn end(shape: &ExportShape, row: &mut [String], columns: &[String], story: &mut [Entry]) {
    let keeps = |stage: &str| match shape.ends {
        StageAtEnd::Stages => false,
        StageAtEnd::Status => is_end(stage),
        StageAtEnd::StatusOfLost => stage == stage_name(LOST),
    };
    let mut open = String::new();
    for entry in story {
        let stage = &mut entry.values[STAGE];
        if keeps(stage) {
            stage.clone_from(&open);
        } else {
            open.clone_from(stage);
        }
    }
    if let Some(stage) = at(columns, col::STAGE).filter(|&stage| keeps(&row[stage])) {
        row[stage] = open;
    }
}

/// Takes away what the history does not tell, and rows that tell nothing then.
fn kept_entries(story: &mut Vec<Entry>, fields: &[usize]) {
    for entry in story.iter_mut() {
        for field in (0..FIELDS.len()).filter(|field| !fields.contains(field)) {
            entry.values[field].clear();
        }
    }
    story.dedup_by(|later, before| later.values == before.values);
}

/// Of several entries into one stage the last is known.
fn last_of_each_stage(story: &mut Vec<Entry>) {
    let last: BTreeMap<String, usize> =
        story.iter().enumerate().map(|(at, entry)| (entry.values[STAGE].clone(), at)).collect();
    let mut place = 0;
    story.retain(|entry| {
        place += 1;
        last.get(&entry.values[STAGE]) == Some(&(place - 1))
    });
}

/// The columns the shape has.
fn kept_columns(shape: &ExportShape, header: &HeaderStyle, deals: &TextTable) -> TextTable {
    let file = shape.table(InputTable::Deals);
    let named = |name: &str| file.is_some_and(|file| !file.written(header, name).is_empty());
    let kept: Vec<&str> =
        deals.columns.iter().map(String::as_str).filter(|name| named(name) || FURTHER.contains(name)).collect();
    let mut table = deals.only(&kept);
    for column in table.columns.iter_mut().filter(|name| !named(name)) {
        let (snake, words) = (column.clone(), words(column));
        *column =
            shape.further.replace("{_}", &words.replace(' ', "_")).replace("{snake}", &snake).replace("{}", &words);
    }
    table
}

/// `lead_score` as `Lead Score`.
fn words(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(word).collect::<Vec<String>>().join(" ")
}
