//! Pixels on white, and outlines filled on them.

use ab_glyph_rasterizer::Rasterizer;

use super::outline::Outline;

/// Red, green and blue.
pub(super) type Colour = [u8; 3];

/// An image being drawn.
#[derive(Debug)]
pub(super) struct Canvas {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Canvas {
    /// A white image.
    pub(super) fn white(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![255; width * height * 3] }
    }

    /// Fills `outline` with `colour`, so far as `opacity` covers what is below.
    pub(super) fn fill(&mut self, outline: &Outline, colour: Colour, opacity: f32) {
        let Some(place) = outline.place(self.width, self.height) else { return };
        let mut cover = Rasterizer::new(place.width, place.height);
        outline.trace(&mut cover, place.left as f32, place.top as f32);
        let (pixels, width) = (&mut self.pixels, self.width);
        cover.for_each_pixel_2d(|x, y, covered| {
            let at = 3 * ((place.top + y as usize) * width + place.left + x as usize);
            let strength = covered.abs().min(1.0) * opacity;
            for (channel, wanted) in pixels[at..at + 3].iter_mut().zip(colour) {
                let mixed = f32::from(*channel) + (f32::from(wanted) - f32::from(*channel)) * strength;
                *channel = mixed.round().clamp(0.0, 255.0) as u8;
            }
        });
    }
}

/// `#1d5fa8` as its parts; black where it is none.
pub(super) fn colour(text: &str) -> Colour {
    let part = |at: usize| text.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok()).unwrap_or(0);
    [part(1), part(3), part(5)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_has_its_colour_and_what_lies_outside_stays_white() {
        let mut canvas = Canvas::white(10, 10);
        canvas.fill(&Outline::rectangle(2.0, 2.0, 4.0, 4.0), colour("#1d5fa8"), 1.0);
        canvas.fill(&Outline::rectangle(-20.0, -20.0, 5.0, 5.0), colour("#000000"), 1.0);
        let pixel = |x: usize, y: usize| canvas.pixels[3 * (y * 10 + x)..][..3].to_vec();
        assert_eq!((pixel(3, 3), pixel(8, 8), pixel(0, 0)), (vec![29, 95, 168], vec![255; 3], vec![255; 3]));
        canvas.fill(&Outline::rectangle(8.0, 8.0, 40.0, 40.0), colour("#000000"), 0.5);
        assert_eq!(canvas.pixels[3 * 99], 128, "half of what is below shows, and what reaches over the edge is cut");
    }
}
