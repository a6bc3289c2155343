//! The funnel: how many entered each stage, how many went on, in what time; and the moves between stages.

use serde::Serialize;

use super::grid::GridView;
use super::pipeline::stages;
use super::setting::PageSetting;
use crate::render::chart::{ChartBar, Drawing, FlowBand, bars, flow};
use crate::render::material::TableLine;

/// The columns of a cohort's row.
pub(super) const COHORTS: [&str; 9] =
    ["cohort", "deals", "won", "lost", "open", "win_rate", "median_cycle_days", "mean_won", "velocity_per_day"];

/// The view.
#[derive(Debug, Serialize)]
pub(super) struct FunnelView {
    pub chart: String,
    pub stages: GridView,
    pub flow: String,
    pub cohorts: GridView,
}

/// The view.
pub(super) fn funnel(setting: PageSetting<'_>) -> FunnelView {
    let all = |line: &TableLine<'_>| line.is(&[("cohort", "all"), ("segment", "all")]);
    let lines: Vec<TableLine<'_>> = setting.material.lines("funnel").filter(all).collect();
    let cohorts = setting.material.lines("funnel_summary").filter(|line| line.text("segment") == "all");
    FunnelView {
        chart: stages_chart(setting).inline(),
        stages: GridView::of_first(setting, "funnel", &["cohort", "segment"], lines.iter().copied()),
        flow: flow_chart(setting).inline(),
        cohorts: GridView::of(setting, "funnel_summary", &COHORTS, cohorts),
    }
}

/// The chart of the stages.
pub(in crate::render) fn stages_chart(setting: PageSetting<'_>) -> Drawing {
    let all = |line: &TableLine<'_>| line.is(&[("cohort", "all"), ("segment", "all")]);
    let rows: Vec<ChartBar> = setting.material.lines("funnel").filter(all).map(|line| bar(setting, line)).collect();
    bars(&rows, setting.word("funnel-chart"))
}

/// The chart of the moves between stages.
pub(in crate::render) fn flow_chart(setting: PageSetting<'_>) -> Drawing {
    flow(&flows(setting), &order(setting), setting.word("flow-chart"))
}

fn bar(setting: PageSetting<'_>, line: TableLine<'_>) -> ChartBar {
    let days = line
        .number("median_days")
        .map(|days| format!(", {} {}", setting.language.number(days, 0), setting.word("days")));
    let shown = format!("{}{}", setting.percent(line, "conversion"), days.unwrap_or_default());
    let number = |column: &str| line.number(column).unwrap_or(0.0);
    ChartBar {
        label: setting.language.text("stage", line.text("stage")).to_owned(),
        shown,
        part: number("advanced"),
        whole: number("entered"),
    }
}

/// Where deals come from, then the stages.
fn order(setting: PageSetting<'_>) -> Vec<String> {
    let from = std::iter::once("(created)".to_owned()).chain(stages(setting));
    from.map(|stage| setting.language.text("stage", &stage).to_owned()).collect()
}

fn flows(setting: PageSetting<'_>) -> Vec<FlowBand> {
    let lost: Vec<&str> =
        setting.material.lines("flow").filter(|line| line.text("kind") == "lost").map(|line| line.text("to")).collect();
    let lines = setting.material.lines("flow").filter(|line| line.is(&[("cohort", "all"), ("segment", "all")]));
    let flows = lines.map(|line| {
        let [from, to] = ["from", "to"].map(|column| setting.language.text("stage", line.text(column)).to_owned());
        let size = line.number("moves").unwrap_or(0.0);
        let shown = format!("{from} → {to}: {}", setting.language.whole(size as i128));
        FlowBand { lost: lost.contains(&line.text("to")), from, to, shown, size }
    });
    flows.collect()
}
