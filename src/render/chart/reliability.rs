//! A reliability diagram: what was predicted against what was observed.

use super::drawing::Drawing;
use super::ink::Ink;
use super::marks::Anchor;
use super::scale::Scale;
use super::svg::Svg;

const SIDE: f64 = 300.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 10.0;
const BELOW: f64 = 40.0;

/// Rows whose predictions are alike.
#[derive(Clone, Debug)]
pub(crate) struct Bin {
    pub predicted: f64,
    pub observed: f64,
    pub low: f64,
    pub high: f64,
    /// In words.
    pub shown: String,
}

/// The diagram; the axes are named `predicted` and `observed` by the caller, `before_percent` stands between a number and
/// its sign.
pub(crate) fn reliability(bins: &[Bin], label: &str, axes: [&str; 2], before_percent: &str) -> Drawing {
    let across = Scale::new(0.0, 1.0, LEFT, LEFT + SIDE);
    let up = Scale::new(0.0, 1.0, TOP + SIDE, TOP);
    let mut svg = Svg::new(LEFT + SIDE + 20.0, TOP + SIDE + BELOW, label);
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        svg.line((across.at(share), up.at(0.0)), (across.at(share), up.at(1.0)), 1.0, Ink::Rule);
        svg.line((across.at(0.0), up.at(share)), (across.at(1.0), up.at(share)), 1.0, Ink::Rule);
        let percent = format!("{:.0}{before_percent}%", 100.0 * share);
        svg.text((across.at(share), TOP + SIDE + 16.0), Anchor::Middle, &percent, Ink::Quiet);
        svg.text((LEFT - 6.0, up.at(share) + 4.0), Anchor::End, &percent, Ink::Quiet);
    }
    svg.line((across.at(0.0), up.at(0.0)), (across.at(1.0), up.at(1.0)), 1.5, Ink::Baseline);
    for bin in bins {
        let x = across.at(bin.predicted);
        svg.line((x, up.at(bin.low)), (x, up.at(bin.high)), 2.5, Ink::Expected);
        svg.dot((x, up.at(bin.observed)), 5.0, Ink::Won, &bin.shown);
    }
    let [predicted, observed] = axes;
    svg.text((LEFT + SIDE / 2.0, TOP + SIDE + 34.0), Anchor::Middle, predicted, Ink::Words);
    svg.text((LEFT + 6.0, TOP + 14.0), Anchor::Start, observed, Ink::Words);
    svg.finish()
}
