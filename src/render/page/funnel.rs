//! The funnel: how many entered each stage, how many went on, in what time; and the moves between stages.

use serde::Serialize;

use super::grid::Grid;
use super::pipeline::stages;
use super::setting::Setting;
use crate::render::chart::{Bar, Flow, bars, flow};
use crate::render::material::Line;

/// The columns of a stage's row.
const COLUMNS: [&str; 11] = [
    "stage",
    "entered",
    "advanced",
    "lost",
    "open",
    "conversion",
    "conversion_low",
    "conversion_high",
    "median_days",
    "p90_days",
    "conversion_to_won",
];

/// The columns of a cohort's row.
const COHORTS: [&str; 9] =
    ["cohort", "deals", "won", "lost", "open", "win_rate", "median_cycle_days", "mean_won", "velocity_per_day"];

/// The view.
#[derive(Debug, Serialize)]
pub(super) struct Funnel {
    pub chart: String,
    pub stages: Grid,
    pub flow: String,
    pub cohorts: Grid,
}

/// The view.
pub(super) fn funnel(setting: Setting<'_>) -> Funnel {
    let all = |line: &Line<'_>| line.is(&[("cohort", "all"), ("segment", "all")]);
    let lines: Vec<Line<'_>> = setting.material.lines("funnel").filter(all).collect();
    let rows: Vec<Bar> = lines.iter().map(|line| bar(setting, *line)).collect();
    let cohorts = setting.material.lines("funnel_summary").filter(|line| line.text("segment") == "all");
    Funnel {
        chart: bars(&rows, setting.word("funnel-chart")),
        stages: Grid::of(setting, "funnel", &COLUMNS, lines.iter().copied()),
        flow: flow(&flows(setting), &order(setting), setting.word("flow-chart")),
        cohorts: Grid::of(setting, "funnel_summary", &COHORTS, cohorts),
    }
}

fn bar(setting: Setting<'_>, line: Line<'_>) -> Bar {
    let days = line
        .number("median_days")
        .map(|days| format!(", {} {}", setting.language.number(days, 0), setting.word("days")));
    let shown = format!("{}{}", setting.percent(line, "conversion"), days.unwrap_or_default());
    let number = |column: &str| line.number(column).unwrap_or(0.0);
    Bar { label: line.text("stage").to_owned(), shown, part: number("advanced"), whole: number("entered") }
}

/// Where deals come from, then the stages.
fn order(setting: Setting<'_>) -> Vec<String> {
    let mut order = vec!["(created)".to_owned()];
    order.extend(stages(setting));
    order
}

fn flows(setting: Setting<'_>) -> Vec<Flow> {
    let lost: Vec<&str> =
        setting.material.lines("flow").filter(|line| line.text("kind") == "lost").map(|line| line.text("to")).collect();
    let lines = setting.material.lines("flow").filter(|line| line.is(&[("cohort", "all"), ("segment", "all")]));
    let flows = lines.map(|line| {
        let (from, to) = (line.text("from").to_owned(), line.text("to").to_owned());
        let size = line.number("moves").unwrap_or(0.0);
        let shown = format!("{from} → {to}: {}", setting.language.whole(size as i128));
        Flow { lost: lost.contains(&to.as_str()), from, to, shown, size }
    });
    flows.collect()
}
