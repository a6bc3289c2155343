//! [`Stage`]: one stage of the process as the configuration lists it, with the names it has had.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::day::{Day, WrittenDay};
use crate::domain::stage::kind::{ForecastCategory, Phase, StageKind};

/// One stage of the process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Stage {
    /// Name as it stands in the export.
    pub name: String,
    /// Open, won or lost.
    pub kind: StageKind,
    /// Lead, deal or post-sale.
    // Written as `place`, its name in version 1: checksums of configurations, and so of trained models, rest on it.
    #[serde(default, rename(serialize = "place"), alias = "place")]
    pub phase: Phase,
    /// The pipeline it belongs to, as the deals' `pipeline` column names it; absent: all pipelines have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// Forecast category of a deal in this stage, where no column says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<ForecastCategory>,
    /// The CRM's own chance to win in this stage, 0 to 1, where no column says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Other names it has had, and stages that were merged into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<FormerName>,
}

impl Stage {
    /// What a deal in it is: whatever lies after the sale is won.
    #[must_use]
    pub fn outcome(&self) -> StageKind {
        if self.phase == Phase::PostSale { StageKind::Won } else { self.kind }
    }
}

/// Another name of a stage, for all time or between two days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields, expecting = "expected a stage name or { name, from, until }")]
pub enum FormerName {
    /// The name meant this stage whenever no stage of its own has it.
    Always(String),
    /// The name meant this stage between two days, even where a stage of its own has it now.
    Dated {
        /// As it stands in the export.
        name: String,
        /// First day it meant this stage; since ever when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<WrittenDay>,
        /// First day it did not any more; for ever when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<WrittenDay>,
    },
}

impl FormerName {
    /// As it stands in the export.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Always(name) | Self::Dated { name, .. } => name,
        }
    }

    /// The first day it meant the stage and the first day it did not any more; `None` where no day is given.
    #[must_use]
    pub fn days(&self) -> Option<(Day, Day)> {
        match self {
            Self::Always(_) | Self::Dated { from: None, until: None, .. } => None,
            Self::Dated { from, until, .. } => {
                Some((from.map_or(Day(i32::MIN), |from| from.0), until.map_or(Day(i32::MAX), |until| until.0)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_may_still_be_called_place() {
        for key in ["phase", "place"] {
            let stage: Stage =
                toml::from_str(&format!("name = \"Demo\"\nkind = \"open\"\n{key} = \"lead\"")).expect("a stage");
            assert_eq!(stage.phase, Phase::Lead);
            assert!(toml::to_string(&stage).expect("written").contains("place = \"lead\""));
        }
    }
}
