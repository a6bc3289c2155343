//! What exports of each CRM look like: one data file per CRM, compiled in, to [`Preset`]s.
//!
//! Column names with their aliases by language, words of statuses and stages, quirks, and how far each was verified.
//! Reads no export; `setup` compares files with these.
//!
//! | file | question |
//! |---|---|
//! | `preset` | what a data file may say |
//! | `export` | how the CRM writes what it knows, for worlds in its shape |
//! | `header` | the ways to write a header |
//! | `library` | which data files there are |
//! | `own_words` | what headers mean that people made up in their own language |
//! | `role` | what a file is to dealcast |
//! | `reference` | the presets as a page to read |

mod export;
mod header;
mod library;
mod own_words;
mod preset;
mod reference;
mod role;

pub use export::{ClosingDay, ExportShape, ExportTable, HistoryRows, OwnerWord, StageAtEnd, StreamWords};
pub use header::{HeaderStyle, Verified};
pub use library::{export_shapes, presets};
pub use own_words::{SpokenColumn, spoken_columns, spoken_place};
pub use preset::{Preset, PresetStage, PresetTable};
pub use reference::preset_reference;
pub use role::TableRole;
