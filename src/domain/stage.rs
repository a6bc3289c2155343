//! The sales process: an ordered list of stages, each open, won or lost.

mod list;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::day::{Day, WrittenDay};

pub use list::StageList;
pub(crate) use list::folded;

/// What being in a stage says about a deal's outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StageKind {
    /// Still being worked on.
    #[default]
    Open,
    /// Closed in our favour.
    Won,
    /// Closed without a sale.
    Lost,
}

/// Where in the customer's journey a stage stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Before there is a deal: generation, qualification, nurturing.
    Lead,
    /// The deal itself.
    #[default]
    Deal,
    /// After the win: invoice, delivery, after-sales. Such a stage counts as won.
    PostSale,
}

/// Forecast category of an open deal, as sales leaders use the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ForecastCategory {
    /// In the pipeline, nothing promised.
    Pipeline,
    /// Could close in the period if all goes well.
    BestCase,
    /// Promised for the period.
    Commit,
    /// Already closed.
    Closed,
    /// Left out of the forecast.
    Omitted,
}

impl ForecastCategory {
    /// As printed, and as `--category` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::BestCase => "best-case",
            Self::Commit => "commit",
            Self::Closed => "closed",
            Self::Omitted => "omitted",
        }
    }

    /// The category a CRM's label stands for; case, spaces, dashes and underscores do not matter.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        let key: String = label.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match key.as_str() {
            "pipeline" | "forecast" => Some(Self::Pipeline),
            "bestcase" | "upside" | "mostlikely" | "probable" => Some(Self::BestCase),
            "commit" | "committed" => Some(Self::Commit),
            "closed" | "won" => Some(Self::Closed),
            "omitted" | "notforecasted" | "omit" | "excluded" => Some(Self::Omitted),
            _ => None,
        }
    }
}

/// One stage of the process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Stage {
    /// Name as it stands in the export.
    pub name: String,
    /// Open, won or lost.
    pub kind: StageKind,
    /// Lead, deal or post-sale.
    #[serde(default)]
    pub place: Place,
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
        if self.place == Place::PostSale { StageKind::Won } else { self.kind }
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
