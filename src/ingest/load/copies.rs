//! Dated copies of the deals table: of every deal the newest row counts, and what differs between copies is its history.
//!
//! The rows of all copies ([`DealsPart`], a day per row) in; the rows that count and their [`HistoryColumns`] out. A change is
//! dated on the day of the copy that first shows it: nothing was known of it before. Reads no file.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Copies, Rule, RuleSeverity};
use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CurrencyId, OwnerId, RowIx, StageNameId};
use crate::domain::inputs::deals as col;
use crate::ingest::layout::day_in_name;
use crate::ingest::load::copy_rows::{CopyRules, first_known, is_over, seen_at, set_closed, told};
use crate::ingest::load::deals_part::DealsPart;
use crate::ingest::load::history_part::HistoryColumns;
use crate::ingest::load::new_ids::{new_ids, under_new_ids};
use crate::ingest::load::renamed_stages::renamed_stages;
use crate::ingest::load::vanished::{Fate, end, leavers};
use crate::ingest::reader::Stop;
use crate::ingest::reject::Reject;
use crate::ingest::tables::{ChangeRow, Changes, FieldChanges};
use crate::ingest::twice::{Claim, Settling};

/// The share of the deals of one copy below which the next one is taken for cut off.
const SHRUNKEN: f64 = 0.5;

/// The rows that count, in the order of their ids, and what the others tell.
pub(super) struct Followed {
    pub counting: Vec<u32>,
    /// Deals that count until a day, on which they are gone.
    pub gone: BTreeMap<RowIx, Day>,
    /// Ids of deals that are gone and never count.
    pub rejected: Vec<String>,
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
        tell_empty(all, rules, settling)?;
    }
    renamed_stages(all, &deals).into_iter().for_each(|renamed| settling.assume(renamed));
    let new_ids = new_ids(all, &deals, &days, &leavers(all, &deals, &days, rules));
    under_new_ids(all, &new_ids).into_iter().for_each(|told| settling.assume(told));
    let (mut kept, mut gone, mut rejected) = (Vec::with_capacity(deals.len()), BTreeMap::new(), Vec::new());
    for rows in deals {
        close(all, &rows);
        match end(all, &rows, &days, rules, &new_ids, settling)? {
            Fate::Rejected => {
                rejected.extend(rows.first().map(|row| all.ids.get(*row as usize).to_owned()));
                continue;
            }
            Fate::Gone(day) => _ = gone.insert(RowIx::at(kept.len()), day),
            Fate::Stays => {}
        }
        kept.push(rows);
    }
    let history = changes_of(all, &kept, settling)?;
    let counting = kept.iter().filter_map(|rows| rows.last().copied()).collect();
    Ok(Followed { counting, gone, rejected, history })
}

/// Says which copies hold no deal: nothing is known of that day.
fn tell_empty(all: &DealsPart, rules: &CopyRules<'_>, settling: &mut Settling<'_>) -> Result<(), Stop> {
    let filled: BTreeSet<u32> = all.places.iter().map(|place| place.file).collect();
    let rejected: BTreeSet<Day> = rules.rejected.values().flat_map(BTreeMap::keys).copied().collect();
    for (file, name) in settling.file_names().into_iter().enumerate() {
        let is_rejected = day_in_name(&name).is_some_and(|day| rejected.contains(&day));
        if !filled.contains(&(file as u32)) && !is_rejected {
            let reason = "it holds no deal: passed over, as if there were no copy of that day".to_owned();
            let rule = Rule::EmptyCopy;
            let row = Reject { file: name, line: 1, column: String::new(), value: String::new(), reason, rule };
            settling.tell(row)?;
        }
    }
    Ok(())
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
    for (at, pair) in days.windows(2).enumerate() {
        let (before, (now, first)) = (sizes[&pair[0]].0, sizes[&pair[1]]);
        let is_small = |size: u64| (size as f64) < SHRUNKEN * before as f64;
        if is_small(now) {
            let holds = format!("the copy of {} holds {now} deals and the one of {} {before}", pair[1], pair[0]);
            let whole_again = days[at + 2..].iter().find(|later| !is_small(sizes[later].0));
            let reason = match whole_again {
                Some(later) => format!("{holds}: it was cut off, that of {later} is whole again"),
                None => format!("{holds}: is it whole?"),
            };
            let row = told(all, first, Rule::ShrunkenCopy, reason, settling);
            match settling.severity_of(Rule::ShrunkenCopy) {
                RuleSeverity::Warn => settling.warn(row),
                // what it lacks is there again
                _ if whole_again.is_some() => settling.warn(row),
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

/// What differs from copy to copy, deal by deal in the order of `deals`.
fn changes_of(all: &DealsPart, deals: &[Vec<u32>], settling: &mut Settling<'_>) -> Result<HistoryColumns, Stop> {
    let mut log = CopyLog::new(all);
    let mut fields = FieldChanges::default();
    let changing: Vec<usize> =
        (0..all.attributes()).filter(|at| deals.iter().any(|rows| differs(all, *at, rows))).collect();
    for (deal, rows) in deals.iter().enumerate() {
        let deal = RowIx::at(deal);
        let mut before: Option<usize> = None;
        for row in rows.iter().map(|row| *row as usize) {
            let at = before.map_or_else(|| first_known(all, row), |_| seen_at(all, row, all.copied[row]));
            log.note(deal, at, before, row);
            if let Some(before) = before {
                tell_emptied(all, before, row, settling)?;
            }
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
    Ok(HistoryColumns::of_copies(changes, stages, owners, currencies, fields))
}

/// Says which values of the row `before` are gone from `row`: what they were goes on counting.
fn tell_emptied(all: &DealsPart, before: usize, row: usize, settling: &mut Settling<'_>) -> Result<(), Stop> {
    let emptied = [
        (col::AMOUNT, all.amount[before].is_some() && all.amount[row].is_none()),
        (col::EXPECTED_CLOSE_DATE, all.expected_close[before].is_some() && all.expected_close[row].is_none()),
        (col::OWNER, all.owner.codes[before].is_some() && all.owner.codes[row].is_none()),
        (col::FORECAST_CATEGORY, all.category[before].is_some() && all.category[row].is_none()),
        (col::PROBABILITY, all.probability[before].is_some() && all.probability[row].is_none()),
    ];
    for (field, _) in emptied.into_iter().filter(|(_, emptied)| *emptied) {
        let reason = format!("filled in the copy of {} and empty in that of {}", all.copied[before], all.copied[row]);
        let reject = told(all, row as u32, Rule::EmptiedCell, reason, settling);
        settling.tell(Reject { column: col::SPEC.columns[field].name.to_owned(), value: String::new(), ..reject })?;
    }
    Ok(())
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
