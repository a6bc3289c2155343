//! An earlier configuration to the columns it names, and to those its export had.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{DocumentMut, Item, TableLike};

use crate::config::ColumnNames;
use crate::domain::inputs::InputTable;
use crate::setup::made_of::column_of;
use crate::setup::render::{SAW, STAMP, mark, stamp, unit};

/// A column that was named before.
#[derive(Clone, Debug)]
pub(super) struct NamedBefore {
    pub table: InputTable,
    /// Its canonical name.
    pub name: &'static str,
    /// What it was made of.
    pub names: ColumnNames,
    /// Whether `init` wrote it, and nobody has changed it since.
    pub by_init: bool,
}

/// What an earlier configuration says of columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    pub columns: Vec<NamedBefore>,
    /// Columns that hold the day a stage was entered, as `init` wrote them: the table and the header.
    pub entered: Vec<(InputTable, String)>,
    /// Of each table, marks of the headers its file had.
    seen: BTreeMap<String, BTreeSet<String>>,
}

impl Before {
    /// What `text` says; nothing where it is no configuration.
    pub fn of(text: &str) -> Self {
        let Ok(document) = text.parse::<DocumentMut>() else { return Self::default() };
        let stamps = stamps_in(text);
        let is_own = |section: &str, key: &str, item: &Item| {
            stamps.get(&unit(section, key)).is_some_and(|known| *known == stamp(item.to_string().trim()))
        };
        let mut before = Self { seen: seen_in(text), ..Self::default() };
        let sources = document.get("sources").and_then(Item::as_table_like);
        for (table, source) in sources.into_iter().flat_map(TableLike::iter) {
            let (Some(table), Some(source)) = (InputTable::from_name(table), source.as_table_like()) else { continue };
            for (key, item) in source.get("columns").and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter)
            {
                let column = table.spec().position(key).and_then(|at| table.spec().columns.get(at));
                let made_of = item.as_str().map_or_else(|| item.to_string().trim().to_owned(), str::to_owned);
                let (Some(column), Some(names)) = (column, column_of(&made_of)) else { continue };
                let by_init = is_own(&format!("sources.{table}.columns"), key, item);
                before.columns.push(NamedBefore { table, name: column.name, names, by_init });
            }
            for (key, item) in source.get("entered").and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter)
            {
                if is_own(&format!("sources.{table}.entered"), key, item) {
                    before.entered.push((table, key.to_owned()));
                }
            }
        }
        before
    }

    /// Whether the table had no column of this name; nothing where nobody knows what it had.
    pub fn is_new(&self, table: InputTable, header: &str) -> Option<bool> {
        self.seen.get(table.name()).map(|seen| !seen.contains(&mark(header)))
    }
}

/// What init wrote, by its keys.
pub(super) fn stamps_in(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(STAMP)?.rsplit_once(' '));
    lines.map(|(unit, stamp)| (unit.to_owned(), stamp.to_owned())).collect()
}

/// The headers init saw, by table.
fn seen_in(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(SAW)?.split_once(' '));
    lines.map(|(table, marks)| (table.to_owned(), marks.split(' ').map(str::to_owned).collect())).collect()
}
