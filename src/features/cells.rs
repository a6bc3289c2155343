//! What is read of a field: one value per row, a number or a level.
//!
//! Plain values; `read` fills them, `encode` spreads them over columns.

/// One field's values, one per row.
#[derive(Debug)]
pub(super) enum Cells {
    /// Numbers, [`MISSING`] or [`NEUTRAL`].
    Numbers(Vec<f64>),
    /// Levels of [`Measure::Level`].
    Levels(Vec<CellLevel>),
}

/// A level of a category as the fitted field knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellLevel {
    /// Position in the field's levels.
    Known(u32),
    /// One of the rare ones.
    Pooled,
    /// No value.
    Missing,
    /// Never seen in training, or not comparable.
    Unseen,
}
