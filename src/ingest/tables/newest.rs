//! When the input ends, as a value. Found in `ingest/newest_event.rs`.

use crate::domain::day::Day;
use crate::domain::inputs::InputTable;

/// When the input ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestEvent {
    /// The newest day of an event that does not lie far beyond all others.
    pub day: Day,
    /// The newest of those that do, if any.
    pub stray: Option<StrayEvent>,
}

/// An event dated far beyond the rest of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayEvent {
    /// Its day.
    pub day: Day,
    /// The table it stands in.
    pub table: InputTable,
    /// The column of the day.
    pub column: &'static str,
    /// The id of the deal or lead its row is about.
    pub id: String,
    /// How many events there are beyond.
    pub events: u64,
}
