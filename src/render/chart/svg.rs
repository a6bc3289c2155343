//! The few marks charts are made of, as SVG text.

use std::fmt::Write;

use super::ink::Ink;

/// Where a text stands from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A rectangle's corner and size, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A drawing on its way to text.
#[derive(Debug)]
pub(super) struct Svg {
    width: f64,
    height: f64,
    label: String,
    marks: String,
}

impl Svg {
    /// An empty drawing; `label` says to a screen reader what it shows.
    pub(super) fn new(width: f64, height: f64, label: &str) -> Self {
        Self { width, height, label: escaped(label), marks: String::new() }
    }

    /// A filled rectangle; `note` appears when it is pointed at.
    pub(super) fn area(&mut self, area: Area, ink: Ink, note: &str) {
        let Area { x, y, width, height } = area;
        let (class, colour, note) = (ink.class(), ink.colour(), escaped(note));
        let title = if note.is_empty() { String::new() } else { format!("<title>{note}</title>") };
        let _ = write!(
            self.marks,
            r#"<rect class="{class}" fill="{colour}" x="{x:.1}" y="{y:.1}" width="{:.1}" height="{height:.1}">{title}</rect>"#,
            width.max(0.0)
        );
    }

    /// A straight line of `thickness` pixels.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), thickness: f64, ink: Ink) {
        let (class, colour) = (ink.class(), ink.colour());
        let _ = write!(
            self.marks,
            r#"<line class="{class}" stroke="{colour}" stroke-width="{thickness}" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
            from.0, from.1, to.0, to.1
        );
    }

    /// A dot.
    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, ink: Ink, note: &str) {
        let (class, colour, note) = (ink.class(), ink.colour(), escaped(note));
        let _ = write!(
            self.marks,
            r#"<circle class="{class}" fill="{colour}" cx="{:.1}" cy="{:.1}" r="{radius}"><title>{note}</title></circle>"#,
            at.0, at.1
        );
    }

    /// A closed shape, half transparent.
    pub(super) fn shape(&mut self, path: &str, ink: Ink, note: &str) {
        let (class, colour, note) = (ink.class(), ink.colour(), escaped(note));
        let title = if note.is_empty() { String::new() } else { format!("<title>{note}</title>") };
        let _ = write!(
            self.marks,
            r#"<path class="{class}" fill="{colour}" fill-opacity="0.55" d="{path}">{title}</path>"#
        );
    }

    /// A text on the line of `at`.
    pub(super) fn text(&mut self, at: (f64, f64), anchor: Anchor, words: &str, ink: Ink) {
        let (class, colour, words) = (ink.class(), ink.colour(), escaped(words));
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = write!(
            self.marks,
            r#"<text class="{class}" fill="{colour}" x="{:.1}" y="{:.1}" text-anchor="{anchor}">{words}</text>"#,
            at.0, at.1
        );
    }

    /// The drawing; it never grows wider than drawn, and shrinks with the page.
    pub(super) fn finish(self) -> String {
        let Self { width, height, label, marks } = self;
        let font = if marks.contains("<text") { r#" font-family="system-ui, sans-serif" font-size="12""# } else { "" };
        format!(
            r#"<svg role="img" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}"{font}><title>{label}</title>{marks}</svg>"#
        )
    }
}

/// The room that the longest of these labels takes in letters of 12 pixels; at least that of a short one.
pub(super) fn label_width<'l>(labels: impl Iterator<Item = &'l str>) -> f64 {
    let longest = labels.map(|label| label.chars().count()).max().unwrap_or_default();
    (longest as f64).mul_add(6.6, 14.0).clamp(90.0, 260.0)
}

/// `text` as it may stand in markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
