//! `quality.json`: what was wrong with the input and what had to be assumed.
//!
//! The assumptions are about the time before the as-of day, so that what happens later changes none of them; the issues
//! are about the files as a whole. How many rows were read stands in the manifest.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analyses::forecast::{Forecast, ForecastRow};
use crate::domain::day::Day;
use crate::domain::money::to_decimal;
use crate::domain::stage::Stage;
use crate::ingest::tables::Tables;
use crate::ingest::{Issue, Issues};
use crate::timeline::{StageOrder, Timeline, UnlistedStage};

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
    /// What the forecast does not show, and what in it contradicts itself.
    pub forecast: ForecastDoubts<'a>,
}

/// What to know before believing the forecast; counts are of deals unless said otherwise.
#[derive(Debug, Serialize)]
pub struct ForecastDoubts<'a> {
    /// Open without an expected close date: in no period's pipeline.
    pub open_without_date: u64,
    /// Open or closed without an amount: counted as 0.
    pub without_amount: u64,
    /// In the pipeline without any chance to win: left out of `weighted`.
    pub open_without_probability: u64,
    /// Quotas of running and coming periods that are not the sum of those below them.
    pub quotas_unlike_rollup: Vec<UnlikeQuota<'a>>,
    /// Owners of revisions that no deal, user or quota has.
    pub revisions_of_unknown_owners: Vec<&'a str>,
}

/// A quota that is not the sum of those below it.
#[derive(Debug, Serialize)]
pub struct UnlikeQuota<'a> {
    /// `team`, `region` or `company`.
    pub level: &'static str,
    /// Whose.
    pub node: &'a str,
    /// The period.
    pub period: String,
    /// Of both amounts.
    pub currency: &'a str,
    /// What was set.
    pub quota: String,
    /// What those below add up to.
    pub quota_rollup: String,
}

impl<'a> ForecastDoubts<'a> {
    /// Everything doubtful in `forecast`, made from `tables`.
    #[must_use]
    pub fn of(forecast: &'a Forecast, tables: &Tables) -> Self {
        let unlike = |row: &'a ForecastRow| {
            let (node, currency) = (forecast.nodes.get(row.node)?, forecast.currencies.get(row.currency)?);
            let amount = |minor: i64| to_decimal(minor.into(), currency.decimals).to_string();
            Some(UnlikeQuota {
                level: node.level.name(),
                node: &node.key,
                period: row.period.to_string(),
                currency: &currency.code,
                quota: amount(row.quota?),
                quota_rollup: amount(row.quota_rollup?),
            })
        };
        let quality = &forecast.quality;
        Self {
            open_without_date: quality.open_without_date,
            without_amount: quality.without_amount,
            open_without_probability: quality.open_without_probability,
            quotas_unlike_rollup: forecast.quota_differences().filter_map(unlike).collect(),
            revisions_of_unknown_owners: forecast.revisions.unknown_owners(tables).into_iter().collect(),
        }
    }
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
    /// Stages of the data that the configuration does not list, and where they were put.
    pub unlisted_stages: &'a [UnlistedStage],
    /// Fields with a past.
    pub tracked_fields: &'a [String],
    /// Fields taken as they stand in the deals table.
    pub untracked_fields: &'a [String],
}

impl<'a> Quality<'a> {
    /// Everything there is to say.
    #[must_use]
    pub fn of(
        timeline: &'a Timeline,
        issues: &'a Issues,
        absent_tables: BTreeMap<&'a str, &'a str>,
        forecast: ForecastDoubts<'a>,
    ) -> Self {
        let quality = &timeline.quality;
        let assumptions = Assumptions {
            deals: quality.deals,
            change_rows: quality.change_rows,
            without_history: quality.without_history,
            closed_without_date: quality.closed_without_date,
            history_disagrees_with_table: quality.history_disagrees_with_table,
            stage_order: quality.stage_order,
            unlisted_stages: &quality.unlisted_stages,
            tracked_fields: &quality.tracked_fields,
            untracked_fields: &quality.untracked_fields,
        };
        let (as_of, stages) = (timeline.as_of, timeline.stages.stages());
        Self { as_of, issues: issues.iter().collect(), assumptions, stages, absent_tables, forecast }
    }
}
