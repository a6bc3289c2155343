//! One loader per table of the contract: rows in, typed columns out.

pub(crate) mod activities;
pub(crate) mod columns;
pub(crate) mod deals;
mod deals_part;
pub(crate) mod history;
pub(crate) mod leads;
mod own_history;
pub(crate) mod small;
mod small_cells;
pub(crate) mod touches;
mod unknown_stages;
