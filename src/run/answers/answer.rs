//! What a question is answered with.

use crate::domain::day::Day;
use crate::report::people::People;
use crate::report::sinks::Stamp;
use crate::report::table::Table;
use crate::run::questions::AsOf;

/// A table, and what it says of its origin.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The rows.
    pub table: Table,
    /// Where they come from.
    pub stamp: Stamp,
    /// What the owners and managers in them are called.
    pub people: People,
}

impl Answer {
    /// `table`, made of what was known on `day`.
    pub(super) fn of(table: Table, day: Day) -> Self {
        Self { table, stamp: Stamp { as_of: Some(day.to_string()), model_id: None }, people: People::default() }
    }

    /// The same, of the day of `as_of`.
    pub(super) fn of_day(table: Table, as_of: &AsOf) -> Self {
        Self::of(table, as_of.day()).among(as_of.people())
    }

    /// The same, about `people`.
    pub(super) fn among(self, people: People) -> Self {
        Self { people, ..self }
    }

    /// The same, made with a model.
    pub(super) fn by_model(mut self, model_id: Option<&str>) -> Self {
        self.stamp.model_id = model_id.map(str::to_owned);
        self
    }
}
