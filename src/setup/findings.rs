//! What a proposal has to say, in sentences: what was recognised, what is not read, what is only likely.

use crate::report::finding::{Finding, Subject};
use crate::report::words::count;
use crate::setup::proposal::{ConfigValue, Proposal, Sure};

/// Likely values that are told one by one; the configuration has the others.
const MOST_TOLD: usize = 6;

/// Everything a person should know before using it.
#[must_use]
pub fn findings(proposal: &Proposal) -> Vec<Finding> {
    let files = |code, sentence: String| Finding::info(code, Subject::the("files"), sentence);
    let found = proposal.found.iter().map(|line| files("setup.found", line.clone()));
    let unread = proposal.unread.iter().map(|line| files("setup.unread", format!("not read: {line}")));
    let doubts = proposal.doubts.iter().map(|line| files("setup.doubt", format!("look at this: {line}")));
    let mut said: Vec<Finding> = found.chain(unread).chain(doubts).collect();
    let likely = likely(proposal);
    let told = likely.iter().take(MOST_TOLD).map(|(key, value)| {
        let sentence = format!("likely: {key} = {} ({})", value.value.to_string().trim(), value.why);
        Finding::info("setup.likely", Subject::named("key", key), sentence)
    });
    said.extend(told);
    if likely.len() > MOST_TOLD {
        let more = count((likely.len() - MOST_TOLD) as u64, "more value");
        said.push(files("setup.likely", format!("{more} only likely: look for \"likely\" in the configuration")));
    }
    said
}

/// The values that are only likely, by their keys.
fn likely(proposal: &Proposal) -> Vec<(String, &ConfigValue)> {
    // what a stage is waits for the answer which one is the won one
    let waits = |key: &str| !proposal.is_decided() && key.starts_with("stages.");
    let all = proposal.uncertain().into_iter();
    all.filter(|(key, value)| value.sure == Sure::Likely && !waits(key)).collect()
}

/// That nothing about the files of a folder is left to guess.
#[must_use]
pub fn all_certain(folder: &str) -> Finding {
    Finding::info(
        "setup.certain",
        Subject::the("files"),
        format!("no configuration: everything about {folder} is certain"),
    )
}
