//! What marketing brought.

use crate::analyses::sources::{Sources, SourcesBy, SourcesInput, sources};
use crate::books::deal_values::DealValues;
use crate::domain::period::PeriodKind;
use crate::run::error::RunError;
use crate::run::questions::as_of::AsOf;
use crate::run::questions::filter::Selection;

impl AsOf {
    /// What the marketing sources of the selected deals and leads brought in periods of a length, in each of the ways
    /// `wanted`.
    ///
    /// # Errors
    /// [`RunError::Grouping`].
    pub fn sources(
        &self,
        values: &DealValues,
        selection: &Selection,
        kind: PeriodKind,
        wanted: &[SourcesBy],
    ) -> Result<Vec<Sources>, RunError> {
        let (tables, timeline, calendar) = (&self.tables, &self.timeline, self.calendar());
        let Selection { deals: keep, lives: leads, leads: keep_leads, costs } = selection;
        let (with_costs, keep) = (*costs, keep.as_slice());
        let input = SourcesInput { tables, timeline, values, keep, leads, keep_leads, with_costs, calendar, kind };
        Ok(sources(&input, wanted)?)
    }

    /// Whether a deal, lead, touch or cost names a campaign.
    #[must_use]
    pub fn has_campaigns(&self) -> bool {
        let of_costs = self.tables.campaign_costs.iter().any(|cost| cost.campaign.is_some());
        of_costs || self.tables.deals.campaign().is_some() || !self.tables.campaigns.is_empty()
    }
}
