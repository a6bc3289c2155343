//! `dealcast.toml`: where the tables are, what their columns mean, and how the organisation sells.
//!
//! The file or its text in, [`Config`] out. Every key has a default, so that canonical column names need no file at all.
//! Reads no file but this one; paths stay as written, relative to the configuration's own folder.

mod calendar;
mod fault;
mod load;
mod mapping;
mod money;
mod push;
mod rule_columns;
mod rules;
mod settings;
mod sources;

pub use calendar::{CalendarConfig, TableYear};
pub use load::{ConfigError, json_schema, text_at};
pub use mapping::{
    ChanceScale, ClosedAs, ColumnNames, ColumnRecipe, Condition, Copies, DateOrder, Lookup, TableSource, Vanished,
};
pub use money::{BaseCurrency, MoneyConfig};
pub use push::{
    DeltaFormat, ImportLayout, LoginConfig, PushConfig, PushTarget, ScoreField, SecretSource, SqlAddress, SqlPlace,
    TemplateAnswer, TemplateConfig, TemplateKind, TemplateList, TemplateMethod, TemplateRead, TemplateWrite,
    is_safe_address,
};
pub use rule_columns::{RuleLine, rules_spec, rules_table};
pub use rules::{Rule, RuleConfig, RuleSeverity};
pub use settings::{
    Config, FeatureConfig, FunnelConfig, LandmarkGrid, RetrainConfig, StagnationConfig, TrainingConfig,
};
pub use sources::TableSources;
