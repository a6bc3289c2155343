//! Columns that have to go because open deals contradict a model that sees them.
//!
//! What the leak hunter found in; columns in the order they go, and a context in which they are leaks, out. Which of them go
//! is for the model to find out.

use std::sync::OnceLock;

use crate::config::FeatureConfig;
use crate::features::context::FeatureContext;

/// Columns whose values on open deals are as good as those of their like stay whatever a model says.
const LEAST_PULL: f64 = 0.004;

impl FeatureContext<'_> {
    /// The columns that may go, each with how far its values on open deals are from those of their like times what they
    /// tell, strongest first. Leaks are gone already; what the configuration forces in stays.
    #[must_use]
    pub fn columns_by_pull(&self, config: &FeatureConfig) -> Vec<(String, f64)> {
        let is_forced = |column: &str| config.force.iter().any(|name| name.eq_ignore_ascii_case(column));
        let found = self.verdicts().iter().filter(|(column, found)| found.leak.is_none() && !is_forced(column));
        let mut columns: Vec<(String, f64)> =
            found.map(|(column, found)| (column.clone(), found.pull)).filter(|(_, pull)| *pull >= LEAST_PULL).collect();
        columns.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        columns
    }

    /// The same context, in which `columns` are leaks for `reason`.
    #[must_use]
    pub fn without_leaks(&self, columns: &[String], reason: &str) -> Self {
        let mut verdicts = self.verdicts().clone();
        for column in columns {
            let found = verdicts.entry(column.clone()).or_default();
            found.suspicion = None;
            found.leak = Some(reason.to_owned());
        }
        Self { verdicts: OnceLock::from(verdicts), ..self.clone() }
    }
}
