//! What moved in the forecast of a node since an earlier run, in one sentence and as a bridge.
//!
//! A row of `compare_bridge` in, which a report has where an earlier run was named; its start, its end and its parts out,
//! the largest first. The parts add up, as the table declares.

use super::setting::PageSetting;
use super::waterfall::Bridge;
use crate::render::chart::{BridgeStep, StepKind, bridge};
use crate::render::material::TableLine;
use crate::render::sentences::{Worded, sentence};
use crate::report::cell::Cell;

/// The sentence about `node` of `level`; none where no earlier run was named, or nothing moved.
pub(in crate::render) fn since_run(setting: PageSetting<'_>, level: &str, node: &str) -> Option<String> {
    let line = moved(setting, level, node)?;
    let numbers = Worded::from([
        ("period".to_owned(), line.text("period").to_owned()),
        ("from".to_owned(), setting.language.day_text(setting.material.since()?)),
        ("start".to_owned(), setting.money(line, "start")),
        ("end".to_owned(), setting.money(line, "end")),
        ("parts".to_owned(), parts(setting, line)),
    ]);
    Some(sentence(setting.language, "since-run", &numbers))
}

/// The same as a chart, of the company.
pub(super) fn since_bridge(setting: PageSetting<'_>) -> Option<Bridge> {
    let PageSetting { material, language, .. } = setting;
    let line = moved(setting, "company", "company")?;
    let step = |column: &str, kind: StepKind| {
        let amount = line.number(column).unwrap_or(0.0);
        BridgeStep { label: language.column(column), shown: language.short(amount), amount, kind }
    };
    let ends = ["start", "end"].map(|end| step(end, StepKind::Total));
    let steps = parts_of(setting).map(|part| step(part, StepKind::Change)).filter(|step| step.amount != 0.0);
    let [start, end] = ends;
    let steps: Vec<BridgeStep> = std::iter::once(start).chain(steps).chain([end]).collect();
    let [from, to] = [material.since()?, material.as_of()].map(|day| language.day_text(day));
    let (expected, period, colon) = (language.column("expected"), line.text("period"), setting.word("colon"));
    let title = format!("{expected}, {period}{colon}{from} – {to} ({})", setting.currency);
    let chart = bridge(&steps, &title).inline();
    Some(Bridge { title, chart })
}

/// What moved in what is expected of `node`.
fn moved<'m>(setting: PageSetting<'m>, level: &str, node: &str) -> Option<TableLine<'m>> {
    let wanted = [("level", level), ("node", node), ("measure", "expected"), ("currency", setting.currency)];
    setting.material.lines("compare_bridge").find(|line| line.is(&wanted))
}

/// The parts of the bridge, which stand between its two ends.
fn parts_of<'m>(setting: PageSetting<'m>) -> impl Iterator<Item = &'m str> {
    let columns = setting.material.columns("compare_bridge").into_iter();
    columns.skip_while(|column| *column != "start").skip(1).take_while(|column| *column != "end")
}

/// `won +12,000, rescored -3,000`.
fn parts(setting: PageSetting<'_>, line: TableLine<'_>) -> String {
    let language = setting.language;
    let moved = parts_of(setting).filter_map(|part| match line.at(part) {
        Cell::Money(0, _) => None,
        Cell::Money(minor, decimals) => Some((part, minor, decimals)),
        _ => None,
    });
    let mut moved: Vec<(&str, i128, u32)> = moved.collect();
    moved.sort_by_key(|(part, minor, _)| (std::cmp::Reverse(minor.unsigned_abs()), *part));
    let said = moved.into_iter().map(|(part, minor, decimals)| {
        let plus = if minor > 0 { "+" } else { "" };
        format!("{} {plus}{}", language.column(part).to_lowercase(), language.money(minor, decimals))
    });
    said.collect::<Vec<_>>().join(", ")
}
