//! Where does a section write to? A [`PushConfig`] in, a short text out that another place does not share.
//!
//! A plan or a value noted for one server says nothing of another one that took its name.

use crate::config::PushConfig;

/// The place `config` writes to: of its target, address, user, layout, format, file and table, and of the database and the
/// described paths, where there are such. Without any secret.
#[must_use]
pub fn place(config: &PushConfig) -> String {
    let PushConfig { target, url, user, layout, format, file, table, database, template, object, .. } = config;
    let described = template.as_ref().map(|template| (&template.read.path, &template.write.path));
    let mut parts = vec![serde_json::json!([target, url, user, layout, format, file, table])];
    parts.extend(database.iter().map(|database| serde_json::json!(["database", database])));
    parts.extend(object.iter().map(|object| serde_json::json!(["object", object])));
    parts.extend(described.iter().map(|paths| serde_json::json!(["template", paths])));
    let parts: String = parts.iter().map(ToString::to_string).collect();
    blake3::hash(parts.as_bytes()).to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::fixtures::config;

    #[test]
    fn a_place_without_a_database_is_called_as_before_there_were_any() {
        let plain = config("");
        let PushConfig { target, url, user, layout, format, file, table, .. } = &plain;
        let before = serde_json::json!([target, url, user, layout, format, file, table]).to_string();
        assert_eq!(place(&plain), blake3::hash(before.as_bytes()).to_hex()[..16]);
        let named = PushConfig { database: Some("sales".to_owned()), ..plain.clone() };
        assert_ne!(place(&named), place(&plain));
    }
}
