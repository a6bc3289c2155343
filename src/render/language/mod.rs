//! What a report is written in: words, and how numbers and days look. One catalogue a language.

mod catalogue;
mod findings;
mod numbers;
mod reasons;

pub(crate) use catalogue::WORDED;
pub use catalogue::{LANGUAGES, Language};
