//! Which sources are streams that can be read only once: no two tables may come from one.

use std::path::Path;

use crate::config::Config;
use crate::ingest::decode::once::{StreamId, stream_at};
use crate::ingest::error::IngestError;

/// Whether every stream is the source of one table only. The second reader of a pipe would wait for ever.
///
/// # Errors
/// [`IngestError::Config`] with the key of the second reader.
pub(crate) fn check_streams(config: &Config, base: &Path) -> Result<(), IngestError> {
    let mut known: Vec<(StreamId, String)> = Vec::new();
    for SourcePath { key, reader, path } in paths(config) {
        let Some(stream) = stream_at(path, base) else { continue };
        if let Some((_, first)) = known.iter().find(|(other, _)| *other == stream) {
            let what = if stream == StreamId::StandardInput { "standard input" } else { "a pipe" };
            return Err(IngestError::Config {
                key,
                problem: format!("is {what}, which {first} is read from already"),
                hint: Some(format!("only one table can come from {what}")),
            });
        }
        known.push((stream, reader));
    }
    Ok(())
}

/// A path of the configuration.
struct SourcePath<'a> {
    key: String,
    /// What is read from it, in words.
    reader: String,
    path: &'a str,
}

/// Those of every source and lookup.
fn paths(config: &Config) -> impl Iterator<Item = SourcePath<'_>> {
    config.sources.iter().flat_map(|(table, source)| {
        let own =
            SourcePath { key: format!("sources.{table}.path"), reader: table.name().to_owned(), path: &source.path };
        let lookups = source.lookups.iter().map(move |lookup| SourcePath {
            key: format!("sources.{table}.lookups.path"),
            reader: format!("a lookup of {table}"),
            path: &lookup.path,
        });
        std::iter::once(own).chain(lookups)
    })
}
