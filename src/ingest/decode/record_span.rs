//! The stream of records of an old workbook (.xls) to the cells its sheets span, before it is decoded: the decoder reserves as
//! much memory as the records say, and a rectangle around the cells.

use crate::ingest::decode::compound;
use crate::ingest::decode::sheet_span::{OUT_OF_ORDER, Rectangle, SpanError, too_many};

/// What a record is about, by its number ([MS-XLS], section 2.3).
mod kind {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const END: u16 = 0x000a;
    pub(super) const SHEET: u16 = 0x0085;
    pub(super) const NUMBERS: u16 = 0x00bd;
    pub(super) const TEXTS: u16 = 0x00fc;
    pub(super) const DIMENSIONS: u16 = 0x0200;
    /// Cells of one value: number, text, true or error, shared text, short number.
    pub(super) const CELLS: [u16; 5] = [0x0203, 0x0204, 0x0205, 0x00fd, 0x027e];
}

/// Why the old workbook in `bytes`, whose chains end, is not decoded, if it is not.
pub(super) fn too_large(bytes: &[u8]) -> Option<String> {
    match cells(&compound::workbook(bytes)?) {
        Ok(cells) => too_many(cells),
        Err(SpanError::OutOfOrder) => Some(OUT_OF_ORDER.to_owned()),
        Err(SpanError::Unreadable | SpanError::Unclosed) => Some("its records say more than the file holds".to_owned()),
    }
}

/// The cells that the sheets of `stream` span, or say they do.
fn cells(stream: &[u8]) -> Result<u64, SpanError> {
    let mut cells = 0_u64;
    for (kind, data) in records(stream) {
        match kind {
            // no text takes less than a byte
            kind::TEXTS if long(data, 4).is_some_and(|texts| texts as usize > stream.len()) => {
                return Err(SpanError::Unreadable);
            }
            kind::SHEET => {
                let start = long(data, 0).and_then(|start| stream.get(start as usize..));
                cells = cells.saturating_add(sheet(start.ok_or(SpanError::Unreadable)?)?);
            }
            _ => {}
        }
    }
    Ok(cells)
}

/// The cells of the sheet at the beginning of `stream`.
fn sheet(stream: &[u8]) -> Result<u64, SpanError> {
    let (mut rectangle, mut said) = (Rectangle::default(), 0_u64);
    for (kind, data) in records(stream).take_while(|(kind, _)| *kind != kind::END) {
        match kind {
            kind::DIMENSIONS => said = said.saturating_add(dimensions(data).ok_or(SpanError::Unreadable)?),
            kind::NUMBERS => {
                add(data, 0, &mut rectangle)?;
                // row and first column, six bytes a cell, last column
                add(data, (data.len().saturating_sub(6) / 6).saturating_sub(1) as u64, &mut rectangle)?;
            }
            kind if kind == kind::FORMULA || kind::CELLS.contains(&kind) => add(data, 0, &mut rectangle)?,
            _ => {}
        }
    }
    Ok(said.max(rectangle.cells()))
}

/// Adds the cell `behind` the one a record begins with.
fn add(data: &[u8], behind: u64, rectangle: &mut Rectangle) -> Result<(), SpanError> {
    let (Some(row), Some(column)) = (short(data, 0), short(data, 2)) else { return Ok(()) };
    rectangle.add(row.into(), u64::from(column) + behind)
}

/// The cells between the first and the last row and column a sheet says it has; none where they are no rectangle.
fn dimensions(data: &[u8]) -> Option<u64> {
    let (rows, columns) = if data.len() == 10 {
        ([short(data, 0)?.into(), short(data, 2)?.into()], [short(data, 4)?, short(data, 6)?])
    } else {
        ([long(data, 0)?, long(data, 4)?], [short(data, 8)?, short(data, 10)?])
    };
    // an empty sheet says 0 to 0
    if rows[1] == 0 || columns[1] == 0 {
        return Some(0);
    }
    let rows = u64::from(rows[1].checked_sub(rows[0])?);
    Some(rows * u64::from(columns[1].checked_sub(columns[0])?))
}

/// Kind and content of every record, as far as they are whole.
fn records(stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (kind, length) = (short(rest, 0)?, usize::from(short(rest, 2)?));
        let (record, behind) = rest.split_at_checked(length + 4)?;
        rest = behind;
        Some((kind, &record[4..]))
    })
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data].concat()
    }

    fn cell(row: u16, column: u16) -> Vec<u8> {
        let place = [row.to_le_bytes(), column.to_le_bytes()].concat();
        record(0x0203, &[place, vec![0; 10]].concat())
    }

    /// A workbook of one sheet, which is said to have `rows` and three columns.
    fn workbook(rows: [u32; 2], cells: &[Vec<u8>]) -> Vec<u8> {
        let said: Vec<u8> = rows.iter().flat_map(|row| row.to_le_bytes()).chain([0, 0, 3, 0, 0, 0]).collect();
        let globals = [record(kind::TEXTS, &[1, 0, 0, 0, 1, 0, 0, 0]), record(kind::SHEET, &[28, 0, 0, 0, 0, 0, 1, 0])];
        let sheet = [record(kind::DIMENSIONS, &said), cells.concat(), record(kind::END, &[])];
        [globals.concat(), record(kind::END, &[]), sheet.concat()].concat()
    }

    #[test]
    fn what_sheets_say_and_hold_is_counted() {
        assert_eq!(cells(&workbook([0, 2], &[cell(0, 0), cell(3, 2)])), Ok(12));
        assert_eq!(cells(&workbook([0, 0], &[])), Ok(0));
        assert_eq!(cells(&workbook([0, 60_000], &[])), Ok(180_000));
        assert_eq!(cells(&workbook([9, 4], &[])), Err(SpanError::Unreadable), "rows from 9 to 4");
        assert_eq!(cells(&workbook([0, 9], &[cell(5, 0), cell(3, 0)])), Err(SpanError::OutOfOrder));
        let texts = record(kind::TEXTS, &[1, 0, 0, 0, 0, 0, 0, 0x70]);
        assert_eq!(cells(&texts), Err(SpanError::Unreadable), "more texts than bytes");
        assert_eq!(
            cells(&record(kind::SHEET, &[255, 255, 0, 0])),
            Err(SpanError::Unreadable),
            "a sheet beyond the end"
        );
    }
}
