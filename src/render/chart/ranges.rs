//! Won, expected, 80 % range and quota of several nodes, one a row on one scale.

use super::drawing::Drawing;
use super::ink::Ink;
use super::marks::Anchor;
use super::range_bar::RangeBar;
use super::scale::Scale;
use super::svg::{Area, Svg, shortened};

const ROW: f64 = 30.0;
const LABEL: f64 = 150.0;
/// What the room of a label holds.
const LETTERS: usize = 19;
const PLOT: f64 = 420.0;
const BEHIND: f64 = 150.0;

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct RangeRow {
    pub label: String,
    /// In words, behind the bar.
    pub shown: String,
    pub bar: RangeBar,
}

/// The nodes, from top to bottom.
pub(crate) fn ranges(rows: &[RangeRow], label: &str) -> Drawing {
    let top = rows.iter().map(|row| row.bar.top()).fold(0.0, f64::max);
    let low = rows.iter().map(|row| row.bar.won).fold(0.0, f64::min);
    let scale = Scale::new(low, top, LABEL, LABEL + PLOT);
    let mut svg = Svg::new(LABEL + PLOT + BEHIND, ROW * rows.len() as f64, label);
    for (i, row) in rows.iter().enumerate() {
        let y = i as f64 * ROW;
        svg.text((LABEL - 8.0, y + 19.0), Anchor::End, &shortened(&row.label, LETTERS), Ink::Words);
        let strip = |from: f64, to: f64, y: f64, height: f64| {
            let (from, to) = (scale.at(from.min(to)), scale.at(from.max(to)));
            Area { x: from, y, width: to - from, height }
        };
        if let Some((low, high)) = row.bar.low.zip(row.bar.high) {
            svg.area(strip(low, high, y + 5.0, 20.0), Ink::Range, "");
        }
        if let Some(expected) = row.bar.expected {
            svg.area(strip(row.bar.won, expected, y + 10.0, 10.0), Ink::Expected, "");
        }
        svg.area(strip(0.0, row.bar.won, y + 10.0, 10.0), Ink::Won, &format!("{}: {}", row.label, row.shown));
        if let Some(median) = row.bar.median {
            svg.line((scale.at(median), y + 5.0), (scale.at(median), y + 25.0), 1.5, Ink::Won);
        }
        if let Some(quota) = row.bar.quota {
            svg.line((scale.at(quota), y + 2.0), (scale.at(quota), y + 28.0), 2.5, Ink::Quota);
        }
        svg.text((LABEL + PLOT + 10.0, y + 19.0), Anchor::Start, &row.shown, Ink::Quiet);
    }
    svg.finish()
}
