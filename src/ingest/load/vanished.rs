//! Deals that are open in one dated copy and gone from the next: what becomes of them.
//!
//! The rows of one deal in; its [`Fate`] out, with the status and the day its last row gets where the configuration knows.

use crate::config::{ClosedAs, Copies, Rule, RuleSeverity, Vanished};
use crate::domain::day::Day;
use crate::domain::inputs::deals as col;
use crate::domain::stage::folded;
use crate::ingest::load::copy_rows::{CopyRules, is_over, set_closed, told};
use crate::ingest::load::deals_part::DealsPart;
use crate::ingest::load::new_ids::NewIds;
use crate::ingest::reader::Stop;
use crate::ingest::twice::Settling;

/// How a deal stands after the last copy.
pub(super) enum Fate {
    /// It is there, or over.
    Stays,
    /// It counts until that day.
    Gone(Day),
    /// Its rows are rejected.
    Rejected,
}

/// The deals that are open in their last row and gone from the copies after: that row, and the day since when.
pub(super) fn leavers(all: &DealsPart, deals: &[Vec<u32>], days: &[Day], rules: &CopyRules<'_>) -> Vec<(u32, Day)> {
    let last = deals.iter().filter_map(|rows| rows.last().copied());
    let open = last.filter(|row| !is_over(all.outcome[*row as usize]));
    open.filter_map(|row| Some((row, gone_on(all, row as usize, days, rules)?))).collect()
}

/// Ends a deal that is open in its last row and gone from the copies after.
pub(super) fn end(
    all: &mut DealsPart,
    rows: &[u32],
    days: &[Day],
    rules: &CopyRules<'_>,
    new_ids: &NewIds,
    settling: &mut Settling<'_>,
) -> Result<Fate, Stop> {
    let Some(&last) = rows.last() else { return Ok(Fate::Rejected) };
    let row = last as usize;
    let Some(gone) = gone_on(all, row, days, rules).filter(|_| !is_over(all.outcome[row])) else {
        return Ok(Fate::Stays);
    };
    let stage = all.stage.name(row).unwrap_or_default().to_owned();
    if let Some(ending) = ending_of(rules.vanished, &stage) {
        all.status[row] = Some(ending.kind());
        all.present.insert(col::STATUS);
        set_closed(all, row, gone);
        return Ok(Fate::Stays);
    }
    let reason = vanished_reason(all, rows, gone, new_ids);
    match settling.severity_of(Rule::VanishedDeal) {
        RuleSeverity::Warn | RuleSeverity::Error => {
            let row = told(all, last, Rule::VanishedDeal, reason, settling);
            settling.tell(row)?;
            Ok(Fate::Gone(gone))
        }
        RuleSeverity::Reject => {
            for row in rows {
                let reject = told(all, *row, Rule::VanishedDeal, reason.clone(), settling);
                settling.reject(all.places[*row as usize], reject);
            }
            Ok(Fate::Rejected)
        }
    }
}

/// The day of the first copy without a deal whose last row is `row`, if there is one.
fn gone_on(all: &DealsPart, row: usize, days: &[Day], rules: &CopyRules<'_>) -> Option<Day> {
    let seen = all.copied[row];
    let rejected = rules.rejected.get(all.ids.get(row)).and_then(|days| days.range(seen..).next_back());
    match (rules.mode, rejected) {
        (_, Some((day, Rule::Deleted))) => Some(*day),
        // a rejected row says that the deal was still there on that day, and no more
        (Copies::Whole, _) => {
            let there = rejected.map_or(seen, |(day, _)| *day);
            days[days.partition_point(|day| *day <= there)..].first().copied()
        }
        (Copies::Changes, Some(_)) => None,
        (Copies::Changes, None) => all.gone[row].then_some(seen),
    }
}

/// What is said of a deal that is gone, with the id it may have now.
fn vanished_reason(all: &DealsPart, rows: &[u32], gone: Day, new_ids: &NewIds) -> String {
    let seen = rows.iter().rev().map(|row| all.copied[*row as usize]).find(|day| *day < gone).unwrap_or(gone);
    let new = rows.last().and_then(|row| Some((all.ids.get(*row as usize), all.ids.get(*new_ids.get(row)? as usize))));
    let why = match new {
        Some((id, new)) => format!(
            "{new:?} is new there, with its name and day of creation: values.deal_id = {{ {id:?} = {new:?} }} makes them one"
        ),
        None => "deleted, merged, or closed elsewhere".to_owned(),
    };
    format!("open in the copy of {seen} and gone from that of {gone}: {why}")
}

/// What became of deals that were last seen in `stage`.
fn ending_of(vanished: &Vanished, stage: &str) -> Option<ClosedAs> {
    let named = vanished.iter().find(|(name, _)| folded(name) == folded(stage));
    named.or_else(|| vanished.get_key_value("*")).map(|(_, ending)| *ending)
}
