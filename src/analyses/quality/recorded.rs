//! The columns and costs of a run to its [`QualityRecord`].

use crate::analyses::quality::column_quality::ColumnQuality;
use crate::analyses::quality::cost::QualityCost;
use crate::analyses::quality::record::{ColumnRecord, CostRecord, QualityRecord};
use crate::domain::day::Day;

/// The columns and costs of the run of `as_of` in a few numbers.
#[must_use]
pub fn recorded(as_of: Day, columns: &[ColumnQuality], costs: &[QualityCost]) -> QualityRecord {
    let column = |of: &ColumnQuality| ColumnRecord {
        table: of.table.to_owned(),
        column: of.column.clone(),
        rows: of.counts.rows,
        filled: of.counts.filled,
        invalid: of.counts.invalid,
    };
    let cost = |of: &QualityCost| CostRecord { gap: of.gap.to_owned(), deals: of.deals };
    QualityRecord { as_of, columns: columns.iter().map(column).collect(), costs: costs.iter().map(cost).collect() }
}
