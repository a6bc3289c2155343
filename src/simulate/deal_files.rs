//! The files with rows per deal: the canonical tables, or those of an export, each with what no CRM knows.
//!
//! Input: the batches of a chunk of deals; output: a piece for each file, in the order in which [`open_sinks`] opens them.

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use crate::domain::inputs::InputTable;
use crate::simulate::crm::{CrmExport, CrmFile};
use crate::simulate::error::SimulateError;
use crate::simulate::sink::{Piece, Sink, WorldFile, encode};
use crate::simulate::tables::{BIG_TABLES, DealTable, batches};
use crate::simulate::world::World;

/// The rows of a chunk, ready for the files.
///
/// # Errors
/// [`ArrowError`] where rows cannot be written.
pub fn pieces(world: &World, batches: [RecordBatch; BIG_TABLES.len()]) -> Result<Vec<Piece>, ArrowError> {
    match &world.export {
        None => batches.into_iter().map(|batch| encode(batch, world.config.format)).collect(),
        Some(export) => export_files(export, &batches)?.iter().map(|file| text(export, file)).collect(),
    }
}

/// Opens a file for each piece of a chunk.
///
/// # Errors
/// [`SimulateError`] where a file cannot be created.
pub fn open_sinks(world: &World, out: &Path) -> Result<Vec<Sink>, SimulateError> {
    let empty = batches(world, &[]).map_err(SimulateError::Arrow)?;
    if let Some(export) = &world.export {
        let files = export_files(export, &empty).map_err(SimulateError::Arrow)?;
        return files.iter().map(|file| open_text(export, file, out)).collect();
    }
    let sinks = BIG_TABLES
        .iter()
        .zip(&empty)
        .map(|(table, batch)| Sink::create(&out.join(table.path()), &batch.schema(), world.config.format));
    sinks.collect()
}

/// Writes a whole file of an export.
///
/// # Errors
/// [`SimulateError`] where the file cannot be written.
pub fn write_file(export: &CrmExport, file: &CrmFile, out: &Path) -> Result<WorldFile, SimulateError> {
    let mut sink = open_text(export, file, out)?;
    sink.append(text(export, file).map_err(SimulateError::Arrow)?)?;
    sink.finish()
}

/// The files of an export: deals, their log, and the truth.
fn export_files(export: &CrmExport, batches: &[RecordBatch]) -> Result<Vec<CrmFile>, ArrowError> {
    let of = |wanted: InputTable| {
        let is_wanted = |table: &DealTable| matches!(table, DealTable::Input(table) if *table == wanted);
        BIG_TABLES.iter().position(is_wanted).and_then(|at| batches.get(at))
    };
    let (Some(deals), Some(history)) = (of(InputTable::Deals), of(InputTable::StageHistory)) else {
        return Ok(Vec::new());
    };
    let mut files = export.deal_files(deals, history)?;
    for (table, batch) in BIG_TABLES.iter().zip(batches) {
        if let DealTable::Truth(name) = table {
            files.push(export.truth(name, batch)?);
        }
    }
    Ok(files)
}

fn open_text(export: &CrmExport, file: &CrmFile, out: &Path) -> Result<Sink, SimulateError> {
    let header = file.table.header_line(export.is_quoted()).map_err(|error| unwritten(&error))?;
    Sink::of_text(&out.join(&file.path), &header)
}

fn text(export: &CrmExport, file: &CrmFile) -> Result<Piece, ArrowError> {
    let lines = file.table.lines(export.is_quoted()).map_err(|error| ArrowError::CsvError(error.to_string()))?;
    Ok(Piece::Text(lines, file.table.rows.len() as u64))
}

fn unwritten(error: &csv::Error) -> SimulateError {
    SimulateError::Arrow(ArrowError::CsvError(error.to_string()))
}
