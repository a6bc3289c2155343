//! The deals of an export without a known id to what tells them apart: a column that looks like ids, else several joined.

use crate::config::{ColumnNames, ColumnRecipe};
use crate::ingest::profile::{ColumnProfile, FileProfile};
use crate::setup::made_of::parts;
use crate::setup::recognise::Recognised;

/// So few rows have all their values once by chance.
const FEW_ROWS: u64 = 20;
/// Longest id.
const LONGEST: usize = 40;
/// Shortest id of letters and figures that is one without letters all ids begin with.
const CODE: usize = 8;

/// An id for deals whose export has none that is known.
pub(super) fn ensure_id(deals: &mut Recognised<'_>) {
    if deals.columns.contains_key("deal_id") {
        return;
    }
    let id = unique_id(deals).map(|column| column.name.clone());
    let names = id.map_or_else(|| joined(deals), ColumnNames::One);
    if deals.columns.get("name") == Some(&names) {
        deals.columns.remove("name");
    }
    deals.columns.insert("deal_id", names);
}

/// What tells all rows apart together.
fn joined(deals: &Recognised<'_>) -> ColumnNames {
    let made: Vec<String> = ["created_at", "name", "account", "owner"]
        .iter()
        .filter_map(|name| deals.single(name))
        .map(str::to_owned)
        .collect();
    ColumnNames::Recipe(ColumnRecipe { join: made, with: Some(" | ".to_owned()), ..ColumnRecipe::default() })
}

/// The column that looks like ids and has another one in every row; one that was taken for names last.
fn unique_id<'a>(deals: &Recognised<'a>) -> Option<&'a ColumnProfile> {
    let file: &'a FileProfile = deals.file;
    let is_read = |column: &&ColumnProfile| {
        let mut read = deals.columns.iter().filter(|(name, _)| **name != "name");
        read.any(|(_, names)| parts(names).contains(&column.name))
    };
    let is_name = |column: &ColumnProfile| deals.single("name") == Some(&column.name);
    let ids = file.columns.iter().enumerate().filter(|(at, column)| looks_like_ids(column, file.rows, *at == 0));
    let free = ids.map(|(_, column)| column).filter(|column| !column.name.is_empty() && !is_read(column));
    free.min_by_key(|column| is_name(column))
}

/// Whether every row has a value of its own that is written as ids are: letters all of them begin with and figures, a code of
/// one length, or, in the first column, whole numbers.
fn looks_like_ids(column: &ColumnProfile, rows: u64, is_first: bool) -> bool {
    let is_unique = column.filled == rows && column.distinct() == rows && rows >= FEW_ROWS;
    let is_value =
        column.dates > 0 || !column.currencies.is_empty() || column.decimal_dot.0 + column.decimal_comma.0 > 0;
    if !is_unique || is_value || !column.values.keys().all(|value| is_written_as_id(value)) {
        return false;
    }
    let mut values = column.values.keys();
    let Some(first) = values.next() else { return false };
    let has_letters = |value: &String| value.chars().any(char::is_alphabetic);
    let start: String = first.chars().take_while(|c| !c.is_numeric()).collect();
    let begin_alike =
        start.chars().any(char::is_alphabetic) && column.values.keys().all(|value| value.starts_with(&start));
    let is_code =
        first.len() >= CODE && column.values.keys().all(|value| value.len() == first.len() && has_letters(value));
    begin_alike
        || is_code
        || is_first && column.values.keys().all(|value| value.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Letters and figures with the marks of ids between them, and a figure among them.
fn is_written_as_id(value: &str) -> bool {
    let is_sign = |c: char| c.is_alphanumeric() || "-_/.#{}".contains(c);
    value.len() <= LONGEST && value.chars().all(is_sign) && value.chars().any(char::is_numeric)
}
