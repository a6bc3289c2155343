//! A source's path to the files behind it, and a file to its bytes, counted and checksummed on the way.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use crate::ingest::decode::limits::{Packed, Unpacked, check_number, unpacks_to_too_much};
use crate::ingest::decode::once::{copy_of, copy_of_standard_input};
use crate::ingest::error::IngestError;

/// One input file.
#[derive(Debug)]
pub struct InputPath {
    /// The name to print: as configured, with the file's own name where the source is a folder or a glob.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// The bytes of what can be read only once.
    copy: Option<File>,
}

/// The files a source's `path` names, in name order.
///
/// # Errors
/// [`IngestError::NotFound`] where there are none, [`IngestError::Io`] where they cannot be listed,
/// [`IngestError::TooLarge`] where they are too many.
pub fn resolve(path: &str, base: &Path) -> Result<Vec<InputPath>, IngestError> {
    if path == "-" {
        return Ok(vec![copied("standard input", PathBuf::new(), copy_of_standard_input())?]);
    }
    let full = base.join(path);
    let found = if full.is_dir() {
        parts_of(&full).map_err(|source| io_error(path, source))?
    } else if full.exists() || !path.contains(['*', '?', '[']) {
        vec![full.clone()]
    } else {
        matches_of(&full.to_string_lossy())
    };
    if found.is_empty() {
        return Err(IngestError::NotFound { path: full.display().to_string() });
    }
    check_number(path, found.len())?;
    found.into_iter().map(|file| input_path(file, path)).collect()
}

fn input_path(file: PathBuf, path: &str) -> Result<InputPath, IngestError> {
    let metadata = std::fs::metadata(&file).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => IngestError::NotFound { path: file.display().to_string() },
        _ => io_error(path, source),
    })?;
    let name = file.file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    if metadata.is_file() {
        return Ok(InputPath { name, bytes: metadata.len(), path: file, copy: None });
    }
    match copy_of(&file, metadata.file_type()) {
        Some(copy) => copied(path, file, copy),
        None => Err(IngestError::NoFile { path: path.to_owned() }),
    }
}

fn copied(name: &str, path: PathBuf, copy: io::Result<File>) -> Result<InputPath, IngestError> {
    let copy = copy.and_then(|file| Ok((file.metadata()?.len(), file)));
    let (bytes, file) = copy.map_err(|source| io_error(&format!("{name}, copied to a temporary file"), source))?;
    Ok(InputPath { name: name.to_owned(), path, bytes, copy: Some(file) })
}

/// The readable files of a folder: no hidden ones, no markers such as `_SUCCESS`, only known extensions.
fn parts_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let known = [".csv", ".tsv", ".txt", ".gz", ".zst", ".parquet", ".pq", ".xlsx", ".xls", ".ods"]
            .iter()
            .any(|end| name.ends_with(end));
        if known && path.is_file() && !name.starts_with(['.', '_']) {
            parts.push(path);
        }
    }
    parts.sort();
    Ok(parts)
}

fn matches_of(pattern: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        glob::glob(pattern).into_iter().flatten().flatten().filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Turns an operating-system error into ours.
pub(crate) fn io_error(file: &str, source: io::Error) -> IngestError {
    IngestError::Io { file: file.to_owned(), source }
}

/// Opens a file for reading from its start. A copy has one position for all who read it: they read it one after another.
pub(crate) fn open(input: &InputPath) -> Result<File, IngestError> {
    let opened = match &input.copy {
        Some(copy) => copy.try_clone().and_then(|mut file| file.rewind().map(|()| file)),
        None => File::open(&input.path),
    };
    opened.map_err(|source| io_error(&input.name, source))
}

/// What the system says is an error of the system, what a decoder says one of the file.
pub(super) fn read_error(input: &InputPath, error: io::Error) -> IngestError {
    match error.raw_os_error() {
        None if error.kind() == io::ErrorKind::FileTooLarge => unpacks_to_too_much(&input.name),
        Some(_) => io_error(&input.name, error),
        None => IngestError::Unreadable { file: input.name.clone(), reason: error.to_string() },
    }
}

/// The checksum of a whole file, without holding it.
pub(crate) fn checksum(input: &InputPath) -> Result<String, IngestError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(open(input)?).map_err(|source| io_error(&input.name, source))?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Counts and checksums the bytes that pass, and tells how many to `seen`.
pub(crate) struct Metered<R, F> {
    inner: R,
    seen: F,
    hasher: blake3::Hasher,
}

impl<R: Read, F: FnMut(u64)> Metered<R, F> {
    pub(crate) fn new(inner: R, seen: F) -> Self {
        Self { inner, seen, hasher: blake3::Hasher::new() }
    }

    /// The checksum of everything, including what nobody asked to read.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.hasher.finalize().to_hex().to_string())
    }
}

impl<R: Read, F: FnMut(u64)> Read for Metered<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        (self.seen)(n as u64);
        Ok(n)
    }
}

/// Undoes gzip or zstd, told by the first bytes and not by the name. What unpacks to too much ends in
/// [`io::ErrorKind::FileTooLarge`].
pub(crate) fn decompressed<'a, R: Read + 'a>(inner: R) -> io::Result<Box<dyn Read + 'a>> {
    let (inner, packed) = Packed::new(inner);
    let mut reader = BufReader::with_capacity(1 << 18, inner);
    let head = io::BufRead::fill_buf(&mut reader)?;
    let inner: Box<dyn Read + 'a> = if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(reader))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(zstd::stream::read::Decoder::with_buffer(reader)?)
    } else {
        return Ok(Box::new(reader));
    };
    Ok(Box::new(Unpacked { inner, packed, bytes: 0 }))
}
