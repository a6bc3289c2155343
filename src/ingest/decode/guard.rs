//! A decoder's panic on a damaged file, as an error.

use std::io;
use std::thread::{self, Builder};

/// The name of the threads that decode. A panic of theirs is told as the file's error, and not as one of the program.
pub const READER_THREAD: &str = "ingest-reader";

/// What `decode` gives, on a thread of its own.
///
/// # Errors
/// Those of `decode`; [`io::ErrorKind::InvalidData`] where it panics.
pub fn decoded<T: Send>(decode: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = Builder::new().name(READER_THREAD.to_owned()).spawn_scoped(scope, decode)?;
        let damaged = |_| Err(io::Error::new(io::ErrorKind::InvalidData, "its contents are damaged"));
        thread.join().unwrap_or_else(damaged)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_damaged_file() {
        assert_eq!(decoded(|| Ok(5)).ok(), Some(5));
        let file = Vec::<u8>::new();
        let failed = decoded(|| Ok(file[5])).expect_err("refused");
        assert_eq!(failed.kind(), io::ErrorKind::InvalidData);
    }
}
