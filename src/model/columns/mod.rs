//! The tables of a model: `evaluation` and `reliability`, how good it is; `predictions`, the rows it was evaluated on;
//! `drift`, how far the open deals have moved from the training rows; `features`, what it sees.

mod drift;
mod evaluation;
mod features;
mod predictions;
mod reliability;

pub use drift::{DriftLine, drift_spec, drift_table};
pub use evaluation::{evaluation_spec, evaluation_table};
pub use features::{FieldLine, TrainingLine, features_spec, features_table, training_rows_spec, training_rows_table};
pub use predictions::{PredictionLine, predictions_spec, predictions_table};
pub use reliability::{BinLine, reliability_spec, reliability_table};
