//! The sales process: the configured stages, with those the configuration does not list put where the history before
//! the as-of day has them, or one proposed from names and history alone.
//!
//! Rows of the deals table and of the change log in, [`Process`](settle::Process) out. Stages that only occur on or after
//! the as-of day are in no list.
//!
//! | file | question |
//! |---|---|
//! | `settle` | what is the process |
//! | `error` | why there is none |
//! | `evidence`, `counts` | which stages are in use, which comes before which, where deals end |
//! | `names` | what a stage's name says about the outcome |
//! | `found` | which stages do the data have that the configuration has not |
//! | `draft` | where do they belong |

mod counts;
mod draft;
pub(super) mod error;
pub(super) mod evidence;
mod found;
pub(super) mod names;
pub(super) mod settle;
#[cfg(test)]
mod tests;
