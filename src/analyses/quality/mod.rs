//! How good is the input, and what does what is missing cost?
//!
//! [`Issues`](crate::ingest::Issues) to [`ColumnQuality`] (one row per table and column); deals as they stand to
//! [`QualityCost`]s (what each gap takes from the results, with a number); both to a [`QualityRecord`], which the next run is
//! compared with. [`Quality`] is the document `quality.json`. Reads no file.

mod column_quality;
pub mod columns;
mod cost;
mod costs;
mod document;
pub mod findings;
mod record;
mod recorded;
mod training_cost;
mod trend;

pub use column_quality::{ColumnQuality, column_qualities};
pub use cost::QualityCost;
pub use costs::{CostInput, costs};
pub use document::{ForecastDoubts, Quality};
pub use record::{ColumnRecord, CostRecord, QualityRecord};
pub use recorded::recorded;
pub use training_cost::training_cost;
pub use trend::Trend;
