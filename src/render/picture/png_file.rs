//! A drawing to the bytes of a PNG file.

use std::io::{self, Write};

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use super::canvas::{Canvas, colour};
use super::outline::Outline;
use super::words::Letters;
use crate::render::chart::{Anchor, Drawing, Mark, OutlineStep};

/// Pixels of the image for one of the drawing: sharp on a slide.
const SCALE: f32 = 3.0;

/// The size of words and of titles, in pixels of the drawing.
const SIZES: [f32; 2] = [12.0, 15.0];

/// The share of what is below that a shape covers.
const SHAPE_OPACITY: f32 = 0.55;

/// The drawing as PNG, three times as fine.
///
/// # Errors
/// What the compressor refused, or a font that cannot be read.
pub(in crate::render) fn png(drawing: &Drawing) -> io::Result<Vec<u8>> {
    let letters = Letters::new()?;
    let pixels = |length: f64| (length as f32 * SCALE).ceil().max(1.0) as usize;
    let mut canvas = Canvas::white(pixels(drawing.width), pixels(drawing.height));
    for mark in &drawing.marks {
        put(&mut canvas, mark, &letters);
    }
    encoded(&canvas)
}

fn put(canvas: &mut Canvas, mark: &Mark, letters: &Letters<'_>) {
    let scaled = |length: f64| length as f32 * SCALE;
    let at = |(x, y): (f64, f64)| (scaled(x), scaled(y));
    match mark {
        Mark::Area { x, y, width, height, ink, .. } => {
            let outline = Outline::rectangle(scaled(*x), scaled(*y), scaled(*width), scaled(*height));
            canvas.fill(&outline, colour(ink.colour()), 1.0);
        }
        Mark::Line { from, to, thickness, ink } => {
            canvas.fill(&Outline::line(at(*from), at(*to), scaled(*thickness)), colour(ink.colour()), 1.0);
        }
        Mark::Dot { at, radius, ink, .. } => {
            canvas.fill(&Outline::circle(scaled(at.0), scaled(at.1), scaled(*radius)), colour(ink.colour()), 1.0);
        }
        Mark::Shape { steps, ink, .. } => {
            let mut outline = Outline::default();
            for step in steps {
                match *step {
                    OutlineStep::Move(x, y) => outline.begin_at(scaled(x), scaled(y)),
                    OutlineStep::Line(x, y) => outline.line_to(scaled(x), scaled(y)),
                    OutlineStep::Curve([first, second, to]) => outline.curve_to(at(first), at(second), at(to)),
                }
            }
            outline.close();
            canvas.fill(&outline, colour(ink.colour()), SHAPE_OPACITY);
        }
        Mark::Text { x, y, anchor, words, ink } => {
            let size = SIZES[0] * SCALE;
            let left = match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => letters.width(words, size) / 2.0,
                Anchor::End => letters.width(words, size),
            };
            for outline in letters.outlines(words, scaled(*x) - left, scaled(*y), size) {
                canvas.fill(&outline, colour(ink.colour()), 1.0);
            }
        }
        Mark::Heading { x, y, words } => {
            for outline in letters.outlines(words, scaled(*x), scaled(*y), SIZES[1] * SCALE) {
                canvas.fill(&outline, colour(crate::render::chart::Ink::Words.colour()), 1.0);
            }
        }
    }
}

/// Eight bits of red, green and blue a pixel, each line as it is.
fn encoded(canvas: &Canvas) -> io::Result<Vec<u8>> {
    let size = |length: usize| u32::try_from(length).map(u32::to_be_bytes).map_err(io::Error::other);
    let mut head = [size(canvas.width)?, size(canvas.height)?].concat();
    head.extend([8, 2, 0, 0, 0]);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    for line in canvas.pixels.chunks(3 * canvas.width) {
        packed.write_all(&[0])?;
        packed.write_all(line)?;
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // 11,811 pixels a metre: 300 an inch.
    let fineness = [11_811_u32.to_be_bytes(), 11_811_u32.to_be_bytes()].concat();
    let parts: [(&[u8; 4], Vec<u8>); 4] =
        [(b"IHDR", head), (b"pHYs", [fineness, vec![1]].concat()), (b"IDAT", packed.finish()?), (b"IEND", Vec::new())];
    for (name, content) in parts {
        let mut sum = Crc::new();
        sum.update(name);
        sum.update(&content);
        file.extend(size(content.len())?);
        file.extend(name);
        file.extend(&content);
        file.extend(sum.sum().to_be_bytes());
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::ZlibDecoder;

    use super::*;
    use crate::render::chart::Ink;

    #[test]
    fn a_file_has_the_pixels_of_the_drawing() {
        let area = Mark::Area { x: 1.0, y: 0.0, width: 1.0, height: 1.0, ink: Ink::Won, note: String::new() };
        let file = png(&Drawing { width: 2.0, height: 1.0, label: String::new(), marks: vec![area] }).expect("a file");
        assert_eq!(file[16..24], [0, 0, 0, 6, 0, 0, 0, 3], "three times as fine");
        let at = file.windows(4).position(|part| part == b"IDAT").expect("pixels") + 4;
        let mut pixels = Vec::new();
        ZlibDecoder::new(&file[at..]).read_to_end(&mut pixels).expect("unpacked");
        // A line: its filter, then white and blue pixels.
        let line = [vec![0], vec![255; 9], [29, 95, 168].repeat(3)].concat();
        assert_eq!(pixels, line.repeat(3));
    }
}
