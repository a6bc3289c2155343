//! What it says of a deal that the log has no move of it: in a log that tells old stages, and so needs no row for the first
//! one, the deal never moved.
//!
//! The change log and the days of creation in, the day from which silence counts out. Nothing of the as-of day or after it
//! is looked at.

use crate::domain::day::{Day, Moment};
use crate::ingest::tables::Changes;

/// Share of the deals created since the log began that it must name before its silence on others says anything.
const NAMED_SHARE: f64 = 0.2;

/// From which day on a deal the log does not name has never moved, if its silence says so.
///
/// Most deals must begin with a row that tells an old stage: a log with a row for the first stage names every deal it knows.
pub(super) fn silence_counts_since(changes: &Changes, created_at: &[Moment], as_of: Day) -> Option<Day> {
    let tells_old_stages = || (0..changes.len()).any(|row| changes.prior[row] && changes.stage[row].is_some());
    if !changes.prior.contains(&true) || !tells_old_stages() {
        return None;
    }
    let firsts = first_rows(changes, created_at.len(), as_of);
    let named = || firsts.iter().flatten();
    let since = beginning(created_at, &firsts, as_of)?;
    let (mut by_old, mut by_new) = (0_u64, 0_u64);
    for (_, is_new) in named() {
        *(if *is_new { &mut by_new } else { &mut by_old }) += 1;
    }
    let young = created_at.iter().zip(&firsts).filter(|(created, _)| (since..as_of).contains(&created.day()));
    let (all, told) =
        young.fold((0_u64, 0_u64), |(all, told), (_, first)| (all + 1, told + u64::from(first.is_some())));
    (by_old > by_new && told as f64 >= NAMED_SHARE * all as f64).then_some(since)
}

/// The day from which the log tells of moves: that of its first row, or of the first deal where that row comes no later than
/// rows usually come after a deal is created. Then nothing was cut off before it.
fn beginning(created_at: &[Moment], firsts: &[Option<(Moment, bool)>], as_of: Day) -> Option<Day> {
    let first_row = firsts.iter().flatten().map(|(at, _)| *at).min()?.day();
    let first_deal = created_at.iter().min()?.day().min(as_of);
    let told = created_at.iter().zip(firsts).filter_map(|(created, first)| Some((created.day(), (*first)?.0.day())));
    let mut waits: Vec<i32> = told.map(|(created, first)| first.0 - created.0).collect();
    waits.sort_unstable();
    let usual = waits.get(waits.len() / 2).copied().unwrap_or(0);
    Some(if first_row.0 - first_deal.0 <= usual { first_deal } else { first_row })
}

/// Of every deal the first row before the as-of day that names a stage: when, and whether it tells a new one only.
fn first_rows(changes: &Changes, deals: usize, as_of: Day) -> Vec<Option<(Moment, bool)>> {
    let mut firsts = vec![None; deals];
    let counts = |row: &usize| changes.stage[*row].is_some() && changes.at[*row] < as_of.start();
    for row in (0..changes.len()).filter(counts) {
        let told = (changes.at[row], !changes.prior[row]);
        if let Some(first) = firsts.get_mut(changes.deal[row].index())
            && first.is_none_or(|first| told < first)
        {
            *first = Some(told);
        }
    }
    firsts
}
