//! Past forecasts of the company beside what was won: each with its range.

use super::setting::PageSetting;
use crate::render::chart::{Drawing, TimeForm, TimePoint, over_time};
use crate::render::material::TableLine;

/// Past days that are shown; the newest.
const DAYS: usize = 16;

/// The chart; none where no past day is on record.
pub(super) fn past_forecasts(setting: PageSetting<'_>) -> Option<Drawing> {
    let company = [("level", "company"), ("forecaster", "dealcast")];
    let of_page = |line: &TableLine<'_>| line.is(&company) && ["", setting.currency].contains(&line.text("currency"));
    let mut lines: Vec<TableLine<'_>> = setting.material.lines("backtest_cases").filter(of_page).collect();
    lines.sort_by_key(|line| line.at("cutoff").to_string());
    let points: Vec<TimePoint> =
        lines[lines.len().saturating_sub(DAYS)..].iter().filter_map(|line| point(setting, *line)).collect();
    let short = |amount: f64| setting.language.short(amount);
    let chart = || over_time(&points, None, TimeForm::Ranges, setting.word("past-forecasts-chart"), short);
    (!points.is_empty()).then(chart)
}

fn point(setting: PageSetting<'_>, line: TableLine<'_>) -> Option<TimePoint> {
    let [low, high, actual] = ["p10", "p90", "actual"].map(|column| line.number(column));
    let day = setting.language.cell("cutoff", line.at("cutoff"), false);
    let money = |column: &str| setting.money(line, column);
    let [forecast, of, to, won] = ["forecast", "p10", "p90", "actual"].map(money);
    let shown = format!("{}, {day}: {forecast} ({of} – {to}) → {won}", line.text("period"));
    Some(TimePoint { label: day, shown, estimate: line.number("forecast")?, low, high, actual })
}
