//! The history of columns only the input knows: which value such a column had on which deal, and since when.

use crate::domain::code::Dictionary;
use crate::domain::day::Moment;
use crate::domain::ids::{RowIx, WordId};
use crate::domain::maybe::Maybe;

/// One column of one deal, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Row of the deal in [`Deals`](crate::ingest::tables::Deals).
    pub deal: RowIx,
    /// Since when.
    pub at: Moment,
    /// Whether `value` is what stood there *before* this moment.
    pub prior: bool,
    /// The column, by [`FieldChanges::columns`].
    pub column: WordId,
    /// The value as written, by [`FieldChanges::values`]; none where the column was emptied.
    pub value: Maybe<WordId>,
}

/// Changes of columns only the input knows, in no order.
#[derive(Clone, Debug, Default)]
pub struct FieldChanges {
    /// One per change.
    pub rows: Vec<FieldChange>,
    /// Names of the columns, as the deals table has them.
    pub columns: Dictionary,
    /// Values as written.
    pub values: Dictionary,
}

impl FieldChanges {
    /// Appends what another part holds, whose names have ids of their own.
    pub(crate) fn append(&mut self, part: Self) {
        let columns: Vec<WordId> = part.columns.names().map(|name| self.columns.intern(name)).collect();
        let values: Vec<WordId> = part.values.names().map(|name| self.values.intern(name)).collect();
        self.rows.extend(part.rows.into_iter().map(|row| FieldChange {
            column: columns[row.column.index()],
            value: row.value.get().map(|value| values[value.index()]).into(),
            ..row
        }));
    }

    /// Writes every value of the columns that `plain` knows as it does; where it says nothing, the value stays.
    pub(crate) fn rewrite(&mut self, plain: impl Fn(WordId, &str) -> Option<String>) {
        let mut values: Dictionary = Dictionary::default();
        for row in &mut self.rows {
            let Some(value) = self.values.name(row.value) else { continue };
            row.value = values.intern(plain(row.column, value).as_deref().unwrap_or(value)).into();
        }
        self.values = values;
    }

    /// Notes one change; an empty `value` says that the column was emptied.
    pub(crate) fn push(&mut self, deal: RowIx, at: Moment, prior: bool, column: &str, value: Option<&str>) {
        let column = self.columns.intern(column);
        let value = value.map(|value| self.values.intern(value)).into();
        self.rows.push(FieldChange { deal, at, prior, column, value });
    }
}
