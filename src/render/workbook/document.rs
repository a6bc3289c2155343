//! The workbook as one file: the sheets put together in the order to read them.

use std::io;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::charts::charts_sheet;
use super::declared_table::table_sheet;
use super::definitions::definitions_sheet;
use super::findings::findings_sheet;
use super::layout::sheet_name;
use super::looks::Looks;
use super::overview::overview_sheet;
use super::plan::SHEETS;
use crate::domain::day::Day;
use crate::render::language::Language;
use crate::render::material::Material;
use crate::render::page::{PageChoices, PageSetting};

/// Rows of a sheet: with more a workbook is slow to make and to open, and nobody scrolls that far. What is left out is told
/// on the sheet, with the file that has it.
const SHEET_ROWS: usize = 20_000;

/// `material` as `report.xlsx` in `language`: the same bytes from the same run.
///
/// # Errors
/// What the writer of workbooks refused; it depends on no data.
pub fn xlsx(material: &Material, language: &Language) -> io::Result<Vec<u8>> {
    xlsx_of(material, language, SHEET_ROWS).map_err(io::Error::other)
}

/// The same, with sheets of at most `most` rows.
pub(super) fn xlsx_of(material: &Material, language: &Language, most: usize) -> Result<Vec<u8>, XlsxError> {
    let choices = PageChoices::of(material);
    let setting = PageSetting::new(material, language, &choices);
    let mut looks = Looks::new(language);
    let mut names: Vec<String> = Vec::new();
    let mut name_of = |word: &'static str| {
        let name = sheet_name(setting.word(word), &names);
        names.push(name.clone());
        name
    };
    let [overview, charts] = ["sheet-overview", "sheet-charts"].map(&mut name_of);
    let tables: Vec<String> = SHEETS.iter().map(|plan| name_of(plan.word)).collect();
    let [findings, definitions] = ["sheet-findings", "sheet-definitions"].map(&mut name_of);
    let mut sheets = Vec::with_capacity(SHEETS.len());
    for (plan, name) in SHEETS.into_iter().zip(&tables) {
        sheets.push(table_sheet(setting, plan, name, &mut looks, most)?);
    }
    let others = [charts.clone(), findings.clone(), definitions.clone()];
    let mut book = Workbook::new();
    book.set_properties(&properties(material)?);
    book.push_worksheet(overview_sheet(setting, &overview, &sheets, &others, &mut looks)?);
    book.push_worksheet(charts_sheet(setting, &charts, &sheets, &mut looks)?);
    let said = findings_sheet(setting, &findings, &looks)?;
    let meant = definitions_sheet(setting, &definitions, &sheets, &looks)?;
    sheets.into_iter().for_each(|sheet| book.push_worksheet(sheet.sheet));
    book.push_worksheet(said);
    book.push_worksheet(meant);
    book.save_to_buffer()
}

/// What the file says of itself: made on the day of the run, so that it has the same bytes again.
fn properties(material: &Material) -> Result<DocProperties, XlsxError> {
    let properties = DocProperties::new()
        .set_title(format!("dealcast {}", material.as_of()))
        .set_author(concat!("dealcast ", env!("CARGO_PKG_VERSION")))
        .set_comment(material.model_id().unwrap_or_default());
    let Ok(day) = material.as_of().parse::<Day>() else { return Ok(properties) };
    let date = day.civil();
    let year = u16::try_from(date.year()).unwrap_or(1900);
    let made = ExcelDateTime::from_ymd(year, date.month().unsigned_abs(), date.day().unsigned_abs())?;
    Ok(properties.set_creation_datetime(&made))
}
