//! How good the scores and the forecast are: reliability, contenders, backtest, drift, data quality.

use serde::Serialize;

use super::grid::GridView;
use super::past_forecasts::past_forecasts;
use super::remark::Remark;
use super::setting::PageSetting;
use crate::render::chart::{Bin, ChartBar, Drawing, Interval, bars, intervals, reliability};
use crate::render::material::TableLine;
use crate::report::cell::Cell;

/// The columns of the evaluation.
pub(super) const EVALUATION: [&str; 9] =
    ["cutoff", "model", "rows", "won", "log_loss", "brier", "auc", "calibration_slope", "calibration_error"];

/// The columns of the backtest.
pub(super) const BACKTEST: [&str; 9] =
    ["level", "weeks_left", "forecaster", "cases", "wape", "bias", "coverage", "hit_share", "hit_chance"];

/// The columns of the drift table.
pub(super) const DRIFT: [&str; 5] = ["field", "factor", "factor_share", "psi", "drifted"];

/// The columns of what gaps of the input cost.
pub(super) const COSTS: [&str; 6] = ["meaning", "remedy", "deals", "of_deals", "amount", "currency"];

/// The columns of the quality of an input column.
pub(super) const QUALITY: [&str; 7] = ["table", "column", "rows", "filled", "missing", "invalid", "severity"];

/// Input columns that are listed: those with most gaps.
const COLUMNS: usize = 20;

/// Fields whose drift is drawn.
const DRIFTING: usize = 12;

/// The view.
#[derive(Debug, Serialize)]
pub(super) struct EvidenceView {
    pub reliability: Option<String>,
    pub contenders: Option<String>,
    pub past_forecasts: Option<String>,
    pub drift_chart: Option<String>,
    pub costs: GridView,
    pub quality: GridView,
    pub evaluation: GridView,
    pub backtest: GridView,
    pub drift: GridView,
    pub said: Vec<(String, Vec<Remark>)>,
}

/// The view.
pub(super) fn evidence(setting: PageSetting<'_>) -> EvidenceView {
    let lines = |table| setting.material.lines(table);
    let over_all = lines("evaluation").filter(|line| line.text("scope") == "all");
    EvidenceView {
        reliability: reliability_chart(setting).map(|chart| chart.inline()),
        contenders: contenders_chart(setting).map(|chart| chart.inline()),
        past_forecasts: past_forecasts(setting).map(|chart| chart.inline()),
        drift_chart: drift_chart(setting).map(|chart| chart.inline()),
        costs: GridView::of(setting, "input_costs", &COSTS, lines("input_costs")),
        quality: GridView::of(setting, "input_columns", &QUALITY, worst_columns(setting)),
        evaluation: GridView::of(setting, "evaluation", &EVALUATION, over_all),
        backtest: GridView::of(setting, "backtest", &BACKTEST, lines("backtest").filter(|line| is_summary(*line))),
        drift: GridView::of(setting, "drift", &DRIFT, lines("drift")),
        said: said(setting),
    }
}

/// The chart of predicted and observed win rates.
pub(in crate::render) fn reliability_chart(setting: PageSetting<'_>) -> Option<Drawing> {
    let bins: Vec<Bin> = setting.material.lines("reliability").filter_map(|line| bin(setting, line)).collect();
    let axes = [setting.word("predicted-win-rate"), setting.word("observed-win-rate")];
    let blank = &setting.language.before_percent;
    (!bins.is_empty()).then(|| reliability(&bins, setting.word("reliability-chart"), axes, blank))
}

fn bin(setting: PageSetting<'_>, line: TableLine<'_>) -> Option<Bin> {
    let share = |column: &str| setting.percent(line, column);
    let shown = format!(
        "{} → {} ({} – {})",
        share("predicted"),
        share("observed"),
        share("observed_low"),
        share("observed_high")
    );
    let [predicted, observed] = [line.number("predicted")?, line.number("observed")?];
    Some(Bin { predicted, observed, low: line.number("observed_low")?, high: line.number("observed_high")?, shown })
}

/// The log loss of the model beside what it must beat.
pub(in crate::render) fn contenders_chart(setting: PageSetting<'_>) -> Option<Drawing> {
    let over_all = |line: &TableLine<'_>| line.text("scope") == "all" && line.at("cutoff").is_empty();
    let rows: Vec<Interval> =
        setting.material.lines("evaluation").filter(over_all).filter_map(|line| contender(setting, line)).collect();
    (!rows.is_empty())
        .then(|| intervals(&rows, setting.word("contenders-chart"), |tick| setting.language.number(tick, 2)))
}

fn contender(setting: PageSetting<'_>, line: TableLine<'_>) -> Option<Interval> {
    let [estimate, low, high] = ["log_loss", "log_loss_low", "log_loss_high"].map(|column| line.number(column));
    let (estimate, low, high) = (estimate?, low?, high?);
    let shown = [estimate, low, high].map(|loss| setting.language.number(loss, 3));
    let shown = format!("{} ({} – {})", shown[0], shown[1], shown[2]);
    let name = line.text("model");
    Some(Interval { label: setting.language.value(name).to_owned(), shown, estimate, low, high, own: name == "model" })
}

/// Whether a row of the backtest sums up all past days, or those of the company with as many weeks left.
fn is_summary(line: TableLine<'_>) -> bool {
    let of_company = line.is(&[("level", "company"), ("forecaster", "dealcast")]);
    line.at("cutoff").is_empty() && (line.at("weeks_left").is_empty() || of_company)
}

/// How far the fields of the open deals have drifted, the furthest first; dark where that is significant.
fn drift_chart(setting: PageSetting<'_>) -> Option<Drawing> {
    let mut lines: Vec<TableLine<'_>> = setting.material.lines("drift").collect();
    let psi = |line: &TableLine<'_>| line.number("psi").unwrap_or(0.0);
    lines.sort_by(|a, b| psi(b).total_cmp(&psi(a)));
    let rows: Vec<ChartBar> = lines
        .iter()
        .take(DRIFTING)
        .map(|line| ChartBar {
            label: setting.language.factor(line.text("field")).to_owned(),
            shown: setting.language.number(psi(line), 3),
            part: if line.at("drifted") == Cell::Flag(true) { psi(line) } else { 0.0 },
            whole: psi(line),
        })
        .collect();
    (!rows.is_empty()).then(|| bars(&rows, setting.word("drift-chart")))
}

/// Input columns with empty or invalid cells, the worst first.
fn worst_columns<'m>(setting: PageSetting<'m>) -> Vec<TableLine<'m>> {
    let share = |line: &TableLine<'m>| {
        let [missing, invalid, rows] = ["missing", "invalid", "rows"].map(|column| line.number(column).unwrap_or(0.0));
        (missing + invalid) / rows.max(1.0)
    };
    let mut lines: Vec<TableLine<'m>> =
        setting.material.lines("input_columns").filter(|line| share(line) > 0.0).collect();
    lines.sort_by(|a, b| share(b).total_cmp(&share(a)));
    lines.truncate(COLUMNS);
    lines
}

/// Everything the run said, section by section.
fn said(setting: PageSetting<'_>) -> Vec<(String, Vec<Remark>)> {
    let sections = setting.material.sections().iter().map(|section| {
        let remarks = section.findings.iter().map(|found| setting.remark(found));
        (setting.language.value(&section.title).to_owned(), remarks.collect())
    });
    sections.collect()
}
