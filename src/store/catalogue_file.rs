//! The text of a catalogue that is no part of the program: a language of reports somebody keeps in a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// More than any catalogue has.
const MOST_BYTES: u64 = 1 << 22;

/// What stands in `path`.
///
/// # Errors
/// What the file system refused; [`io::ErrorKind::InvalidData`] where it is too large or no text.
pub fn catalogue_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    let is_small = text.len() as u64 <= MOST_BYTES;
    is_small.then_some(text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "too large for a catalogue"))
}
