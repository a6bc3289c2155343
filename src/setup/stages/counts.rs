//! The rows of the deals table by stage, and what being in a stage says.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::ColumnNames;
use crate::domain::stage::StageKind;
use crate::ingest::profile::{Counted, tally};
use crate::report::words::count as counted;
use crate::setup::outcomes::{EndDates, OutcomeCells, StageRows, by_name, outcome};
use crate::setup::proposal::Sure;
use crate::setup::recognise::Recognised;

/// Rows by their stage.
pub(crate) type StageCounts = BTreeMap<String, StageRows>;

/// Counts the rows of the deals table by stage and outcome.
pub(crate) fn count(deals: &Recognised<'_>, ends: &EndDates, path: &str, base: &Path) -> StageCounts {
    let single = |name: &str| deals.single(name).unwrap_or_default();
    let closed_at = match deals.columns.get("closed_at") {
        Some(ColumnNames::One(name)) => name.as_str(),
        _ => "",
    };
    let columns = [
        Counted::Cell(single("stage")),
        Counted::Cell(single("is_won")),
        Counted::Cell(single("is_closed")),
        Counted::Cell(single("status")),
        Counted::Filled(closed_at),
        Counted::Filled(single("amount")),
        Counted::Cell(single("probability")),
        Counted::Filled(ends.won.as_deref().unwrap_or_default()),
        Counted::Filled(ends.lost.as_deref().unwrap_or_default()),
    ];
    let values = deals.table.values.get("status").cloned().unwrap_or_default();
    let mut counts = StageCounts::new();
    // A file that cannot be read a second time is told by the trial.
    for (cells, rows) in tally(path, base, &columns).unwrap_or_default() {
        let given = |at: usize| Some(cells[at].as_str()).filter(|cell| !cell.is_empty());
        let outcome = outcome(&OutcomeCells { won: given(1), closed: given(2), status: given(3) }, &values);
        let by_date = match (given(7), given(8)) {
            (Some(_), None) => Some(StageKind::Won),
            (None, Some(_)) => Some(StageKind::Lost),
            _ => None,
        };
        let of_stage = counts.entry(cells[0].clone()).or_default();
        let dated = given(4).is_some() || by_date.is_some();
        of_stage.ended_by_date.0 += if by_date == Some(StageKind::Won) { rows } else { 0 };
        of_stage.ended_by_date.1 += if by_date == Some(StageKind::Lost) { rows } else { 0 };
        of_stage.told += if matches!(outcome, Some(StageKind::Won | StageKind::Lost)) { rows } else { 0 };
        of_stage.add(rows, outcome.or(by_date).or_else(|| by_name(&cells[0])), dated, given(5).is_some());
        if let Some(chance) = given(6).and_then(|cell| cell.trim_end_matches(['%', ' ']).parse::<f64>().ok()) {
            of_stage.chances.0 += chance * rows as f64;
            of_stage.chances.1 += rows;
        }
    }
    forget_kept_stages(&mut counts);
    counts
}

/// Where most deals with the day of an end stand in stages beside open ones, deals keep their last stage: that all deals of
/// another stage have ended is chance then, and says nothing of the stage.
fn forget_kept_stages(counts: &mut StageCounts) {
    let (mut kept, mut ended) = (0, 0);
    for rows in counts.values() {
        let dated = rows.ended_by_date.0 + rows.ended_by_date.1;
        ended += dated;
        kept += if dated < rows.rows { dated } else { 0 };
    }
    if kept * 2 > ended {
        counts.values_mut().for_each(|rows| rows.ended_by_date = (0, 0));
    }
}

impl StageRows {
    fn add(&mut self, rows: u64, outcome: Option<StageKind>, dated: bool, priced: bool) {
        self.rows += rows;
        let closed = match outcome {
            Some(StageKind::Won) => &mut self.won,
            Some(StageKind::Lost) => &mut self.lost,
            Some(StageKind::Open) | None => &mut self.open,
        };
        *closed += rows;
        let is_open = !matches!(outcome, Some(StageKind::Won | StageKind::Lost));
        self.dated += if dated { rows } else { 0 };
        self.open_dated += if dated && is_open { rows } else { 0 };
        self.open_priced += if priced && is_open { rows } else { 0 };
        self.closed_priced += if priced && !is_open { rows } else { 0 };
    }

    pub(crate) fn chance(&self) -> Option<f64> {
        (self.chances.1 > 0).then(|| self.chances.0 / self.chances.1 as f64)
    }
}

/// What being in a stage says, why, and how sure that is.
pub(crate) fn kind_of(name: &str, rows: &StageRows, deals: &Recognised<'_>) -> (StageKind, String, Sure) {
    let StageRows { rows: all, won, lost, open, .. } = *rows;
    if deals.columns.contains_key("is_closed") || deals.columns.contains_key("is_won") {
        let kind = match (won, lost, open) {
            (1.., 0, 0) => StageKind::Won,
            (0, 1.., 0) => StageKind::Lost,
            _ => StageKind::Open,
        };
        let flag = deals.single("is_closed").or(deals.single("is_won")).unwrap_or_default();
        return (
            kind,
            format!("{flag} and its like: {won} won, {lost} lost, {open} open of {}", counted(all, "deal")),
            Sure::Certain,
        );
    }
    if let Some(kind) = by_name(name) {
        return (kind, format!("by its name; {}", counted(all, "deal")), Sure::Certain);
    }
    let (by_won, by_lost) = rows.ended_by_date;
    for (dated, kind, word) in [(by_won, StageKind::Won, "won"), (by_lost, StageKind::Lost, "lost")] {
        // a status tells the outcome better, and a stage with open deals in it is no end
        if dated > 0 && dated == all && rows.told == 0 {
            let why = format!("all of its {} have the day they were {word} on", counted(all, "deal"));
            return (kind, why, Sure::Certain);
        }
    }
    if let Some(status) = deals.single("status") {
        return (
            StageKind::Open,
            format!("{status}: {won} won, {lost} lost, {open} open of {}", counted(all, "deal")),
            Sure::Certain,
        );
    }
    match rows.chance().filter(|_| rows.chances.1 >= 3) {
        Some(chance) if chance >= 100.0 => {
            (StageKind::Won, format!("its {} have a probability of 100", counted(all, "deal")), Sure::Likely)
        }
        Some(0.0) => (StageKind::Lost, format!("its {} have a probability of 0", counted(all, "deal")), Sure::Likely),
        _ => (StageKind::Open, format!("nothing in its name speaks of an end; {}", counted(all, "deal")), Sure::Likely),
    }
}
