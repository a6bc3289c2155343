//! What a declaration of an input table says: [`InputSpec`], with an [`InputColumn`] per canonical column.
//!
//! Holds no table itself; `declared` does.

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Names, words, ids.
    Text,
    /// Dates and times.
    Date,
    /// A period's label, or a date.
    Period,
    /// Money.
    Money,
    /// Other numbers: rates, chances, counts.
    Number,
}

impl CellKind {
    /// As the input reference prints it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date or time",
            Self::Period => "period",
            Self::Money => "amount",
            Self::Number => "number",
        }
    }
}

/// A canonical column of an input table.
#[derive(Clone, Copy, Debug)]
pub struct InputColumn {
    /// Canonical name.
    pub name: &'static str,
    /// What its cells are.
    pub kind: CellKind,
    /// Whether a table without it cannot be used.
    pub required: bool,
    /// What a cell says, in one line.
    pub meaning: &'static str,
}

/// When two rows of a table speak of the same thing.
#[derive(Clone, Copy, Debug)]
pub enum RowIdentity {
    /// Where these columns say the same: one of the rows counts.
    OnePer(&'static [usize]),
    /// Where these columns say the same: one of the rows counts, or their amounts add up where the rules say so.
    SumPer(&'static [usize]),
    /// Rows are events: where all of their cells say the same, and the column at `at` a time of day; or where the column
    /// at `id`, if the table has one, does.
    Events {
        /// Tells events apart.
        id: Option<usize>,
        /// When an event was.
        at: usize,
    },
}

/// An input table.
#[derive(Debug)]
pub struct InputSpec {
    /// Canonical name; its key under `[sources]` and, with dashes, its flag.
    pub name: &'static str,
    /// What one row is.
    pub row: &'static str,
    /// What the table holds, in one line.
    pub meaning: &'static str,
    /// What a run without the table lacks; `None` where there is no run without it.
    pub cost_of_absence: Option<&'static str>,
    /// Whether what its mapping says shapes the win model.
    pub shapes_model: bool,
    /// Whether a written configuration says `null` where the table is not given. Checksums of configurations rest on it, so
    /// the tables that did so stay as they are; a new table says `false`.
    pub null_when_absent: bool,
    /// The canonical columns.
    pub columns: &'static [InputColumn],
    /// Whether further columns are read too.
    pub further_columns: bool,
    /// When two rows speak of the same thing.
    pub identity: RowIdentity,
}
