//! Columns that hold the day a deal entered a stage, one column a stage: as CRMs export them, and as people keep them.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::spelling::key;
use crate::domain::stage::outcome_of_name;
use crate::ingest::profile::ColumnProfile;
use crate::presets::presets;
use crate::setup::made_of::parts;
use crate::setup::proposal::{Proposal, Sure};
use crate::setup::recognise::Recognised;
use crate::setup::stages::headers::by_header;

/// Fewer such columns are no history.
const FEWEST: usize = 2;
/// The columns of the file with the stage each stands for.
pub(super) fn entered_columns(deals: &Recognised<'_>) -> BTreeMap<String, String> {
    let taken: BTreeSet<String> =
        deals.columns.iter().filter(|(name, _)| **name != "closed_at").flat_map(|(_, names)| parts(names)).collect();
    let free: Vec<&ColumnProfile> =
        deals.file.columns.iter().filter(|column| may_be_dates(column) && !taken.contains(&column.name)).collect();
    let by_crm = by_prefix(&free, deals);
    let found = if by_crm.len() >= FEWEST { by_crm } else { by_stages(&free, deals) };
    let open = found.values().filter(|stage| outcome_of_name(stage).is_none()).collect::<BTreeSet<_>>().len();
    if open >= FEWEST {
        return found;
    }
    if deals.columns.contains_key("stage") || deals.columns.contains_key("status") {
        return BTreeMap::new();
    }
    by_header(deals.file)
}

/// A column of dates; where no deal is in a stage yet, an empty one.
fn may_be_dates(column: &ColumnProfile) -> bool {
    !column.name.is_empty() && (column.filled == 0 || column.date_share() >= 0.6)
}

/// By the words CRMs put before the stage.
fn by_prefix(free: &[&ColumnProfile], deals: &Recognised<'_>) -> BTreeMap<String, String> {
    let prefixes: Vec<String> = presets()
        .iter()
        .flat_map(|preset| &preset.tables)
        .flat_map(|table| &table.wide_stage_prefixes)
        .map(|prefix| prefix.to_lowercase())
        .collect();
    let behind = |column: &&ColumnProfile| -> Option<(String, String)> {
        let lower = column.name.to_lowercase();
        let prefix =
            prefixes.iter().filter(|prefix| lower.starts_with(prefix.as_str())).max_by_key(|prefix| prefix.len())?;
        let rest: String = column.name.chars().skip(prefix.chars().count()).collect();
        let stage = own_name(&rest)?;
        let known = known_stage(deals, &stage);
        // a label in quotes, or the id of a stage the deals have
        let is_label = rest.contains(['"', '\u{201c}', '\u{201e}', '\u{ab}', '\'']);
        known.or(is_label.then_some(stage)).map(|stage| (column.name.clone(), stage))
    };
    free.iter().filter_map(behind).collect()
}

/// The stage in `"Demo (Sales Pipeline)"`: without quotes, and without the pipeline behind it.
fn own_name(rest: &str) -> Option<String> {
    let quotes = |c: char| c.is_whitespace() || "\"'\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}:_-".contains(c);
    let stage = rest.trim_matches(quotes);
    let own = stage.strip_suffix(')').and_then(|stage| stage.rfind(" (").map(|at| stage[..at].trim()));
    Some(own.unwrap_or(stage).to_owned()).filter(|stage| !stage.is_empty())
}

/// The stage as the deals spell it.
fn known_stage(deals: &Recognised<'_>, name: &str) -> Option<String> {
    let stages = deals.single("stage").and_then(|stage| deals.file.column(stage))?;
    stages.values.keys().find(|stage| key(stage) == key(name) && !key(name).is_empty()).cloned()
}

/// By the stages the deals are in: what stands around them in the header is the same in each.
fn by_stages(free: &[&ColumnProfile], deals: &Recognised<'_>) -> BTreeMap<String, String> {
    let Some(stages) = deals.single("stage").and_then(|stage| deals.file.column(stage)) else { return BTreeMap::new() };
    let mut by_rest: BTreeMap<(String, String), BTreeMap<String, String>> = BTreeMap::new();
    for column in free {
        let header = key(&column.name);
        let longest = stages.values.keys().filter(|stage| key(stage).len() > 1 && header.contains(&key(stage)));
        let Some(stage) = longest.max_by_key(|stage| key(stage).len()) else { continue };
        let Some((before, behind)) = header.split_once(&key(stage)) else { continue };
        let rest = (before.to_owned(), behind.to_owned());
        by_rest.entry(rest).or_default().insert(column.name.clone(), stage.clone());
    }
    by_rest.into_values().max_by_key(BTreeMap::len).unwrap_or_default()
}

/// Writes which column says when a deal entered which stage.
pub(super) fn propose_entered(proposal: &mut Proposal, deals: &Recognised<'_>, entered: &BTreeMap<String, String>) {
    for (header, stage) in entered {
        let rows = deals.file.column(header).map_or(0, |column| column.filled);
        let label = proposal.text_of("sources.deals.values.stage", stage).unwrap_or(stage).to_owned();
        let why = format!("the day deals entered {stage:?}: {rows} of {} rows have one", deals.file.rows);
        proposal.set("sources.deals.entered", header, label, why, Sure::Certain);
    }
    if !entered.is_empty() {
        let stages: BTreeSet<&String> = entered.values().collect();
        let sentence = format!(
            "{}: {} columns say when deals entered a stage: they are the history",
            deals.file.path,
            stages.len()
        );
        proposal.found.push(sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_stands_in_quotes_before_its_pipeline() {
        assert_eq!(own_name(" \"Demo (Sales Pipeline)\"").as_deref(), Some("Demo"));
        assert_eq!(own_name("_appointmentscheduled").as_deref(), Some("appointmentscheduled"));
    }
}
