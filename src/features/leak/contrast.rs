//! One column on one pair of samples: how far apart they are, and what is lost of what the column tells.

use crate::features::leak::bins::{CellBins, ColumnCell, Holds};
use crate::features::leak::compare::{Shares, Telling};
use crate::features::leak::grounds::Like;
use crate::features::leak::mixture::{ByOutcome, NearestMixture};

/// A column on a sample and on the open deals that are its like.
pub(super) struct Contrast {
    /// What the bins hold.
    pub holds: Vec<Holds>,
    /// Shares of all cells; the first bin is that of empty ones.
    pub all: Shares,
    /// The same, or those of the filled cells alone where open deals are the fuller ones.
    judged: Shares,
    /// How far apart the samples are, 0 to 1, less what noise explains.
    pub apart: f64,
    /// How far the older half of the sample is from the newer, less what noise explains.
    pub drift: f64,
    /// What the column tells of the outcome.
    pub outcome: Telling,
    /// How much of that the open deals surely lack, per bin.
    pub lost: Vec<f64>,
    /// What it tells of the time that is left.
    pub timing: Telling,
    /// How far open deals are from won and lost ones in any proportion.
    pub mixture: NearestMixture,
}

/// Cells of the rows something is learnt from, with what became of them.
pub(super) struct Lessons {
    pub cells: Vec<ColumnCell>,
    pub won: Vec<bool>,
    /// Rows of which the days left are known, and whether they closed sooner than half of them.
    pub soon: Option<Vec<bool>>,
}

impl Contrast {
    /// `then` has one cell per row of the sample, `now` one per open deal that is its like.
    pub fn of(bins: &CellBins, like: &Like, then: &[ColumnCell], now: &[ColumnCell], lessons: &Lessons) -> Self {
        let count = bins.holds.len();
        let (then, now) = (bins.each(then), bins.each(now));
        let open = like.open.len() as f64;
        let all = Shares::of(&then, &like.weights, &now, &vec![1.0; now.len()], count, [like.worth, open]);
        // Where open deals are the fuller ones, absence is taken as neutral, and says nothing.
        let is_fuller = all.now[0] < all.then[0];
        let judged = if is_fuller { all.clone().of_filled() } else { all.clone() };
        let learnt = bins.each(&lessons.cells);
        let outcome = Telling::of(&learnt, &lessons.won, count);
        let timing = lessons.soon.as_ref().map(|soon| Telling::of(&learnt, soon, count)).unwrap_or_default();
        let lost = judged.gone().iter().zip(&outcome.by_bin).map(|(gone, telling)| gone * telling).collect();
        let (apart, drift) = (judged.distance(), drift(like, &then, count));
        let mixture = ByOutcome::of(&learnt, &lessons.won, count, !is_fuller).nearest_to(&judged, &outcome.by_bin);
        Self { apart, drift, holds: bins.holds.clone(), all, judged, outcome, lost, timing, mixture }
    }

    /// Nats per row that rest on values open deals do not have.
    pub fn lost(&self) -> f64 {
        self.lost.iter().sum()
    }

    /// How far open deals are from both samples, 0 to 1: the same bins are too full, or too empty, beside the one and beside
    /// the other.
    pub fn apart_from_both(&self, other: &Self) -> f64 {
        let pairs = self.judged.excess().into_iter().zip(other.judged.excess());
        let shared = pairs.map(|(a, b)| if a * b > 0.0 { a.abs().min(b.abs()) } else { 0.0 });
        shared.sum::<f64>() / 2.0
    }

    /// The nats that are lost beside both samples.
    pub fn lost_to_both(&self, other: &Self) -> f64 {
        self.lost.iter().zip(&other.lost).map(|(a, b)| a.min(*b)).sum()
    }

    /// The bin that weighs most: of what is lost, else of what sets the samples apart.
    pub fn strongest(&self) -> usize {
        let apart = |bin: usize| (self.all.then[bin] - self.all.now[bin]).abs();
        let by = |a: &usize, b: &usize| self.lost[*a].total_cmp(&self.lost[*b]).then(apart(*a).total_cmp(&apart(*b)));
        (0..self.holds.len()).max_by(by).unwrap_or(0)
    }
}

/// The older half of the sample's days against the newer half; 0 where all are seen on one day.
fn drift(like: &Like, bins: &[usize], count: usize) -> f64 {
    let mut days: Vec<i32> = like.rows.iter().map(|row| row.day.0).collect();
    days.sort_unstable();
    let Some(&middle) = days.get(days.len() / 2).filter(|middle| days[0] < **middle) else { return 0.0 };
    let half = |newer: bool| -> Vec<f64> {
        let rows = like.rows.iter().zip(&like.weights);
        rows.map(|(row, &weight)| if (row.day.0 >= middle) == newer { weight } else { 0.0 }).collect()
    };
    Shares::of(bins, &half(false), bins, &half(true), count, [like.worth / 2.0; 2]).distance()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::features::leak::grounds::Seen;

    /// Before: an undated list drifted by all it holds, and no evidence was left.
    #[test]
    fn rows_of_one_day_do_not_drift() {
        let rows = |days: [i32; 4]| days.iter().enumerate().map(|(deal, &day)| Seen { deal, day: Day(day) }).collect();
        let like = |days| Like { rows: rows(days), weights: vec![1.0; 4], open: Vec::new(), worth: 400.0 };
        assert_eq!(drift(&like([0; 4]), &[0, 0, 1, 1], 2), 0.0);
        assert!(drift(&like([0, 0, 9, 9]), &[0, 0, 1, 1], 2) > 0.8);
    }
}
