//! Labels of stages, where the deals have ids and another file the names.

use std::path::Path;

use crate::domain::spelling::key;
use crate::ingest::profile::{Counted, tally};
use crate::setup::proposal::{Proposal, Sure};
use crate::setup::recognise::Recognised;

/// Translates the stages of the deals and of their history to labels, where most of them are ids of the list.
pub(crate) fn settle_labels(proposal: &mut Proposal, deals: &Recognised<'_>, stages: &Recognised<'_>, base: &Path) {
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

/// The labels of the list in its own order, where a column has it; ids too, where the deals have those.
pub(crate) fn in_listed_order(stages: &Recognised<'_>, base: &Path) -> Vec<String> {
    let Some(order) = stages.single("order") else { return Vec::new() };
    let name = stages.single("label").or(stages.single("id")).unwrap_or_default();
    let mut rows: Vec<(f64, String)> = tally(&stages.file.path, base, &[Counted::Cell(order), Counted::Cell(name)])
        .unwrap_or_default()
        .into_keys()
        .filter_map(|cells| Some((cells[0].trim().parse::<f64>().ok()?, cells[1].clone())))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let mut names: Vec<String> = rows.into_iter().map(|(_, name)| name).collect();
    let mut seen: Vec<String> = Vec::new();
    names.retain(|name| {
        let is_new = !seen.contains(&key(name));
        seen.push(key(name));
        is_new
    });
    names
}
