//! Where open deals stand still.

use crate::analyses::stagnation::Stagnation;
use crate::analyses::stagnation::summary::StagnationSummary;
use crate::books::deal_values::DealValues;
use crate::run::error::RunError;
use crate::run::questions::as_of::AsOf;

/// Days back the reference day is where nobody names one.
pub const REFERENCE_DAYS: i32 = 7;

impl AsOf {
    /// `stagnation` in a few numbers, by stage and each of `columns`.
    ///
    /// # Errors
    /// [`RunError::Segment`] for a column that cannot tell deals apart.
    pub fn stagnation_summary(
        &self,
        stagnation: &Stagnation,
        values: &DealValues,
        columns: &[String],
    ) -> Result<StagnationSummary, RunError> {
        let segments = self.segments(columns.iter().filter(|column| *column != "stage"))?;
        Ok(StagnationSummary::of(stagnation, &self.timeline, values, &segments))
    }
}
