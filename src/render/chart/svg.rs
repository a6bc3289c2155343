//! A drawing on its way: marks put on each other; and as SVG text.

use std::fmt::Write;

use super::drawing::Drawing;
use super::ink::Ink;
use super::marks::{Anchor, Mark, OutlineStep};

/// A rectangle's corner and size, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A drawing that is being made.
#[derive(Debug)]
pub(super) struct Svg {
    drawing: Drawing,
}

impl Svg {
    /// An empty drawing; `label` says to a screen reader what it shows.
    pub(super) fn new(width: f64, height: f64, label: &str) -> Self {
        Self { drawing: Drawing { width, height, label: label.to_owned(), marks: Vec::new() } }
    }

    /// A filled rectangle; `note` appears when it is pointed at.
    pub(super) fn area(&mut self, area: Area, ink: Ink, note: &str) {
        let Area { x, y, width, height } = area;
        self.put(Mark::Area { x, y, width: width.max(0.0), height, ink, note: note.to_owned() });
    }

    /// A straight line of `thickness` pixels.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), thickness: f64, ink: Ink) {
        self.put(Mark::Line { from, to, thickness, ink });
    }

    /// A dot.
    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, ink: Ink, note: &str) {
        self.put(Mark::Dot { at, radius, ink, note: note.to_owned() });
    }

    /// A closed shape, half transparent.
    pub(super) fn shape(&mut self, steps: Vec<OutlineStep>, ink: Ink, note: &str) {
        self.put(Mark::Shape { steps, ink, note: note.to_owned() });
    }

    /// A text on the line of `at`.
    pub(super) fn text(&mut self, at: (f64, f64), anchor: Anchor, words: &str, ink: Ink) {
        self.put(Mark::Text { x: at.0, y: at.1, anchor, words: words.to_owned(), ink });
    }

    fn put(&mut self, mark: Mark) {
        self.drawing.marks.push(mark);
    }

    /// The drawing.
    pub(super) fn finish(self) -> Drawing {
        self.drawing
    }
}

impl Drawing {
    /// The drawing within a page; it never grows wider than drawn, and shrinks with the page.
    pub(in crate::render) fn inline(&self) -> String {
        self.svg("")
    }

    /// The drawing as a file of its own, for a screen twice as fine or a slide.
    pub(in crate::render) fn file(&self) -> String {
        self.svg(r#" xmlns="http://www.w3.org/2000/svg""#) + "\n"
    }

    /// What it shows and the numbers it says it with, for those who do not see it.
    fn in_words(&self) -> String {
        let notes = self.marks.iter().filter_map(|mark| match mark {
            Mark::Area { note, .. } | Mark::Dot { note, .. } | Mark::Shape { note, .. } => Some(note.as_str()),
            Mark::Line { .. } | Mark::Text { .. } | Mark::Heading { .. } => None,
        });
        // A bar and its part say the same.
        let mut told: Vec<&str> = notes.filter(|note| !note.is_empty()).collect();
        told.dedup();
        let numbers = if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) };
        format!("{}{numbers}", self.label)
    }

    fn svg(&self, own: &str) -> String {
        let Self { width, height, label, marks } = self;
        let (said, label) = (escaped(&self.in_words()), escaped(label));
        // The title is the name where nothing else is said.
        let said = if said == label { String::new() } else { format!(r#" aria-label="{said}""#) };
        let mut text = String::new();
        marks.iter().for_each(|mark| write_mark(&mut text, mark));
        let font = if text.contains("<text") { r#" font-family="system-ui, sans-serif" font-size="12""# } else { "" };
        format!(
            r#"<svg{own} role="img"{said} viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}"{font}><title>{label}</title>{text}</svg>"#
        )
    }
}

fn write_mark(out: &mut String, mark: &Mark) {
    // Writing to a text never fails.
    let _ = match mark {
        Mark::Area { x, y, width, height, ink, note } => {
            let end = if note.is_empty() { "/>".to_owned() } else { format!(">{}</rect>", title(note)) };
            write!(out, r#"<rect {} x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"{end}"#, filled(*ink))
        }
        Mark::Line { from, to, thickness, ink } => {
            let (class, colour) = (ink.class(), ink.colour());
            write!(
                out,
                r#"<line class="{class}" stroke="{colour}" stroke-width="{thickness}" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
                from.0, from.1, to.0, to.1
            )
        }
        Mark::Dot { at, radius, ink, note } => write!(
            out,
            r#"<circle {} cx="{:.1}" cy="{:.1}" r="{radius}">{}</circle>"#,
            filled(*ink),
            at.0,
            at.1,
            title(note)
        ),
        Mark::Shape { steps, ink, note } => {
            write!(out, r#"<path {} fill-opacity="0.55" d="{}Z">{}</path>"#, filled(*ink), outline(steps), title(note))
        }
        Mark::Text { x, y, anchor, words, ink } => {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            write!(
                out,
                r#"<text {} x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#,
                filled(*ink),
                escaped(words)
            )
        }
        Mark::Heading { x, y, words } => write!(
            out,
            r#"<text {} x="{x:.1}" y="{y:.1}" font-size="15" font-weight="600">{}</text>"#,
            filled(Ink::Words),
            escaped(words)
        ),
    };
}

/// What a mark says of itself, if it does.
fn title(note: &str) -> String {
    if note.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(note)) }
}

fn filled(ink: Ink) -> String {
    format!(r#"class="{}" fill="{}""#, ink.class(), ink.colour())
}

fn outline(steps: &[OutlineStep]) -> String {
    let words = steps.iter().map(|step| match step {
        OutlineStep::Move(x, y) => format!("M{x:.1},{y:.1} "),
        OutlineStep::Line(x, y) => format!("L{x:.1},{y:.1} "),
        OutlineStep::Curve([a, b, to]) => {
            format!("C{:.1},{:.1} {:.1},{:.1} {:.1},{:.1} ", a.0, a.1, b.0, b.1, to.0, to.1)
        }
    });
    words.collect()
}

/// The room that the longest of these labels takes in letters of 12 pixels; at least that of a short one.
pub(super) fn label_width<'l>(labels: impl Iterator<Item = &'l str>) -> f64 {
    let longest = labels.map(|label| label.chars().count()).max().unwrap_or_default();
    (longest as f64).mul_add(6.6, 14.0).clamp(90.0, 330.0)
}

/// A label as far as there is room for so many letters; a note says the whole of it.
pub(super) fn shortened(label: &str, letters: usize) -> String {
    if label.chars().count() <= letters {
        return label.to_owned();
    }
    label.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// The letters of a label at most: what [`label_width`] gives it room for.
pub(super) const LABEL_LETTERS: usize = 44;

/// `text` as it may stand in markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
