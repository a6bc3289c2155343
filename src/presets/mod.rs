//! What exports of each CRM look like: one data file per CRM, compiled in, to [`Preset`]s.
//!
//! Column names with their aliases by language, words of statuses and stages, quirks, and how far each was verified.
//! Reads no export; `setup` compares files with these.
//!
//! | file | question |
//! |---|---|
//! | `preset` | what a data file may say |
//! | `library` | which data files there are |
//! | `reference` | the presets as a page to read |

mod library;
mod preset;
mod reference;

pub use library::presets;
pub use preset::{HeaderStyle, Preset, PresetStage, PresetTable, TableRole, Verified};
pub use reference::preset_reference;
