//! What both halves of following copies need: how the rows of a deal end, and how one of them is told of.

use std::collections::BTreeMap;

use crate::config::{Copies, Rule, Vanished};
use crate::domain::day::{Day, Moment};
use crate::domain::inputs::deals as col;
use crate::domain::stage::StageKind;
use crate::ingest::issues::excerpt;
use crate::ingest::load::deals_part::DealsPart;
use crate::ingest::reject::Reject;
use crate::ingest::twice::Settling;

/// Rows that were rejected, by the id of their deal and the day of their copy.
pub(super) type RejectedInCopies = BTreeMap<String, BTreeMap<Day, Rule>>;

/// What is known of the copies before their rows are looked at.
pub(super) struct CopyRules<'a> {
    /// Whether files are whole tables, or hold what changed.
    pub mode: Copies,
    /// What became of open deals that are gone.
    pub vanished: &'a Vanished,
    /// The days of copies whose row of a deal was rejected, and why.
    pub rejected: &'a RejectedInCopies,
}

/// Dates the end of a deal; the table has closing days from then on.
pub(super) fn set_closed(all: &mut DealsPart, row: usize, day: Day) {
    all.closed[row] = seen_at(all, row, day).into();
    all.present.insert(col::CLOSED_AT);
}

/// The start of `day`, or the hour of creation where that is later.
pub(super) fn seen_at(all: &DealsPart, row: usize, day: Day) -> Moment {
    let start = day.start();
    all.created[row].get().map_or(start, |created| created.max(start))
}

/// From when the first row of a deal counts: the day of its copy; of a deal that was over before, the day it closed, since
/// nothing changed from then on.
pub(super) fn first_known(all: &DealsPart, row: usize) -> Moment {
    let seen = seen_at(all, row, all.copied[row]);
    let closed = all.closed[row].get().filter(|_| is_over(all.outcome[row]));
    closed.map_or(seen, |closed| all.created[row].get().map_or(closed, |created| created.max(closed)).min(seen))
}

/// Whether a deal is won or lost.
pub(super) fn is_over(outcome: Option<StageKind>) -> bool {
    matches!(outcome, Some(StageKind::Won | StageKind::Lost))
}

/// What is said of a row.
pub(super) fn told(all: &DealsPart, row: u32, rule: Rule, reason: String, settling: &Settling<'_>) -> Reject {
    let place = all.places[row as usize];
    Reject {
        file: settling.file(place).to_owned(),
        line: place.line.into(),
        column: "deal_id".to_owned(),
        value: excerpt(all.ids.get(row as usize)),
        reason,
        rule,
    }
}
