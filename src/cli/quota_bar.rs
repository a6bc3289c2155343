//! A bar of won and expected against the quota, in one line of text.

use dealcast::report::cell::TableCells;
use dealcast::report::table::Table;

/// Characters of a bar: a full one is the quota.
pub(super) const BAR: usize = 12;

/// The bars of `rows` of a table with `quota`, `won` and `expected`; none where it has no such columns.
pub(super) fn bars(table: &Table, rows: &[usize]) -> Option<Vec<String>> {
    let schema = table.batch().schema_ref();
    ["quota", "won", "expected"].iter().all(|column| schema.index_of(column).is_ok()).then_some(())?;
    let cells = TableCells(table.batch());
    let of = |row: &usize| {
        let number = |column: &str| cells.at(column, *row).number();
        number("quota").filter(|quota| *quota > 0.0).map_or_else(String::new, |quota| {
            bar(number("won").unwrap_or(0.0) / quota, number("expected").unwrap_or(0.0) / quota)
        })
    };
    let bars: Vec<String> = rows.iter().map(of).collect();
    bars.iter().any(|bar| !bar.is_empty()).then_some(bars)
}

/// Won as full blocks, what is expected beside it as half tones, what is missing as dots; beyond the quota a `+`.
fn bar(won: f64, expected: f64) -> String {
    let blocks = |share: f64| (share.clamp(0.0, 1.0) * BAR as f64).round() as usize;
    let (won_blocks, all) = (blocks(won), blocks(expected.max(won)));
    let full = "█".repeat(won_blocks) + &"▒".repeat(all - won_blocks) + &"·".repeat(BAR - all);
    if expected.max(won) > 1.0 { full + "+" } else { full }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bar_is_the_quota() {
        assert_eq!(bar(0.5, 0.75), "██████▒▒▒···");
        assert_eq!(bar(0.0, 0.0), "·".repeat(BAR));
        assert_eq!(bar(1.5, 1.2), "█".repeat(BAR) + "+");
        assert_eq!(bar(-0.5, 2.0), "▒".repeat(BAR) + "+");
    }
}
