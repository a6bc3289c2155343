//! `[push.NAME.login]`: how a client gets access tokens (OAuth 2). Secrets are only named here, never held.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::fault::Fault;
use crate::config::push::address::check_url;
use crate::config::push::choices::{PushTarget, SecretSource};

/// A client that logs in: `secret` in the section of the target is then the client's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginConfig {
    /// Address access tokens are given out at; the vendor's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// What the client is called there.
    pub client_id: String,
    /// Where the refresh token comes from, which a user gave the client. When absent the client logs in for itself (client
    /// credentials).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<SecretSource>,
    /// What the token is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl LoginConfig {
    /// Where access tokens for the server at `url` are given out.
    #[must_use]
    pub fn token_address(&self, target: PushTarget, url: &str) -> Option<String> {
        if let Some(token_url) = &self.token_url {
            return Some(token_url.clone());
        }
        match target {
            PushTarget::Salesforce => Some(format!("{}/services/oauth2/token", url.trim_end_matches('/'))),
            PushTarget::Hubspot => Some("https://api.hubapi.com/oauth/v1/token".to_owned()),
            PushTarget::Zoho => zoho_accounts(url),
            _ => None,
        }
    }

    pub(super) fn check(&self, name: &str, target: PushTarget, url: &str) -> Result<(), Fault> {
        let key = |key: &str| format!("push.{name}.login.{key}");
        if self.client_id.trim().is_empty() {
            return Err(Fault::new(key("client_id"), "blank", "what the client is called"));
        }
        let needs_a_user = matches!(target, PushTarget::Hubspot | PushTarget::Zoho);
        if needs_a_user && self.refresh_token.is_none() {
            let expected = "{ env = \"NAME\" }, { file = \"PATH\" } or { command = [\"PROGRAM\"] }";
            return Err(Fault::new(key("refresh_token"), "absent", expected));
        }
        match self.token_address(target, url) {
            Some(address) => check_url(&key("token_url"), &address),
            None => Err(Fault::new(key("token_url"), "absent", "the address access tokens are given out at")),
        }
    }
}

/// Where tokens for one of Zoho's data centres are given out: `https://www.zohoapis.eu` has `https://accounts.zoho.eu`.
fn zoho_accounts(url: &str) -> Option<String> {
    let centre = url.trim_end_matches('/').strip_prefix("https://www.zohoapis.")?;
    let accounts = if centre == "ca" { "zohocloud" } else { "zoho" };
    Some(format!("https://accounts.{accounts}.{centre}/oauth/v2/token"))
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn told(target: &str, login: &str) -> String {
        let text = format!(
            "[push.crm]\ntarget = \"{target}\"\nurl = \"https://a.example\"\nsecret = {{ env = \"S\" }}\nfields = {{ score = \"X__c\" }}\n\
             [push.crm.login]\n{login}\n"
        );
        match Config::parse(&text, "dealcast.toml") {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_login_needs_a_client_an_address_with_tls_and_where_a_user_gave_it_a_token() {
        assert_eq!(told("salesforce", "client_id = \"c\""), "");
        assert!(told("salesforce", "client_id = \" \"").contains("`push.crm.login.client_id` is blank"));
        let plain = told("salesforce", "client_id = \"c\"\ntoken_url = \"http://a.example\"");
        assert!(plain.contains("`push.crm.login.token_url`") && plain.contains("https://"), "{plain}");
        assert!(told("hubspot", "client_id = \"c\"").contains("`push.crm.login.refresh_token` is absent"));
        let zoho = "client_id = \"c\"\nrefresh_token = { env = \"R\" }";
        assert!(told("zoho", zoho).contains("`push.crm.login.token_url` is absent"), "{}", told("zoho", zoho));
        assert!(told("salesforce", "client_id = \"c\"\nclient_secret = \"hush\"").contains("client_secret"));
    }

    #[test]
    fn zohos_data_centres_have_accounts_of_their_own() {
        assert_eq!(
            super::zoho_accounts("https://www.zohoapis.com.au/").as_deref(),
            Some("https://accounts.zoho.com.au/oauth/v2/token")
        );
        assert_eq!(
            super::zoho_accounts("https://www.zohoapis.ca").as_deref(),
            Some("https://accounts.zohocloud.ca/oauth/v2/token")
        );
        assert_eq!(super::zoho_accounts("https://crm.example.com"), None);
    }
}
