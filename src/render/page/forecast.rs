//! The forecast: every node of the running, the next and the longer periods, and the gaps of its nodes.

use serde::Serialize;

use super::grid::{GridCell, GridView, chart_head};
use super::node_bar::{bar_of, range_words};
use super::setting::PageSetting;
use crate::render::chart::range_bar;
use crate::render::material::TableLine;

/// What stands in the heading of a level, or is told elsewhere.
pub(super) const FORECAST_HEADING: [&str; 4] = ["period", "currency", "level", "open_deals"];

/// The same of the gaps.
pub(super) const GAPS_HEADING: [&str; 3] = ["period", "currency", "level"];

/// The levels, from everyone to one person.
const LEVELS: [&str; 5] = ["company", "region", "team", "manager", "owner"];

/// The levels of periods that are not the running one.
const ABOVE_OWNERS: [&str; 3] = ["company", "region", "team"];

/// How many nodes of a level are listed without scripts: those furthest from their quota.
const LISTED: usize = 10;

/// The same of periods that are not the running one.
const LISTED_LATER: usize = 4;

/// The nodes of one level.
#[derive(Debug, Serialize)]
pub(super) struct LevelView {
    pub name: String,
    pub id: String,
    pub grid: GridView,
}

/// One period.
#[derive(Debug, Serialize)]
pub(super) struct PeriodView {
    pub period: String,
    pub open: bool,
    pub levels: Vec<LevelView>,
}

/// The view.
#[derive(Debug, Serialize)]
pub(super) struct ForecastView {
    pub periods: Vec<PeriodView>,
    pub gaps: Vec<LevelView>,
}

/// The view.
pub(super) fn forecast(setting: PageSetting<'_>) -> ForecastView {
    let periods = setting.near_periods.iter().map(|period| of_period(setting, period)).collect();
    ForecastView { periods, gaps: gaps(setting) }
}

fn of_period<'m>(setting: PageSetting<'m>, period: &'m str) -> PeriodView {
    let wanted: &[&str] = if period == setting.period { &LEVELS } else { &ABOVE_OWNERS };
    let levels = wanted.iter().filter_map(|level| {
        let mut lines: Vec<TableLine<'m>> =
            setting.forecast(period).filter(|line| line.text("level") == *level).collect();
        lines.sort_by(|a, b| b.number("gap").unwrap_or(f64::MIN).total_cmp(&a.number("gap").unwrap_or(f64::MIN)));
        lines.truncate(if period == setting.period { LISTED } else { LISTED_LATER });
        let top = lines.iter().map(|line| bar_of(*line).top()).fold(0.0, f64::max);
        let charts: Vec<GridCell> = lines.iter().map(|line| bar_cell(setting, *line, top)).collect();
        let heading = told_once(&FORECAST_HEADING, &lines);
        let grid = GridView::of_first(setting, "forecast", &heading, lines.iter().copied());
        let grid = grid.insert(1, chart_head(setting, "forecast-bar"), charts);
        let id = format!("forecast/{period}/{level}");
        (!lines.is_empty()).then(|| LevelView { name: setting.language.value(level).to_owned(), id, grid })
    });
    PeriodView { period: period.to_owned(), open: period == setting.period, levels: levels.collect() }
}

/// The columns of a `heading` that say the same of all `lines`: of several currencies each row names its own.
fn told_once<'c>(heading: &[&'c str], lines: &[TableLine<'_>]) -> Vec<&'c str> {
    let is_one = lines.windows(2).all(|pair| pair[0].text("currency") == pair[1].text("currency"));
    heading.iter().copied().filter(|column| *column != "currency" || is_one).collect()
}

fn bar_cell(setting: PageSetting<'_>, line: TableLine<'_>, top: f64) -> GridCell {
    let name = setting.shown_text(line, "node_name", line.text("node_name"));
    let label = format!("{name}{}{}", setting.word("colon"), range_words(setting, line));
    GridCell { chart: Some(range_bar(bar_of(line), top, &label).inline()), ..GridCell::default() }
}

fn gaps(setting: PageSetting<'_>) -> Vec<LevelView> {
    let levels = ["company", "region", "team", "manager", "owner", "product", "source"].into_iter();
    let views = levels.filter_map(|level| {
        let lines =
            setting.material.lines("gaps").filter(|line| line.is(&[("level", level), ("period", setting.period)]));
        let mut lines: Vec<TableLine<'_>> = lines.collect();
        lines.sort_by(|a, b| b.number("gap").unwrap_or(0.0).total_cmp(&a.number("gap").unwrap_or(0.0)));
        lines.truncate(LISTED);
        let grid = GridView::of_first(setting, "gaps", &told_once(&GAPS_HEADING, &lines), lines.iter().copied());
        let id = format!("gaps/{level}");
        (!lines.is_empty()).then(|| LevelView { name: setting.language.value(level).to_owned(), id, grid })
    });
    views.collect()
}
