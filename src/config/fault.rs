//! A value of the configuration that cannot be used. `load` adds the file.

/// A value that cannot be used.
#[derive(Debug)]
pub(super) struct Fault {
    /// Dotted key.
    pub key: String,
    /// The value found.
    pub got: String,
    /// What would do.
    pub expected: String,
}

impl Fault {
    pub(super) fn new(key: impl Into<String>, got: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { key: key.into(), got: got.into(), expected: expected.into() }
    }
}
