//! Files to chunks of cells, in a stream that holds one chunk at a time.

pub(crate) mod any;
pub(crate) mod chunk;
pub(crate) mod csv;
pub(crate) mod encoding;
pub(crate) mod files;
pub(crate) mod foreign;
pub(crate) mod guard;
pub(crate) mod guess;
pub(crate) mod once;
pub(crate) mod parquet;
pub(crate) mod records;
pub(crate) mod signature;
mod sniff;
pub(crate) mod workbook;
