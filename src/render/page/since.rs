//! What moved in the forecast of a node since an earlier run, in one sentence.
//!
//! A row of `compare_bridge` in, which a report has where an earlier run was named; its start, its end and its parts out,
//! the largest first. The parts add up, as the table declares.

use super::setting::PageSetting;
use crate::render::material::TableLine;
use crate::render::sentences::{Worded, sentence};
use crate::report::cell::Cell;

/// The sentence about `node` of `level`; none where no earlier run was named, or nothing moved.
pub(in crate::render) fn since_run(setting: PageSetting<'_>, level: &str, node: &str) -> Option<String> {
    let wanted = [("level", level), ("node", node), ("measure", "expected"), ("currency", setting.currency)];
    let line = setting.material.lines("compare_bridge").find(|line| line.is(&wanted))?;
    let numbers = Worded::from([
        ("period".to_owned(), line.text("period").to_owned()),
        ("from".to_owned(), setting.language.day_text(setting.material.since()?)),
        ("start".to_owned(), setting.money(line, "start")),
        ("end".to_owned(), setting.money(line, "end")),
        ("parts".to_owned(), parts(setting, line)),
    ]);
    Some(sentence(setting.language, "since-run", &numbers))
}

/// `won +12,000, rescored -3,000`: the parts of the bridge, which stand between its two ends.
fn parts(setting: PageSetting<'_>, line: TableLine<'_>) -> String {
    let PageSetting { material, language, .. } = setting;
    let columns = material.columns("compare_bridge").into_iter();
    let parts = columns.skip_while(|column| *column != "start").skip(1).take_while(|column| *column != "end");
    let moved = parts.filter_map(|part| match line.at(part) {
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
