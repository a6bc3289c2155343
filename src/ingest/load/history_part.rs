//! The growing change log: of one chunk, of all of them, or of what differs between copies of the deals table.

use std::ops::Range;

use crate::domain::code::Dictionary;
use crate::domain::day::Moment;
use crate::domain::ids::{CurrencyId, OwnerId, RowIx, StageNameId};
use crate::domain::maybe::Maybe;
use crate::ingest::context::Decimals;
use crate::ingest::load::chances::ChanceEvidence;
use crate::ingest::load::columns::translation;
use crate::ingest::load::unknown_stages::UnknownStages;
use crate::ingest::tables::{ChangeNames, Changes, FieldChanges, Tables};
use crate::ingest::twice::Marks;

/// Rows of a log that tell of one field, and how many of them name the old value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OldValues {
    pub rows: u64,
    pub filled: u64,
}

/// The changes of one chunk, or of all of them, with names of their own.
#[derive(Default)]
pub(crate) struct HistoryColumns {
    pub(super) changes: Changes,
    pub(super) stages: Dictionary<StageNameId>,
    pub(super) owners: Dictionary<OwnerId>,
    pub(super) currencies: Dictionary<CurrencyId>,
    pub(super) decimals: Decimals,
    pub(super) chances: ChanceEvidence,
    pub(super) percent: bool,
    pub(super) unknown_stages: UnknownStages,
    /// Of columns only the input knows.
    pub(super) fields: FieldChanges,
    /// Which of the deals table's own columns each column of the chunk is that is read into nothing; asked once.
    pub(super) own: Option<Vec<Option<String>>>,
    pub(super) old_values: OldValues,
    /// One per row of the file, which is one change or two.
    pub(super) marks: Marks,
    /// Where the changes of each marked row end.
    pub(super) ends: Vec<u32>,
    /// Changes from files with one row per change and a column of stages.
    pub(super) whole_rows: Vec<Range<u32>>,
    /// Of these, rows with a value of the deals table's own columns: beside a stage, and without one.
    pub(super) own_beside: u64,
    pub(super) own_alone: u64,
}

impl HistoryColumns {
    /// Changes found between dated copies.
    pub(super) fn of_copies(
        changes: Changes,
        stages: Dictionary<StageNameId>,
        owners: Dictionary<OwnerId>,
        currencies: Dictionary<CurrencyId>,
        fields: FieldChanges,
    ) -> Self {
        Self { changes, stages, owners, currencies, fields, ..Self::default() }
    }

    /// Writes chances as shares of 1: other files may write them in percent.
    pub(crate) fn scale_chances(&mut self) {
        if std::mem::take(&mut self.percent) {
            let share = |percent: &Maybe<f32>| Maybe::from(percent.get().map(|percent| percent / 100.0));
            self.changes.probability.iter_mut().for_each(|chance| *chance = share(chance));
        }
    }

    /// Appends changes whose names have ids of their own.
    pub(crate) fn append(&mut self, part: Self) {
        let HistoryColumns {
            changes,
            stages,
            owners,
            currencies,
            chances,
            percent: _,
            unknown_stages,
            fields,
            marks,
            ends,
            whole_rows,
            own_beside,
            own_alone,
            decimals: _,
            old_values,
            own: _,
        } = part;
        self.old_values.rows += old_values.rows;
        self.old_values.filled += old_values.filled;
        self.fields.append(fields);
        let before = self.changes.len() as u32;
        self.marks.append(marks);
        self.ends.extend(ends.into_iter().map(|end| before + end));
        self.own_beside += own_beside;
        self.own_alone += own_alone;
        self.whole_rows.extend(whole_rows.into_iter().map(|rows| before + rows.start..before + rows.end));
        let names = ChangeNames {
            stages: translation(&stages, |name| self.stages.intern(name)),
            owners: translation(&owners, |name| self.owners.intern(name)),
            currencies: translation(&currencies, |name| self.currencies.intern(name)),
        };
        self.changes.append(changes, &names);
        self.chances.merge(chances);
        self.unknown_stages.merge(unknown_stages);
    }

    /// Stages outside the configured list.
    pub(crate) fn unknown_stages(&self) -> &UnknownStages {
        &self.unknown_stages
    }

    /// Deal and moment of every change.
    pub(crate) fn events(&self) -> impl Iterator<Item = (&RowIx, &Moment)> {
        let own = self.fields.rows.iter().map(|row| (&row.deal, &row.at));
        self.changes.deal.iter().zip(&self.changes.at).chain(own)
    }

    /// Moves the changes into `tables`, whose dictionaries gain the names only history knows.
    pub(crate) fn finish(mut self, tables: &mut Tables) {
        self.scale_chances();
        let Self { mut changes, stages, owners, currencies, fields, .. } = self;
        tables.field_changes = fields;
        changes.rename(&ChangeNames {
            stages: translation(&stages, |name| tables.stage_names.intern(name)),
            owners: translation(&owners, |name| tables.owners.intern(name)),
            currencies: translation(&currencies, |name| tables.currency(name)),
        });
        tables.changes = changes;
    }
}
