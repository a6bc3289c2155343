//! Estimates with their intervals, one a row on one scale.

use super::drawing::Drawing;
use super::ink::Ink;
use super::marks::Anchor;
use super::scale::Scale;
use super::svg::{LABEL_LETTERS, Svg, label_width, shortened};

const ROW: f64 = 26.0;
const PLOT: f64 = 290.0;
const BEHIND: f64 = 165.0;
const BELOW: f64 = 24.0;

/// One estimate.
#[derive(Clone, Debug)]
pub(crate) struct Interval {
    pub label: String,
    /// In words.
    pub shown: String,
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
    /// Whether it is what the page is about, not something to compare with.
    pub own: bool,
}

/// The estimates, from top to bottom; `tick` words the numbers of the axis.
pub(crate) fn intervals(rows: &[Interval], label: &str, tick: impl Fn(f64) -> String) -> Drawing {
    let left = label_width(rows.iter().map(|row| row.label.as_str()));
    let low = rows.iter().map(|row| row.low).fold(f64::INFINITY, f64::min);
    let high = rows.iter().map(|row| row.high).fold(f64::NEG_INFINITY, f64::max);
    let scale = Scale::new(low, high, left + 8.0, left + PLOT);
    let bottom = ROW * rows.len() as f64;
    let mut svg = Svg::new(left + PLOT + BEHIND, bottom + BELOW, label);
    for number in scale.ticks(5.0) {
        svg.line((scale.at(number), 0.0), (scale.at(number), bottom), 1.0, Ink::Rule);
        svg.text((scale.at(number), bottom + 16.0), Anchor::Middle, &tick(number), Ink::Quiet);
    }
    for (i, row) in rows.iter().enumerate() {
        let y = (i as f64 + 0.5) * ROW;
        let ink = if row.own { Ink::Won } else { Ink::Baseline };
        svg.text((left - 8.0, y + 4.0), Anchor::End, &shortened(&row.label, LABEL_LETTERS), Ink::Words);
        svg.line((scale.at(row.low), y), (scale.at(row.high), y), 3.0, ink);
        svg.dot((scale.at(row.estimate), y), 5.0, ink, &format!("{}: {}", row.label, row.shown));
        svg.text((left + PLOT + 10.0, y + 4.0), Anchor::Start, &row.shown, Ink::Quiet);
    }
    svg.finish()
}
