//! `quality.json`: what was wrong with the input and what had to be assumed.
//!
//! The assumptions are about the time before the as-of day, so that what happens later changes none of them; the issues
//! are about the files as a whole. How many rows were read stands in the manifest.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::day::Day;
use crate::domain::stage::Stage;
use crate::ingest::{Issue, Issues};
use crate::timeline::{StageOrder, Timeline};

/// The content of `quality.json`.
#[derive(Debug, Serialize)]
pub struct Quality<'a> {
    /// As-of day.
    pub as_of: Day,
    /// Rules that were broken: how often, with the first examples.
    pub issues: Vec<&'a Issue>,
    /// What had to be assumed.
    pub assumptions: Assumptions<'a>,
    /// The process, in order.
    pub stages: &'a [Stage],
    /// Optional tables that were not given, and what that costs.
    pub absent_tables: BTreeMap<&'a str, &'a str>,
}

/// What had to be assumed about the time before the as-of day; counts are of deals unless said otherwise.
#[derive(Debug, Serialize)]
pub struct Assumptions<'a> {
    /// Deals before the as-of day.
    pub deals: u64,
    /// Change rows before the as-of day.
    pub change_rows: u64,
    /// Without any change row: rebuilt from created and closed dates and present stage.
    pub without_history: u64,
    /// Closed on an unknown day.
    pub closed_without_date: u64,
    /// Closed by the table, open or otherwise closed by the log.
    pub history_disagrees_with_table: u64,
    /// Where the order of the stages comes from.
    pub stage_order: StageOrder,
    /// Fields with a past.
    pub tracked_fields: &'a [String],
    /// Fields taken as they stand in the deals table.
    pub untracked_fields: &'a [String],
}

impl<'a> Quality<'a> {
    /// Everything there is to say.
    #[must_use]
    pub fn of(timeline: &'a Timeline, issues: &'a Issues, absent_tables: BTreeMap<&'a str, &'a str>) -> Self {
        let quality = &timeline.quality;
        let assumptions = Assumptions {
            deals: quality.deals,
            change_rows: quality.change_rows,
            without_history: quality.without_history,
            closed_without_date: quality.closed_without_date,
            history_disagrees_with_table: quality.history_disagrees_with_table,
            stage_order: quality.stage_order,
            tracked_fields: &quality.tracked_fields,
            untracked_fields: &quality.untracked_fields,
        };
        let (as_of, stages) = (timeline.as_of, timeline.stages.stages());
        Self { as_of, issues: issues.iter().collect(), assumptions, stages, absent_tables }
    }
}
