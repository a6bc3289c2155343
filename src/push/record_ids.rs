//! Can a deal's id be one of the CRM that is written to? Where it cannot, nobody is asked for it and no file has it: the books say
//! that it is missing, and why.

use crate::config::{ImportLayout, PushConfig, PushTarget};
use crate::push::targets::is_salesforce_id;

/// How a CRM's ids look.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdForm {
    /// In words.
    pub looks: &'static str,
    /// Why a deal with another one is missing.
    pub reason: &'static str,
    is_one: fn(&str) -> bool,
}

const SALESFORCE: IdForm = IdForm {
    looks: "15 or 18 letters and digits",
    reason: "the id cannot be one of Salesforce",
    is_one: is_salesforce_id,
};
const HUBSPOT: IdForm = IdForm { looks: "digits", reason: "the id cannot be one of HubSpot", is_one: is_number };
const ODOO: IdForm = IdForm { looks: "digits", reason: "the id cannot be one of Odoo", is_one: is_number };
const PIPEDRIVE: IdForm = IdForm { looks: "digits", reason: "the id cannot be one of Pipedrive", is_one: is_number };
const ZOHO: IdForm = IdForm { looks: "up to 19 digits", reason: "the id cannot be one of Zoho", is_one: is_zoho };
const ZOHO_FILE: IdForm =
    IdForm { looks: "up to 19 digits, with or without zcrm_ before them", is_one: is_zoho_of_a_file, ..ZOHO };
const VTIGER: IdForm =
    IdForm { looks: "13x42, or 42", reason: "the id cannot be one of vtiger's web service", is_one: is_vtiger };
const VTIGER_FILE: IdForm = IdForm {
    looks: "the number of an opportunity, such as POT42, which the import merges by",
    reason: "the id cannot be the number of an opportunity of vtiger",
    is_one: is_vtiger_number,
};
const DYNAMICS: IdForm = IdForm {
    looks: "a GUID, such as 6b03eb07-2d4c-4f5a-9d0e-0a1b2c3d4e5f",
    reason: "the id cannot be one of Dynamics",
    is_one: is_guid,
};

/// How the ids of what `config` writes to look; none where they may look in any way. EspoCRM takes ids of any kind from imports.
fn form(config: &PushConfig) -> Option<IdForm> {
    match (config.target, config.layout) {
        (PushTarget::Salesforce, _) | (PushTarget::File, Some(ImportLayout::Salesforce)) => Some(SALESFORCE),
        (PushTarget::Hubspot, _) | (PushTarget::File, Some(ImportLayout::Hubspot)) => Some(HUBSPOT),
        (PushTarget::Odoo, _) => Some(ODOO),
        (PushTarget::Pipedrive, _) => Some(PIPEDRIVE),
        (PushTarget::Zoho, _) => Some(ZOHO),
        (PushTarget::File, Some(ImportLayout::Zoho)) => Some(ZOHO_FILE),
        (PushTarget::Vtiger, _) => Some(VTIGER),
        (PushTarget::File, Some(ImportLayout::Vtiger)) => Some(VTIGER_FILE),
        (PushTarget::File, Some(ImportLayout::Dynamics | ImportLayout::DynamicsScores)) => Some(DYNAMICS),
        _ => None,
    }
}

/// How ids of what `config` writes to look, where `id` cannot be one.
pub(super) fn foreign_id(config: &PushConfig, id: &str) -> Option<IdForm> {
    form(config).filter(|form| !(form.is_one)(id))
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zoho(id: &str) -> bool {
    is_number(id) && id.len() <= 19
}

fn is_zoho_of_a_file(id: &str) -> bool {
    is_zoho(id.strip_prefix("zcrm_").unwrap_or(id))
}

fn is_web_service_id(id: &str) -> bool {
    id.split_once('x').is_some_and(|(module, record)| is_number(module) && is_number(record))
}

fn is_vtiger(id: &str) -> bool {
    is_number(id) || is_web_service_id(id)
}

/// A prefix that the CRM's administrator chooses, and a number.
fn is_vtiger_number(id: &str) -> bool {
    !is_web_service_id(id) && id.ends_with(|last: char| last.is_ascii_digit())
}

fn is_guid(id: &str) -> bool {
    let bare = id.strip_prefix('{').and_then(|id| id.strip_suffix('}')).unwrap_or(id);
    let parts: Vec<&str> = bare.split('-').collect();
    let is_hexadecimal = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(is_hexadecimal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::fixtures::config;

    /// A file in `layout`, or the server of `target`.
    fn section(target: PushTarget, layout: Option<ImportLayout>) -> PushConfig {
        PushConfig { target, layout, ..config("") }
    }

    /// A target, ids that it may have, and ids that it cannot have.
    type Case<'a> = (PushTarget, Option<ImportLayout>, &'a [&'a str], &'a [&'a str]);

    #[test]
    fn ids_that_are_some_and_ids_that_cannot_be_any() {
        use ImportLayout as Layout;
        use PushTarget::{Espocrm, File, Hubspot, Odoo, Pipedrive, Salesforce, Vtiger, Zoho};
        let (guid, sfid) = ("6B03EB07-2d4c-4f5a-9d0e-0a1b2c3d4e5f", "006xx000001a2b3");
        let braced = format!("{{{guid}}}");
        let cases: [Case<'_>; 12] = [
            (Salesforce, None, &[sfid, "001xx000003DGb1AAG"], &["", "D1", "13x42", guid]),
            (File, Some(Layout::Salesforce), &[sfid], &["D1", "12345"]),
            (Hubspot, None, &["12345"], &["D1", "", sfid]),
            (File, Some(Layout::Hubspot), &["9"], &["13x42"]),
            (Odoo, None, &["7"], &["x7"]),
            (Pipedrive, None, &["7"], &["-7"]),
            (Zoho, None, &["4138000000012345678"], &["zcrm_41380000", "41380000000123456789"]),
            (File, Some(Layout::Zoho), &["zcrm_41380000", "41380000"], &["zcrm_", "D1"]),
            (Vtiger, None, &["13x42", "42"], &["POT42", "13x", "x", "1x2x3"]),
            (File, Some(Layout::Vtiger), &["POT42", "42"], &["13x42", "POT", ""]),
            (File, Some(Layout::Dynamics), &[guid, &braced], &["6B03EB07", "{", "6B03EB07-2d4c-4f5a-9d0e-0a1b2c3d4e5"]),
            (Espocrm, None, &["64f1a0c9d1e2f3a4b", "D1"], &[]),
        ];
        for (target, layout, some, none) in cases {
            let config = section(target, layout);
            for id in some {
                assert!(foreign_id(&config, id).is_none(), "{target:?} {layout:?} {id}");
            }
            for id in none {
                assert!(foreign_id(&config, id).is_some(), "{target:?} {layout:?} {id}");
            }
        }
    }
}
