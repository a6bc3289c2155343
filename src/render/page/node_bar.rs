//! Won, expected, range and quota of a forecast row: as a bar, and in words.

use super::setting::PageSetting;
use crate::render::chart::RangeBar;
use crate::render::material::TableLine;

/// What the bar of a forecast row shows.
pub(in crate::render) fn bar_of(line: TableLine<'_>) -> RangeBar {
    RangeBar {
        won: line.number("won").unwrap_or_default(),
        expected: line.number("expected"),
        low: line.number("p10"),
        median: line.number("p50"),
        high: line.number("p90"),
        quota: line.number("quota"),
    }
}

/// The same in words.
pub(in crate::render) fn range_words(setting: PageSetting<'_>, line: TableLine<'_>) -> String {
    let column = |column: &'static str| format!("{} {}", setting.language.column(column), setting.money(line, column));
    let range = format!("{} {} – {}", setting.word("range-80"), setting.money(line, "p10"), setting.money(line, "p90"));
    [column("quota"), column("won"), column("expected"), range].join(", ")
}
