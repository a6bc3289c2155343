//! How good the input of a day is, beside that of the last run.

use crate::analyses::quality::{
    ColumnQuality, CostInput, QualityCost, QualityRecord, Trend, column_qualities, columns, costs, findings, recorded,
    training_cost,
};
use crate::books::deal_values::DealValues;
use crate::config::Config;
use crate::ingest::issues_table;
use crate::model::TrainingCoverage;
use crate::report::finding::Finding;
use crate::report::table::Table;
use crate::run::error::RunError;
use crate::run::questions::AsOf;

/// How good the input is.
#[derive(Clone, Debug)]
pub struct InputQuality {
    /// What stands in every column.
    pub columns: Vec<ColumnQuality>,
    /// What every gap costs.
    pub costs: Vec<QualityCost>,
    /// The same in a few numbers, for the next run.
    pub record: QualityRecord,
    /// What got better or worse since the last run; nothing where there was none.
    pub trend: Vec<Finding>,
}

impl InputQuality {
    /// The input of `as_of`, whose deals are worth `values`; `previous` is that of the last run. A `coverage` is that of a model
    /// not yet trained.
    #[must_use]
    pub fn of(
        as_of: &AsOf,
        config: &Config,
        values: &DealValues,
        previous: Option<&QualityRecord>,
        coverage: Option<TrainingCoverage>,
    ) -> Self {
        let AsOf { tables, timeline, snapshot, issues, .. } = as_of;
        let columns = column_qualities(issues, previous);
        let input = CostInput { tables, timeline, snapshot, values, issues, config, previous };
        let mut costs = costs(input);
        let record = recorded(as_of.day(), &columns, &costs);
        costs.extend(coverage.and_then(|coverage| training_cost(input, coverage)));
        let trend = previous.map(|previous| findings::trend(&Trend::of(previous, &record))).unwrap_or_default();
        Self { columns, costs, record, trend }
    }

    /// `input_columns`, `input_costs` and `issues`.
    ///
    /// # Errors
    /// [`RunError::Table`].
    pub fn tables(&self, as_of: &AsOf) -> Result<[Table; 3], RunError> {
        Ok([columns::table(&self.columns)?, columns::costs_table(&self.costs)?, issues_table(&as_of.issues)?])
    }

    /// What got worse since the last run.
    pub fn worse(&self) -> impl Iterator<Item = &Finding> {
        self.trend.iter().filter(|finding| finding.code == "quality.worse")
    }
}
