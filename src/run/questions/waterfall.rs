//! What became of the pipeline since earlier mornings.

use crate::analyses::waterfall::{Span, Waterfall, WaterfallDeals, WaterfallInput, waterfall, waterfall_deals};
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::config::Config;
use crate::domain::day::Day;
use crate::run::error::RunError;
use crate::run::questions::as_of::AsOf;
use crate::snapshot::Standings;

impl AsOf {
    /// `spans` with the deals of their mornings; those that were not asked for when loading are left out.
    #[must_use]
    pub fn spans(&self, spans: &[Span<Day>]) -> Vec<Span<&Standings>> {
        let known = |span: &Span<Day>| {
            let from = self.earlier.iter().find(|standings| standings.day == span.from)?;
            Some(Span { from, kinds: span.kinds.clone() })
        };
        spans.iter().filter_map(known).collect()
    }

    /// What became of the pipeline since the mornings of `spans`, for nodes of `levels` (all if empty).
    ///
    /// # Errors
    /// [`RunError::Forecast`].
    pub fn waterfall(
        &self,
        config: &Config,
        spans: &[Span<&Standings>],
        levels: &[Level],
        filter: &ForecastFilter,
    ) -> Result<Waterfall, RunError> {
        Ok(waterfall(&self.waterfall_input(config, spans, filter), levels)?)
    }

    /// The deals behind its bars.
    ///
    /// # Errors
    /// [`RunError::Forecast`].
    pub fn waterfall_deals<'a>(
        &'a self,
        config: &'a Config,
        spans: &'a [Span<&'a Standings>],
        filter: &'a ForecastFilter,
    ) -> Result<WaterfallDeals<'a>, RunError> {
        Ok(waterfall_deals(&self.waterfall_input(config, spans, filter))?)
    }

    fn waterfall_input<'a>(
        &'a self,
        config: &'a Config,
        spans: &'a [Span<&'a Standings>],
        filter: &'a ForecastFilter,
    ) -> WaterfallInput<'a> {
        let (tables, timeline, snapshot) = (&self.tables, &self.timeline, &self.snapshot);
        WaterfallInput { tables, timeline, snapshot, spans, config, filter }
    }
}
