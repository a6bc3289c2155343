//! The one owner of what lies on disk: saved models, published scores, past forecasts, revisions, the output folder.
//!
//! One story of what a crash leaves, whatever is written:
//!
//! - **Whole or not at all.** A file is written aside in its own folder, brought to the disk, renamed over the earlier one,
//!   and the folder is brought to the disk (`file`). A whole folder of outputs is made the same way, beside its place,
//!   and exchanged in one step ([`folder`]). A reader never sees half of anything; an error, a full disk, an interrupt or
//!   a power cut leaves what was there before.
//! - **One writer at a time.** What is read, changed and written back is locked while that lasts: the folder of models
//!   (the log and the pointer to the model in use), the file of revisions; a second writer waits. The output folder is
//!   locked for the whole run; a second run is refused (`lock`). Locks end with their process. A file written aside is
//!   locked too: one that is not was left by a killed process, and the next one removes it.
//! - **Nothing of anybody else is replaced or removed.** Outputs stay away from what is read ([`reserved`]) and out of the
//!   outputs of a run; a folder is replaced only while all in it is ours, looked at before the work and right before the
//!   swap ([`folder`]). Modes are carried over, new files follow the umask.
//! - **The order of writes is the order of trust.** A model is there before the log names it, the log before `current`
//!   points to it, the outputs before the manifest that lists them. What a crash leaves between two steps is a file nobody
//!   points to.
//! - **Nothing is ever changed in place**, but for one file: revisions are appended, because people keep that file open and
//!   link to it. Half a row is cut off again, or ended by the next one ([`revisions`]).
//! - **What cannot be read is passed over with a warning** where it can be made again (scores, past forecasts), and is an
//!   error where it cannot (models).
//!
//! [`outputs`] turns tables and texts into files of the output folder. Nothing here computes.

pub mod catalogue_file;
mod day_records;
pub mod deal_copies;
pub mod digests;
pub mod error;
pub mod file;
pub mod finished_run;
pub mod folder;
pub mod forecasts;
mod lock;
pub mod memory;
pub mod models;
pub mod outputs;
pub mod push_folder;
pub mod quality;
mod real_path;
pub mod reserved;
pub mod revisions;
pub mod run_forecasts;
pub mod scores;
pub mod table_folder;
