//! A bridge (waterfall) chart: from one total to another by the steps between.

use super::drawing::Drawing;
use super::ink::Ink;
use super::marks::Anchor;
use super::scale::Scale;
use super::svg::{Area, Svg};

const STEP: f64 = 84.0;
const TOP: f64 = 26.0;
const PLOT: f64 = 170.0;
const BELOW: f64 = 40.0;
/// Letters that find room below a bar.
const LETTERS: usize = 11;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// A total that stands on the axis.
    Total,
    /// An increase or a decrease of what stands before it.
    Change,
    /// A decrease that is a success: deals that were won.
    Won,
}

/// One bar of the bridge.
#[derive(Clone, Debug)]
pub(crate) struct BridgeStep {
    pub label: String,
    /// In words, above the bar.
    pub shown: String,
    pub amount: f64,
    pub kind: StepKind,
}

/// The bridge of `steps`, from left to right; what is below its foot stands at it.
pub(crate) fn bridge(steps: &[BridgeStep], label: &str) -> Drawing {
    let spans = spans(steps);
    let (foot, levels) = (foot(&spans), || spans.iter().map(|(_, to)| *to));
    let scale = Scale::new(levels().fold(foot, f64::min), levels().fold(foot, f64::max), TOP + PLOT, TOP);
    let mut svg = Svg::new(STEP * steps.len() as f64, TOP + PLOT + BELOW, label);
    for (i, (step, (from, to))) in steps.iter().zip(&spans).enumerate() {
        let left = i as f64 * STEP;
        let (top, bottom) = (scale.at(from.max(*to)), scale.at(from.min(*to)));
        let area = Area { x: left + 10.0, y: top, width: STEP - 20.0, height: (bottom - top).max(1.0) };
        svg.area(area, ink(step), &format!("{}: {}", step.label, step.shown));
        if i + 1 < steps.len() {
            svg.line((left + STEP - 10.0, scale.at(*to)), (left + STEP + 10.0, scale.at(*to)), 1.0, Ink::Baseline);
        }
        let middle = left + STEP / 2.0;
        svg.text((middle, top - 6.0), Anchor::Middle, &step.shown, Ink::Words);
        for (line, words) in (0..).zip(lines(&step.label)) {
            svg.text((middle, TOP + PLOT + 18.0 + 14.0 * f64::from(line)), Anchor::Middle, &words, Ink::Quiet);
        }
        if step.kind == StepKind::Total && foot > 0.0 {
            cut(&mut svg, left);
        }
    }
    svg.line((0.0, scale.at(foot)), (STEP * steps.len() as f64, scale.at(foot)), 1.0, Ink::Rule);
    svg.finish()
}

/// Where the bars of totals begin: at zero, or, where the steps would be too small to see, not far below the lowest level.
fn foot(spans: &[(f64, f64)]) -> f64 {
    let levels = || spans.iter().map(|(_, to)| *to);
    let (low, high) = (levels().fold(f64::MAX, f64::min), levels().fold(f64::MIN, f64::max));
    if low > 0.6 * high && high > low { (low - (high - low)).max(0.0) } else { 0.0 }
}

/// Says of the bar of a total that its lower part is left out.
fn cut(svg: &mut Svg, left: f64) {
    for down in [14.0, 19.0] {
        let y = TOP + PLOT - down;
        svg.line((left + 4.0, y + 4.0), (left + STEP - 4.0, y - 4.0), 1.5, Ink::Rule);
    }
}

/// A label in lines that find room below a bar, two at most.
fn lines(label: &str) -> Vec<String> {
    let blank = label.match_indices(' ').map(|(at, _)| at).min_by_key(|at| at.abs_diff(label.len() / 2));
    match blank.filter(|_| label.chars().count() > LETTERS) {
        Some(at) => vec![label[..at].to_owned(), label[at + 1..].to_owned()],
        None => vec![label.to_owned()],
    }
}

/// Where each bar begins and ends.
fn spans(steps: &[BridgeStep]) -> Vec<(f64, f64)> {
    let mut level = 0.0;
    let mut spans = Vec::with_capacity(steps.len());
    for step in steps {
        let from = if step.kind == StepKind::Total { 0.0 } else { level };
        level = from + step.amount;
        spans.push((from, level));
    }
    spans
}

fn ink(step: &BridgeStep) -> Ink {
    match step.kind {
        StepKind::Total => Ink::Baseline,
        StepKind::Won => Ink::Won,
        StepKind::Change if step.amount < 0.0 => Ink::Lost,
        StepKind::Change => Ink::Expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_begin_where_the_one_before_ended() {
        let step = |amount, kind| BridgeStep { label: "x".into(), shown: String::new(), amount, kind };
        let steps = [
            step(10.0, StepKind::Total),
            step(5.0, StepKind::Change),
            step(-12.0, StepKind::Won),
            step(3.0, StepKind::Total),
        ];
        assert_eq!(spans(&steps), [(0.0, 10.0), (10.0, 15.0), (15.0, 3.0), (0.0, 3.0)]);
        assert!(bridge(&steps, "moves").inline().starts_with("<svg"));
        assert_eq!(foot(&spans(&steps)), 0.0);
    }

    #[test]
    fn small_steps_between_large_totals_are_seen() {
        let levels = [(0.0, 100.0), (100.0, 104.0), (104.0, 98.0), (0.0, 98.0)];
        assert_eq!(foot(&levels), 92.0);
        assert_eq!(foot(&[(0.0, 100.0), (100.0, 20.0), (0.0, 20.0)]), 0.0);
        assert_eq!(foot(&[(0.0, 5.0), (0.0, 5.0)]), 0.0);
    }

    #[test]
    fn long_labels_have_two_lines() {
        assert_eq!(lines("Pushed out"), ["Pushed out"]);
        assert_eq!(lines("Opportunités reportées"), ["Opportunités", "reportées"]);
        assert_eq!(lines("Réévaluations"), ["Réévaluations"]);
    }
}
