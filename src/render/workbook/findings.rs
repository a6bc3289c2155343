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
    table.alone(name, &WIDTHS, 0, setting.word("no-rows"), looks)
}
