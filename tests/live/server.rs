//! Which server is played with, and which of its deals: from the environment, or a double.

use std::env;
use std::fs;

use libtest_mimic::Failed;

/// A server, a key, the deals that may be written, the fields that take scores.
pub struct LiveServer {
    /// The section of the configuration; the key is in the file `key` beside it.
    pub section: String,
    pub key: String,
    /// Ids that are there.
    pub deals: Vec<String>,
    /// An id that is not.
    pub absent: &'static str,
}

impl LiveServer {
    /// `fields` as `probability=cWinProbability,score=cWinScore`.
    pub fn new(
        target: &str,
        url: &str,
        user: Option<&str>,
        key: &str,
        deals: &str,
        fields: &str,
    ) -> Result<Self, Failed> {
        let deals: Vec<String> = deals.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
        if deals.is_empty() || deals.len() > 20 {
            return Err(
                format!("{} deals are named, expected 1 to 20 ids with commas between them", deals.len()).into()
            );
        }
        let mut section =
            format!("[push.live]\ntarget = \"{target}\"\nurl = \"{url}\"\nsecret = {{ file = \"key\" }}\n");
        user.iter().for_each(|user| section += &format!("user = \"{user}\"\n"));
        section += "[push.live.fields]\n";
        for pair in fields.split(',') {
            let (field, name) = pair.split_once('=').ok_or("expected fields as probability=cWinProbability")?;
            section += &format!("{} = \"{}\"\n", field.trim(), name.trim());
        }
        let absent = if target == "vtiger" { "13x99999999" } else { "00000000dealcast0" };
        Ok(Self { section, key: key.to_owned(), deals, absent })
    }

    /// As `DEALCAST_LIVE_ESPOCRM_URL` and its like say; none where no address is named.
    pub fn from_environment(target: &str) -> Result<Option<Self>, Failed> {
        let name = |part: &str| format!("DEALCAST_LIVE_{}_{part}", target.to_uppercase());
        let Ok(url) = env::var(name("URL")) else { return Ok(None) };
        let of = |part: &str| env::var(name(part)).map_err(|_| Failed::from(format!("{} is not set", name(part))));
        let key = match env::var(name("KEY_FILE")) {
            Ok(file) => fs::read_to_string(&file).map_err(|error| Failed::from(format!("{file}: {error}")))?,
            Err(_) => of("KEY")?,
        };
        let user = if target == "vtiger" { Some(of("USER")?) } else { None };
        Self::new(target, &url, user.as_deref(), key.trim(), &of("DEALS")?, &of("FIELDS")?).map(Some)
    }
}
