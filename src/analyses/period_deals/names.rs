//! What the deals behind a period are called, kept before the deals table is released.

use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::ingest::tables::Tables;
use crate::snapshot::{DealState, Snapshot};

/// Days back within which closed deals are listed: a year and a month.
pub const CLOSED_DAYS: i32 = 396;

/// What one deal is called.
#[derive(Clone, Debug)]
pub struct DealName {
    /// The deal.
    pub deal: DealIx,
    /// Its id.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its customer, if it names one.
    pub account: Option<String>,
}

/// The names of the open deals and of those closed within a year, in the order of the timeline's deals.
#[derive(Clone, Debug, Default)]
pub struct DealNames(pub Vec<DealName>);

impl DealNames {
    /// The names in `tables`.
    #[must_use]
    pub fn gather(tables: &Tables, snapshot: &Snapshot) -> Self {
        let account = tables.deals.account();
        let first = snapshot.as_of.plus(-CLOSED_DAYS);
        let is_listed = |state: &&DealState| {
            state.kind == StageKind::Open || state.closed.get().is_some_and(|closed| closed >= first)
        };
        let name = |state: &DealState| DealName {
            deal: state.deal,
            id: tables.deals.id(state.row).unwrap_or_default().to_owned(),
            name: tables.deals.name(state.row).map(str::to_owned),
            account: account.and_then(|account| account.name(state.row)).map(str::to_owned),
        };
        Self(snapshot.states.iter().filter(is_listed).map(name).collect())
    }
}
