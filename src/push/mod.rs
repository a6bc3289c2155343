//! Scores back into a CRM: only what changed, by id only, and never a surprise.
//!
//! A finished run's scores in ([`wanted`]); a [`plan`](plan::Plan) of what differs from what the target holds, then writes
//! whose every answer stands in the [`ledger`], and a [`receipt`] whose books close. A target is one file in [`targets`]
//! behind the trait [`Target`](target::Target). Creates no record, ever. Reads no clock and no environment: times, pauses and
//! secrets are handed in.

pub mod acknowledged;
pub mod apply;
pub mod columns;
pub mod connection;
pub mod error;
pub mod findings;
mod gate;
pub mod judge;
pub mod ledger;
mod login;
mod noted;
pub mod pacer;
pub mod pending;
pub mod place;
pub mod plan;
pub mod planning;
pub mod probe;
pub mod receipt;
pub mod receipt_file;
mod record_ids;
pub mod secret;
pub mod setup;
mod status;
pub mod survey;
pub mod target;
pub mod targets;
mod told;
mod transport;
pub mod value;
pub mod verify;
pub mod wanted;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
