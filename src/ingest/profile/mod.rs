//! Files nobody has mapped to [`FileProfile`]s: what the columns are called and what their cells look like.
//!
//! Looks at every row once, keeps counts and samples. Decides nothing: `setup` does.

mod column;
mod file;
mod folder;
mod tally;
mod zone;

pub use column::{ColumnProfile, Example, day_in};
pub use file::{FileLook, FileProfile, look_at};
pub use folder::files_in;
pub use tally::{Counted, tally};
pub use zone::ZoneEvidence;
