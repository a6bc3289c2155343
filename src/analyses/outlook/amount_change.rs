//! What becomes of a deal's amount on the way to its win?
//!
//! Won deals of the last two years, looked at every 30 days before they were won: the amount won over the amount that
//! stood there then. Deals grow, or are discounted; both the mean and the spread count.

use crate::analyses::outlook::distribution::Atom;
use crate::domain::stage::StageKind;
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

/// Days back to wins that still tell.
pub(super) const MEMORY_DAYS: i32 = 730;
/// Days between two looks at a deal.
pub(super) const EVERY_DAYS: i32 = 30;
/// Looks at one deal, at most.
pub(super) const LOOKS: i32 = 6;
/// Ratios below and above count as these.
const BOUNDS: (f64, f64) = (0.05, 10.0);
/// Looks needed to say anything.
const FEWEST: usize = 50;
/// Values the distribution is summed up in.
const ATOMS: usize = 3;

/// The amount won over the present amount; empty where amounts have no history or never change.
pub(super) fn amount_changes(timeline: &Timeline, snapshot: &Snapshot, admits: &[bool]) -> Vec<Atom> {
    let mut ratios = Vec::new();
    let admitted = snapshot.states.iter().zip(admits).filter(|(_, admitted)| **admitted);
    for state in admitted.map(|(state, _)| state).filter(|state| state.kind == StageKind::Won) {
        let Some((closed, amount)) = state.closed.get().zip(state.amount_minor.get()) else { continue };
        if amount <= 0 || closed < snapshot.as_of.plus(-MEMORY_DAYS) {
            continue;
        }
        let steps = timeline.steps_of(state.deal);
        for look in 1..=LOOKS {
            let day = closed.plus(-look * EVERY_DAYS);
            if day <= state.created {
                break;
            }
            let known = steps.partition_point(|step| step.at.day() < day);
            // amounts of two currencies do not compare
            let then = known.checked_sub(1).map(|last| &steps[last]);
            let of_deal = || timeline.head(state.deal).currency;
            let then = then.filter(|step| step.currency.get().unwrap_or_else(of_deal) == state.currency);
            let then = then.and_then(|step| step.amount_minor.get());
            if let Some(then) = then.filter(|then| *then > 0) {
                ratios.push((amount as f64 / then as f64).clamp(BOUNDS.0, BOUNDS.1));
            }
        }
    }
    if ratios.len() < FEWEST || ratios.iter().all(|ratio| *ratio == 1.0) {
        return Vec::new();
    }
    atoms(ratios, ATOMS)
}

/// `values` in `n` equal parts, each as its mean.
pub(super) fn atoms(mut values: Vec<f64>, n: usize) -> Vec<Atom> {
    values.sort_unstable_by(f64::total_cmp);
    let bound = |k: usize| k * values.len() / n;
    let parts = (0..n).map(|k| &values[bound(k)..bound(k + 1)]).filter(|part| !part.is_empty());
    parts
        .map(|part| Atom {
            value: part.iter().sum::<f64>() / part.len() as f64,
            share: part.len() as f64 / values.len() as f64,
        })
        .collect()
}
