//! The sales process: an ordered list of stages, each open, won or lost.

mod kind;
mod list;
mod process;

pub use kind::{ForecastCategory, Phase, StageKind};
pub use list::StageList;
pub(crate) use list::folded;
pub use process::{FormerName, Stage};
