//! What a proposal has to say, in sentences: what was recognised, what is not read, what is only likely.

use crate::report::finding::{Finding, Subject};
use crate::setup::proposal::{Proposal, Sure};

/// Everything a person should know before using it.
#[must_use]
pub fn findings(proposal: &Proposal) -> Vec<Finding> {
    let found = proposal.found.iter().map(|line| Finding::info("setup.found", Subject::the("files"), line.as_str()));
    let unread = proposal
        .unread
        .iter()
        .map(|line| Finding::info("setup.unread", Subject::the("files"), format!("not read: {line}")));
    let likely = proposal.uncertain().into_iter().filter(|(_, value)| value.sure == Sure::Likely);
    let likely = likely.map(|(key, value)| {
        let sentence = format!("likely: {key} = {} ({})", value.value, value.why);
        Finding::info("setup.likely", Subject::named("key", key), sentence)
    });
    found.chain(unread).chain(likely).collect()
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
