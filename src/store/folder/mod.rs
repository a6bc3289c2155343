//! The output folder: written aside, swapped in whole, never half.
//!
//! [`OutputFolder::open`] checks the destination *before* the long work and takes a lock beside it; files go to a
//! hidden folder next to the destination; [`OutputFolder::commit`] exchanges the two in one step. Whatever happens
//! before that step (error, full disk, interrupt, power loss) leaves the earlier outputs as they were. What others put
//! into the destination is looked for at both ends: such a folder is not replaced.
//! [`write_file`](crate::store::file::write_file) does the same for one file. Knows nothing of what the files mean, except that `manifest.json` lists
//! them under `files`.

mod abandon;
mod listing;
mod output_folder;
mod place;
#[cfg(test)]
mod tests;

pub use abandon::Abandon;
pub use listing::MANIFEST;
pub use output_folder::{NamesOurs, OutputFolder};
pub use place::outside_runs;
