//! Files in which no deals were recognised, to answers that would say which column is what, by what the columns hold.

use crate::domain::inputs::InputTable;
use crate::ingest::profile::{ColumnProfile, FileProfile};
use crate::presets::TableRole;
use crate::setup::answers::{AnswerError, Answers};
use crate::setup::made_of::parts;

/// The share of cells that must be dates or numbers.
const NEARLY_ALL: f64 = 0.9;
/// Different words a column of stages has.
const STAGES: std::ops::RangeInclusive<u64> = 2..=30;

/// Answers that name the columns of deals in the largest of the files; nothing where none may hold deals.
pub(super) fn columns(files: &[FileProfile]) -> Vec<String> {
    let Some(file) = files.iter().max_by_key(|file| file.rows) else { return Vec::new() };
    let find = |is_it: &dyn Fn(&ColumnProfile) -> bool| file.columns.iter().find(|column| is_it(column));
    let id = find(&|column| column.distinct() == file.rows && column.filled == file.rows);
    let stage =
        find(&|column| STAGES.contains(&column.distinct()) && is_word(column) && column.filled * 10 >= file.rows * 9);
    let (Some(id), Some(stage)) = (id, stage) else { return Vec::new() };
    let created = find(&|column| column.date_share() >= NEARLY_ALL && column.filled == file.rows);
    let amount = find(&|column| column.number_share() >= NEARLY_ALL && column.name != id.name && column.distinct() > 2);
    let named = [("deal_id", Some(id)), ("stage", Some(stage)), ("created_at", created), ("amount", amount)];
    let known = named.into_iter().filter_map(|(name, column)| Some((name, column?)));
    known.map(|(name, column)| format!("sources.deals.columns.{name}=\"{}\"", column.name)).collect()
}

fn is_word(column: &ColumnProfile) -> bool {
    column.date_share() < 0.5 && column.number_share() < 0.5
}

/// An answer that names a column of the deals no file has.
pub(super) fn unknown_column(files: &[FileProfile], answers: &Answers) -> Option<AnswerError> {
    for (name, names) in answers.columns_of(TableRole::Input(InputTable::Deals)) {
        for part in parts(&names) {
            if files.iter().all(|file| file.column(&part).is_none()) {
                let known: Vec<&str> =
                    files.iter().flat_map(|file| &file.columns).map(|column| column.name.as_str()).collect();
                let key = format!("sources.deals.columns.{name}");
                return Some(AnswerError::unknown(&key, &part, &known.join(", ")));
            }
        }
    }
    None
}
