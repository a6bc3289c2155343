//! What a file of an export is to dealcast.

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::domain::inputs::InputTable;

/// What a file is to dealcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableRole {
    /// An input table.
    Input(InputTable),
    /// The list of stages: ids with labels, order, and what they mean.
    Stages,
}

impl TableRole {
    /// Columns a preset may name beside those of the input table.
    pub const BESIDE: [&'static str; 4] = ["is_won", "is_closed", "fiscal_quarter", "fiscal_year"];
    /// Columns of a list of stages.
    pub const OF_STAGES: [&'static str; 7] = ["id", "label", "order", "probability", "is_won", "is_closed", "pipeline"];
    const STAGES: &'static str = "stages";

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Input(table) => table.name(),
            Self::Stages => Self::STAGES,
        }
    }

    /// Whether a preset may give this column.
    #[must_use]
    pub fn has_column(self, name: &str) -> bool {
        match self {
            Self::Input(table) => table.spec().position(name).is_some() || Self::BESIDE.contains(&name),
            Self::Stages => Self::OF_STAGES.contains(&name),
        }
    }
}

impl fmt::Display for TableRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for TableRole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == Self::STAGES {
            return Ok(Self::Stages);
        }
        let unknown = || serde::de::Error::unknown_variant(&name, InputTable::NAMES);
        InputTable::from_name(&name).map(Self::Input).ok_or_else(unknown)
    }
}
