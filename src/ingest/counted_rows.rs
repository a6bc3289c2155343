//! The rows of a chunk, as its file lays them out, to the counts of its columns.

use crate::domain::inputs::InputSpec;
use crate::ingest::column_counts::{ChunkTally, ColumnsOfTable};
use crate::ingest::decode::chunk::RawChunk;
use crate::ingest::layout::FileLayout;

impl ChunkTally {
    /// Counts the filled cells of a row: those of the canonical columns at `fields`, and of the columns behind the `known`
    /// ones.
    pub(crate) fn count_row(
        &mut self,
        fields: &[usize],
        known: usize,
        layout: &FileLayout,
        chunk: &RawChunk,
        row: usize,
    ) {
        for &field in fields {
            self.column(field).cell(!layout.cell(chunk, row, field).is_empty());
        }
        for extra in 0..layout.extras().len() {
            self.column(known + extra).cell(!layout.extra(chunk, row, extra).is_empty());
        }
    }

    /// The counts by name, of the columns the file has.
    pub(crate) fn named(self, spec: &InputSpec, layout: &FileLayout) -> ColumnsOfTable {
        let known = spec.columns.len();
        let extras: Vec<&str> = layout.extras().collect();
        let mut named = ColumnsOfTable::new();
        for (position, mut counts) in self.columns.into_iter().enumerate().filter(|(_, counts)| counts.rows > 0) {
            let name = match spec.columns.get(position) {
                Some(column) => column.name,
                None => extras.get(position - known).copied().unwrap_or_default(),
            };
            counts.header = layout.name_of(position, name).to_owned();
            named.insert(name.to_owned(), counts);
        }
        named
    }
}
