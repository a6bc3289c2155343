//! Record batches to files: one [`Sink`] per table, CSV or Parquet, the same values in both.
//!
//! Turning rows into text is the slow half of writing CSV; [`encode`] does it wherever the rows are made.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::csv::WriterBuilder;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::simulate::config::FileFormat;
use crate::simulate::error::SimulateError;

/// Rows per Parquet row group.
const GROUP_ROWS: usize = 131_072;

/// Rows ready to be appended to a file.
#[derive(Debug)]
pub enum Piece {
    /// Lines of CSV, without a header.
    Text(Vec<u8>, u64),
    /// Columns.
    Batch(RecordBatch),
}

/// Makes `batch` ready for a file of `format`.
///
/// # Errors
/// [`ArrowError`] for a type CSV cannot hold.
pub fn encode(batch: RecordBatch, format: FileFormat) -> Result<Piece, ArrowError> {
    match format {
        FileFormat::Parquet => Ok(Piece::Batch(batch)),
        FileFormat::Csv => {
            let mut text = Vec::with_capacity(batch.num_rows() * 64);
            WriterBuilder::new().with_header(false).build(&mut text).write(&batch)?;
            Ok(Piece::Text(text, batch.num_rows() as u64))
        }
    }
}

/// A file of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldFile {
    /// Where it is.
    pub path: PathBuf,
    /// Rows, without the header.
    pub rows: u64,
}

enum Writer {
    Csv(BufWriter<File>),
    Parquet(Box<ArrowWriter<File>>),
}

/// A table file being written.
pub struct Sink {
    path: PathBuf,
    rows: u64,
    writer: Writer,
}

impl Sink {
    /// Starts the file of a table at `path`, which has no ending yet, replacing one that is there.
    ///
    /// # Errors
    /// [`SimulateError`] where the file cannot be created.
    pub fn create(path: &Path, schema: &Schema, format: FileFormat) -> Result<Self, SimulateError> {
        let path = path.with_extension(format.extension());
        let file = File::create(&path).map_err(|source| SimulateError::io(&path, source))?;
        let writer = match format {
            FileFormat::Csv => {
                let mut file = BufWriter::with_capacity(1 << 20, file);
                let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
                writeln!(file, "{}", names.join(",")).map_err(|source| SimulateError::io(&path, source))?;
                Writer::Csv(file)
            }
            FileFormat::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .set_max_row_group_row_count(Some(GROUP_ROWS))
                    .build();
                let writer = ArrowWriter::try_new(file, schema.clone().into(), Some(properties));
                Writer::Parquet(Box::new(writer.map_err(|source| SimulateError::parquet(&path, source))?))
            }
        };
        Ok(Self { path, rows: 0, writer })
    }

    /// Starts a file of text at `path` with its header line.
    ///
    /// # Errors
    /// [`SimulateError`] where the file cannot be created.
    pub fn of_text(path: &Path, header: &[u8]) -> Result<Self, SimulateError> {
        let file = File::create(path).map_err(|source| SimulateError::io(path, source))?;
        let mut file = BufWriter::with_capacity(1 << 20, file);
        file.write_all(header).map_err(|source| SimulateError::io(path, source))?;
        Ok(Self { path: path.to_owned(), rows: 0, writer: Writer::Csv(file) })
    }

    /// Appends rows made ready for this sink's format.
    ///
    /// # Errors
    /// [`SimulateError`] where the file cannot be written.
    pub fn append(&mut self, piece: Piece) -> Result<(), SimulateError> {
        match (&mut self.writer, piece) {
            (Writer::Csv(file), Piece::Text(text, rows)) => {
                self.rows += rows;
                file.write_all(&text).map_err(|source| SimulateError::io(&self.path, source))
            }
            (Writer::Parquet(file), Piece::Batch(batch)) => {
                self.rows += batch.num_rows() as u64;
                file.write(&batch).map_err(|source| SimulateError::parquet(&self.path, source))
            }
            (Writer::Csv(_), Piece::Batch(batch)) => {
                let piece = encode(batch, FileFormat::Csv).map_err(SimulateError::Arrow)?;
                self.append(piece)
            }
            (Writer::Parquet(_), Piece::Text(..)) => {
                let error = ParquetError::General("lines of text for a Parquet file".to_owned());
                Err(SimulateError::parquet(&self.path, error))
            }
        }
    }

    /// Completes the file.
    ///
    /// # Errors
    /// [`SimulateError`] where the rest cannot be written.
    pub fn finish(self) -> Result<WorldFile, SimulateError> {
        let Self { path, rows, writer } = self;
        match writer {
            Writer::Csv(mut file) => file.flush().map_err(|source| SimulateError::io(&path, source))?,
            Writer::Parquet(file) => {
                file.close().map_err(|source| SimulateError::parquet(&path, source))?;
            }
        }
        Ok(WorldFile { path, rows })
    }
}

/// Writes a whole small table to `path`, which has no ending yet.
///
/// # Errors
/// [`SimulateError`] where the file cannot be written.
pub fn write_table(path: &Path, batch: RecordBatch, format: FileFormat) -> Result<WorldFile, SimulateError> {
    let mut sink = Sink::create(path, &batch.schema(), format)?;
    sink.append(encode(batch, format).map_err(SimulateError::Arrow)?)?;
    sink.finish()
}
