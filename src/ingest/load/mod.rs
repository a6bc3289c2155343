//! One loader per table of the contract: rows in, typed columns out.

pub(crate) mod activities;
mod chances;
pub(crate) mod columns;
mod copies;
mod copy_rows;
mod deal_cells;
pub(crate) mod deals;
mod deals_part;
pub(crate) mod history;
pub(crate) mod history_part;
pub(crate) mod leads;
mod nameless_stages;
mod new_ids;
mod own_history;
pub(crate) mod raw_deals;
mod renamed_stages;
mod restated;
pub(crate) mod small;
mod small_cells;
pub(crate) mod touches;
mod unknown_stages;
mod vanished;
