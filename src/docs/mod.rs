//! What there is to read: one topic per question, printed by `dealcast help TOPIC`.
//!
//! The texts are the `.md` files of this folder, compiled in. Knows nothing of the rest.

mod topics;

pub use topics::{TOPICS, Topic, topic};

#[doc = include_str!("commands.md")]
pub mod commands {}
#[doc = include_str!("results.md")]
pub mod results {}
#[doc = include_str!("page.md")]
pub mod page {}
#[doc = include_str!("inputs.md")]
pub mod inputs {}
#[doc = include_str!("dirty.md")]
pub mod dirty {}
#[doc = include_str!("quality.md")]
pub mod quality {}
#[doc = include_str!("init.md")]
pub mod init {}
#[doc = include_str!("presets.md")]
pub mod presets {}
#[doc = include_str!("method.md")]
pub mod method {}
#[doc = include_str!("evaluation.md")]
pub mod evaluation {}
#[doc = include_str!("speed.md")]
pub mod speed {}
#[doc = include_str!("glossary.md")]
pub mod glossary {}
#[doc = include_str!("migration.md")]
pub mod migration {}
