//! What can be read only once (standard input, pipes, terminals) to a copy that is read as often as needed: which table
//! it is, how it is written and what it says are three looks.
//!
//! The copy has no name in any folder: nothing is left of it however the process ends.

use std::fs::{File, FileType};
use std::io::{self, IsTerminal, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// The paths by which a system calls standard input.
const STANDARD_INPUT: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Which stream a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamId {
    /// Standard input, under any of its names.
    StandardInput,
    /// Device and number of a pipe or terminal.
    Other(u64, u64),
}

/// The stream at `path`, if one is there.
pub(crate) fn stream_at(path: &str, base: &Path) -> Option<StreamId> {
    if path == "-" {
        return Some(StreamId::StandardInput);
    }
    let path = base.join(path);
    let metadata = std::fs::metadata(&path).ok()?;
    let kind = metadata.file_type();
    if kind.is_file() || kind.is_dir() {
        return None;
    }
    Some(if is_standard_input(&path) {
        StreamId::StandardInput
    } else {
        StreamId::Other(metadata.dev(), metadata.ino())
    })
}

fn is_standard_input(path: &Path) -> bool {
    STANDARD_INPUT.iter().any(|name| path == Path::new(name))
}

/// A copy of all that comes from standard input.
pub(super) fn copy_of_standard_input() -> io::Result<File> {
    copied(&mut io::stdin().lock())
}

/// A copy of all that comes from the pipe or terminal at `path`; `None` where nothing of an end does, as from a disk or a
/// device that makes up its bytes, or where the system does not open it by name, as a socket.
pub(super) fn copy_of(path: &Path, kind: FileType) -> Option<io::Result<File>> {
    if is_standard_input(path) {
        return Some(copy_of_standard_input());
    }
    if !kind.is_fifo() && !kind.is_char_device() {
        return None;
    }
    match File::open(path) {
        Err(error) => Some(Err(error)),
        Ok(device) if kind.is_char_device() && !device.is_terminal() && !is_empty(&device) => None,
        Ok(mut stream) => Some(copied(&mut stream)),
    }
}

/// Whether a device has nothing to say, as the null device.
fn is_empty(mut device: &File) -> bool {
    matches!(device.read(&mut [0]), Ok(0))
}

fn copied(stream: &mut dyn Read) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    io::copy(stream, &mut copy)?;
    Ok(copy)
}
