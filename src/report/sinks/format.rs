//! What a table can be written as, and what it says of its origin.

/// Version of the output tables: raised when a column is renamed, dropped or changes its meaning.
pub const SCHEMA_VERSION: u32 = 2;

/// How a table is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, UTF-8, with a header line; an empty cell is "no value".
    Csv,
    /// One array of objects; every object has every column, `null` where there is no value.
    Json,
    /// Parquet with Snappy compression and the [`Stamp`] as key-value metadata.
    Parquet,
}

impl Format {
    /// The file extension.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }
}

/// What a Parquet file says about its origin, beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// As-of day, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Model the scores come from.
    pub model_id: Option<String>,
}
