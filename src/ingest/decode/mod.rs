//! Files to chunks of cells, in a stream that holds one chunk at a time.

pub(crate) mod any;
pub(crate) mod chunk;
mod compound;
pub(crate) mod csv;
pub(crate) mod encoding;
pub(crate) mod files;
mod footer;
pub(crate) mod foreign;
pub(crate) mod guard;
pub(crate) mod guess;
mod limits;
pub(crate) mod once;
mod packed_workbook;
pub(crate) mod parquet;
mod parquet_pages;
mod property_history;
mod record_span;
pub(crate) mod records;
mod sheet_span;
pub(crate) mod signature;
mod sniff;
pub(crate) mod workbook;
