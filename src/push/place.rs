//! Where does a section write to? A [`PushConfig`] in, a short text out that another place does not share.
//!
//! A plan or a value noted for one server says nothing of another one that took its name.

use crate::config::PushConfig;

/// The place `config` writes to: of its target, address, user, layout, format, file, table, database and described paths. Without any secret.
#[must_use]
pub fn place(config: &PushConfig) -> String {
    let PushConfig { target, url, user, layout, format, file, table, database, template, .. } = config;
    let described = template.as_ref().map(|template| (&template.read.path, &template.write.path));
    let parts = serde_json::json!([target, url, user, layout, format, file, table, database, described]);
    blake3::hash(parts.to_string().as_bytes()).to_hex()[..16].to_owned()
}
