//! Which server is played with, and which of its deals: from the environment, or a double.

use std::env;
use std::fs;

use libtest_mimic::Failed;

/// A server, a key, the deals that may be written, the fields that take scores.
pub struct LiveServer {
    pub target: String,
    pub url: String,
    /// The section of the configuration; the key is in the file `key` beside it.
    pub section: String,
    pub key: String,
    /// Ids that are there.
    pub deals: Vec<String>,
    /// An id that is not.
    pub absent: &'static str,
}

/// Most deals of a play.
const MOST_DEALS: usize = 20;

impl LiveServer {
    /// `fields` as `probability=cWinProbability,score=cWinScore`; `more` are lines of the section.
    pub fn new(target: &str, url: &str, key: &str, deals: &str, fields: &str, more: &str) -> Result<Self, Failed> {
        let deals: Vec<String> = deals.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
        if deals.is_empty() || deals.len() > MOST_DEALS {
            let told =
                format!("{} deals are named, expected 1 to {MOST_DEALS} ids with commas between them", deals.len());
            return Err(told.into());
        }
        let mut section =
            format!("[push.live]\ntarget = \"{target}\"\nurl = \"{url}\"\nsecret = {{ file = \"key\" }}\n{more}");
        section += "[push.live.fields]\n";
        for pair in fields.split(',') {
            let (field, name) = pair.split_once('=').ok_or("expected fields as probability=cWinProbability")?;
            section += &format!("{} = \"{}\"\n", field.trim(), name.trim());
        }
        let absent = if target == "vtiger" { "13x99999999" } else { "00000000dealcast0" };
        Ok(Self { target: target.to_owned(), url: url.to_owned(), section, key: key.to_owned(), deals, absent })
    }

    /// As `DEALCAST_LIVE_ESPOCRM_URL` and its like say; none where no address is named.
    pub fn from_environment(target: &str) -> Result<Option<Self>, Failed> {
        let name = |part: &str| format!("DEALCAST_LIVE_{}_{part}", target.to_uppercase());
        let Ok(url) = env::var(name("URL")) else { return Ok(None) };
        let needed: &[(&str, &str)] = match target {
            "vtiger" => &[
                ("USER", "the user whose access key it is"),
                ("DEALS", "ids of test deals: 13x2,13x5"),
                ("FIELDS", "custom fields: probability=cf_857,score=cf_859"),
            ],
            _ => &[
                ("DEALS", "ids of test deals, with commas between them"),
                ("FIELDS", "custom fields: probability=cWinProbability,score=cWinScore"),
            ],
        };
        let is_absent = |part: &str| env::var(name(part)).is_err();
        let mut absent: Vec<String> = needed
            .iter()
            .filter(|(part, _)| is_absent(part))
            .map(|(part, what)| format!("{} is not set ({what})", name(part)))
            .collect();
        if is_absent("KEY") && is_absent("KEY_FILE") {
            absent.push(format!("neither {} nor {} is set", name("KEY_FILE"), name("KEY")));
        }
        if !absent.is_empty() {
            return Err(absent.join("; ").into());
        }
        let of = |part: &str| env::var(name(part)).unwrap_or_default();
        let key = match env::var(name("KEY_FILE")) {
            Ok(file) => fs::read_to_string(&file).map_err(|error| Failed::from(format!("{file}: {error}")))?,
            Err(_) => of("KEY"),
        };
        let user = (target == "vtiger").then(|| format!("user = \"{}\"\n", of("USER")));
        let bulk_from = (!is_absent("BULK_FROM")).then(|| format!("bulk_from = {}\n", of("BULK_FROM")));
        let more: String = user.into_iter().chain(bulk_from).collect();
        Self::new(target, &url, key.trim(), &of("DEALS"), &of("FIELDS"), &more).map(Some)
    }

    /// How somebody empties what the play has filled.
    pub fn how_to_empty(&self) -> &'static str {
        match self.target.as_str() {
            "vtiger" => {
                "To empty the fields: mark the deals in the list of opportunities, Edit (mass edit), and empty them there."
            }
            _ => {
                "To empty the fields: mark the deals in the list of opportunities, Actions > Mass Update, and leave the value empty; \
                  imports, where some were played, under Import > Remove Import Log."
            }
        }
    }
}
