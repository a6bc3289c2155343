//! Labels of stages, where the deals have ids and another file the names.

use std::path::Path;

use crate::ingest::profile::{Counted, tally};
use crate::setup::proposal::{Proposal, Sure};
use crate::setup::recognise::Recognised;

/// Translates the stages of the deals and of their history to labels, where most of them are ids of the list.
pub(super) fn settle_labels(proposal: &mut Proposal, deals: &Recognised<'_>, stages: &Recognised<'_>, base: &Path) {
    let of = |name: &str| stages.single(name).map(str::to_owned);
    let (Some(id), Some(label)) = (of("id"), of("label")) else { return };
    let used = deals.single("stage").and_then(|stage| deals.file.column(stage));
    let (Some(used), Some(ids)) = (used, stages.file.column(&id)) else { return };
    if used.is_covered_by(ids) < 0.5 {
        proposal.unread.push(format!("{}: the deals have none of its stages", stages.file.path));
        return;
    }
    let rows = tally(&stages.file.path, base, &[Counted::Cell(&id), Counted::Cell(&label)]).unwrap_or_default();
    let why = format!("{} calls it so", stages.file.name);
    for cells in rows.into_keys().filter(|cells| used.values.contains_key(&cells[0]) && !cells[1].is_empty()) {
        proposal.set("sources.deals.values.stage", &cells[0], cells[1].as_str(), why.clone(), Sure::Certain);
        proposal.set("sources.stage_history.values.stage", &cells[0], cells[1].as_str(), why.clone(), Sure::Certain);
    }
}
