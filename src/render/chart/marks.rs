//! The few marks charts are made of.

use super::ink::Ink;

/// Where a text stands from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) enum Anchor {
    Start,
    Middle,
    End,
}

/// A step of the outline of a shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::render) enum OutlineStep {
    /// Begins here.
    Move(f64, f64),
    /// Straight to here.
    Line(f64, f64),
    /// Bent by two points on the way to the third.
    Curve([(f64, f64); 3]),
}

/// A mark; a note appears when it is pointed at.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::render) enum Mark {
    Area {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        ink: Ink,
        note: String,
    },
    Line {
        from: (f64, f64),
        to: (f64, f64),
        thickness: f64,
        ink: Ink,
    },
    Dot {
        at: (f64, f64),
        radius: f64,
        ink: Ink,
        note: String,
    },
    /// Closed, half transparent.
    Shape {
        steps: Vec<OutlineStep>,
        ink: Ink,
        note: String,
    },
    Text {
        x: f64,
        y: f64,
        anchor: Anchor,
        words: String,
        ink: Ink,
    },
    /// A title.
    Heading {
        x: f64,
        y: f64,
        words: String,
    },
}

impl Mark {
    /// The mark `right` and `down` of where it stands.
    pub(super) fn moved(self, right: f64, down: f64) -> Self {
        let moved = |(x, y): (f64, f64)| (x + right, y + down);
        match self {
            Self::Area { x, y, width, height, ink, note } => {
                Self::Area { x: x + right, y: y + down, width, height, ink, note }
            }
            Self::Line { from, to, thickness, ink } => Self::Line { from: moved(from), to: moved(to), thickness, ink },
            Self::Dot { at, radius, ink, note } => Self::Dot { at: moved(at), radius, ink, note },
            Self::Shape { steps, ink, note } => {
                let steps = steps.into_iter().map(|step| match step {
                    OutlineStep::Move(x, y) => OutlineStep::Move(x + right, y + down),
                    OutlineStep::Line(x, y) => OutlineStep::Line(x + right, y + down),
                    OutlineStep::Curve(points) => OutlineStep::Curve(points.map(moved)),
                });
                Self::Shape { steps: steps.collect(), ink, note }
            }
            Self::Text { x, y, anchor, words, ink } => Self::Text { x: x + right, y: y + down, anchor, words, ink },
            Self::Heading { x, y, words } => Self::Heading { x: x + right, y: y + down, words },
        }
    }
}
