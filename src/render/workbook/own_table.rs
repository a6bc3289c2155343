//! A table that is no output: what is put together for a sheet of its own or for a chart.

use rust_xlsxwriter::{Format, Formula, Table, TableColumn, TableStyle, Worksheet, XlsxError};

use super::cell_text::{cell_text, looks_like_a_formula};
use super::layout::{Placed, height, last_column};
use super::looks::Looks;

/// A cell, with its look where it has one.
#[derive(Clone, Debug)]
pub(super) enum OwnCell {
    Empty,
    Text(String),
    Wrapped(String),
    Number(f64, Format),
    /// A formula and what it gives.
    Formula(String, f64, Format),
}

/// Name, headings and rows; at least one row, else nothing is written.
#[derive(Clone, Debug)]
pub(super) struct OwnTable {
    /// As formulas name it, without blanks.
    pub name: String,
    pub headings: Vec<String>,
    pub rows: Vec<Vec<OwnCell>>,
}

impl OwnTable {
    /// A sheet of its own with a title; columns are so wide, in letters, and the first of them stay in sight.
    pub(super) fn alone(
        &self,
        title: &str,
        widths: &[f64],
        fixed: u16,
        no_rows: &str,
        looks: &Looks,
    ) -> Result<Worksheet, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(title)?;
        sheet.write_string_with_format(0, 0, title, &looks.title)?;
        if self.rows.is_empty() {
            sheet.write_string(2, 0, no_rows)?;
            return Ok(sheet);
        }
        self.write(&mut sheet, 2, looks)?;
        for (at, width) in (0..).zip(widths) {
            sheet.set_column_width(at, *width)?;
        }
        for (row, cells) in (3..).zip(&self.rows) {
            let wrapped = cells.iter().zip(widths).filter_map(|(cell, width)| match cell {
                OwnCell::Wrapped(text) => Some((text.as_str(), *width as usize)),
                _ => None,
            });
            if let Some(height) = height(wrapped) {
                sheet.set_row_height(row, height)?;
            }
        }
        sheet.set_freeze_panes(3, fixed)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        Ok(sheet)
    }

    /// Writes it with its headings in `row`, from the first column on.
    pub(super) fn write(&self, sheet: &mut Worksheet, row: u32, looks: &Looks) -> Result<Placed, XlsxError> {
        let columns = self.headings.clone();
        let placed = Placed { sheet: sheet.name(), head: row, rows: self.rows.len(), columns };
        if self.rows.is_empty() {
            return Ok(placed);
        }
        let heads =
            self.headings.iter().map(|head| TableColumn::new().set_header(head).set_header_format(&looks.heading));
        let table = Table::new()
            .set_name(format!("dc_{}", self.name))
            .set_style(TableStyle::Light9)
            .set_columns(&heads.collect::<Vec<_>>());
        let last = last_column(self.headings.len());
        sheet.add_table(placed.head, 0, placed.last(), last, &table)?;
        // Room for two lines.
        sheet.set_row_height(placed.head, 32)?;
        for (row, cells) in (placed.first()..).zip(&self.rows) {
            for (at, cell) in (0..).zip(cells) {
                write_cell(sheet, row, at, cell, looks)?;
            }
        }
        Ok(placed)
    }
}

fn write_cell(sheet: &mut Worksheet, row: u32, at: u16, cell: &OwnCell, looks: &Looks) -> Result<(), XlsxError> {
    match cell {
        OwnCell::Empty => return Ok(()),
        OwnCell::Text(text) if looks_like_a_formula(text) => {
            sheet.write_string_with_format(row, at, cell_text(text), &looks.quoted)?
        }
        OwnCell::Text(text) => sheet.write_string(row, at, cell_text(text))?,
        OwnCell::Wrapped(text) => sheet.write_string_with_format(row, at, cell_text(text), &looks.wrapped)?,
        OwnCell::Number(number, format) => sheet.write_number_with_format(row, at, *number, format)?,
        OwnCell::Formula(formula, result, format) => {
            let formula = Formula::new(formula).set_result(result.to_string());
            sheet.write_formula_with_format(row, at, formula, format)?
        }
    };
    Ok(())
}
