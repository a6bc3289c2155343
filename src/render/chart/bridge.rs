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

/// The bridge of `steps`, from left to right.
pub(crate) fn bridge(steps: &[BridgeStep], label: &str) -> Drawing {
    let spans = spans(steps);
    let edges = || spans.iter().flat_map(|(from, to)| [*from, *to]);
    let scale = Scale::new(edges().fold(0.0, f64::min), edges().fold(0.0, f64::max), TOP + PLOT, TOP);
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
        svg.text((middle, TOP + PLOT + 18.0), Anchor::Middle, &step.label, Ink::Quiet);
    }
    svg.line((0.0, scale.at(0.0)), (STEP * steps.len() as f64, scale.at(0.0)), 1.0, Ink::Rule);
    svg.finish()
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
    }
}
