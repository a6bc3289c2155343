//! `[push.NAME]`: where scores are fed back to, and into which custom fields.
//!
//! Plain settings, checked; secrets are only named here, never held.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::fault::Fault;
use crate::config::push::address::check_url;
use crate::config::push::choices::{DeltaFormat, ImportLayout, PushTarget, ScoreField, SecretSource};
use crate::config::push::login::LoginConfig;
use crate::config::push::own_fields::{bare, is_the_crms_own};
use crate::config::push::template::TemplateConfig;

/// A CRM, or the layout of its import files, that scores are fed into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PushConfig {
    /// What is written to.
    pub target: PushTarget,
    /// What is fed in, and the custom field or column that takes it: `probability = "cWinProbability"`.
    pub fields: BTreeMap<ScoreField, String>,
    /// Import layout of `file`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<ImportLayout>,
    /// Form of the files of `file`.
    #[serde(default)]
    pub format: DeltaFormat,
    /// SQLite file of `sqlite`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Table of `sqlite`, `postgres` and `mysql`; of the latter two also `SCHEMA.TABLE`.
    #[serde(default = "deal_scores")]
    pub table: String,
    /// Address of the server, without the path of its interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Database of `odoo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Object of `salesforce` that holds the scores beside the opportunities, such as `Deal_Score__c`: its records are updated, and
    /// none is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Lookup of `object` to the opportunity, such as `Opportunity__c`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal_field: Option<String>,
    /// User of the interface, where a secret alone does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Where the key or password comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretSource>,
    /// How access tokens are got, where the secret is not one itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<LoginConfig>,
    /// The interface of `template`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateConfig>,
    /// File with certificates to trust in place of the public ones, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Proxy to go through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// A number that differs by less is not written.
    #[serde(default = "half_a_percent")]
    pub epsilon: f64,
    /// A chance, 0 to 1: what a deal's probability or score may change by before the change counts as large.
    #[serde(default = "three_tenths")]
    pub large_change: f64,
    /// A plan in which a larger share of deals change by `large_change` or more is refused.
    #[serde(default = "one_half")]
    pub max_large_share: f64,
    /// How far a stored probability may be from the one sent, by rounding; further off and the push stops at once.
    #[serde(default = "half_a_percent")]
    pub max_rounding: f64,
    /// A push stops when a larger share of at least 20 answers are refusals.
    #[serde(default = "one_twentieth")]
    pub max_reject_share: f64,
    /// Most requests in a second; as fast as answers come when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<f64>,
    /// Most requests on the way at once.
    #[serde(default = "four")]
    pub parallel: u32,
    /// From how many changes on the server's way for many at once is taken; 0 is never. What is usual for the target when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk_from: Option<u32>,
    /// Let a write start the CRM's own automations, where its interface can keep them from it: `zoho`.
    #[serde(default)]
    pub automations: bool,
    /// How often a request is tried in all before the push stops, where the server does not answer or is busy.
    #[serde(default = "five")]
    pub tries: u32,
    /// Seconds to wait for an answer.
    #[serde(default = "half_a_minute")]
    pub timeout_seconds: u32,
}

fn deal_scores() -> String {
    "deal_scores".to_owned()
}

fn half_a_percent() -> f64 {
    0.005
}

fn three_tenths() -> f64 {
    0.3
}

fn one_half() -> f64 {
    0.5
}

fn one_twentieth() -> f64 {
    0.05
}

fn four() -> u32 {
    4
}

fn five() -> u32 {
    5
}

fn half_a_minute() -> u32 {
    30
}

impl PushConfig {
    pub(in crate::config) fn check(&self, name: &str) -> Result<(), Fault> {
        let key = |key: &str| format!("push.{name}.{key}");
        check_name(name)?;
        self.check_fields(name)?;
        let shares = [
            ("epsilon", self.epsilon),
            ("large_change", self.large_change),
            ("max_large_share", self.max_large_share),
            ("max_rounding", self.max_rounding),
            ("max_reject_share", self.max_reject_share),
        ];
        if let Some((of, share)) = shares.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            return Err(Fault::new(key(of), share.to_string(), "a number from 0 to 1"));
        }
        if let Some(rate) =
            self.requests_per_second.filter(|rate| !(rate.is_finite() && (0.01..=1000.0).contains(rate)))
        {
            return Err(Fault::new(key("requests_per_second"), rate.to_string(), "a number from 0.01 to 1000"));
        }
        if !(1..=3600).contains(&self.timeout_seconds) {
            return Err(Fault::new(key("timeout_seconds"), self.timeout_seconds.to_string(), "1 to 3600"));
        }
        let (most, expected) = self.target.most_parallel();
        if !(1..=most).contains(&self.parallel) {
            return Err(Fault::new(key("parallel"), self.parallel.to_string(), expected));
        }
        if !(1..=20).contains(&self.tries) {
            return Err(Fault::new(key("tries"), self.tries.to_string(), "1 to 20"));
        }
        self.check_score_object(name)?;
        self.check_target(name)
    }

    fn check_fields(&self, name: &str) -> Result<(), Fault> {
        if self.fields.is_empty() {
            return Err(Fault::new(format!("push.{name}.fields"), "empty", "at least one field, such as probability"));
        }
        for (field, custom) in &self.fields {
            let key = format!("push.{name}.fields.{}", field.name());
            let bare = bare(custom);
            if bare.is_empty() || custom.trim() != custom {
                return Err(Fault::new(key, format!("{custom:?}"), "the name of a custom field"));
            }
            if !self.target.is_table() && is_the_crms_own(&bare) {
                let expected = "a custom field of your own: the CRM's own fields are never overwritten";
                return Err(Fault::new(key, format!("{custom:?}"), expected));
            }
            if self.fields.iter().any(|(other, taken)| other < field && taken == custom) {
                return Err(Fault::new(
                    key,
                    format!("{custom:?}, which takes another one already"),
                    "a field of its own",
                ));
            }
        }
        self.check_score_table(name)?;
        if self.fields.keys().all(|field| field.goes_along()) {
            let got = "only what goes along with something else";
            return Err(Fault::new(
                format!("push.{name}.fields"),
                got,
                "score, probability, grade, trend, stagnation or predicted_close_date too",
            ));
        }
        Ok(())
    }

    /// Dynamics' table of scores has columns of its own, and no others take scores.
    fn check_score_table(&self, name: &str) -> Result<(), Fault> {
        if self.layout != Some(ImportLayout::DynamicsScores) {
            return Ok(());
        }
        let other = self.fields.iter().find(|(field, given)| field.dynamics_column() != Some(given.as_str()));
        other.map_or(Ok(()), |(field, given)| {
            let expected = field
                .dynamics_column()
                .unwrap_or("only score, grade, trend and scored_at: the table has no column for it");
            Err(Fault::new(format!("push.{name}.fields.{}", field.name()), format!("{given:?}"), expected))
        })
    }

    fn check_target(&self, name: &str) -> Result<(), Fault> {
        let absent = |key: &str, expected: &str| Err(Fault::new(format!("push.{name}.{key}"), "absent", expected));
        match (self.target, &self.layout, &self.file) {
            (PushTarget::File, None, _) => return absent("layout", "whose import the files are for"),
            (PushTarget::Sqlite, _, None) => return absent("file", "the SQLite file the table is in"),
            (PushTarget::Sqlite, _, Some(_)) if self.table.trim().is_empty() => {
                return Err(Fault::new(format!("push.{name}.table"), "blank", "the name of a table"));
            }
            (PushTarget::File | PushTarget::Sqlite, ..) => return Ok(()),
            (PushTarget::Postgres | PushTarget::Mysql, ..) => return self.check_sql(name),
            _ => {}
        }
        let Some(url) = self.address() else { return absent("url", "the address of the server") };
        check_url(&format!("push.{name}.url"), url)?;
        self.check_proxy(name, url)?;
        if self.secret.is_none() {
            return absent("secret", "{ env = \"NAME\" }, { file = \"PATH\" } or { command = [\"PROGRAM\"] }");
        }
        if self.target == PushTarget::Vtiger && self.user.is_none() {
            return absent("user", "the name of the user whose access key is the secret");
        }
        self.login.as_ref().map_or(Ok(()), |login| login.check(name, self.target, url))?;
        self.check_template(name)
    }

    /// Only a template is described.
    fn check_template(&self, name: &str) -> Result<(), Fault> {
        let fault = |got: &str, expected: &str| Err(Fault::new(format!("push.{name}.template"), got, expected));
        match (&self.template, self.target) {
            (Some(template), PushTarget::Template) => template.check(name, self.fields.values()),
            (None, PushTarget::Template) => fault("absent", "the addresses of the interface, `read` and `write`"),
            (Some(_), _) => fault("there", "none: only target = \"template\" has one"),
            (None, _) => Ok(()),
        }
    }

    /// Address of the server: the one that is given, or the one the vendor has for everybody.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.url.as_deref().or(self.target.address())
    }

    /// A proxy sees what goes to an http:// address; its own password would stand in the configuration.
    fn check_proxy(&self, name: &str, url: &str) -> Result<(), Fault> {
        let fault = |got: &str, expected: &str| Err(Fault::new(format!("push.{name}.proxy"), got, expected));
        match &self.proxy {
            Some(proxy) if proxy.contains('@') => {
                fault("an address with a user or password", "one without: they would stand in the configuration")
            }
            Some(_) if url.starts_with("http://") => {
                fault("there", "no proxy for an address that begins with http://: it would see the key")
            }
            _ => Ok(()),
        }
    }
}

/// Names become names of folders.
fn check_name(name: &str) -> Result<(), Fault> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 60 || !name.chars().all(is_plain) {
        return Err(Fault::new(format!("push.{name}"), format!("{name:?}"), "a name of letters, digits, - and _"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn told(text: &str) -> String {
        match Config::parse(text, "dealcast.toml") {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    const ESPO: &str = "[push.crm]\ntarget = \"espocrm\"\nsecret = { env = \"KEY\" }\n";

    #[test]
    fn the_crms_own_fields_are_refused_however_they_are_written() {
        for own in [
            "Probability",
            "probability",
            "Probability (%)",
            "hs_deal_stage_probability",
            "closeprobability",
            "StageName",
            "Id",
        ] {
            let text = format!("{ESPO}url = \"https://a.b\"\nfields = {{ probability = \"{own}\" }}\n");
            assert!(told(&text).contains("`push.crm.fields.probability` is "), "{own}: {}", told(&text));
        }
        assert_eq!(
            told(&format!("{ESPO}url = \"https://a.b\"\nfields = {{ probability = \"Win_Probability__c\" }}\n")),
            ""
        );
    }

    #[test]
    fn tls_is_required_off_this_machine() {
        let of = |url: &str| told(&format!("{ESPO}url = \"{url}\"\nfields = {{ score = \"cScore\" }}\n"));
        for fine in ["https://crm.example.com", "http://127.0.0.1:8080", "http://localhost/espo", "http://[::1]:80"] {
            assert_eq!(of(fine), "", "{fine}");
        }
        for bad in [
            "http://crm.example.com",
            "http://127.0.0.1.evil.com",
            "ftp://a",
            "https://u:p@a.b",
            "http://localhost.b",
            "https://",
        ] {
            assert!(of(bad).contains("`push.crm.url` is "), "{bad}: {}", of(bad));
        }
        assert!(!of("https://user:hush@a.b").contains("hush"));
    }

    #[test]
    fn a_proxy_sees_no_key_and_has_no_password() {
        let of = |url: &str, proxy: &str| {
            told(&format!("{ESPO}url = \"{url}\"\nproxy = \"{proxy}\"\nfields = {{ score = \"cScore\" }}\n"))
        };
        assert_eq!(of("https://crm.example.com", "http://proxy:3128"), "");
        for (url, proxy) in
            [("https://crm.example.com", "http://u:hush@proxy:3128"), ("http://127.0.0.1", "http://proxy:3128")]
        {
            let refused = of(url, proxy);
            assert!(refused.contains("`push.crm.proxy` is ") && !refused.contains("hush"), "{refused}");
        }
    }

    #[test]
    fn espocrm_gets_fewer_requests_at_once_than_it_takes_failed_logins() {
        let of = |parallel: u32, target: &str| {
            let section = ESPO.replace("espocrm", target);
            told(&format!("{section}url = \"https://a.b\"\nparallel = {parallel}\nfields = {{ score = \"cScore\" }}\n"))
        };
        assert_eq!((of(8, "espocrm"), of(32, "odoo")), (String::new(), String::new()));
        assert!(of(9, "espocrm").contains("expected 1 to 8: EspoCRM locks"), "{}", of(9, "espocrm"));
        assert!(of(33, "odoo").contains("expected 1 to 32"), "{}", of(33, "odoo"));
    }

    #[test]
    fn what_a_target_needs_is_asked_for() {
        let fields = "fields = { score = \"cScore\" }\n";
        assert!(told(&format!("[push.f]\ntarget = \"file\"\n{fields}")).contains("`push.f.layout` is absent"));
        assert!(
            told(&format!("[push.v]\ntarget = \"vtiger\"\nurl = \"https://a\"\nsecret = {{ env = \"K\" }}\n{fields}"))
                .contains("push.v.user")
        );
        assert!(
            told(&format!("[push.e]\ntarget = \"espocrm\"\nurl = \"https://a\"\n{fields}")).contains("push.e.secret")
        );
        assert!(
            told(&format!("[push.\"a/b\"]\ntarget = \"file\"\nlayout = \"zoho\"\n{fields}"))
                .contains("a name of letters")
        );
        let alone = "[push.f]\ntarget = \"file\"\nlayout = \"zoho\"\nfields = { scored_at = \"Scored At\" }\n";
        assert!(told(alone).contains("only what goes along"));
        assert!(told(&format!("[push.s]\ntarget = \"sqlite\"\n{fields}")).contains("`push.s.file` is absent"));
        let own = "[push.s]\ntarget = \"sqlite\"\nfile = \"a.db\"\nfields = { probability = \"probability\" }\n";
        assert_eq!(told(own), "", "a table of our own has no field of the CRM's");
        assert!(told(&format!("[push.p]\ntarget = \"postgres\"\n{fields}")).contains("`push.p.url` is absent"));
        let twice = "[push.f]\ntarget = \"file\"\nlayout = \"zoho\"\nfields = { score = \"X\", grade = \"X\" }\n";
        assert!(told(twice).contains("a field of its own"));
    }
}
