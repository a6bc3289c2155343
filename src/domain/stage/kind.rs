//! What a stage says about the deals in it: open, won or lost; where in the journey; which forecast category.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Where in the customer's journey a stage stands: its phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
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
