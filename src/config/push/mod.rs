//! `[push.NAME]`: where scores are fed back to, and what can be chosen there.

mod address;
mod choices;
mod login;
mod own_fields;
mod score_object;
mod section;
mod sql_address;
mod sql_section;
mod template;

pub use address::is_safe_address;
pub use choices::{DeltaFormat, ImportLayout, PushTarget, ScoreField, SecretSource};
pub use login::LoginConfig;
pub use section::PushConfig;
pub use sql_address::{SqlAddress, SqlPlace};
pub use template::{
    TemplateAnswer, TemplateConfig, TemplateKind, TemplateList, TemplateMethod, TemplateRead, TemplateWrite,
};
