//! The sales process: an ordered list of stages, each open, won or lost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What being in a stage says about a deal's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StageKind {
    /// Still being worked on.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Stage {
    /// Name as it stands in the export.
    pub name: String,
    /// Open, won or lost.
    pub kind: StageKind,
    /// Lead, deal or post-sale.
    #[serde(default)]
    pub place: Place,
    /// Forecast category of a deal in this stage, where no column says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<ForecastCategory>,
    /// The CRM's own chance to win in this stage, 0 to 1, where no column says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// A position in a [`StageList`].
pub type StageId = u16;

/// The stage of a deal whose history does not reach back far enough.
pub const UNKNOWN_STAGE: StageId = StageId::MAX;

/// The stages in process order, and the translation of dictionary codes to positions.
#[derive(Clone, Debug, Default)]
pub struct StageList {
    stages: Vec<Stage>,
    of_code: Vec<StageId>,
}

impl StageList {
    /// `stages` in process order; `of_code[c]` is the position of dictionary code `c`, [`UNKNOWN_STAGE`] if none.
    #[must_use]
    pub fn new(stages: Vec<Stage>, of_code: Vec<StageId>) -> Self {
        Self { stages, of_code }
    }

    /// The stages in process order.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The stage at `id`; `None` for [`UNKNOWN_STAGE`].
    #[must_use]
    pub fn get(&self, id: StageId) -> Option<&Stage> {
        self.stages.get(usize::from(id))
    }

    /// The position of a stage-dictionary code, [`UNKNOWN_STAGE`] where the list has no such stage.
    #[must_use]
    pub fn id_of_code(&self, code: u32) -> StageId {
        self.of_code.get(code as usize).copied().unwrap_or(UNKNOWN_STAGE)
    }

    /// Open, won or lost; an unknown stage is open.
    #[must_use]
    pub fn kind(&self, id: StageId) -> StageKind {
        self.get(id).map_or(StageKind::Open, |stage| stage.kind)
    }

    /// The name to print, `(unknown)` where history does not say.
    #[must_use]
    pub fn name(&self, id: StageId) -> &str {
        self.get(id).map_or("(unknown)", |stage| &stage.name)
    }
}
