//! The one owner of what lies on disk: saved models, published scores, past forecasts, the output folder.

pub mod folder;
pub mod forecasts;
pub mod models;
pub mod scores;
