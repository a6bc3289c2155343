//! The sheet of one table of the run: its rows as an Excel table, headings with notes, sums above.

use rust_xlsxwriter::{Formula as Written, Table, TableColumn, TableStyle, Worksheet, XlsxError};

use super::cell_text::{cell_text, looks_like_a_formula};
use super::formula_text::{gives, written};
use super::headings::{definition, headings, note};
use super::layout::{MOST_ROWS, Placed, cell, height, last_column};
use super::looks::{CellMeasure, Looks};
use super::marks::mark;
use super::plan::SheetPlan;
use super::totals::{totals, write_total};
use crate::render::material::TableLine;
use crate::render::page::PageSetting;
use crate::report::cell::Cell;
use crate::report::first_columns::first_columns;
use crate::report::invariants::Formula;

/// The narrowest and the widest column, in letters.
const WIDTHS: [usize; 2] = [9, 46];

/// The columns of sentences, which take as many lines as they need.
const SENTENCES: [&str; 4] = ["what", "why", "meaning", "remedy"];

/// How many rows a column's width is taken from.
const MEASURED: usize = 300;

/// A sheet that is written.
pub(super) struct TableSheet {
    pub sheet: Worksheet,
    pub placed: Placed,
    pub plan: SheetPlan,
    /// How many rows the table has, shown or not.
    pub all: usize,
    /// Rows that found no room.
    pub left_out: usize,
}

/// A column on its way to the sheet.
struct TableColumnPlan<'m> {
    name: &'m str,
    measure: CellMeasure,
    formula: Option<Formula>,
}

/// The sheet of `plan`, named `name`; a sheet has at most `most` rows.
pub(super) fn table_sheet(
    setting: PageSetting<'_>,
    plan: SheetPlan,
    name: &str,
    looks: &mut Looks,
    most: usize,
) -> Result<TableSheet, XlsxError> {
    let all = setting.material.lines(plan.table).count();
    let mut lines: Vec<TableLine<'_>> =
        setting.material.lines(plan.table).filter(|line| plan.shown.has(setting, *line)).collect();
    let columns = columns(setting, plan.table);
    let head = 3 + totals(&lines, plan.totals).len();
    let left_out = lines.len().saturating_sub(most.min(MOST_ROWS) - head - 1);
    lines.truncate(lines.len() - left_out);
    let placed = Placed {
        sheet: name.to_owned(),
        head: u32::try_from(head).unwrap_or(3),
        rows: lines.len(),
        columns: columns.iter().map(|column| column.name.to_owned()).collect(),
    };
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?.set_tab_color(plan.tab);
    sheet.write_string_with_format(0, 0, name, &looks.title)?;
    sheet.write_string_with_format(1, 0, told(setting, plan, all, &placed, left_out), &looks.quiet)?;
    if lines.is_empty() {
        sheet.write_string(3, 0, setting.word("no-rows"))?;
        return Ok(TableSheet { sheet, placed, plan, all, left_out });
    }
    for (row, total) in (2..).zip(&totals(&lines, plan.totals)) {
        sheet.write_string_with_format(row, 0, format!("{} {}", setting.word("total"), total.0), &looks.strong)?;
        write_total(&mut sheet, row, &placed, looks, total)?;
    }
    write_head(&mut sheet, setting, plan, &placed, looks)?;
    write_cells(&mut sheet, setting, &lines, &columns, &placed, looks)?;
    set_widths(&mut sheet, setting, &lines, &placed, plan)?;
    mark(&mut sheet, &placed, setting)?;
    prepare(&mut sheet, &placed, plan)?;
    Ok(TableSheet { sheet, placed, plan, all, left_out })
}

/// The columns: those people look at first before the others.
fn columns<'m>(setting: PageSetting<'m>, table: &'m str) -> Vec<TableColumnPlan<'m>> {
    let (names, first) = (setting.material.columns(table), first_columns(table));
    // What was wrong with single cells is worded in English only; the rule says it in every language.
    let is_worded = |name: &&str| *name != "reason" || setting.language.is_english();
    let before = first.iter().copied().filter(|name| names.contains(name));
    let after = names.iter().copied().filter(|name| !first.contains(name)).filter(is_worded);
    let of = |name: &'m str| {
        let formula = setting.material.note(table, name, "formula").unwrap_or_default();
        let formula = Formula::read(formula, |column| names.contains(&column)).into_iter().next();
        let measure = CellMeasure::of_unit(setting.material.note(table, name, "unit").unwrap_or_default());
        TableColumnPlan { name, measure, formula }
    };
    before.chain(after).map(of).collect()
}

/// What stands below the title: how many rows, which, and where all of them are.
fn told(setting: PageSetting<'_>, plan: SheetPlan, all: usize, placed: &Placed, left_out: usize) -> String {
    let number = |count: usize| setting.language.whole(count as i128);
    let day = setting.language.day_text(setting.material.as_of());
    let mut words = vec![format!("{} {day}", setting.word("as-of"))];
    words.push(format!("{} / {} {}", number(placed.rows), number(all), setting.word("rows")));
    words.extend(plan.shown.word().map(|word| setting.word(word).to_owned()));
    words.extend((left_out > 0).then(|| format!("{} {}", number(left_out), setting.word("rows-left-out"))));
    words.push(format!("{} {table}.csv, {table}.parquet", setting.word("all-rows-in"), table = plan.table));
    words.join("; ")
}

fn write_head(
    sheet: &mut Worksheet,
    setting: PageSetting<'_>,
    plan: SheetPlan,
    placed: &Placed,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let names: Vec<&str> = placed.columns.iter().map(String::as_str).collect();
    let heads = headings(setting, &names).into_iter();
    let heads = heads.map(|head| TableColumn::new().set_header(head).set_header_format(&looks.heading));
    let table = Table::new()
        .set_name(format!("dc_{}", plan.table))
        .set_style(TableStyle::Light9)
        .set_columns(&heads.collect::<Vec<_>>());
    let last = last_column(names.len());
    sheet.add_table(placed.head, 0, placed.last(), last, &table)?;
    for (at, name) in (0..).zip(names) {
        if let Some(definition) = definition(setting, plan.table, name) {
            sheet.insert_note(placed.head, at, &note(&definition))?;
        }
    }
    Ok(())
}

fn write_cells(
    sheet: &mut Worksheet,
    setting: PageSetting<'_>,
    lines: &[TableLine<'_>],
    columns: &[TableColumnPlan<'_>],
    placed: &Placed,
    looks: &mut Looks,
) -> Result<(), XlsxError> {
    for (row, line) in (placed.first()..).zip(lines) {
        for (at, column) in (0..).zip(columns) {
            let value = line.at(column.name);
            let currency = setting.currency_of(*line);
            match (value, formula_of(column, value, *line, row, placed)) {
                (Cell::Text(text), _) => {
                    let text = shown_text(setting, *line, column.name, text);
                    let text = cell_text(&text);
                    match column.name {
                        _ if looks_like_a_formula(&text) => {
                            sheet.write_string_with_format(row, at, text, &looks.quoted)?
                        }
                        sentence if SENTENCES.contains(&sentence) => {
                            sheet.write_string_with_format(row, at, text, &looks.wrapped)?
                        }
                        _ => sheet.write_string(row, at, text)?,
                    };
                }
                (_, Some(formula)) => {
                    sheet.write_formula_with_format(row, at, formula, looks.of(value, column.measure, currency))?;
                }
                (Cell::Flag(flag), None) => {
                    sheet.write_boolean(row, at, flag)?;
                }
                (Cell::Empty, None) => {}
                (_, None) => {
                    let number = stored(value).unwrap_or_default();
                    sheet.write_number_with_format(row, at, number, looks.of(value, column.measure, currency))?;
                }
            }
        }
    }
    Ok(())
}

/// A number as a spreadsheet keeps it: the double next to the exact one; a day counted as it counts them.
fn stored(value: Cell<'_>) -> Option<f64> {
    match value {
        // Before March 1900 a spreadsheet is off by the day it invented.
        Cell::Date(day) => Some(f64::from(day.0 + if day.0 < -25_508 { 25_568 } else { 25_569 })),
        Cell::Money(..) => value.to_string().parse().ok(),
        _ => value.number(),
    }
}

/// The formula of a column in a row, where it gives the number that stands there.
fn formula_of(
    column: &TableColumnPlan<'_>,
    value: Cell<'_>,
    line: TableLine<'_>,
    row: u32,
    placed: &Placed,
) -> Option<Written> {
    let formula = column.formula.as_ref()?;
    let step = match value {
        Cell::Money(_, decimals) if formula.is_sum() => 0.4 * 0.1_f64.powi(i32::try_from(decimals).unwrap_or(2)),
        Cell::Whole(_) => 0.4,
        Cell::Number(_) => 0.0,
        _ => return None,
    };
    let expected = stored(value)?;
    if !gives(formula, expected, step, &|name| line.number(name)) {
        return None;
    }
    let text = written(formula, &|name| placed.column(name).map(|at| cell(row, at)))?;
    Some(Written::new(text).set_result(expected.to_string()))
}

/// What stands in a text cell: names for ids of people, the language's words, reasons as sentences.
fn shown_text(setting: PageSetting<'_>, line: TableLine<'_>, column: &str, text: &str) -> String {
    match column {
        "positive_factors" | "negative_factors" => reasons(setting, text).unwrap_or_else(|| text.to_owned()),
        _ => setting.shown_text(line, column, text),
    }
}

/// `source: Referral (+0.50); …` of a list of factors as JSON.
fn reasons(setting: PageSetting<'_>, json: &str) -> Option<String> {
    let listed: Vec<serde_json::Value> = serde_json::from_str(json).ok()?;
    let said = listed.iter().map(|factor| {
        let value = factor["value"].as_str().map_or_else(|| factor["value"].to_string(), str::to_owned);
        let (name, contribution) = (factor["name"].as_str()?, factor["contribution"].as_f64()?);
        let value = setting.language.reason(name, &value, setting.material.people());
        let sign = if contribution > 0.0 { "+" } else { "" };
        let contribution = setting.language.number(contribution, 2);
        let colon = setting.word("colon");
        Some(format!("{}{colon}{value} ({sign}{contribution})", setting.language.factor(name)))
    });
    said.collect::<Option<Vec<String>>>().map(|said| said.join(setting.word("semicolon")))
}

/// Columns as wide as what stands in them; those that are not looked at first are folded away.
fn set_widths(
    sheet: &mut Worksheet,
    setting: PageSetting<'_>,
    lines: &[TableLine<'_>],
    placed: &Placed,
    plan: SheetPlan,
) -> Result<(), XlsxError> {
    let mut of_sentences: Vec<(&str, usize)> = Vec::new();
    for (at, name) in (0..).zip(&placed.columns) {
        let cells = lines.iter().take(MEASURED).map(|line| match line.at(name) {
            money @ Cell::Money(..) => setting.language.cell(name, money, false).chars().count() + 8,
            Cell::Text(text) => shown_text(setting, *line, name, text).chars().count() + 1,
            other => setting.language.cell(name, other, false).chars().count() + 2,
        });
        let longest_word = setting.language.column(name).split(' ').map(str::len).max().unwrap_or(0) + 4;
        let width = cells.max().unwrap_or(0).max(longest_word).clamp(WIDTHS[0], WIDTHS[1]);
        sheet.set_column_width(at, width as f64)?;
        of_sentences.extend(SENTENCES.contains(&name.as_str()).then_some((name.as_str(), width)));
    }
    set_heights(sheet, setting, lines, placed, &of_sentences)?;
    let shown = u16::try_from(first_columns(plan.table).len()).unwrap_or(0);
    let last = last_column(placed.columns.len());
    if shown > 0 && shown <= last {
        sheet.group_columns_collapsed(shown, last)?;
    }
    Ok(())
}

/// Rows as high as the sentences in them, which stand in `columns` so many letters wide.
fn set_heights(
    sheet: &mut Worksheet,
    setting: PageSetting<'_>,
    lines: &[TableLine<'_>],
    placed: &Placed,
    columns: &[(&str, usize)],
) -> Result<(), XlsxError> {
    for (row, line) in (placed.first()..).zip(lines) {
        let texts: Vec<_> =
            columns.iter().map(|(name, width)| (shown_text(setting, *line, name, line.text(name)), *width)).collect();
        if let Some(height) = height(texts.iter().map(|(text, width)| (text.as_str(), *width))) {
            sheet.set_row_height(row, height)?;
        }
    }
    Ok(())
}

/// What stays in sight, and how the sheet prints.
fn prepare(sheet: &mut Worksheet, placed: &Placed, plan: SheetPlan) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(placed.first(), plan.held)?;
    sheet.set_row_height(placed.head, 32)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(placed.head, placed.head)?;
    sheet.set_footer("&L&A&R&P / &N");
    Ok(())
}
