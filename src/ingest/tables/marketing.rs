//! What marketing sees before there is a deal: leads, touches, and what campaigns cost.
//!
//! Parallel columns like the change log. Knows nothing of deals but their row numbers.

use crate::domain::day::Moment;
use crate::domain::ids::{CampaignId, CurrencyId, LeadIx, OwnerId, RowIx, SourceId};
use crate::domain::maybe::Maybe;
use crate::domain::period::Period;

/// What became of a lead, as the export says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeadEnd {
    /// It is still worked on.
    #[default]
    Open,
    /// It became a deal.
    Converted,
    /// It ended without one.
    Disqualified,
}

/// Leads: entry `i` of every column belongs together.
#[derive(Clone, Debug, Default)]
pub struct Leads {
    /// Unique ids.
    pub ids: Vec<String>,
    /// When created.
    pub created: Vec<Moment>,
    /// Row in [`Deals`](crate::ingest::tables::Deals) of the deal it became; none where there is none, or not in the table.
    pub deal: Vec<Maybe<RowIx>>,
    /// What became of it.
    pub end: Vec<LeadEnd>,
    /// When that was; none while open, or where nobody knows.
    pub ended: Vec<Maybe<Moment>>,
    /// Owner.
    pub owner: Vec<Maybe<OwnerId>>,
    /// By [`Tables::sources`](crate::ingest::tables::Tables::sources).
    pub source: Vec<Maybe<SourceId>>,
    /// By [`Tables::campaigns`](crate::ingest::tables::Tables::campaigns).
    pub campaign: Vec<Maybe<CampaignId>>,
}

impl Leads {
    /// Number of leads.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// When `lead` was created, and its id: an order that does not depend on the file's.
    #[must_use]
    pub fn born(&self, lead: LeadIx) -> (Moment, &String) {
        (self.created[lead.index()], &self.ids[lead.index()])
    }
}

/// Touches: entry `i` of every column belongs together.
#[derive(Clone, Debug, Default)]
pub struct Touches {
    /// When.
    pub at: Vec<Moment>,
    /// Row in [`Deals`](crate::ingest::tables::Deals), that of the lead's deal where the row names a lead; none while there is none.
    pub deal: Vec<Maybe<RowIx>>,
    /// By [`Tables::sources`](crate::ingest::tables::Tables::sources).
    pub source: Vec<Maybe<SourceId>>,
    /// By [`Tables::campaigns`](crate::ingest::tables::Tables::campaigns).
    pub campaign: Vec<Maybe<CampaignId>>,
}

/// Marketing spend of one source in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignCost {
    /// Source as on deals.
    pub source: String,
    /// Campaign as on deals; `None` where the money was for the source as a whole.
    pub campaign: Option<String>,
    /// Period.
    pub period: Period,
    /// Minor units of `currency`.
    pub cost_minor: i64,
    /// By [`Tables::currencies`](crate::ingest::tables::Tables::currencies).
    pub currency: CurrencyId,
}
