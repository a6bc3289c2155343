//! The sales process: an ordered list of stages, each open, won or lost.

mod kind;
mod list;
mod process;
mod words;

pub use kind::{ForecastCategory, Phase, StageKind};
pub use list::StageList;
pub(crate) use list::folded;
pub use process::{FormerName, Stage};
pub use words::{is_deleted, kind_of_word, outcome_of_name};
