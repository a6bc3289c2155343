//! A proposal as the text of `dealcast.toml`.

use std::collections::BTreeMap;
use std::fmt::Write;

use toml_edit::Key;

use crate::config::{Config, ConfigError};
use crate::setup::proposal::{ANSWERED, ConfigSection, ConfigValue, Proposal};

const HEAD: &str = "\
# Written by `dealcast init`. Each value says why it stands there and how sure that is: certain, likely or assumed.
# Change what you like: a later `dealcast init` keeps it. `dealcast run` reads this file; `dealcast help inputs` explains it.
";
/// How the lines begin that say what init wrote.
pub(super) const STAMP: &str = "# init wrote ";

/// How the lines begin that say which columns a table's file had.
pub(super) const SAW: &str = "# init saw ";
/// Columns of wider files are not kept in mind.
const MOST_SEEN: usize = 300;

impl Proposal {
    /// The text of the configuration.
    #[must_use]
    pub fn text(&self) -> String {
        render(self)
    }

    /// The configuration itself.
    ///
    /// # Errors
    /// Where an answer is no value the configuration takes.
    pub fn config(&self) -> Result<Config, ConfigError> {
        Config::parse(&self.text(), "the proposal")
    }
}

fn render(proposal: &Proposal) -> String {
    let mut text = HEAD.to_owned();
    for section in &proposal.sections {
        text.push_str(&of_section(section));
    }
    text + &footer(proposal, &stamps(proposal))
}

fn of_section(section: &ConfigSection) -> String {
    let mut text = String::from("\n");
    if !section.comment.is_empty() {
        text.push_str(&comment(&section.comment));
    }
    let is_listed = section.is_listed;
    let name = names_of(&section.name).into_iter().map(|name| Key::new(name).to_string()).collect::<Vec<_>>().join(".");
    text.push_str(&if is_listed { format!("[[{name}]]\n") } else { format!("[{name}]\n") });
    section.settings.iter().for_each(|setting| text.push_str(&of_setting(setting)));
    text
}

/// The names of the tables a section lies in: a column's name may hold dots.
pub(super) fn names_of(section: &str) -> Vec<&str> {
    let most = if section.starts_with("sources.") { 4 } else { usize::MAX };
    section.splitn(most, '.').filter(|name| !name.is_empty()).collect()
}

fn of_setting(setting: &ConfigValue) -> String {
    format!("{}{} = {}\n", reason(setting), Key::new(&setting.key), setting.value)
}

/// The comment above a value.
pub(super) fn reason(setting: &ConfigValue) -> String {
    if setting.why.is_empty() { String::new() } else { comment(&format!("{}: {}", setting.sure.word(), setting.why)) }
}

/// A line that begins with `#` and ends where it should, whatever the cells of a file hold.
pub(super) fn comment(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("# {plain}\n")
}

/// What is read into nothing, and what init wrote.
pub(super) fn footer(proposal: &Proposal, stamps: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    if !proposal.unread.is_empty() {
        text.push_str("\n# Not read:\n");
        proposal.unread.iter().for_each(|line| text.push_str(&comment(&format!("- {line}"))));
    }
    text.push_str("\n# What init wrote, so that it keeps what you change:\n");
    // Writing to a string cannot fail.
    let _ = stamps.iter().try_for_each(|(unit, stamp)| writeln!(text, "{STAMP}{unit} {stamp}"));
    for (table, headers) in proposal.headers.iter().filter(|(_, headers)| headers.len() <= MOST_SEEN) {
        let marks: Vec<String> = headers.iter().map(|header| mark(header)).collect();
        let _ = writeln!(text, "{SAW}{table} {}", marks.join(" "));
    }
    text
}

/// Every unit of the proposal with the stamp of its value: a key, or a whole list.
pub(super) fn stamps(proposal: &Proposal) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for section in &proposal.sections {
        for setting in &section.settings {
            let value = setting.value.to_string();
            // what was answered is the person's own
            if setting.why == ANSWERED && !section.is_listed {
                continue;
            }
            if section.is_listed {
                let _ = write!(values.entry(section.name.clone()).or_default(), "{}={};", setting.key, value.trim());
            } else {
                values.insert(unit(&section.name, &setting.key), value.trim().to_owned());
            }
        }
    }
    values.into_iter().map(|(unit, value)| (unit, stamp(&value))).collect()
}

/// The name of a key among the stamps, without blanks.
pub(super) fn unit(section: &str, key: &str) -> String {
    format!("{section}.{key}").replace(' ', "_")
}

/// A few digits that stand for a header.
pub(super) fn mark(header: &str) -> String {
    stamp(header)[..4].to_owned()
}

/// Eight digits that stand for a value.
pub(super) fn stamp(value: &str) -> String {
    blake3::hash(value.as_bytes()).to_hex()[..8].to_owned()
}
