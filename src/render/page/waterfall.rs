//! What became of the pipeline between two days, as bridges.

use serde::Serialize;

use super::setting::PageSetting;
use crate::render::chart::{BridgeStep, Drawing, StepKind, bridge};
use crate::render::material::TableLine;

/// The bars of a bridge, and what each does.
const STEPS: [(&str, StepKind, f64); 12] = [
    ("start", StepKind::Total, 1.0),
    ("created", StepKind::Change, 1.0),
    ("pulled_in", StepKind::Change, 1.0),
    ("increased", StepKind::Change, 1.0),
    ("moved_in", StepKind::Change, 1.0),
    ("revalued", StepKind::Change, 1.0),
    ("decreased", StepKind::Change, -1.0),
    ("pushed_out", StepKind::Change, -1.0),
    ("moved_out", StepKind::Change, -1.0),
    ("lost", StepKind::Change, -1.0),
    ("won", StepKind::Won, -1.0),
    ("end", StepKind::Total, 1.0),
];

/// One bridge.
#[derive(Debug, Serialize)]
pub(super) struct Bridge {
    pub title: String,
    pub chart: String,
}

/// The bridges of the company: the running period's first, then those of the other periods people look at.
pub(super) fn bridges(setting: PageSetting<'_>) -> Vec<Bridge> {
    let place = |line: &TableLine<'_>| setting.near_periods.iter().position(|period| *period == line.text("period"));
    let mut lines: Vec<TableLine<'_>> = companies(setting, "waterfall").filter(|line| place(line).is_some()).collect();
    lines.sort_by_key(place);
    lines.into_iter().map(|line| of_line(setting, line)).collect()
}

/// The bridge of the running period since the last run; without one, since its own beginning.
pub(super) fn latest_bridge(setting: PageSetting<'_>) -> Option<Bridge> {
    latest_line(setting).map(|line| of_line(setting, line))
}

/// The company's row of the running period since the last run; without one, since the period's beginning.
pub(in crate::render) fn latest_line<'m>(setting: PageSetting<'m>) -> Option<TableLine<'m>> {
    let mut since = companies(setting, "waterfall_since_run").chain(companies(setting, "waterfall"));
    since.find(|line| line.text("period") == setting.period)
}

/// The chart of the running period.
pub(in crate::render) fn bridge_chart(setting: PageSetting<'_>) -> Option<Drawing> {
    latest_line(setting).map(|line| bridge(&steps_of(setting, line), &title_of(setting, line)))
}

fn companies<'m>(setting: PageSetting<'m>, table: &str) -> impl Iterator<Item = TableLine<'m>> + use<'m> {
    let wanted = move |line: &TableLine<'m>| {
        line.is(&[("level", "company"), ("basis", setting.basis), ("currency", setting.currency)])
    };
    setting.material.lines(table).filter(wanted)
}

fn of_line(setting: PageSetting<'_>, line: TableLine<'_>) -> Bridge {
    let title = title_of(setting, line);
    let chart = bridge(&steps_of(setting, line), &title).inline();
    Bridge { title, chart }
}

/// The period, the days and the currency of a row.
pub(in crate::render) fn title_of(setting: PageSetting<'_>, line: TableLine<'_>) -> String {
    let day = |column: &str| setting.language.cell(column, line.at(column), false);
    let [period, colon, currency] = [line.text("period"), setting.word("colon"), line.text("currency")];
    format!("{period}{colon}{} – {} ({currency})", day("from"), day("to"))
}

/// The bars of a row: the totals, and the changes there were.
pub(in crate::render) fn steps_of(setting: PageSetting<'_>, line: TableLine<'_>) -> Vec<BridgeStep> {
    let steps = STEPS.iter().filter_map(|(column, kind, sign)| {
        let amount = sign * line.number(column).unwrap_or(0.0);
        let step = BridgeStep {
            label: setting.language.column(column),
            shown: setting.language.short(amount),
            amount,
            kind: *kind,
        };
        (*kind == StepKind::Total || amount != 0.0).then_some(step)
    });
    steps.collect()
}
