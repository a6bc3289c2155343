//! Rows of the deals table as the file has them, each with its deal's id: what a dated copy keeps.

use crate::config::Rule;
use crate::domain::inputs::deals as col;
use crate::ingest::decode::chunk::RawCell;
use crate::ingest::load::deals::is_gone;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::twice::Settling;

/// Rows of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawDeals {
    /// The file, by its position among those of the table.
    pub file: usize,
    /// Names of the columns, as the file has them.
    pub headers: Vec<String>,
    /// The rows, in no order.
    pub rows: Vec<RawDeal>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawDeal {
    /// The deal's id.
    pub id: String,
    /// Whether it says that the deal was gone.
    pub gone: bool,
    /// One cell per header; none where it is empty.
    pub cells: Vec<Option<String>>,
}

/// Loads the rows of all files, file by file.
#[derive(Default)]
pub(crate) struct RawDealsLoad {
    all: Vec<RawDeals>,
}

impl RawDealsLoad {
    pub(crate) fn into_parts(self) -> Vec<RawDeals> {
        self.all
    }
}

impl crate::ingest::stream::TableLoad for RawDealsLoad {
    type ChunkPart = RawDeals;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        let id = reader.required(col::DEAL_ID, Rule::MissingId, "an id")?.into_owned();
        if part.headers.is_empty() {
            part.headers = reader.layout.own_headers().to_vec();
            part.file = reader.file;
        }
        let cells = (0..reader.layout.width()).map(|column| as_written(reader.chunk.cell(reader.row, column)));
        part.rows.push(RawDeal { id, gone: is_gone(reader), cells: cells.collect() });
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart) {
        match self.all.last_mut().filter(|last| last.file == part.file) {
            Some(last) => last.rows.extend(part.rows),
            None if part.rows.is_empty() => {}
            None => self.all.push(part),
        }
    }

    fn settle(&mut self, _settling: &mut Settling<'_>) -> Result<(), Stop> {
        Ok(())
    }
}

/// A cell as text that is read as the same again.
fn as_written(cell: RawCell<'_>) -> Option<String> {
    let is_instant = matches!(cell, RawCell::Time(_, true));
    let text = cell.text()?.into_owned();
    // an instant at midnight is written as a day, which has no zone
    Some(match is_instant {
        true if text.contains('T') => format!("{text}Z"),
        true => format!("{text}T00:00:00Z"),
        false => text,
    })
}
