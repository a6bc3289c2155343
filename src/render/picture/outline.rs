//! Closed outlines in pixels: made of marks, followed by a rasterizer.

use ab_glyph_rasterizer::{Point, Rasterizer, point};

/// Of a circle's radius, where the points stand that bend a quarter of it.
const BEND: f32 = 0.552_284_8;

/// A part of an outline.
#[derive(Clone, Copy, Debug)]
enum Part {
    Line(Point, Point),
    Quad(Point, Point, Point),
    Cubic([Point; 4]),
}

/// One or more closed lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    parts: Vec<Part>,
    begin: Point,
    at: Point,
}

/// The pixels an outline touches.
#[derive(Clone, Copy, Debug)]
pub(super) struct GlyphPlace {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

impl Outline {
    /// A rectangle.
    pub(super) fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Self {
        let mut outline = Self::default();
        outline.begin_at(x, y);
        outline.line_to(x + width, y);
        outline.line_to(x + width, y + height);
        outline.line_to(x, y + height);
        outline.close();
        outline
    }

    /// A line as thick as `thickness`.
    pub(super) fn line(from: (f32, f32), to: (f32, f32), thickness: f32) -> Self {
        let (right, down) = (to.0 - from.0, to.1 - from.1);
        let length = right.hypot(down).max(f32::EPSILON);
        let (x, y) = (-down / length * thickness / 2.0, right / length * thickness / 2.0);
        let mut outline = Self::default();
        outline.begin_at(from.0 + x, from.1 + y);
        outline.line_to(to.0 + x, to.1 + y);
        outline.line_to(to.0 - x, to.1 - y);
        outline.line_to(from.0 - x, from.1 - y);
        outline.close();
        outline
    }

    /// A circle.
    pub(super) fn circle(x: f32, y: f32, radius: f32) -> Self {
        let bend = BEND * radius;
        let mut outline = Self::default();
        outline.begin_at(x + radius, y);
        outline.curve_to((x + radius, y + bend), (x + bend, y + radius), (x, y + radius));
        outline.curve_to((x - bend, y + radius), (x - radius, y + bend), (x - radius, y));
        outline.curve_to((x - radius, y - bend), (x - bend, y - radius), (x, y - radius));
        outline.curve_to((x + bend, y - radius), (x + radius, y - bend), (x + radius, y));
        outline.close();
        outline
    }

    /// Begins a closed line.
    pub(super) fn begin_at(&mut self, x: f32, y: f32) {
        self.begin = point(x, y);
        self.at = self.begin;
    }

    /// Straight on.
    pub(super) fn line_to(&mut self, x: f32, y: f32) {
        self.parts.push(Part::Line(self.at, point(x, y)));
        self.at = point(x, y);
    }

    /// On in a bend with one point beside it.
    pub(super) fn quad_to(&mut self, beside: (f32, f32), to: (f32, f32)) {
        let to = point(to.0, to.1);
        self.parts.push(Part::Quad(self.at, point(beside.0, beside.1), to));
        self.at = to;
    }

    /// On in a bend with two points beside it.
    pub(super) fn curve_to(&mut self, first: (f32, f32), second: (f32, f32), to: (f32, f32)) {
        let to = point(to.0, to.1);
        self.parts.push(Part::Cubic([self.at, point(first.0, first.1), point(second.0, second.1), to]));
        self.at = to;
    }

    /// Back to where the line began.
    pub(super) fn close(&mut self) {
        let begin = self.begin;
        self.line_to(begin.x, begin.y);
    }

    /// The pixels of an image it may touch; none where it lies outside.
    pub(super) fn place(&self, width: usize, height: usize) -> Option<GlyphPlace> {
        let points = || self.parts.iter().flat_map(Part::points);
        let low =
            |of: fn(&Point) -> f32| points().map(|point| of(&point)).fold(f32::INFINITY, f32::min).floor().max(0.0);
        let high = |of: fn(&Point) -> f32| points().map(|point| of(&point)).fold(0.0, f32::max).ceil();
        let (left, top) = (low(|point| point.x) as usize, low(|point| point.y) as usize);
        let right = (high(|point| point.x) as usize + 1).min(width);
        let bottom = (high(|point| point.y) as usize + 1).min(height);
        (left < right && top < bottom).then(|| GlyphPlace { left, top, width: right - left, height: bottom - top })
    }

    /// Follows the lines, `left` and `top` taken off.
    pub(super) fn trace(&self, raster: &mut Rasterizer, left: f32, top: f32) {
        let off = |from: Point| point(from.x - left, from.y - top);
        for part in &self.parts {
            match *part {
                Part::Line(from, to) => raster.draw_line(off(from), off(to)),
                Part::Quad(from, beside, to) => raster.draw_quad(off(from), off(beside), off(to)),
                Part::Cubic([from, first, second, to]) => {
                    raster.draw_cubic(off(from), off(first), off(second), off(to));
                }
            }
        }
    }
}

impl Part {
    fn points(&self) -> Vec<Point> {
        match *self {
            Self::Line(from, to) => vec![from, to],
            Self::Quad(from, beside, to) => vec![from, beside, to],
            Self::Cubic(points) => points.to_vec(),
        }
    }
}
