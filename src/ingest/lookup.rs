//! The small side files of a source to [`LookupTable`]s.

use std::path::Path;
use std::sync::Arc;

use crate::config::{Lookup, Rule, TableSource};
use crate::domain::inputs::InputSpec;
use crate::ingest::decode::files;
use crate::ingest::error::IngestError;
use crate::ingest::issues::{Issues, Notes};
use crate::ingest::loaded::InputFile;
use crate::ingest::lookup_table::LookupTable;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::stream::{Job, TableLoad, load_table};

/// A file that adds columns to a table: it has no columns of its own, and all of them are further ones.
static SPEC: InputSpec = InputSpec {
    name: "lookup",
    row: "a key with what belongs to it",
    meaning: "A file that adds columns to a table",
    cost_of_absence: None,
    shapes_model: true,
    null_when_absent: false,
    columns: &[],
    further_columns: true,
};

/// The lookups of a source, the files they came from, and what was wrong with them.
type Lookups = (Vec<Arc<LookupTable>>, Vec<InputFile>, Issues);

/// Reads the lookups of a source.
pub(crate) fn read_all(source: &TableSource, base: &Path, job: &Job<'_>) -> Result<Lookups, IngestError> {
    let (mut tables, mut inputs, mut issues) = (Vec::new(), Vec::new(), Issues::default());
    for lookup in &source.lookups {
        let files = files::resolve(&lookup.path, base)?;
        let source = TableSource { encoding: source.encoding.clone(), ..TableSource::at(lookup.path.clone()) };
        let job = Job { spec: &SPEC, source: &source, files: &files, lookups: &[], ..*job };
        let loaded = load_table(&job, || LookupLoad { wanted: lookup, table: LookupTable::default() })?;
        issues.merge(loaded.issues).map_err(|error| files::io_error(&lookup.path, error))?;
        inputs.extend(loaded.inputs);
        tables.push(Arc::new(loaded.load.table));
    }
    Ok((tables, inputs, issues))
}

struct LookupLoad<'a> {
    wanted: &'a Lookup,
    table: LookupTable,
}

/// Key, cells by column name, and where the row stands.
type LookupRow = (String, Vec<(String, String)>, (String, u64));

impl TableLoad for LookupLoad<'_> {
    type ChunkPart = Vec<LookupRow>;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        let (mut key, mut cells) = (None, Vec::new());
        for (i, name) in reader.layout.extras().enumerate() {
            let text = reader.layout.extra(reader.chunk, reader.row, i).text();
            if name.eq_ignore_ascii_case(&self.wanted.right) {
                key = text;
            } else if self.wanted.take.is_empty() || self.wanted.take.iter().any(|take| take.eq_ignore_ascii_case(name))
            {
                cells.push((name.to_owned(), text.unwrap_or_default().into_owned()));
            }
        }
        let Some(key) = key else {
            return reader.breaks_row(Rule::MissingValue, &format!("expected a key in \"{}\"", self.wanted.right));
        };
        part.push((key.into_owned(), cells, (reader.layout.file.clone(), reader.line())));
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart, notes: &mut Notes, _: &crate::config::RuleConfig) -> Result<(), Stop> {
        for (key, cells, (file, line)) in part {
            if self.table.columns.is_empty() {
                self.table.columns = cells.iter().map(|(name, _)| name.clone()).collect();
            }
            if self.table.rows.contains_key(&key) {
                let reason = "the key stands on an earlier row, which counts".to_owned();
                let column = self.wanted.right.clone();
                let rule = Rule::DuplicateKey;
                notes.warn(rule, || crate::ingest::reject::Reject { file, line, column, value: key, reason, rule });
                continue;
            }
            let row = self.table.columns.iter().map(|column| {
                cells.iter().find(|(name, _)| name == column).map_or(String::new(), |(_, text)| text.clone())
            });
            let row = row.collect();
            self.table.rows.insert(key, row);
        }
        Ok(())
    }
}
