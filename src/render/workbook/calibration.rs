//! Predicted against observed win rates as a table a chart can stand on, with how far each interval reaches.

use super::layout::cell;
use super::looks::Looks;
use super::own_table::{OwnCell, OwnTable};
use crate::render::material::TableLine;
use crate::render::page::PageSetting;

/// The table, written from `row` on; none without a model.
pub(super) fn calibration_table(setting: PageSetting<'_>, row: u32, looks: &Looks) -> Option<OwnTable> {
    let lines = (row + 1..).zip(setting.material.lines("reliability"));
    let rows: Vec<Vec<OwnCell>> = lines.filter_map(|(own, line)| of_line(line, own, looks)).collect();
    let columns = ["predicted", "observed", "observed_low", "observed_high"];
    let mut headings = columns.map(|name| setting.language.column(name)).to_vec();
    headings.extend(["reaches-down", "reaches-up"].map(|key| setting.word(key).to_owned()));
    (!rows.is_empty()).then(|| OwnTable { name: "calibration".to_owned(), headings, rows })
}

fn of_line(line: TableLine<'_>, row: u32, looks: &Looks) -> Option<Vec<OwnCell>> {
    let names = ["predicted", "observed", "observed_low", "observed_high"];
    let numbers: Option<Vec<f64>> = names.iter().map(|name| line.number(name)).collect();
    let numbers = numbers?;
    let mut cells: Vec<OwnCell> = numbers.iter().map(|number| OwnCell::Number(*number, looks.share.clone())).collect();
    for (from, to) in [(1, 2), (3, 1)] {
        let formula = format!("{}-{}", cell(row, from), cell(row, to));
        let result = numbers[usize::from(from)] - numbers[usize::from(to)];
        cells.push(OwnCell::Formula(formula, result, looks.share.clone()));
    }
    Some(cells)
}
