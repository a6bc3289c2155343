//! What the folder of models holds beside models: decisions, and files that may be none.

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::model::{ModelError, WinModel};

/// A decision about which model is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The day the data were of; none where a person decided.
    pub as_of: Option<Day>,
    /// `promoted`, `kept` (a newer one was worse) or `rolled back`.
    pub action: String,
    /// The model decided about: now in use, or, where the old one was kept, not.
    pub model_id: String,
    /// The model that was in use before.
    pub previous: Option<String>,
    /// Why.
    pub reason: String,
}

/// A file of the folder.
#[derive(Debug)]
pub struct SavedModel {
    /// The file's stem: the id of the model, if it is one.
    pub id: String,
    /// Whether `current` names it.
    pub current: bool,
    /// The model, or why it cannot be used.
    pub model: Result<WinModel, ModelError>,
}
