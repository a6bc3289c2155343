//! The files of one table, chunk by chunk, through a [`TableLoad`]: read on a thread of its own, typed in parallel,
//! appended in file order.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rayon::prelude::*;

use crate::config::{Rule, TableSource};
use crate::domain::inputs::InputSpec;
use crate::domain::progress::Progress;
use crate::ingest::assumption::FileRead;
use crate::ingest::cells::own_value::UsualStyle;
use crate::ingest::column_counts::ColumnsOfTable;
use crate::ingest::context::ReadContext;
use crate::ingest::decode::any;
use crate::ingest::decode::chunk::RawChunk;
use crate::ingest::decode::files::{InputPath, io_error};
use crate::ingest::decode::guard::READER_THREAD;
use crate::ingest::error::IngestError;
use crate::ingest::evidence::{StyleEvidence, Styles};
use crate::ingest::file_columns::{FileColumns, lacking};
use crate::ingest::issues::{Issues, Notes, excerpt};
use crate::ingest::layout::{FileLayout, lay_out};
use crate::ingest::loaded::InputFile;
use crate::ingest::lookup_table::LookupTable;
use crate::ingest::odd_lines::OddLines;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::reject::Reject;
use crate::ingest::twice::Settling;

/// Chunks read ahead.
const AHEAD: usize = 4;

/// One table to load.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub spec: &'static InputSpec,
    pub source: &'a TableSource,
    pub files: &'a [InputPath],
    pub lookups: &'a [Arc<LookupTable>],
    pub context: &'a ReadContext<'a>,
    pub progress: &'a dyn Progress,
}

/// Turns rows into a table.
pub(crate) trait TableLoad: Send + Sync {
    /// What one chunk becomes, before it knows the chunks before it.
    type ChunkPart: Default + Send;

    /// Reads one row into `part`, or leaves `part` as it is and says why not.
    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop>;

    /// A row is rejected: for tables that others point to.
    fn rejected(&self, _reader: &RowReader<'_>, _rule: Rule, _part: &mut Self::ChunkPart) {}

    /// Appends the next part.
    fn append(&mut self, part: Self::ChunkPart);

    /// All rows are there: which of those that speak of the same thing count, and in which order they stand.
    fn settle(&mut self, settling: &mut Settling<'_>) -> Result<(), Stop>;
}

/// A loaded table.
pub(crate) struct LoadedTable<L> {
    pub load: L,
    pub inputs: Vec<InputFile>,
    pub issues: Issues,
}

/// Loads a table. `make` gives an empty one; it is asked again where columns had to be looked through first.
pub(crate) fn load_table<L: TableLoad>(job: &Job<'_>, make: impl Fn() -> L) -> Result<LoadedTable<L>, IngestError> {
    let (styles, notes) = (Styles::default(), Notes::default());
    if let Some(loaded) = attempt(job, make(), &styles, notes)? {
        return checked(job, loaded);
    }
    let mut notes = Notes::default();
    let styles = look_through(job)?.decide(job.spec, job.source, job.context.rules, &mut notes)?;
    match attempt(job, make(), &styles, notes)? {
        Some(loaded) => checked(job, loaded),
        // decided styles never ask again
        None => Err(IngestError::Stopped),
    }
}

fn look_through(job: &Job<'_>) -> Result<StyleEvidence, IngestError> {
    let dated = job.source.period_from_date.is_some();
    let mut all = StyleEvidence::new(job.spec);
    let scan = |rows: &LaidOutRows| {
        let mut evidence = StyleEvidence::new(job.spec);
        evidence.scan(job.spec, &rows.layout, &rows.chunk, dated);
        evidence
    };
    pump(job, false, scan, |_, evidence| {
        all.merge(evidence);
        Ok(())
    })?;
    Ok(all)
}

/// What one chunk came to.
struct Typed<P> {
    part: P,
    notes: Notes,
    columns: ColumnsOfTable,
    rows: u64,
    used: u64,
    stop: Option<Stop>,
}

/// One pass over the files; `None` where a column must be looked through first.
fn attempt<L: TableLoad>(
    job: &Job<'_>,
    load: L,
    styles: &Styles,
    notes: Notes,
) -> Result<Option<LoadedTable<L>>, IngestError> {
    let table = job.spec.name;
    let lock = std::sync::RwLock::new(load);
    let mut issues = Issues::default();
    issues.absorb(table, notes).map_err(|error| io_error("rejects", error))?;
    let mut balance = vec![(0, 0); job.files.len()];
    let type_chunk = |rows: &LaidOutRows| {
        let load = lock.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        type_rows(job, &*load, styles, rows)
    };
    let append = |file: usize, typed: Typed<L::ChunkPart>| {
        let Typed { part, mut notes, columns, rows, used, stop } = typed;
        stop.map_or(Ok(()), |stop| Err(fatal(stop)))?;
        lock.write().unwrap_or_else(std::sync::PoisonError::into_inner).append(part);
        notes.sort();
        issues.count_columns(table, columns);
        issues.absorb(table, notes).map_err(|error| io_error("rejects", error))?;
        balance[file].0 += rows;
        balance[file].1 += used;
        Ok(())
    };
    let ends = match pump(job, true, type_chunk, append) {
        Err(IngestError::NeedsEvidence) => return Ok(None),
        other => other?,
    };
    let mut load = lock.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut settling = Settling::new(
        job.spec,
        job.files,
        job.context.rules,
        UsualStyle::of(job.source, &styles.marks, &styles.orders),
        job.source.probability_scale,
    );
    load.settle(&mut settling).map_err(fatal)?;
    let (notes, late, assumed) = settling.finish();
    issues.absorb(table, notes).map_err(|error| io_error("rejects", error))?;
    balance.iter_mut().zip(late).for_each(|(balance, late)| balance.1 -= late);
    let columns: Vec<FileColumns> = ends.iter().map(|end| end.columns.clone()).collect();
    let ends = job.files.iter().zip(ends).zip(lacking(&columns)).zip(balance);
    let inputs = ends.map(|(((file, end), lacking), (rows, used))| InputFile {
        table,
        path: file.name.clone(),
        bytes: file.bytes,
        blake3: end.read.blake3,
        rows,
        used,
        rejected: rows - used,
        assumed: end.read.assumed.into_iter().chain(lacking).collect(),
        unread: end.unread,
    });
    let mut inputs: Vec<InputFile> = inputs.collect();
    // the columns of all files were looked through together
    if let Some(first) = inputs.first_mut() {
        first.assumed.extend(styles.assumed.iter().cloned().chain(assumed));
    }
    Ok(Some(LoadedTable { load, inputs, issues }))
}

fn fatal(stop: Stop) -> IngestError {
    match stop {
        Stop::NeedsEvidence => IngestError::NeedsEvidence,
        Stop::Reject(reject) | Stop::Error(reject) => {
            let Reject { file, line, column, value, reason, rule } = *reject;
            IngestError::Row { file, line, column, value, reason, rule }
        }
    }
}

fn type_rows<L: TableLoad>(job: &Job<'_>, load: &L, styles: &Styles, rows: &LaidOutRows) -> Typed<L::ChunkPart> {
    let LaidOutRows { layout, chunk, .. } = rows;
    let total = (chunk.rows() + chunk.ragged.len()) as u64;
    let (part, notes, columns) = (L::ChunkPart::default(), Notes::default(), ColumnsOfTable::new());
    let mut typed = Typed { part, notes, columns, rows: total, used: 0, stop: None };
    let odd = OddLines { rules: job.context.rules, layout, chunk, first_undecodable: rows.first_undecodable };
    typed.stop = odd.tell(&mut typed.notes).err();
    let fields: Vec<usize> = (0..job.spec.columns.len()).filter(|field| layout.has(*field)).collect();
    for row in 0..chunk.rows() {
        if typed.stop.is_some() {
            break;
        }
        let mut reader = RowReader {
            chunk,
            layout,
            row,
            file: rows.file,
            spec: job.spec,
            context: job.context,
            styles,
            period_from_date: job.source.period_from_date,
            chances: job.source.probability_scale,
            units_per_base: job.source.units_per_base,
            notes: &mut typed.notes,
        };
        let passed = filter(&mut reader);
        if passed.is_ok() {
            reader.notes.tally.count_row(&fields, job.spec.columns.len(), layout, chunk, row);
        }
        match passed.and_then(|()| load.read(&mut reader, &mut typed.part)) {
            Ok(()) => typed.used += 1,
            Err(Stop::Reject(reject)) => {
                load.rejected(&reader, reject.rule, &mut typed.part);
                typed.notes.reject(*reject);
            }
            Err(stop) => typed.stop = Some(stop),
        }
    }
    typed.columns = std::mem::take(&mut typed.notes.tally).named(job.spec, layout);
    typed
}

fn filter(reader: &mut RowReader<'_>) -> Result<(), Stop> {
    let Some((column, cell)) = reader.layout.filtered(reader.chunk, reader.row) else { return Ok(()) };
    let (line, file) = (reader.line(), reader.layout.file.clone());
    let value = excerpt(&cell.text().unwrap_or_default());
    let reason = "the filters of this source leave the row out".to_owned();
    Err(Stop::Reject(Box::new(Reject { file, line, column: column.to_owned(), value, reason, rule: Rule::Filtered })))
}

/// So many rejected rows never stop a run: of a small file they are soon a large share.
const FEW_REJECTS: u64 = 3;

/// Too many rejects stop the run.
fn checked<L>(job: &Job<'_>, loaded: LoadedTable<L>) -> Result<LoadedTable<L>, IngestError> {
    let rows: u64 = loaded.inputs.iter().map(|input| input.rows).sum();
    let rejected = loaded.issues.rejects() - loaded.issues.never_counted();
    let limit = job.context.rules.max_reject_share;
    let is_few = limit > 0.0 && rejected <= FEW_REJECTS && rejected * 2 <= rows;
    let strangers = loaded.issues.count_rejected(Rule::UnknownDeal);
    let only_strangers = strangers > 0 && strangers + loaded.issues.filtered() == rows;
    if rejected as f64 > limit * rows as f64 && !is_few || only_strangers {
        let rejected = if only_strangers { strangers } else { rejected };
        let reasons = loaded.issues.leading_reasons(job.spec.name);
        return Err(IngestError::TooManyRejects { table: job.spec.name, rejected, rows, limit, reasons });
    }
    Ok(loaded)
}

/// Rows on their way from the reading thread.
struct LaidOutRows {
    file: usize,
    layout: Arc<FileLayout>,
    chunk: RawChunk,
    /// Whether this is the file's first chunk with undecodable bytes.
    first_undecodable: bool,
}

/// The end of a file, and what there is to say of it.
struct FileEnd {
    read: FileRead,
    unread: Vec<String>,
    columns: FileColumns,
}

enum Message {
    Rows(Box<LaidOutRows>),
    End(FileEnd),
    Failed(IngestError),
}

/// Reads all files on another thread, calls `work` on chunks in parallel and `take` on its results in order;
/// returns how the files ended.
fn pump<T: Send>(
    job: &Job<'_>,
    metered: bool,
    work: impl Fn(&LaidOutRows) -> T + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), IngestError>,
) -> Result<Vec<FileEnd>, IngestError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        let read = move || {
            if let Err(error) = produce(job, metered, &sender) {
                // nobody listening: the other side has stopped with an error of its own
                let _ = sender.send(Message::Failed(error));
            }
        };
        let thread = std::thread::Builder::new().name(READER_THREAD.to_owned()).spawn_scoped(scope, read);
        thread.map_err(|error| io_error("the reading thread", error))?;
        let mut ends = Vec::new();
        while let Some(messages) = some(&receiver) {
            let done: Vec<Done<T>> = messages
                .into_par_iter()
                .map(|message| match message {
                    Message::Rows(rows) => Done::Rows(rows.file, work(&rows)),
                    Message::End(end) => Done::End(end),
                    Message::Failed(error) => Done::Failed(error),
                })
                .collect();
            for done in done {
                match done {
                    Done::Rows(file, result) => take(file, result)?,
                    Done::End(end) => ends.push(end),
                    Done::Failed(error) => return Err(error),
                }
            }
        }
        Ok(ends)
    })
}

enum Done<T> {
    Rows(usize, T),
    End(FileEnd),
    Failed(IngestError),
}

/// The next message and those already waiting behind it; `None` at the end.
fn some(receiver: &Receiver<Message>) -> Option<Vec<Message>> {
    let first = receiver.recv().ok()?;
    Some(std::iter::once(first).chain(receiver.try_iter().take(AHEAD)).collect())
}

fn produce(job: &Job<'_>, metered: bool, sender: &SyncSender<Message>) -> Result<(), IngestError> {
    let seen = |bytes| {
        if metered {
            job.progress.advance(bytes);
        }
    };
    let encoding = encoding_of(job)?;
    let separator = separator_of(job)?;
    // an export that failed leaves a file without a byte: a copy without a deal
    let is_one_of_copies = job.source.copies.is_some() && job.files.len() > 1;
    for (number, file) in job.files.iter().enumerate() {
        let layout = std::cell::OnceCell::new();
        let header = |names| {
            let made = lay_out(&file.name, names, job.spec, job.source, job.lookups)?;
            let _ = layout.set(Arc::new(made));
            Ok(())
        };
        let mut clean = true;
        let chunk = |chunk: RawChunk| {
            let Some(layout) = layout.get() else { return Ok(()) };
            let first_undecodable = chunk.undecodable && clean;
            clean &= !chunk.undecodable;
            let rows = LaidOutRows { file: number, layout: Arc::clone(layout), chunk, first_undecodable };
            sender.send(Message::Rows(Box::new(rows))).map_err(|_| IngestError::Stopped)
        };
        let mut read = match any::read(file, any::Options { encoding, separator }, seen, header, chunk) {
            Err(IngestError::EmptyFile { .. }) if is_one_of_copies => nothing_read(file)?,
            read => read?,
        };
        let layout = layout.get();
        read.assumed.extend(layout.and_then(|layout| layout.assumed_columns()));
        let unread = layout.map(|layout| layout.unread_columns()).unwrap_or_default();
        let columns = layout.map(|layout| layout.columns(job.spec)).unwrap_or_default();
        sender.send(Message::End(FileEnd { read, unread, columns })).map_err(|_| IngestError::Stopped)?;
    }
    Ok(())
}

/// What reading a file without a table gives.
fn nothing_read(file: &InputPath) -> Result<FileRead, IngestError> {
    let bytes = std::fs::read(&file.path).map_err(|error| io_error(&file.name, error))?;
    Ok(FileRead { blake3: blake3::hash(&bytes).to_hex().to_string(), assumed: Vec::new() })
}

fn encoding_of(job: &Job<'_>) -> Result<Option<&'static encoding_rs::Encoding>, IngestError> {
    let Some(label) = &job.source.encoding else { return Ok(None) };
    // "utf-16" alone is little-endian in the standard's table: let the file say which
    if label.eq_ignore_ascii_case("utf-16") {
        return Ok(None);
    }
    match encoding_rs::Encoding::for_label(label.as_bytes()) {
        Some(encoding) => Ok(Some(encoding)),
        None => Err(IngestError::Config {
            key: format!("sources.{}.encoding", job.spec.name),
            problem: format!("is \"{label}\", which is no known encoding"),
            hint: Some("utf-8, utf-16, windows-1252, iso-8859-15, shift_jis… or leave it out".to_owned()),
        }),
    }
}

fn separator_of(job: &Job<'_>) -> Result<Option<u8>, IngestError> {
    let Some(separator) = job.source.separator else { return Ok(None) };
    match u8::try_from(separator) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(Some(byte)),
        _ => Err(IngestError::Config {
            key: format!("sources.{}.separator", job.spec.name),
            problem: format!("is {separator:?}, expected one ASCII sign such as ; or a tab"),
            hint: None,
        }),
    }
}
