//! What every column means, as a table: the notes of all headings in one place.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::declared_table::TableSheet;
use super::headings::headings;
use super::looks::Looks;
use super::own_table::{OwnCell, OwnTable};
use crate::render::page::PageSetting;

/// The widths of its columns, in letters.
const WIDTHS: [f64; 7] = [16.0, 26.0, 32.0, 80.0, 22.0, 40.0, 50.0];

/// The sheet `name`, of the columns of `sheets`.
pub(super) fn definitions_sheet(
    setting: PageSetting<'_>,
    name: &str,
    sheets: &[TableSheet],
    looks: &Looks,
) -> Result<Worksheet, XlsxError> {
    let rows = sheets.iter().flat_map(|sheet| rows_of(setting, sheet)).collect();
    let words = ["sheet", "column", "name-in-files", "meaning", "unit", "formula", "empty-when"];
    let headings = words.map(|key| setting.word(key).to_owned()).to_vec();
    let table = OwnTable { name: "definitions".to_owned(), headings, rows };
    table.alone(name, &WIDTHS, 2, setting.word("no-rows"), looks)
}

fn rows_of(setting: PageSetting<'_>, sheet: &TableSheet) -> Vec<Vec<OwnCell>> {
    let names: Vec<&str> = sheet.placed.columns.iter().map(String::as_str).collect();
    let rows = headings(setting, &names).into_iter().zip(&names).map(|(label, name)| {
        let said = |note: &str| {
            let text = setting.said(sheet.plan.table, name, note).unwrap_or_default();
            OwnCell::Wrapped(text.to_owned())
        };
        let own = format!("{}.{name}", sheet.plan.table);
        let mut cells = vec![OwnCell::Text(sheet.placed.sheet.clone()), OwnCell::Text(label), OwnCell::Text(own)];
        cells.extend(["meaning", "unit", "formula", "empty"].map(said));
        cells
    });
    rows.collect()
}
