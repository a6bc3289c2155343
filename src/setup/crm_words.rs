//! What a CRM's own tables say in words of their own: words that mean something else elsewhere, and columns beside the deals
//! that are called like one of theirs.
//!
//! A reading in, settings of the proposal out.

use toml_edit::{Array, Value};

use crate::domain::spelling::key;
use crate::presets::TableRole;
use crate::setup::proposal::{Proposal, Sure};
use crate::setup::recognise::Recognised;

/// Columns beside the deals that are called like one of theirs and say something else.
pub(super) fn ignore_strangers(proposal: &mut Proposal, reading: &Recognised<'_>) {
    let known = |name: &str| reading.table.ignore.iter().any(|other| key(other) == key(name));
    let strangers = reading.file.columns.iter().map(|column| column.name.as_str()).filter(|name| known(name));
    let strangers: Array = strangers.collect();
    if !strangers.is_empty() {
        let why = "they are about the change, not about the deal";
        let source = format!("sources.{}", reading.role());
        proposal.set(&source, "ignore", Value::Array(strangers), why, Sure::Certain);
    }
}

/// Words of the CRM's own that mean something else elsewhere. Those of statuses are settled with the stages.
pub(super) fn propose_words(proposal: &mut Proposal, reading: &Recognised<'_>) {
    let role = reading.role();
    let is_read = |name: &str| !TableRole::BESIDE.contains(&name) && role.has_column(name);
    for (name, words) in reading.table.values.iter().filter(|(name, _)| *name != "status" && is_read(name)) {
        let Some(column) = reading.single(name).and_then(|column| reading.file.column(column)) else { continue };
        let known =
            |word: &String| words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meant)| meant);
        for (word, meant) in column.values.keys().filter_map(|word| Some((word, known(word)?))) {
            let why = format!("{} means {meant} by it", reading.preset.title);
            proposal.set(&format!("sources.{role}.values.{name}"), word, meant.as_str(), why, Sure::Certain);
        }
    }
}
