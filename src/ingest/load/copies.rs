//! Dated copies of the deals table: of every deal the newest row counts, and what differs between copies is its history.
//!
//! The rows of all copies ([`DealsPart`], a day per row) in; the rows that count and their [`HistoryColumns`] out. A change is
//! dated on the day of the copy that first shows it: nothing was known of it before. Reads no file.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{ClosedAs, Copies, Rule, RuleSeverity, Vanished};
use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CurrencyId, OwnerId, RowIx, StageNameId};
use crate::domain::inputs::deals as col;
use crate::domain::stage::{StageKind, folded};
use crate::ingest::issues::excerpt;
use crate::ingest::load::deals_part::DealsPart;
use crate::ingest::load::history_part::HistoryColumns;
use crate::ingest::reader::Stop;
use crate::ingest::reject::Reject;
use crate::ingest::tables::{ChangeRow, Changes, FieldChanges};
use crate::ingest::twice::{Claim, Settling};

/// The share of the deals of one copy below which the next one is taken for cut off.
const SHRUNKEN: f64 = 0.5;

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

/// The rows that count, in the order of their ids, and what the others tell.
pub(super) struct Followed {
    pub counting: Vec<u32>,
    /// Ids of deals that were rejected: they are gone.
    pub gone: Vec<String>,
    pub history: HistoryColumns,
}

/// Follows every deal of `all` through the copies. The rows that count may get a status and a closing day.
pub(super) fn follow(
    all: &mut DealsPart,
    rules: &CopyRules<'_>,
    settling: &mut Settling<'_>,
) -> Result<Followed, Stop> {
    let deals = rows_by_deal(all, settling)?;
    let days: Vec<Day> =
        deals.iter().flatten().map(|row| all.copied[*row as usize]).collect::<BTreeSet<_>>().into_iter().collect();
    if rules.mode == Copies::Whole {
        check_sizes(all, &deals, &days, settling)?;
    }
    let (mut kept, mut gone) = (Vec::with_capacity(deals.len()), Vec::new());
    for rows in deals {
        close(all, &rows);
        if end(all, &rows, &days, rules, settling)? {
            kept.push(rows);
        } else {
            gone.extend(rows.first().map(|row| all.ids.get(*row as usize).to_owned()));
        }
    }
    let history = changes_of(all, &kept);
    Ok(Followed { counting: kept.iter().filter_map(|rows| rows.last().copied()).collect(), gone, history })
}

/// The rows of every deal, one per copy, oldest first; deals in the order of their ids.
fn rows_by_deal(all: &DealsPart, settling: &mut Settling<'_>) -> Result<Vec<Vec<u32>>, Stop> {
    let key = |row: u32| (all.ids.get(row as usize), all.copied[row as usize]);
    let mut order: Vec<u32> = (0..all.ids.len() as u32).collect();
    order.sort_by_key(|row| key(*row));
    let mut deals: Vec<Vec<u32>> = Vec::new();
    let mut previous: Option<u32> = None;
    for twice in order.chunk_by(|a, b| key(*a) == key(*b)) {
        let row = match twice {
            [row] => *row,
            _ => one_of(all, twice, settling)?,
        };
        match deals.last_mut().filter(|_| previous.is_some_and(|previous| key(previous).0 == key(row).0)) {
            Some(rows) => rows.push(row),
            None => deals.push(vec![row]),
        }
        previous = Some(row);
    }
    Ok(deals)
}

/// Which of several rows one copy has of one deal.
fn one_of(all: &DealsPart, rows: &[u32], settling: &mut Settling<'_>) -> Result<u32, Stop> {
    let claims: Vec<Claim> = rows.iter().map(|row| all.claim(*row as usize)).collect();
    let counts = settling.counting(&claims.iter().collect::<Vec<_>>(), true)?;
    let counting = rows.iter().zip(counts).find(|(_, counts)| *counts).map(|(row, _)| *row);
    Ok(counting.unwrap_or(rows[0]))
}

/// A copy that holds far fewer deals than the one before was cut off: its missing deals did not vanish.
fn check_sizes(all: &DealsPart, deals: &[Vec<u32>], days: &[Day], settling: &mut Settling<'_>) -> Result<(), Stop> {
    let mut sizes: BTreeMap<Day, (u64, u32)> = BTreeMap::new();
    for row in deals.iter().flatten() {
        let (count, first) = sizes.entry(all.copied[*row as usize]).or_insert((0, *row));
        *count += 1;
        *first = (*first).min(*row);
    }
    for pair in days.windows(2) {
        let (before, (now, first)) = (sizes[&pair[0]].0, sizes[&pair[1]]);
        if (now as f64) < SHRUNKEN * before as f64 {
            let reason =
                format!("the copy of {} holds {now} deals and the one of {} {before}: is it whole?", pair[1], pair[0]);
            let row = told(all, first, Rule::ShrunkenCopy, reason, settling);
            match settling.severity_of(Rule::ShrunkenCopy) {
                RuleSeverity::Warn => settling.warn(row),
                RuleSeverity::Reject | RuleSeverity::Error => return Err(Stop::Error(Box::new(row))),
            }
        }
    }
    Ok(())
}

/// A deal that one copy has as open and a later one as closed, without a day, closed when it was first seen closed.
fn close(all: &mut DealsPart, rows: &[u32]) {
    let Some((&last, earlier)) = rows.split_last() else { return };
    let last = last as usize;
    if all.closed[last].is_some() || !is_over(all.outcome[last]) {
        return;
    }
    let same = earlier.iter().rev().take_while(|row| all.outcome[**row as usize] == all.outcome[last]).count();
    if same == earlier.len() {
        return;
    }
    let since = rows[rows.len() - 1 - same] as usize;
    set_closed(all, last, all.copied[since]);
}

/// Dates the end of a deal; the table has closing days from then on.
fn set_closed(all: &mut DealsPart, row: usize, day: Day) {
    all.closed[row] = seen_at(all, row, day).into();
    all.present.insert(col::CLOSED_AT);
}

/// The start of `day`, or the hour of creation where that is later.
fn seen_at(all: &DealsPart, row: usize, day: Day) -> Moment {
    let start = day.start();
    all.created[row].get().map_or(start, |created| created.max(start))
}

fn is_over(outcome: Option<StageKind>) -> bool {
    matches!(outcome, Some(StageKind::Won | StageKind::Lost))
}

/// Ends a deal that is open in its last row and gone from the copies after; false where its rows are rejected.
fn end(
    all: &mut DealsPart,
    rows: &[u32],
    days: &[Day],
    rules: &CopyRules<'_>,
    settling: &mut Settling<'_>,
) -> Result<bool, Stop> {
    let Some(&last) = rows.last() else { return Ok(false) };
    let row = last as usize;
    let seen = all.copied[row];
    let next = days[days.partition_point(|day| *day <= seen)..].first().copied();
    let later = rules.rejected.get(all.ids.get(row)).and_then(|days| days.range(seen..).next());
    let gone = match (rules.mode, later) {
        (_, Some((day, Rule::Deleted))) => Some(*day),
        // what it says on that day is not known; it is there
        (_, Some(_)) => None,
        (Copies::Whole, None) => next,
        (Copies::Changes, None) => all.gone[row].then_some(seen),
    };
    let Some(gone) = gone.filter(|_| !is_over(all.outcome[row])) else { return Ok(true) };
    let stage = all.stage.name(row).unwrap_or_default().to_owned();
    if let Some(ending) = ending_of(rules.vanished, &stage) {
        all.status[row] = Some(ending.kind());
        all.present.insert(col::STATUS);
        set_closed(all, row, gone);
        return Ok(true);
    }
    let seen = rows.iter().rev().map(|row| all.copied[*row as usize]).find(|day| *day < gone).unwrap_or(seen);
    let reason =
        format!("open in the copy of {seen} and gone from that of {gone}: deleted, merged, or closed elsewhere");
    match settling.severity_of(Rule::Deleted) {
        RuleSeverity::Warn => {
            let row = told(all, last, Rule::Deleted, reason, settling);
            settling.warn(row);
            Ok(true)
        }
        RuleSeverity::Error => Err(Stop::Error(Box::new(told(all, last, Rule::Deleted, reason, settling)))),
        RuleSeverity::Reject => {
            for row in rows {
                let reject = told(all, *row, Rule::Deleted, reason.clone(), settling);
                settling.reject(all.places[*row as usize], reject);
            }
            Ok(false)
        }
    }
}

/// What became of deals that were last seen in `stage`.
fn ending_of(vanished: &Vanished, stage: &str) -> Option<ClosedAs> {
    let named = vanished.iter().find(|(name, _)| folded(name) == folded(stage));
    named.or_else(|| vanished.get_key_value("*")).map(|(_, ending)| *ending)
}

fn told(all: &DealsPart, row: u32, rule: Rule, reason: String, settling: &Settling<'_>) -> Reject {
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

/// What differs from copy to copy, deal by deal in the order of `deals`.
fn changes_of(all: &DealsPart, deals: &[Vec<u32>]) -> HistoryColumns {
    let mut log = CopyLog::new(all);
    let mut fields = FieldChanges::default();
    let changing: Vec<usize> =
        (0..all.attributes()).filter(|at| deals.iter().any(|rows| differs(all, *at, rows))).collect();
    for (deal, rows) in deals.iter().enumerate() {
        let deal = RowIx::at(deal);
        let mut before: Option<usize> = None;
        for row in rows.iter().map(|row| *row as usize) {
            let at = seen_at(all, row, all.copied[row]);
            log.note(deal, at, before, row);
            for attribute in &changing {
                if before.is_none_or(|before| all.attribute(*attribute, before) != all.attribute(*attribute, row)) {
                    let value = all.attribute_text(*attribute, row);
                    fields.push(deal, at, false, all.attribute_name(*attribute), value.as_deref());
                }
            }
            before = Some(row);
        }
    }
    let CopyLog { changes, stages, owners, currencies, .. } = log;
    HistoryColumns::of_copies(changes, stages, owners, currencies, fields)
}

/// Whether an attribute of a deal ever changes.
fn differs(all: &DealsPart, attribute: usize, rows: &[u32]) -> bool {
    rows.windows(2).any(|pair| all.attribute(attribute, pair[0] as usize) != all.attribute(attribute, pair[1] as usize))
}

/// The changes so far, with names of their own.
struct CopyLog<'a> {
    all: &'a DealsPart,
    changes: Changes,
    stages: Dictionary<StageNameId>,
    owners: Dictionary<OwnerId>,
    currencies: Dictionary<CurrencyId>,
}

impl<'a> CopyLog<'a> {
    fn new(all: &'a DealsPart) -> Self {
        let (changes, stages, owners, currencies) = Default::default();
        Self { all, changes, stages, owners, currencies }
    }

    /// When a row's stage changed: a deal closed on the day the row gives, if that lies after the copy before.
    fn stage_changed_at(&self, at: Moment, before: Option<usize>, row: usize) -> Moment {
        let all = self.all;
        let closed = all.closed[row].get().filter(|_| is_over(all.outcome[row]));
        let since = before.map(|before| all.copied[before].plus(1).start());
        match (closed, since) {
            (Some(closed), Some(since)) if since <= closed && closed < at => closed,
            _ => at,
        }
    }

    /// Notes what `row` says otherwise than the row `before`; all it says where there is none.
    fn note(&mut self, deal: RowIx, at: Moment, before: Option<usize>, row: usize) {
        let all = self.all;
        let is_new = |differs: &dyn Fn(usize) -> bool| before.is_none_or(differs);
        let mut change = ChangeRow::empty(deal, at);
        if is_new(&|before| all.stage.codes[before] != all.stage.codes[row]) {
            let moved = ChangeRow {
                stage: all.stage.name(row).map(|name| self.stages.intern(name)).into(),
                ..ChangeRow::empty(deal, self.stage_changed_at(at, before, row))
            };
            if moved.at < at {
                self.changes.push(moved);
            } else {
                change.stage = moved.stage;
            }
        }
        if is_new(&|before| all.owner.codes[before] != all.owner.codes[row]) {
            change.owner = all.owner.name(row).map(|name| self.owners.intern(name)).into();
        }
        let price = |row: usize| (all.amount[row], all.currency.codes[row]);
        if is_new(&|before| price(before) != price(row)) {
            change.amount_minor = all.amount[row];
            change.currency = all.currency.name(row).map(|name| self.currencies.intern(name)).into();
        }
        if is_new(&|before| all.expected_close[before] != all.expected_close[row]) {
            change.expected_close = all.expected_close[row];
        }
        if is_new(&|before| all.category[before] != all.category[row]) {
            change.category = all.category[row];
        }
        if is_new(&|before| all.probability[before] != all.probability[row]) {
            let scale = if all.percent { 100.0 } else { 1.0 };
            change.probability = all.probability[row].get().map(|chance| (chance / scale) as f32).into();
        }
        if !says_nothing(&change) {
            self.changes.push(change);
        }
    }
}

fn says_nothing(change: &ChangeRow) -> bool {
    change.stage.is_none()
        && change.owner.is_none()
        && change.amount_minor.is_none()
        && change.expected_close.is_none()
        && change.category.is_none()
        && change.probability.is_none()
}
