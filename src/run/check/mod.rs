//! Does a finished run say what can be? Its folder in, [`Violation`](crate::report::invariants::Violation)s out.
//!
//! `files` holds the manifest against the folder, `formats` the files of one table against each other, `documents` the
//! JSON files against the manifest, `told` the findings against the tables; the tables themselves are held against
//! their declarations. Computes no analysis anew.

mod documents;
mod files;
mod findings;
mod finished;
mod formats;
mod told;

pub use findings::checked;
pub use finished::{CheckedRun, check_run};
