//! A [`Drawing`](super::chart::Drawing) as PNG: outlines filled pixel by pixel, letters of a font that is part of the
//! program.
//!
//! A few outlines need no renderer of SVG, whose dependencies would be ninety.

mod canvas;
mod outline;
mod png_file;
mod words;

pub(super) use png_file::png;
