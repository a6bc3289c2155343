//! Why a world could not be made.

use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use thiserror::Error;

/// Why a world could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// A value of the configuration is out of range.
    #[error("`{key}` is {got}, expected {expected}")]
    Config {
        /// Field of `WorldConfig`.
        key: &'static str,
        /// The value found.
        got: String,
        /// What would do.
        expected: &'static str,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A Parquet file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the writer says.
        source: ParquetError,
    },
    /// Rows cannot form a table.
    #[error("{0}")]
    Arrow(#[source] ArrowError),
}

impl SimulateError {
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    pub(super) fn parquet(path: &Path, source: ParquetError) -> Self {
        Self::Parquet { path: path.to_owned(), source }
    }
}
