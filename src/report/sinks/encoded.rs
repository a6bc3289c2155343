//! What encoders take and give.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

/// How an encoder ends; why a write failed is known by who gave it the file.
pub(super) type Encoded = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// A part of a table, or why there is none.
pub(super) type Part = Result<RecordBatch, ArrowError>;
