//! The bridge of the running period as a table a chart can stand on: what was there, what changed, what is left.

use super::looks::Looks;
use super::own_table::{OwnCell, OwnTable};
use crate::render::chart::{BridgeStep, StepKind};
use crate::render::page::{PageSetting, latest_line, steps_of, title_of};

/// The table with its title, written from `row` on; none where nothing is known of the period, or it has been below zero.
pub(super) fn bridge_table(setting: PageSetting<'_>, row: u32, looks: &mut Looks) -> Option<(String, OwnTable)> {
    let line = latest_line(setting)?;
    let steps = steps_of(setting, line);
    let format = looks.money(setting.currency_of(line)).clone();
    let mut level = 0.0;
    let mut rows = Vec::with_capacity(steps.len());
    // The row as a spreadsheet counts it, below the headings.
    for (own, step) in (row + 2..).zip(&steps) {
        let before = level;
        level = after(before, step);
        if level < 0.0 {
            return None;
        }
        let formula = match step.kind {
            StepKind::Total => format!("B{own}"),
            StepKind::Change | StepKind::Won => format!("C{}+B{own}", own - 1),
        };
        let [support, rise, fall, total] = parts(before, level, step);
        let mut cells = vec![
            OwnCell::Text(step.label.clone()),
            OwnCell::Number(step.amount, format.clone()),
            OwnCell::Formula(formula, level, format.clone()),
        ];
        cells.extend([support, rise, fall, total].map(|part| OwnCell::Number(part, format.clone())));
        rows.push(cells);
    }
    let words = ["step", "amount", "left", "below", "rise", "fall", "total"];
    let headings = words.map(|key| setting.word(key).to_owned()).to_vec();
    Some((title_of(setting, line), OwnTable { name: "bridge".to_owned(), headings, rows }))
}

/// To the last digit money has, which floats lose.
fn after(before: f64, step: &BridgeStep) -> f64 {
    let level = if step.kind == StepKind::Total { step.amount } else { before + step.amount };
    (level * 1000.0).round() / 1000.0
}

/// What a stacked bar is made of: the part nobody sees, then what rose, fell, or stands on the axis.
fn parts(before: f64, level: f64, step: &BridgeStep) -> [f64; 4] {
    match step.kind {
        StepKind::Total => [0.0, 0.0, 0.0, step.amount],
        StepKind::Change | StepKind::Won => [before.min(level), step.amount.max(0.0), (-step.amount).max(0.0), 0.0],
    }
}
