//! [`InputTable`] by name: as the configuration, flags and messages write it.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::domain::inputs::declared::InputTable;
use crate::domain::inputs::spec::InputSpec;

impl InputTable {
    /// Canonical name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// The command-line flag that names its file, without the leading dashes.
    #[must_use]
    pub fn flag(self) -> String {
        self.name().replace('_', "-")
    }

    /// The table with this canonical name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|table| table.name() == name)
    }

    /// Whether nothing can be done without it.
    #[must_use]
    pub fn is_required(self) -> bool {
        self.spec().cost_of_absence.is_none()
    }
}

impl InputSpec {
    /// The names of the canonical columns.
    pub fn column_names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }

    /// The position of the canonical column `name`.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl fmt::Display for InputTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for InputTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| D::Error::unknown_field(&name, Self::NAMES))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_table_and_every_column_of_it_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = InputTable::NAMES.iter().copied().collect();
        assert_eq!(names.len(), InputTable::ALL.len());
        for (table, name) in InputTable::ALL.iter().zip(InputTable::NAMES) {
            assert_eq!((table.name(), InputTable::from_name(name)), (*name, Some(*table)));
            let columns: BTreeSet<&str> = table.spec().columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), table.spec().columns.len(), "{table}");
        }
    }

    #[test]
    fn the_position_of_a_column_is_its_place_in_the_declaration() {
        use crate::domain::inputs::{deals, revisions, stage_history};
        assert_eq!(deals::SPEC.position("campaign"), Some(deals::CAMPAIGN));
        assert_eq!(stage_history::SPEC.position("new_value"), Some(stage_history::NEW_VALUE));
        assert_eq!(revisions::SPEC.position("note"), Some(revisions::NOTE));
        assert_eq!(revisions::SPEC.position("notes"), None);
    }

    #[test]
    fn only_the_deals_are_required() {
        let required: Vec<InputTable> = InputTable::ALL.iter().copied().filter(|table| table.is_required()).collect();
        assert_eq!(required, [InputTable::Deals]);
    }
}
