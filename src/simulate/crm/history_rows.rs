//! The rows of a history: whole states, fields that changed, or events of a stream.

use crate::presets::{ExportShape, ExportTable, HeaderStyle, HistoryRows, StreamWords};
use crate::simulate::crm::carried::Carried;
use crate::simulate::crm::cells::{CellStyle, column_for};
use crate::simulate::crm::names::Names;
use crate::simulate::crm::story::{Entry, FIELDS, STAGE};
use crate::simulate::crm::text_table::TextTable;

/// What the file of a history is written by.
pub(super) struct HistoryFile<'a> {
    pub shape: &'a ExportShape,
    pub table: &'a ExportTable,
    pub header: &'a HeaderStyle,
    pub names: &'a Names,
}

/// Which fields a history tells, positions in [`FIELDS`].
pub(super) fn told(table: &ExportTable, header: Option<&HeaderStyle>) -> Vec<usize> {
    let tells = |name: &str| match table.rows {
        HistoryRows::Fields => table.fields.contains_key(name),
        HistoryRows::Entered | HistoryRows::Stream => name == FIELDS[STAGE],
        HistoryRows::Whole => header.is_some_and(|header| !table.written(header, name).is_empty()),
    };
    (0..FIELDS.len()).filter(|field| tells(FIELDS[*field])).collect()
}

/// The canonical log that says what is carried: of each row what differs from the row before.
pub(super) fn canonical_rows(carried: &Carried) -> TextTable {
    let names = ["deal_id", "changed_at"].into_iter().chain(carried.fields.iter().map(|&field| FIELDS[field]));
    let mut log = TextTable::new(names.map(str::to_owned).collect());
    each_entry(carried, |deal, before, entry, _| {
        let new = |field: &usize| {
            let is_new = before.is_none_or(|before| before.values[*field] != entry.values[*field]);
            if is_new { entry.values[*field].clone() } else { String::new() }
        };
        let cells = [deal.to_owned(), entry.at.clone()].into_iter().chain(carried.fields.iter().map(new));
        log.rows.push(cells.collect());
    });
    log
}

/// Goes through the entries: deal, entry before, entry, entry after.
fn each_entry(carried: &Carried, mut visit: impl FnMut(&str, Option<&Entry>, &Entry, Option<&Entry>)) {
    for (row, story) in carried.deals.rows.iter().zip(&carried.stories) {
        let deal = carried.deals.cell(row, "deal_id");
        for (at, entry) in story.iter().enumerate() {
            visit(deal, at.checked_sub(1).map(|before| &story[before]), entry, story.get(at + 1));
        }
    }
}

impl HistoryFile<'_> {
    /// The file.
    pub fn rows(&self, carried: &Carried) -> TextTable {
        match (self.table.rows, &self.table.stream) {
            (HistoryRows::Fields, _) => self.field_rows(carried),
            (HistoryRows::Stream, Some(words)) => self.events(words, carried),
            _ => self.whole_rows(carried),
        }
    }

    fn style(&self) -> CellStyle<'_> {
        CellStyle::of(self.shape, self.table, self.names)
    }

    fn first(&self, name: &str) -> Option<&str> {
        self.table.written(self.header, name).first().copied()
    }

    /// The columns every history has, and those with one value.
    fn columns(&self, between: impl Iterator<Item = String>) -> Vec<String> {
        let keys = ["deal_id", "changed_at"].iter().filter_map(|name| self.first(name)).map(str::to_owned);
        keys.chain(between).chain(self.table.constants.keys().cloned()).collect()
    }

    fn row(&self, deal: &str, entry: &Entry, between: impl Iterator<Item = String>) -> Vec<String> {
        let keys = [deal.to_owned(), self.style().cell("changed_at", &entry.at)];
        keys.into_iter().chain(between).chain(self.table.constants.values().cloned()).collect()
    }

    fn whole_rows(&self, carried: &Carried) -> TextTable {
        let told = carried.fields.iter().filter_map(|&field| self.first(FIELDS[field])).map(str::to_owned);
        let mut file = TextTable::new(self.columns(told.chain(self.table.until.clone())));
        each_entry(carried, |deal, _, entry, after| {
            let cells = carried.fields.iter().map(|&field| self.style().cell(FIELDS[field], &entry.values[field]));
            let until = after.map_or(String::new(), |after| self.style().cell("changed_at", &after.at));
            file.rows.push(self.row(deal, entry, cells.chain(self.table.until.iter().map(|_| until.clone()))));
        });
        file
    }

    fn field_rows(&self, carried: &Carried) -> TextTable {
        let parts = ["field", "old_value", "new_value"].map(|name| self.table.written(self.header, name));
        let mut file = TextTable::new(self.columns(parts.iter().flatten().map(|name| (*name).to_owned())));
        each_entry(carried, |deal, before, entry, _| {
            if before.is_none() && !self.table.first {
                return;
            }
            for field in entry.changes(before, &carried.fields) {
                let old = before.map_or("", |before| before.values[field].as_str());
                let values = [self.field_word(field), self.value(field, old), self.value(field, &entry.values[field])];
                let kind = kind_words(field);
                let cells = parts.iter().zip(&values).flat_map(|(columns, value)| {
                    let place = column_for(columns, kind);
                    columns.iter().map(move |column| if Some(*column) == place { value.clone() } else { String::new() })
                });
                file.rows.push(self.row(deal, entry, cells));
            }
        });
        file
    }

    fn field_word(&self, field: usize) -> String {
        self.table.fields.get(FIELDS[field]).cloned().unwrap_or_default()
    }

    fn value(&self, field: usize, value: &str) -> String {
        self.style().cell(FIELDS[field], value)
    }

    fn events(&self, words: &StreamWords, carried: &Carried) -> TextTable {
        let beside = [words.event_column.clone(), words.cell_column.clone()];
        let mut file = TextTable::new(self.columns(beside.into_iter()));
        each_entry(carried, |deal, before, entry, _| {
            let (event, cell) = match before {
                None => (&words.first_event, &words.first_cell),
                Some(_) => (&words.later_event, &words.later_cell),
            };
            let cell = cell.replace("{}", &self.value(STAGE, &entry.values[STAGE]));
            file.rows.push(self.row(deal, entry, [event.clone(), cell].into_iter()));
        });
        file
    }
}

/// What the names of columns for a field's values contain, where a log has one for each kind.
fn kind_words(field: usize) -> &'static [&'static str] {
    match FIELDS[field] {
        "amount" | "probability" => &["float"],
        "expected_close_date" => &["datetime"],
        _ => &["char"],
    }
}
