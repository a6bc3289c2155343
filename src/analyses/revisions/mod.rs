//! What was submitted and adjusted by hand, beside the actuals, and who was right before.
//!
//! The revisions table to [`Revisions`]. A revision by its owner is a submission, one by somebody else (a manager, say) an
//! adjustment; the newest of each before the as-of day holds. Where several categories of a period were revised, the
//! one named first in [`CATEGORIES`] holds, else the newest: a best case beside a forecast is no forecast, and an author is
//! not judged by it. Amounts count at the rate of the day they were submitted on; without any rates those in other
//! currencies than the base count for nothing.

mod book;
pub mod columns;
pub mod findings;
mod rows;

pub use book::Revisions;
pub use rows::{AuthorRecord, CATEGORIES, HeldForecast, RevisionLine};
