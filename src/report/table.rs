//! A report table: named, typed columns over an arrow record batch.

use arrow::array::RecordBatch;

/// One result table. Columns keep the order they were added in.
#[derive(Clone, Debug)]
pub struct Table {
    name: String,
    batch: RecordBatch,
}

impl Table {
    /// `batch` under the name `name`.
    pub(super) fn of_batch(name: &str, batch: RecordBatch) -> Self {
        Self { name: name.to_owned(), batch }
    }

    /// The file stem: `scores`, `funnel`…
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The data.
    #[must_use]
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// The data, the name forgotten.
    #[must_use]
    pub fn into_batch(self) -> RecordBatch {
        self.batch
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }
}
