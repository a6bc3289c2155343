//! Words as outlines: the letters of DejaVu Sans, of which the program carries Latin, Greek and Cyrillic.
//!
//! Other letters appear as empty boxes; the SVG file of the same chart has them, in whatever font its reader has.

use std::io;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::outline::Outline;

const FONT: &[u8] = include_bytes!("DejaVuSans-subset.ttf");

/// A font to write with.
pub(super) struct Letters<'f> {
    face: Face<'f>,
}

impl Letters<'static> {
    /// The font of the program.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] where it is none.
    pub(super) fn new() -> io::Result<Self> {
        let face =
            Face::parse(FONT, 0).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        Ok(Self { face })
    }
}

impl Letters<'_> {
    /// The letters of a text that the font has, else its box.
    fn glyphs(&self, words: &str) -> Vec<GlyphId> {
        let shown = words.chars().filter(|letter| !letter.is_control());
        shown.map(|letter| self.face.glyph_index(letter).unwrap_or(GlyphId(0))).collect()
    }

    fn scale(&self, size: f32) -> f32 {
        size / f32::from(self.face.units_per_em())
    }

    fn advance(&self, glyph: GlyphId) -> f32 {
        self.face.glyph_hor_advance(glyph).map_or(0.0, f32::from)
    }

    /// How wide `words` are.
    pub(super) fn width(&self, words: &str, size: f32) -> f32 {
        self.glyphs(words).into_iter().map(|glyph| self.advance(glyph)).sum::<f32>() * self.scale(size)
    }

    /// The outlines of `words` from `x` on, standing on the line `y`.
    pub(super) fn outlines(&self, words: &str, x: f32, y: f32, size: f32) -> Vec<Outline> {
        let (scale, mut pen) = (self.scale(size), x);
        let mut outlines = Vec::new();
        for glyph in self.glyphs(words) {
            let mut letter = Letter { outline: Outline::default(), x: pen, y, scale };
            if self.face.outline_glyph(glyph, &mut letter).is_some() {
                outlines.push(letter.outline);
            }
            pen += self.advance(glyph) * scale;
        }
        outlines
    }
}

/// A letter on its way from the units of the font to pixels.
struct Letter {
    outline: Outline,
    x: f32,
    y: f32,
    scale: f32,
}

impl Letter {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Letter {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.outline.begin_at(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.outline.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (beside, to) = (self.at(x1, y1), self.at(x, y));
        self.outline.quad_to(beside, to);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (first, second, to) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.outline.curve_to(first, second, to);
    }

    fn close(&mut self) {
        self.outline.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_europe_are_there_and_others_are_boxes() {
        let letters = Letters::new().expect("a font");
        for word in ["Prévision Écarts œ", "Größe Žluť łódź", "Αθήνα", "Москва Київ", "€ £ ¥ → 80 % – 1\u{202f}234"]
        {
            assert!(letters.glyphs(word).iter().all(|glyph| *glyph != GlyphId(0)), "{word}");
        }
        assert_eq!(letters.glyphs("商\n"), [GlyphId(0)]);
        assert!(letters.width("wide words", 12.0) > letters.width("words", 12.0));
    }
}
