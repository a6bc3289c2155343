//! [`Tables`](crate::ingest::tables::Tables) to [`Timeline`]: every deal's changes before the as-of day, sorted,
//! with the closing of the deals table woven in.
//!
//! Answers what happened to a deal and when; holds no statistics and no labels.
//!
//! | file | question |
//! |---|---|
//! | `deal_history`, `quality` | what a timeline consists of |
//! | `build` | how it is put together |
//! | `known_rows`, `bucket` | which rows count, and of which deal they are |
//! | `ties` | in which order the rows of one deal stand |
//! | `deal_table` | what the deals table says of a deal, and of its end |
//! | `field_past` | what stood in a column only the input knows |
//! | `process` | which stages there are, in which order |
//! | `story` | what one deal's rows mean |
//! | `stays` | how long it was in which stage, and how it left |
//! | `undated` | can the past be replayed at all |

mod bucket;
mod build;
mod coverage;
mod deal_history;
mod deal_table;
mod field_past;
pub mod findings;
#[cfg(test)]
pub(crate) mod fixtures;
mod known_rows;
mod process;
mod quality;
mod stays;
mod story;
mod ties;
mod undated;

pub use deal_history::{ActivityStep, DealHead, Step, Timeline};
pub use field_past::{FieldPast, FieldPasts, PastValue};
pub use process::error::{MAX_PIPELINES, MAX_PROPOSED_STAGES, StageListError};
pub use quality::{StageOrder, TimelineQuality, UnlistedStage};
pub use stays::{Exit, Stay, stages_between};
