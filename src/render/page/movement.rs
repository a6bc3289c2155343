//! How the company's forecast moved over the last runs: its range against the quota, and the chance to reach it.

use serde::Serialize;

use super::setting::PageSetting;
use crate::render::chart::{TimeForm, TimePoint, over_time};
use crate::render::material::TableLine;

/// Runs that are shown; the newest.
const RUNS: usize = 12;

/// The charts.
#[derive(Debug, Serialize)]
pub(super) struct MovementView {
    /// Expected, range and quota.
    pub forecast: String,
    /// The chance to hit the quota, where there is one.
    pub chance: Option<String>,
}

/// The view; none of a single run.
pub(super) fn movement(setting: PageSetting<'_>) -> Option<MovementView> {
    let company = [("level", "company"), ("currency", setting.currency)];
    let lines: Vec<TableLine<'_>> = setting.material.lines("forecast_runs").filter(|line| line.is(&company)).collect();
    let lines = &lines[lines.len().saturating_sub(RUNS)..];
    if lines.len() < 2 {
        return None;
    }
    let sums: Vec<TimePoint> = lines.iter().filter_map(|line| sum(setting, *line)).collect();
    let quota = lines.last()?.number("quota");
    let short = |amount: f64| setting.language.short(amount);
    let chances: Vec<TimePoint> = lines.iter().filter_map(|line| chance(setting, *line)).collect();
    let percent = |share: f64| setting.language.percent(share);
    let chart = |points: &[TimePoint]| {
        over_time(points, None, TimeForm::Line, setting.word("chance-over-runs"), percent).inline()
    };
    Some(MovementView {
        forecast: over_time(&sums, quota, TimeForm::Line, setting.word("forecast-over-runs"), short).inline(),
        chance: (chances.len() > 1).then(|| chart(&chances)),
    })
}

fn sum(setting: PageSetting<'_>, line: TableLine<'_>) -> Option<TimePoint> {
    let day = setting.language.cell("run_as_of", line.at("run_as_of"), false);
    let money = |column: &'static str| setting.money(line, column);
    let colon = setting.word("colon");
    let shown = format!("{day}{colon}{} ({} – {})", money("expected"), money("p10"), money("p90"));
    let [low, high] = ["p10", "p90"].map(|column| line.number(column));
    Some(TimePoint { label: day, shown, estimate: line.number("expected")?, low, high, actual: None })
}

fn chance(setting: PageSetting<'_>, line: TableLine<'_>) -> Option<TimePoint> {
    let day = setting.language.cell("run_as_of", line.at("run_as_of"), false);
    let shown = format!("{day}{}{}", setting.word("colon"), setting.percent(line, "p_hit_quota"));
    Some(TimePoint { label: day, shown, estimate: line.number("p_hit_quota")?, low: None, high: None, actual: None })
}
