//! What may the user of the key do? The answer of `App/user` in, an [`EspoAccess`] out.
//!
//! A field the user may not edit is ignored by EspoCRM with success: it is found here, before anything is written.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the user of the key may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct EspoAccess {
    /// The user's id.
    pub user: String,
    /// Whether files may be imported into opportunities.
    pub may_import: bool,
    /// Why no opportunity can be written, whatever the field.
    barred: Option<&'static str>,
    /// Fields of which one right is missing, and which.
    closed: BTreeMap<String, &'static str>,
}

impl EspoAccess {
    /// Of the answer of `App/user`; nothing is known where that has none of it.
    pub fn read(body: &Value) -> Self {
        let of = |path: &str| body.pointer(path).cloned().unwrap_or(Value::Null);
        let deals = of("/acl/table/Opportunity");
        let level = |action: &str| deals.get(action).and_then(Value::as_str).unwrap_or_default().to_owned();
        // EspoCRM imports only for those who may create, though an update creates nothing.
        let may_import = of("/acl/table/Import").as_bool() == Some(true) && level("create") == "yes";
        let fields = of("/acl/fieldTable/Opportunity");
        let right = |field: &Value| {
            ["read", "edit"].into_iter().find(|right| field.get(*right).and_then(Value::as_str) == Some("no"))
        };
        let closed = fields.as_object().into_iter().flatten();
        let closed = closed.filter_map(|(name, field)| Some((name.clone(), right(field)?))).collect();
        let user = of("/user/id").as_str().unwrap_or_default().to_owned();
        // `Tools/App/AppService.php`, `getAclDataForFrontend`: a scope a role does not open is taken out of the table.
        let barred = if of("/acl/table").is_object() && !deals.is_object() {
            Some("its role opens no opportunities to it")
        } else if level("edit") == "no" {
            Some("its role lets it edit no opportunity")
        } else {
            None
        };
        Self { may_import: may_import && !user.is_empty(), user, barred, closed }
    }

    /// Why a field cannot be written by this user.
    pub fn fault(&self, field: &str) -> Option<String> {
        if let Some(barred) = self.barred {
            return Some(format!("cannot be edited by this user: {barred}"));
        }
        let right = self.closed.get(field)?;
        Some(format!("is closed to this user: its role has \"{right}: no\" for the field"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rights_are_read_as_they_were_recorded() {
        // "API key: who am I"
        let table = json!({ "Opportunity": { "read": "all", "edit": "all", "delete": "no", "create": "yes" } });
        let body = json!({ "user": { "id": "u1" }, "acl": { "table": table, "fieldTable": { "Opportunity": {} } } });
        let access = EspoAccess::read(&body);
        assert_eq!((access.user.as_str(), access.may_import, access.fault("cScore")), ("u1", false, None));
        // "admin Basic auth: who am I"
        let admin = json!({ "Opportunity": { "edit": "all", "create": "yes" }, "Import": true });
        assert!(EspoAccess::read(&json!({ "user": { "id": "u1" }, "acl": { "table": admin } })).may_import);
        let no_create = json!({ "Opportunity": { "edit": "all", "create": "no" }, "Import": true });
        assert!(!EspoAccess::read(&json!({ "user": { "id": "u1" }, "acl": { "table": no_create } })).may_import);
        assert_eq!(EspoAccess::read(&Value::Null), EspoAccess::default());
    }

    #[test]
    fn fields_and_records_that_are_closed_are_told() {
        let closed =
            json!({ "acl": { "fieldTable": { "Opportunity": { "cScore": { "read": "yes", "edit": "no" } } } } });
        assert!(EspoAccess::read(&closed).fault("cScore").is_some_and(|told| told.contains("\"edit: no\"")));
        let reader = json!({ "acl": { "table": { "Opportunity": { "read": "all", "edit": "no" } } } });
        assert!(EspoAccess::read(&reader).fault("cScore").is_some_and(|told| told.contains("edit no opportunity")));
        for table in [json!({ "Note": { "edit": "own" } }), json!({ "Opportunity": false })] {
            let told = EspoAccess::read(&json!({ "acl": { "table": table } })).fault("cScore");
            assert!(told.is_some_and(|told| told.contains("opens no opportunities")), "{table}");
        }
    }
}
