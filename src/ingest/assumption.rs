//! What was assumed about a file that nobody described: plain words, and the key that says otherwise.

use crate::ingest::issues::excerpt;

/// Something about a file that was found out by looking, or taken for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// The key under the source's section that says otherwise.
    pub key: &'static str,
    /// What was assumed, with a sample.
    pub what: String,
    /// Whether it may well be wrong.
    pub is_doubtful: bool,
    /// What the key would have to be to say the same, where it can.
    pub value: Option<String>,
}

impl Assumption {
    /// One that is hardly ever wrong.
    pub(crate) fn plain(key: &'static str, what: String) -> Self {
        Self { key, what, is_doubtful: false, value: None }
    }

    /// One that a person should look at.
    pub(crate) fn doubtful(key: &'static str, what: String) -> Self {
        Self { key, what, is_doubtful: true, value: None }
    }

    /// The same, with what the key would have to be to say it.
    #[must_use]
    pub(crate) fn written(self, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..self }
    }
}

/// What reading a file to its end gives beside its rows.
#[derive(Debug)]
pub struct FileRead {
    /// Checksum of the file as stored.
    pub blake3: String,
    /// How it was read where nobody said how.
    pub assumed: Vec<Assumption>,
}

/// That lines which are no part of the table were passed over, where there are any.
pub(crate) fn lines_left_out(place: &str, lines: &[String]) -> Option<Assumption> {
    let told: Vec<String> = lines.iter().map(|line| format!("{:?}", excerpt(line))).collect();
    let noun = if told.len() == 1 { "line" } else { "lines" };
    let what = format!("{} {noun} {place} left out ({})", told.len(), told.join(", "));
    (!told.is_empty()).then(|| Assumption::doubtful("path", what))
}
