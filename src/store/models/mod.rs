//! The folder of saved models: `ID.json` with its cards, `current`, the id of the model in use, and `log.jsonl`, how it
//! came to be that.
//!
//! `WinModel`s in, `WinModel`s out. Decides which may score a day and keeps what was decided; neither trains nor
//! judges.

mod columns;
mod decisions;
mod registry;
#[cfg(test)]
mod tests;

pub use columns::{log_spec, log_table, models_spec, models_table};
pub use decisions::LogEntry;
pub use registry::{Registry, SavedModel, read_model};
