//! Everything the run said, as a table.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::looks::Looks;
use super::own_table::{OwnCell, OwnTable};
use crate::render::page::PageSetting;

/// The widths of its columns, in letters.
const WIDTHS: [f64; 7] = [14.0, 11.0, 26.0, 22.0, 12.0, 100.0, 60.0];

/// The sheet `name`.
pub(super) fn findings_sheet(setting: PageSetting<'_>, name: &str, looks: &Looks) -> Result<Worksheet, XlsxError> {
    let word = |key: &'static str| setting.word(key).to_owned();
    let rows = setting.material.sections().iter().flat_map(|section| {
        section.findings.iter().map(|found| {
            vec![
                OwnCell::Text(setting.language.value(&section.title).to_owned()),
                OwnCell::Text(setting.language.value(&found.severity).to_owned()),
                OwnCell::Text(found.code.clone()),
                OwnCell::Text(found.subject.name.clone()),
                OwnCell::Text(found.subject.period.clone().unwrap_or_default()),
                OwnCell::Wrapped(setting.sentence(found)),
                OwnCell::Wrapped(setting.language.remedy(found).unwrap_or_default()),
            ]
        })
    });
    let headings = ["section", "severity", "code", "about", "period", "sentence", "remedy"].map(word).to_vec();
    let table = OwnTable { name: "findings".to_owned(), headings, rows: rows.collect() };
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    sheet.write_string_with_format(0, 0, name, &looks.title)?;
    if table.rows.is_empty() {
        sheet.write_string(2, 0, setting.word("no-rows"))?;
        return Ok(sheet);
    }
    table.write(&mut sheet, 2, looks)?;
    for (at, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(at, width)?;
    }
    sheet.set_freeze_panes(3, 0)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(sheet)
}
