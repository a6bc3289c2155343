//! A table of text, as a CSV file holds it: an empty cell is no value.

use arrow::array::{Array, RecordBatch};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use csv::{QuoteStyle, WriterBuilder};

/// Columns and rows of text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextTable {
    /// The header.
    pub columns: Vec<String>,
    /// The cells, as many in each row as there are columns.
    pub rows: Vec<Vec<String>>,
}

impl TextTable {
    /// A table without rows.
    #[must_use]
    pub fn new(columns: Vec<String>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// The text of a batch.
    ///
    /// # Errors
    /// [`ArrowError`] for a type that has no text.
    pub fn of(batch: &RecordBatch) -> Result<Self, ArrowError> {
        let options = FormatOptions::default();
        let columns: Vec<(&dyn Array, ArrayFormatter<'_>)> = batch
            .columns()
            .iter()
            .map(|column| Ok((column.as_ref(), ArrayFormatter::try_new(column.as_ref(), &options)?)))
            .collect::<Result<_, ArrowError>>()?;
        let cell = |(column, formatter): &(&dyn Array, ArrayFormatter<'_>), row: usize| {
            if column.is_null(row) { String::new() } else { formatter.value(row).to_string() }
        };
        let rows = (0..batch.num_rows()).map(|row| columns.iter().map(|column| cell(column, row)).collect());
        let names = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        Ok(Self { columns: names, rows: rows.collect() })
    }

    /// Where a column stands.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The cell of a column; empty where the table has no such column.
    #[must_use]
    pub fn cell<'a>(&self, row: &'a [String], name: &str) -> &'a str {
        self.position(name).map_or("", |at| row[at].as_str())
    }

    /// The same table with these columns only, in this order.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        let kept: Vec<usize> = names.iter().filter_map(|name| self.position(name)).collect();
        let of = |row: &Vec<String>| kept.iter().map(|&at| row[at].clone()).collect();
        Self { columns: of(&self.columns), rows: self.rows.iter().map(of).collect() }
    }

    /// Lines of CSV, without the header.
    ///
    /// # Errors
    /// [`csv::Error`] where a row has another number of cells.
    pub fn lines(&self, quoted: bool) -> Result<Vec<u8>, csv::Error> {
        lines(self.rows.iter(), quoted)
    }

    /// The header as a line of CSV.
    ///
    /// # Errors
    /// As for the rows.
    pub fn header_line(&self, quoted: bool) -> Result<Vec<u8>, csv::Error> {
        lines(std::iter::once(&self.columns), quoted)
    }
}

fn lines<'a>(rows: impl Iterator<Item = &'a Vec<String>>, quoted: bool) -> Result<Vec<u8>, csv::Error> {
    let style = if quoted { QuoteStyle::Always } else { QuoteStyle::Necessary };
    let mut text = Vec::new();
    let mut writer = WriterBuilder::new().quote_style(style).from_writer(&mut text);
    for row in rows {
        writer.write_record(row)?;
    }
    writer.flush()?;
    drop(writer);
    Ok(text)
}
