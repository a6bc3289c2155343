//! A flow chart: how many moved from which stage to which, as bands between two columns of stages.

use std::collections::BTreeMap;

use super::drawing::Drawing;
use super::ink::Ink;
use super::marks::{Anchor, OutlineStep};
use super::svg::{Area, Svg, shortened};

const HEIGHT: f64 = 320.0;
const LABEL: f64 = 130.0;
/// What the room of a label holds.
const LETTERS: usize = 16;
const BAND: f64 = 340.0;
const NODE: f64 = 12.0;
const SPACE: f64 = 6.0;

/// So many moves.
#[derive(Clone, Debug)]
pub(crate) struct FlowBand {
    pub from: String,
    pub to: String,
    /// In words.
    pub shown: String,
    pub size: f64,
    /// Whether it leads out of the pipeline without a win.
    pub lost: bool,
}

/// Where a stage stands in its column, and how far its bands have filled it.
#[derive(Clone, Copy, Debug)]
struct Place {
    top: f64,
    height: f64,
    filled: f64,
}

/// The chart: stages in the order of `stages` on both sides.
pub(crate) fn flow(flows: &[FlowBand], stages: &[String], label: &str) -> Drawing {
    let mut from = column(flows, stages, |flow| &flow.from);
    let mut to = column(flows, stages, |flow| &flow.to);
    let total: f64 = flows.iter().map(|flow| flow.size).sum();
    let mut svg = Svg::new(2.0 * LABEL + 2.0 * NODE + BAND, HEIGHT, label);
    let (left, right) = (LABEL + NODE, LABEL + NODE + BAND);
    for one in flows {
        let Some((from, to)) = from.get_mut(&one.from).zip(to.get_mut(&one.to)) else { continue };
        let thick = one.size / total.max(1.0) * usable(stages.len());
        let (a, b) = (from.top + from.filled, to.top + to.filled);
        from.filled += thick;
        to.filled += thick;
        let middle = f64::midpoint(left, right);
        let (under_a, under_b) = (a + thick, b + thick);
        let steps = vec![
            OutlineStep::Move(left, a),
            OutlineStep::Curve([(middle, a), (middle, b), (right, b)]),
            OutlineStep::Line(right, under_b),
            OutlineStep::Curve([(middle, under_b), (middle, under_a), (left, under_a)]),
        ];
        svg.shape(steps, if one.lost { Ink::Lost } else { Ink::Expected }, &one.shown);
    }
    nodes(&mut svg, &from, LABEL, Anchor::End);
    nodes(&mut svg, &to, right, Anchor::Start);
    svg.finish()
}

/// The stages of one side, from `x` on, named on the outer side.
fn nodes(svg: &mut Svg, places: &BTreeMap<String, Place>, x: f64, anchor: Anchor) {
    let words_at = if anchor == Anchor::End { x - 6.0 } else { x + NODE + 6.0 };
    for (stage, place) in places {
        svg.area(Area { x, y: place.top, width: NODE, height: place.height.max(1.0) }, Ink::Won, stage);
        svg.text((words_at, place.top + place.height / 2.0 + 4.0), anchor, &shortened(stage, LETTERS), Ink::Words);
    }
}

/// The pixels that are left to bands.
fn usable(stages: usize) -> f64 {
    HEIGHT - SPACE * stages as f64 - 12.0
}

/// The stages of one side, from top to bottom; those nothing moves from or to are left away.
fn column(flows: &[FlowBand], stages: &[String], side: fn(&FlowBand) -> &String) -> BTreeMap<String, Place> {
    let total: f64 = flows.iter().map(|flow| flow.size).sum();
    let mut top = 6.0;
    let mut places = BTreeMap::new();
    for stage in stages {
        let size: f64 = flows.iter().filter(|flow| side(flow) == stage).map(|flow| flow.size).sum();
        if size > 0.0 {
            let height = size / total * usable(stages.len());
            places.insert(stage.clone(), Place { top, height, filled: 0.0 });
            top += height + SPACE;
        }
    }
    places
}
