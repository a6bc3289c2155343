//! Horizontal bars, one a row, each with words behind it.

use super::drawing::Drawing;
use super::ink::Ink;
use super::marks::Anchor;
use super::scale::Scale;
use super::svg::{Area, LABEL_LETTERS, Svg, label_width, shortened};

const ROW: f64 = 26.0;
const PLOT: f64 = 330.0;
const BEHIND: f64 = 200.0;

/// One bar: a part within a whole.
#[derive(Clone, Debug)]
pub(crate) struct ChartBar {
    pub label: String,
    /// In words, behind the bar.
    pub shown: String,
    /// The dark part.
    pub part: f64,
    /// The whole bar.
    pub whole: f64,
}

/// The bars, from top to bottom.
pub(crate) fn bars(rows: &[ChartBar], label: &str) -> Drawing {
    let left = label_width(rows.iter().map(|bar| bar.label.as_str()));
    let top = rows.iter().map(|bar| bar.whole.max(bar.part)).fold(0.0, f64::max);
    let scale = Scale::new(0.0, top, left, left + PLOT);
    let mut svg = Svg::new(left + PLOT + BEHIND, ROW * rows.len() as f64, label);
    for (i, bar) in rows.iter().enumerate() {
        let y = i as f64 * ROW;
        let note = format!("{}: {}", bar.label, bar.shown);
        svg.text((left - 8.0, y + 17.0), Anchor::End, &shortened(&bar.label, LABEL_LETTERS), Ink::Words);
        let strip = |to: f64| Area { x: left, y: y + 5.0, width: scale.at(to) - left, height: ROW - 10.0 };
        svg.area(strip(bar.whole), Ink::Expected, &note);
        svg.area(strip(bar.part), Ink::Won, &note);
        svg.text((scale.at(bar.whole.max(bar.part)) + 8.0, y + 17.0), Anchor::Start, &bar.shown, Ink::Quiet);
    }
    svg.finish()
}
