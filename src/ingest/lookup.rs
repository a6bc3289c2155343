//! The small side files of a source to [`LookupTable`]s.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::config::{Lookup, Rule, TableSource};
use crate::domain::inputs::{InputSpec, RowIdentity};
use crate::ingest::decode::files;
use crate::ingest::error::IngestError;
use crate::ingest::issues::Issues;
use crate::ingest::loaded::InputFile;
use crate::ingest::lookup_table::LookupTable;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::reject::Reject;
use crate::ingest::stream::{Job, TableLoad, load_table};
use crate::ingest::twice::Settling;

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
    identity: RowIdentity::OnePer(&[]),
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
        let loaded =
            load_table(&job, || LookupLoad { wanted: lookup, rows: Vec::new(), table: LookupTable::default() })?;
        issues.merge(loaded.issues).map_err(|error| files::io_error(&lookup.path, error))?;
        inputs.extend(loaded.inputs);
        tables.push(Arc::new(loaded.load.table));
    }
    Ok((tables, inputs, issues))
}

struct LookupLoad<'a> {
    wanted: &'a Lookup,
    rows: Vec<LookupRow>,
    table: LookupTable,
}

/// A row of a lookup: its cells by the name of their column.
#[derive(Clone)]
struct LookupRow {
    key: String,
    cells: BTreeMap<String, String>,
    names: Arc<[String]>,
    file: String,
    line: u64,
}

impl LookupRow {
    /// What sorts rows of one key: the first counts.
    fn rank(&self) -> (Reverse<usize>, &BTreeMap<String, String>) {
        (Reverse(self.cells.values().filter(|cell| !cell.is_empty()).count()), &self.cells)
    }
}

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
        let names = match part.first() {
            Some(first) => Arc::clone(&first.names),
            None => cells.iter().map(|(name, _)| name.clone()).collect(),
        };
        let (file, line) = (reader.layout.file.clone(), reader.line());
        part.push(LookupRow { key: key.into_owned(), cells: cells.into_iter().collect(), names, file, line });
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart) {
        self.rows.extend(part);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) -> Result<(), Stop> {
        let rows = std::mem::take(&mut self.rows);
        self.table.columns = columns(&rows);
        let mut counting: BTreeMap<&str, &LookupRow> = BTreeMap::new();
        for row in &rows {
            let known = counting.entry(&row.key).or_insert(row);
            if row.rank() < known.rank() {
                *known = row;
            }
        }
        for row in &rows {
            let counts = counting[row.key.as_str()];
            if !std::ptr::eq(row, counts) {
                settling.warn(Reject {
                    file: row.file.clone(),
                    line: row.line,
                    column: self.wanted.right.clone(),
                    value: row.key.clone(),
                    reason: format!("the key stands on {} line {} too, which counts", counts.file, counts.line),
                    rule: Rule::DuplicateKey,
                });
            }
        }
        let cells = |row: &LookupRow| {
            let cell = |column: &String| row.cells.get(column).cloned().unwrap_or_default();
            self.table.columns.iter().map(cell).collect()
        };
        self.table.rows = counting.into_iter().map(|(key, row)| (key.to_owned(), cells(row))).collect();
        Ok(())
    }
}

/// The columns of all files: in the order of the file where there is one, else by name.
fn columns(rows: &[LookupRow]) -> Vec<String> {
    let Some(first) = rows.first() else { return Vec::new() };
    if rows.iter().all(|row| row.names == first.names) {
        return first.names.to_vec();
    }
    let all: BTreeSet<&String> = rows.iter().flat_map(|row| row.names.iter()).collect();
    all.into_iter().cloned().collect()
}
