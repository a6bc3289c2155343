//! How far the histories of other columns go: a log that names a column once is no history of it.
//!
//! Pasts, deals and the deals table in; the same pasts with their coverage out.

use crate::domain::day::Day;
use crate::domain::ids::{DealIx, RowIx};
use crate::domain::stage::StageKind;
use crate::ingest::tables::{Attribute, Deals};
use crate::timeline::deal_history::DealHead;
use crate::timeline::field_past::{FieldPast, FieldPasts};
use crate::timeline::quality::SparseHistory;

/// Share of the closed deals with a value that a log must name before its silence on others says that nothing changed.
const NAMED_SHARE: f64 = 0.2;

/// Notes for every column which share of the closed deals its history covers; returns those it covers too few of.
///
/// Closed deals count that have a value, or a change. A deal is covered that has a change, or was created since the
/// column's first one, once the log names enough deals for its silence to say something.
pub(super) fn measure(fields: &mut FieldPasts, deals: &[DealHead], table: &Deals, as_of: Day) -> Vec<SparseHistory> {
    let mut sparse = Vec::new();
    for (column, past) in fields {
        let attribute = table.attribute(column);
        let share = covered(past, deals, as_of, |row| has_value(attribute, row));
        past.cover(share);
        if !past.covers() {
            sparse.push(SparseHistory { column: column.clone(), percent: (100.0 * share) as u8 });
        }
    }
    sparse
}

fn covered(past: &FieldPast, deals: &[DealHead], as_of: Day, has_value: impl Fn(RowIx) -> bool) -> f64 {
    let first = past.first_day().unwrap_or(Day(i32::MAX));
    let (mut all, mut named, mut covered) = (0_u64, 0_u64, 0_u64);
    for (i, deal) in deals.iter().enumerate().filter(|(_, deal)| deal.kind != StageKind::Open) {
        let is_named = past.names(DealIx::at(i), as_of);
        if is_named || has_value(deal.row) {
            all += 1;
            named += u64::from(is_named);
            covered += u64::from(is_named || deal.created >= first);
        }
    }
    let share = |part: u64| if all == 0 { 1.0 } else { part as f64 / all as f64 };
    if share(named) >= NAMED_SHARE { share(covered) } else { share(named) }
}

fn has_value(attribute: Option<Attribute<'_>>, row: RowIx) -> bool {
    match attribute {
        Some(Attribute::Words(words)) => words.id(row).is_some(),
        Some(Attribute::Numbers(numbers)) => numbers.get(row).is_some_and(f64::is_finite),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::timeline::fixtures::World;

    /// Ten closed deals with a value; the first `named` of them changed it on their fifth day.
    fn world(named: usize, created: impl Fn(usize) -> i32) -> World {
        (0..10).fold(World::default(), |world, i| {
            let mut world = world.deal(&format!("D{i}"), created(i), "Won").closed(created(i) + 9);
            world.deals.last_mut().expect("a deal").extras = vec![("Plan".to_owned(), Some("pro".to_owned()))];
            if i < named { world.set(created(i) + 5, "Plan", None, Some("pro")) } else { world }
        })
    }

    fn covers(world: &World) -> (bool, Vec<(String, u8)>) {
        let timeline = world.timeline(60);
        let sparse = timeline.quality.sparse_histories.iter().map(|of| (of.column.clone(), of.percent));
        (timeline.fields["Plan"].covers(), sparse.collect())
    }

    /// Before: one row made a column's past known.
    #[test]
    fn one_row_is_no_history_and_silence_counts_only_since_the_log_begins() {
        assert_eq!(covers(&world(1, |_| 10)), (false, vec![("Plan".to_owned(), 10)]));
        assert_eq!(
            covers(&world(4, |i| if i == 0 { 1 } else { 10 })),
            (true, Vec::new()),
            "nine since the first change"
        );
        assert_eq!(covers(&world(4, |i| if i < 4 { 30 } else { 10 })), (false, vec![("Plan".to_owned(), 40)]));
        assert_eq!(covers(&world(9, |_| 10)), (true, Vec::new()));
    }
}
