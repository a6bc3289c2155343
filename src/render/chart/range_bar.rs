//! Won, expected, 80 % range and quota of one node, in one line of a table.

use super::drawing::Drawing;
use super::ink::Ink;
use super::scale::Scale;
use super::svg::{Area, Svg};

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 22.0;

/// What one bar shows, in whole units of one currency.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RangeBar {
    pub won: f64,
    pub expected: Option<f64>,
    pub low: Option<f64>,
    pub median: Option<f64>,
    pub high: Option<f64>,
    pub quota: Option<f64>,
}

impl RangeBar {
    /// The largest number it shows.
    pub(crate) fn top(self) -> f64 {
        let all = [Some(self.won), self.expected, self.high, self.quota];
        all.into_iter().flatten().fold(0.0, f64::max)
    }
}

/// The bar, on a scale that ends at `top`; `label` says the same in words.
pub(crate) fn range_bar(bar: RangeBar, top: f64, label: &str) -> Drawing {
    let scale = Scale::new(bar.won.min(0.0), top, 1.0, WIDTH - 1.0);
    let mut svg = Svg::new(WIDTH, HEIGHT, label);
    if let Some((low, high)) = bar.low.zip(bar.high) {
        let area = Area { x: scale.at(low), y: 3.0, width: scale.at(high) - scale.at(low), height: 15.0 };
        svg.area(area, Ink::Range, "");
    }
    let strip =
        |from: f64, to: f64| Area { x: scale.at(from), y: 7.0, width: scale.at(to) - scale.at(from), height: 7.0 };
    if let Some(expected) = bar.expected {
        svg.area(strip(bar.won, expected), Ink::Expected, "");
    }
    svg.area(strip(0.0, bar.won), Ink::Won, "");
    if let Some(median) = bar.median {
        svg.line((scale.at(median), 3.0), (scale.at(median), 18.0), 1.5, Ink::Won);
    }
    if let Some(quota) = bar.quota {
        svg.line((scale.at(quota), 0.0), (scale.at(quota), HEIGHT), 2.5, Ink::Quota);
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_without_quota_or_range_is_drawn_without_them() {
        let bare = range_bar(RangeBar { won: 5.0, ..RangeBar::default() }, 10.0, "5 <won>").inline();
        assert!(bare.contains("5 &lt;won&gt;") && !bare.contains("i-quota") && !bare.contains("i-range"));
        let full = RangeBar {
            won: 5.0,
            expected: Some(7.0),
            low: Some(6.0),
            median: Some(7.0),
            high: Some(9.0),
            quota: Some(12.0),
        };
        assert_eq!(full.top(), 12.0);
        assert!(range_bar(full, 12.0, "").inline().contains("i-quota"));
    }
}
