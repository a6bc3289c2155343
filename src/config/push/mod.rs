//! `[push.NAME]`: where scores are fed back to, and what can be chosen there.

mod choices;
mod section;

pub use choices::{DeltaFormat, ImportLayout, PushTarget, ScoreField, SecretSource};
pub use section::PushConfig;
