//! A seeded sales world with its truth: for the sample, the tests and the benchmarks.
//!
//! [`WorldConfig`] in, files out: the input tables under their canonical names, a `dealcast.toml`, and `truth/` with
//! what no CRM knows. Equal configurations give equal bytes, whatever the number of threads: every deal draws from a
//! random stream of its own, chunks of deals are made in parallel and written in order, so memory does not grow with
//! the number of deals. Imports nothing but [`domain`](crate::domain) and,
//! for worlds in the shape of a CRM, [`presets`](crate::presets); prints nothing, reads no clock.
//!
//! | step | from | to |
//! |---|---|---|
//! | `world` | configuration | calendar, organisation, exchange rates |
//! | `deal` | world, stream | a deal at its creation, with its index |
//! | `process` | index | hazards, chance to win |
//! | `journey` | hazards, calendar | moves between stages until the true end |
//! | `record`, `activity` | journey | what people write down, up to the export |
//! | `marketing` | deal, journey | leads and touches before and beside it |
//! | `tables`, `targets`, `small_tables` | lives of deals | rows |
//! | `crm` | rows | rows in the shape of a CRM's export |
//! | `deal_files`, `sink` | rows | files |
//! | `layout`, `settings` | tables | names of its file and folder, its `dealcast.toml` |
//! | `file_list` | files | their list, and which of an earlier world are as they were made |
//! | `simulation` | configuration | all of it, in order |

mod activity;
mod calendar;
mod catalogue;
mod chunk;
mod columns;
mod config;
mod crm;
mod deal;
mod deal_files;
mod error;
mod file_list;
mod fx;
mod journey;
mod layout;
mod marketing;
mod org;
mod process;
mod record;
mod settings;
mod simulation;
mod sink;
mod small_tables;
mod stream;
mod tables;
mod targets;
#[cfg(test)]
mod tests;
mod world;

pub use config::{FileFormat, WorldConfig};
pub use crm::CrmForm;
pub use error::SimulateError;
pub use file_list::earlier_world;
pub use layout::WORLD_FILE;
pub use simulation::{Summary, simulate};
pub use sink::WorldFile;
