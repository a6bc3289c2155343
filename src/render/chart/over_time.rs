//! Numbers with their ranges from day to day: a band with its line, or a range a day with the actual number.

use super::drawing::Drawing;
use super::ink::Ink;
use super::marks::{Anchor, OutlineStep};
use super::scale::Scale;
use super::svg::{Area, Svg};

const LEFT: f64 = 72.0;
const PLOT: f64 = 520.0;
const TOP: f64 = 14.0;
const HEIGHT: f64 = 180.0;
const BELOW: f64 = 30.0;
/// Room for half a label of the last day, and for the last number of a line, which stands beside all lines.
const RIGHT: f64 = 78.0;
/// Labels below the axis that do not touch each other.
const LABELS: usize = 4;

/// One day.
#[derive(Clone, Debug)]
pub(crate) struct TimePoint {
    /// The day, or what stands for it.
    pub label: String,
    /// All of it in words.
    pub shown: String,
    pub estimate: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// What it was in the end.
    pub actual: Option<f64>,
}

/// How days belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// One story from day to day: a line in its band.
    Line,
    /// Each day for itself: a dot in its range.
    Ranges,
}

/// The chart; `target` is a level that is wanted, `tick` words the numbers of the axis.
pub(crate) fn over_time(
    points: &[TimePoint],
    target: Option<f64>,
    form: TimeForm,
    label: &str,
    tick: impl Fn(f64) -> String,
) -> Drawing {
    let all = || {
        points
            .iter()
            .flat_map(|point| [Some(point.estimate), point.low, point.high, point.actual])
            .chain([target])
            .flatten()
    };
    let (low, high) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    let up = Scale::new(low, high, TOP + HEIGHT, TOP).rounded(4.0);
    let across = Scale::new(-0.5, points.len() as f64 - 0.5, LEFT, LEFT + PLOT);
    let mut svg = Svg::new(LEFT + PLOT + RIGHT, TOP + HEIGHT + BELOW, label);
    for number in up.ticks(4.0) {
        svg.line((LEFT, up.at(number)), (LEFT + PLOT, up.at(number)), 1.0, Ink::Rule);
        svg.text((LEFT - 6.0, up.at(number) + 4.0), Anchor::End, &tick(number), Ink::Quiet);
    }
    if form == TimeForm::Line {
        band(&mut svg, points, across, up);
    }
    if let Some(target) = target {
        svg.line((LEFT, up.at(target)), (LEFT + PLOT, up.at(target)), 2.0, Ink::Quota);
    }
    let every = points.len().div_ceil(LABELS).max(1);
    for (i, point) in points.iter().enumerate() {
        let x = across.at(i as f64);
        if let Some((low, high)) = point.low.zip(point.high).filter(|_| form == TimeForm::Ranges || points.len() == 1) {
            svg.area(Area { x: x - 4.0, y: up.at(high), width: 8.0, height: up.at(low) - up.at(high) }, Ink::Range, "");
        }
        if let Some(actual) = point.actual {
            svg.line((x - 9.0, up.at(actual)), (x + 9.0, up.at(actual)), 3.0, Ink::Quota);
        }
        svg.dot((x, up.at(point.estimate)), 4.0, Ink::Won, &point.shown);
        // From the newest back: that one always has its label.
        if (points.len() - 1 - i).is_multiple_of(every) {
            svg.text((x, TOP + HEIGHT + 18.0), Anchor::Middle, &point.label, Ink::Quiet);
        }
    }
    if let Some(last) = points.last().filter(|_| form == TimeForm::Line) {
        let at = (LEFT + PLOT + 6.0, up.at(last.estimate) + 4.0);
        svg.text(at, Anchor::Start, &tick(last.estimate), Ink::Words);
    }
    svg.finish()
}

/// The range as a band, the estimates as a line in it.
fn band(svg: &mut Svg, points: &[TimePoint], across: Scale, up: Scale) {
    let ranges: Vec<(f64, f64, f64)> = (0..)
        .zip(points)
        .filter_map(|(i, point)| Some((across.at(f64::from(i)), up.at(point.high?), up.at(point.low?))))
        .collect();
    if ranges.len() > 1 {
        let above = ranges.iter().enumerate().map(|(i, (x, high, _))| match i {
            0 => OutlineStep::Move(*x, *high),
            _ => OutlineStep::Line(*x, *high),
        });
        let below = ranges.iter().rev().map(|(x, _, low)| OutlineStep::Line(*x, *low));
        svg.shape(above.chain(below).collect(), Ink::Range, "");
    }
    for (i, pair) in (0..).zip(points.windows(2)) {
        let (from, to) = (across.at(f64::from(i)), across.at(f64::from(i + 1)));
        svg.line((from, up.at(pair[0].estimate)), (to, up.at(pair[1].estimate)), 2.0, Ink::Won);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(estimate: f64) -> TimePoint {
        let (label, shown) = ("day".to_owned(), format!("{estimate}"));
        TimePoint { label, shown, estimate, low: Some(estimate - 1.0), high: Some(estimate + 1.0), actual: None }
    }

    #[test]
    fn a_line_has_a_band_and_ranges_have_none() {
        let points = [point(5.0), TimePoint { actual: Some(6.5), ..point(6.0) }];
        let line = over_time(&points, Some(8.0), TimeForm::Line, "chance", |number| number.to_string()).inline();
        let ranges = over_time(&points, None, TimeForm::Ranges, "chance", |number| number.to_string()).inline();
        assert!(line.contains("<path") && line.contains("i-quota"));
        assert!(!ranges.contains("<path") && ranges.matches("i-range").count() == 2);
        let one = over_time(&points[..1], None, TimeForm::Line, "one", |number| number.to_string());
        assert!(one.inline().contains("i-range"));
    }
}
