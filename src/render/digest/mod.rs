//! A page per owner and manager, for mail and chat: what matters, what to do, what changed, what to look at.
//!
//! [`Material`](crate::render::Material) and a language in, [`DigestFile`]s out: HTML that a mail client shows whole (no
//! script, no style sheet, nothing from elsewhere), Markdown, and JSON for programs. The three say the same. Computes no
//! number: every one is a cell of the run.

mod changes;
mod files;
mod headline;
mod html;
mod markdown;
mod page;
mod recipients;
#[cfg(test)]
mod tests;
mod todo;

pub use files::{DigestFile, digests};
