//! A file and the presets to what it may be: which CRM's which table, and which column is what.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{ColumnNames, ColumnRecipe};
use crate::domain::inputs::InputTable;
use crate::domain::spelling::key;
use crate::ingest::profile::{ColumnProfile, FileProfile};
use crate::presets::{HeaderStyle, Preset, PresetTable, TableRole, presets};
use crate::setup::answers::Answers;
use crate::setup::fits::can_be;
use crate::setup::made_of::parts;
use crate::setup::spoken::FoundColumns;
use crate::setup::stages::headers::by_header;
use crate::setup::tax_words::bare_amount;

/// The preset for what no CRM wrote.
pub(super) const PLAIN: &str = "plain";

/// What a file may be.
#[derive(Clone, Debug)]
pub(super) struct Recognised<'a> {
    pub file: &'a FileProfile,
    pub preset: &'static Preset,
    pub table: &'static PresetTable,
    /// The way to write the header that explains most of it.
    pub style: &'static HeaderStyle,
    /// Canonical column -> what it is made of, as the file spells it.
    pub columns: BTreeMap<&'static str, ColumnNames>,
    /// Headers that this way to write them knows.
    pub known: usize,
    /// Headers that no other CRM's preset knows so.
    pub own: usize,
    /// How much of the file's name speaks for the table.
    pub hint: usize,
    /// The language most of its headers are in that no way to write them knows, in English.
    pub spoken: Option<&'static str>,
}

impl Recognised<'_> {
    pub fn role(&self) -> TableRole {
        self.table.role
    }

    /// What sorts readings of a file: the largest is taken.
    pub fn rank(&self) -> (usize, usize) {
        let named = if self.hint > 0 { 2 } else { 0 };
        (self.known * 2 + self.own + named + self.columns.len(), self.hint)
    }

    /// Whether it is read by a CRM's preset.
    pub fn is_of_crm(&self) -> bool {
        self.preset.name != PLAIN
    }

    /// The one column something is made of, if it is one.
    pub fn single(&self, name: &str) -> Option<&str> {
        match self.columns.get(name)? {
            ColumnNames::One(column) => Some(column),
            ColumnNames::FirstFilled(columns) if columns.len() == 1 => columns.first().map(String::as_str),
            ColumnNames::FirstFilled(_) | ColumnNames::Recipe(_) => None,
        }
    }
}

/// Every table a file may be, the likeliest first.
pub(super) fn readings<'a>(file: &'a FileProfile, answers: &Answers) -> Vec<Recognised<'a>> {
    let tables = presets().iter().flat_map(|preset| preset.tables.iter().map(move |table| (preset, table)));
    let mut readings: Vec<Recognised<'a>> =
        tables.filter_map(|(preset, table)| reading(file, preset, table, answers)).collect();
    let plain: Vec<(TableRole, usize)> = readings
        .iter()
        .filter(|reading| !reading.is_of_crm())
        .map(|reading| (reading.role(), reading.columns.len()))
        .collect();
    readings.sort_by_key(|reading| (!is_trusted(reading, &plain), std::cmp::Reverse(reading.rank())));
    readings
}

/// A CRM is believed where something of the file is its own way to write, and usual words do not say more of the table.
fn is_trusted(reading: &Recognised<'_>, plain: &[(TableRole, usize)]) -> bool {
    let by_usual_words = plain.iter().find(|(role, _)| *role == reading.role()).map_or(0, |(_, columns)| *columns);
    let explains = reading.columns.len() * 5 >= by_usual_words * 4;
    reading.is_of_crm() && explains && (reading.own >= 2 || reading.own >= 1 && reading.known >= 4)
}

fn reading<'a>(
    file: &'a FileProfile,
    preset: &'static Preset,
    table: &'static PresetTable,
    answers: &Answers,
) -> Option<Recognised<'a>> {
    let explains = |style: &HeaderStyle| {
        let known: BTreeSet<String> = style.known().map(key).collect();
        file.columns.iter().filter(|column| !column.name.is_empty() && known.contains(&key(&column.name))).count()
    };
    let style = table.headers.iter().max_by_key(|style| explains(style))?;
    // `max_by_key` takes the last of equals, and the first is the better verified one.
    let style = table.headers.iter().find(|other| explains(other) == explains(style)).unwrap_or(style);
    let mut found = FoundColumns::default();
    found.take_named(file, table.role, answers);
    add_columns(&mut found, file, table, style, preset.name != PLAIN);
    let spoken = if preset.name == PLAIN { found.take_spoken(file, table.role) } else { Vec::new() };
    let name = key(&file.name);
    let hint = table.files.iter().filter(|hint| name.contains(&key(hint))).map(String::len).max().unwrap_or(0);
    let known = explains(style) + spoken.len();
    let (columns, own, spoken) = (found.columns, own(file, preset, style), most_spoken(&spoken));
    let reading = Recognised { file, preset, table, style, columns, known, own, hint, spoken };
    is_complete(&reading).then_some(reading)
}

/// The language that is named most often.
fn most_spoken(languages: &[&'static str]) -> Option<&'static str> {
    let times = |language: &&str| languages.iter().filter(|other| *other == language).count();
    languages.iter().copied().max_by_key(times)
}

/// Headers of the file that only this preset writes so.
fn own(file: &FileProfile, preset: &Preset, style: &HeaderStyle) -> usize {
    let own: BTreeSet<&str> = style.known().collect();
    let others = presets().iter().filter(|other| other.name != preset.name && other.name != PLAIN);
    let of_others: BTreeSet<&str> =
        others.flat_map(|other| &other.tables).flat_map(|table| &table.headers).flat_map(HeaderStyle::known).collect();
    let only_own = |name: &str| own.contains(name) && !of_others.contains(name);
    file.columns.iter().filter(|column| only_own(&column.name)).count()
}

/// Whether a table can be made of what was found.
fn is_complete(reading: &Recognised<'_>) -> bool {
    let has = |name: &str| reading.columns.contains_key(name);
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    match reading.role() {
        TableRole::Stages => has("id") && has("label"),
        TableRole::Input(table) => match table {
            InputTable::Deals => {
                let dated_or_priced = any(&["amount", "created_at", "expected_close_date", "closed_at"]);
                let told_apart = has("deal_id") || has("name") && dated_or_priced;
                let staged = any(&["stage", "status", "is_won"]) || !by_header(reading.file).is_empty();
                staged && told_apart && reading.columns.len() >= 3
            }
            InputTable::StageHistory => {
                has("deal_id")
                    && has("changed_at")
                    && (has("field") && has("new_value") || !has("field") && has("stage"))
            }
            InputTable::Users => {
                let placed = any(&["manager", "team", "region"]);
                any(&["owner", "name"]) && (placed || has("owner") && has("name")) && reading.known >= 2
            }
            InputTable::Quotas => has("quota") && has("period"),
            _ => table.spec().columns.iter().filter(|column| column.required).all(|column| has(column.name)),
        },
    }
}

/// Adds the canonical columns the file has: by the best way to write the header first, then by the others.
fn add_columns(
    found: &mut FoundColumns,
    file: &FileProfile,
    table: &'static PresetTable,
    best: &'static HeaderStyle,
    may_be_empty: bool,
) {
    let FoundColumns { columns, taken } = found;
    let others = table.headers.iter().filter(|style| !std::ptr::eq(*style, best));
    for style in std::iter::once(best).chain(others) {
        let mut names: Vec<_> = style.columns.iter().collect();
        names.sort_by_key(|(name, _)| precedence(table.role, name));
        for (name, ways) in names {
            if columns.contains_key(name.as_str()) {
                continue;
            }
            let written = ways.0.iter().filter_map(|way| present(way, file));
            let priced = ways.0.iter().filter(|_| name == "amount").filter_map(|way| without_tax_words(way, file));
            let usable = written.chain(priced).find(|way| {
                let parts = parts(way);
                let free = is_shared(name) || joins(way) || parts.iter().all(|part| !taken.contains(part));
                let fits = parts.len() != 1
                    || parts
                        .iter()
                        .filter_map(|part| file.column(part))
                        .all(|column| (may_be_empty || column.filled > 0) && can_be(table.role, name, column, file));
                free && fits
            });
            if let Some(way) = usable {
                if !is_shared(name) && !joins(&way) {
                    taken.extend(parts(&way));
                }
                columns.insert(name.as_str(), way);
            }
        }
    }
}

/// Whether something is made of several columns at once: each of them may be something else too.
fn joins(way: &ColumnNames) -> bool {
    !way.recipe().join.is_empty()
}

/// A column of amounts whose name says more of the tax or the currency than its usual word does.
fn without_tax_words(way: &ColumnNames, file: &FileProfile) -> Option<ColumnNames> {
    let ColumnNames::One(name) = way else { return None };
    let is_it = |column: &&ColumnProfile| {
        let bare = bare_amount(&column.name);
        bare != column.name && key(&bare) == key(name)
    };
    file.columns.iter().find(is_it).map(|column| ColumnNames::One(column.name.clone()))
}

/// Which canonical column chooses first: what no table goes without, then what a log of fields needs.
fn precedence(role: TableRole, name: &str) -> (bool, bool) {
    let TableRole::Input(table) = role else { return (false, false) };
    let required = table.spec().columns.iter().any(|column| column.required && column.name == name);
    (!required, !["field", "new_value", "old_value"].contains(&name))
}

/// Canonical columns that may be made of a column another one is made of too.
fn is_shared(name: &str) -> bool {
    ["closed_at", "expected_close_date", "name", "status", "is_won", "is_closed", "fiscal_quarter", "fiscal_year"]
        .contains(&name)
}

/// A way to make a column, in the file's own spelling, if the file has what it takes.
fn present(way: &ColumnNames, file: &FileProfile) -> Option<ColumnNames> {
    let spelled = |name: &String| file.column(name).map(|column| column.name.clone());
    match way {
        ColumnNames::One(name) => spelled(name).map(ColumnNames::One),
        ColumnNames::FirstFilled(names) => {
            let found: Vec<String> = names.iter().filter_map(spelled).collect();
            (found.len() * 2 > names.len()).then_some(ColumnNames::FirstFilled(found))
        }
        ColumnNames::Recipe(recipe) => {
            let first_filled: Vec<String> = recipe.first_filled.iter().filter_map(spelled).collect();
            let join: Vec<String> = recipe.join.iter().filter_map(spelled).collect();
            let whole = join.len() == recipe.join.len() && !(first_filled.is_empty() && join.is_empty());
            let mut when = recipe.when.clone();
            if let Some(condition) = &mut when {
                condition.column = spelled(&condition.column)?;
            }
            whole.then(|| ColumnNames::Recipe(ColumnRecipe { first_filled, join, when, ..recipe.clone() }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::profile::{FileLook, look_at};

    fn read(text: &str, test: impl FnOnce(&[Recognised<'_>])) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("export.csv"), text).expect("written");
        match look_at("export.csv", folder.path()) {
            FileLook::Table(file) => test(&readings(&file, &Answers::default())),
            FileLook::NoTable { reason, .. } => panic!("{reason}"),
        }
    }

    #[test]
    fn a_crm_is_told_by_what_only_it_writes_so() {
        let cases = [
            (
                "Id,StageName,CloseDate,Amount,IsWon,IsClosed,CreatedDate\n006,Closed Won,2025-01-01,5,true,true,2024-12-01\n",
                "salesforce",
            ),
            (
                "Record ID,Deal Name,Deal Stage,Close Date,Create Date,Amount,Deal owner\n1,A,New,2025-01-01,2024-12-01,5,Ann\n",
                "hubspot",
            ),
            (
                "Deal - ID,Deal - Title,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Value\n1,A,New,open,2024-12-01,5\n",
                "pipedrive",
            ),
            ("deal_id,stage,created_at,amount,closed_at\na,New,2025-01-01,5,\n", "plain"),
            (
                "deal_id,name,stage,created_at,amount,owner,closed_at\na,A,New,2025-01-01,5,Ann,\nb,B,Won,2025-01-02,6,Bob,2025-02-01\n",
                "plain",
            ),
            ("Vorgangsnummer,Verkaufsphase,Erstellt am,Betrag,Inhaber\n1,Angebot,2025-01-01,5,Ann\n", "plain"),
        ];
        for (text, name) in cases {
            read(text, |readings| {
                let best = readings.first().expect("a reading");
                assert_eq!((best.preset.name.as_str(), best.role().name()), (name, "deals"), "{text}");
            });
        }
    }

    #[test]
    fn a_file_of_people_and_their_teams_is_one_of_users_whatever_their_names_are_called() {
        read(
            "Name,Email,Manager,Team,Region\nAnn,a@x.example,Cai,North,DE\nBen,b@x.example,Cai,South,DE\n",
            |readings| {
                assert_eq!(readings.first().map(|best| best.role().name()), Some("users"));
            },
        );
    }

    #[test]
    fn a_name_is_believed_only_where_the_cells_allow_it() {
        read("deal_id,stage,value,created\na,Won,high,2025-01-01\nb,Lost,low,2025-01-02\n", |readings| {
            let best = readings.first().expect("a reading");
            assert!(!best.columns.contains_key("amount"), "no amount in it: {:?}", best.columns);
            assert_eq!(best.single("created_at"), Some("created"));
        });
    }
}
