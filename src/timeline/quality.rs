//! What had to be assumed while building a timeline, and how often.

use serde::Serialize;

use crate::domain::stage::{Phase, StageKind};

/// What had to be assumed while building the timeline; all counts are of deals unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TimelineQuality {
    /// Deals before the as-of day.
    pub deals: u64,
    /// Deals created on or after the as-of day, not used.
    pub deals_in_the_future: u64,
    /// Change rows before the as-of day.
    pub change_rows: u64,
    /// Change rows on or after the as-of day, or of deals created then, not used.
    pub change_rows_in_the_future: u64,
    /// Deals without any change row: rebuilt from created and closed dates and present stage.
    pub without_history: u64,
    /// Closed deals whose closing day is unknown: counted as won or lost, placed in no period, kept out of training.
    pub closed_without_date: u64,
    /// Deals the table closed before the as-of day whose log ends open or with the other outcome.
    pub history_disagrees_with_table: u64,
    /// Where the order of the stages comes from.
    pub stage_order: StageOrder,
    /// Stages of the data that the configuration does not list, in process order; empty where it lists none at all.
    pub unlisted_stages: Vec<UnlistedStage>,
    /// Pipelines of configured stages that no deal is in, each with the name that may be meant.
    pub unknown_pipelines: Vec<(String, Option<String>)>,
    /// Fields that change in the log (`stage`, `amount`…): their past is known.
    pub tracked_fields: Vec<String>,
    /// Columns whose history covers too few of the closed deals: most are read from the deals table.
    pub sparse_histories: Vec<SparseHistory>,
    /// Fields taken from the deals table as they stand there, for all days: their past is not known.
    pub untracked_fields: Vec<String>,
}

/// A column that a log names on too few deals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SparseHistory {
    /// The column.
    pub column: String,
    /// Of the closed deals with a value, those it covers.
    pub percent: u8,
}

/// Where the order of the stages comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageOrder {
    /// The configuration.
    #[default]
    Configured,
    /// Proposed: which stage deals entered first.
    History,
    /// Proposed: the alphabet, because there is no history to tell.
    Name,
}

/// A stage of the data that the configuration does not list, and the phase it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnlistedStage {
    /// As written.
    pub stage: String,
    /// Whose deals were in it; `None` where the process is one for all pipelines.
    pub pipeline: Option<String>,
    /// Deals that are or were in it before the as-of day.
    pub deals: u64,
    /// Open, won or lost, by its name or by where deals ended.
    pub kind: StageKind,
    /// Of the deal, or after the sale.
    #[serde(rename = "place")]
    pub phase: Phase,
    /// The stage it was put behind; `None` at the start.
    pub after: Option<String>,
}
