//! `[push.NAME]`: where scores are fed back to, and into which custom fields.

mod choices;
mod section;

pub use choices::{DeltaFormat, ImportLayout, PushTarget, ScoreField, SecretSource};
pub use section::PushConfig;
