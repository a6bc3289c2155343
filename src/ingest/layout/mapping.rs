//! How canonical columns, filters and lookups are made from the columns of one file. Plain values.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Condition;
use crate::ingest::lookup_table::LookupTable;

/// How one canonical column is made.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    pub(super) slots: Vec<usize>,
    /// Nothing but a column; set once all else is known.
    pub(super) plain: bool,
    pub(super) joined: Option<String>,
    pub(super) except: Vec<String>,
    /// The cells are JSON objects: the first of these keys counts.
    pub(super) json: Vec<String>,
    /// What counts stands behind this mark.
    pub(super) behind: Option<String>,
    pub(super) when: Option<CellTest>,
    pub(super) values: BTreeMap<String, String>,
    pub(super) constant: Option<String>,
}

impl Mapping {
    /// Whether a cell is the cell of one column, as it stands.
    pub(super) fn is_plain(&self) -> bool {
        self.slots.len() == 1
            && self.joined.is_none()
            && self.except.is_empty()
            && self.json.is_empty()
            && self.behind.is_none()
            && self.when.is_none()
            && self.values.is_empty()
            && self.constant.is_none()
    }

    /// Whether any row can have a value, and not only translations are given.
    pub(super) fn is_filled(&self) -> bool {
        !self.slots.is_empty() || self.constant.is_some()
    }
}

/// A test of a column of the file.
#[derive(Debug)]
pub(super) struct CellTest {
    pub(super) slot: usize,
    pub(super) condition: Condition,
}

/// A lookup at work: its columns stand behind the file's own.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) table: Arc<LookupTable>,
    pub(super) first_slot: usize,
    pub(super) key: KeyColumn,
}

/// What a lookup is matched on: a canonical column, or a column of the file.
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyColumn {
    Field(usize),
    Slot(usize),
}
