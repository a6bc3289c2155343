//! One deal: where it stands in the timeline, and its whole story.

use crate::analyses::history::{PastScore, Trace, TraceInput, trace};
use crate::analyses::stagnation::benchmarks::Norms;
use crate::domain::ids::DealIx;
use crate::domain::spelling::nearest;
use crate::domain::stage::StageKind;
use crate::model::WinModel;
use crate::run::error::RunError;
use crate::run::morning::Morning;
use crate::run::questions::as_of::AsOf;

impl AsOf {
    /// Where the deal `id` stands in the timeline, or the deal that the lead `id` became.
    ///
    /// # Errors
    /// [`RunError::NoSuchDeal`], [`RunError::LeadWithoutDeal`].
    pub fn find(&self, id: &str) -> Result<DealIx, RunError> {
        let (deals, leads) = (&self.tables.deals, &self.tables.leads);
        let ids = || self.timeline.deals.iter().map(|head| deals.id(head.row).unwrap_or_default());
        if let Some(deal) = ids().position(|known| known == id) {
            return Ok(DealIx::at(deal));
        }
        let (id, as_of) = (id.to_owned(), self.day());
        if let Some(lead) = leads.ids.iter().position(|known| *known == id) {
            let deal = self.timeline.deals.iter().position(|head| leads.deal[lead].get() == Some(head.row));
            return deal.map(DealIx::at).ok_or(RunError::LeadWithoutDeal { id, as_of });
        }
        let guess = nearest(&id, ids()).map(str::to_owned);
        Err(RunError::NoSuchDeal { id, as_of, guess })
    }

    /// Where the deal `id` stands in the timeline, if it is open.
    ///
    /// # Errors
    /// As [`AsOf::find`]; [`RunError::NotOpen`].
    pub fn find_open(&self, id: &str) -> Result<DealIx, RunError> {
        let deal = self.find(id)?;
        let ended = match self.snapshot.state(deal).kind {
            StageKind::Open => return Ok(deal),
            StageKind::Won => "won",
            StageKind::Lost => "lost",
        };
        Err(RunError::NotOpen { id: id.to_owned(), ended })
    }

    /// The story of deal `deal` of the timeline: what happened to it, the scores `published` of it, and what `model` makes
    /// of it after every event.
    ///
    /// # Errors
    /// [`RunError::Segment`] where `[stagnation] by` names a column that cannot tell deals apart.
    pub fn history(
        &self,
        morning: &Morning<'_>,
        deal: DealIx,
        published: &[PastScore],
        model: Option<&WinModel>,
    ) -> Result<Trace, RunError> {
        let (tables, timeline, snapshot) = (&self.tables, &self.timeline, &self.snapshot);
        let candidates = morning.stagnation_candidates()?;
        let norms = &Norms::learn(timeline, &timeline.spells(), &morning.config.stagnation, &candidates);
        let mut story = trace(&TraceInput { tables, timeline, snapshot, norms }, deal, published);
        if let Some(model) = model {
            story.ask(model, morning.context());
        }
        Ok(story)
    }
}
