//! What marketing sees before there is a deal: leads, touches, and what campaigns cost.
//!
//! Parallel columns like the change log. Knows nothing of deals but their row numbers.

use crate::domain::day::Moment;
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
    /// Row in [`Deals`](crate::ingest::tables::Deals) of the deal it became; `NO_CODE` where there is none, or not in the table.
    pub deal: Vec<u32>,
    /// What became of it.
    pub end: Vec<LeadEnd>,
    /// When that was, microseconds like [`Moment`]; `NO_AMOUNT` while open, or where nobody knows.
    pub ended: Vec<i64>,
    /// Owner code.
    pub owner: Vec<u32>,
    /// Code in [`Tables::sources`](crate::ingest::tables::Tables::sources).
    pub source: Vec<u32>,
    /// Code in [`Tables::campaigns`](crate::ingest::tables::Tables::campaigns).
    pub campaign: Vec<u32>,
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

    /// When lead `i` was created, and its id: an order that does not depend on the file's.
    #[must_use]
    pub fn born(&self, i: usize) -> (Moment, &String) {
        (self.created[i], &self.ids[i])
    }
}

/// Touches: entry `i` of every column belongs together.
#[derive(Clone, Debug, Default)]
pub struct Touches {
    /// When.
    pub at: Vec<Moment>,
    /// Row in [`Deals`](crate::ingest::tables::Deals), that of the lead's deal where the row names a lead; `NO_CODE` while there is none.
    pub deal: Vec<u32>,
    /// Code in [`Tables::sources`](crate::ingest::tables::Tables::sources).
    pub source: Vec<u32>,
    /// Code in [`Tables::campaigns`](crate::ingest::tables::Tables::campaigns).
    pub campaign: Vec<u32>,
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
    /// Code in [`Tables::currencies`](crate::ingest::tables::Tables::currencies).
    pub currency: u32,
}
