//! Could the open deals be a mixture of deals that will be won and deals that will be lost?
//!
//! A column's bins on closed deals with their outcome, and on open deals, in; how far the open deals are from the nearest
//! mixture out. Where closed records alone can be compared, honest columns differ too: open deals may be the better or the
//! worse ones. Then their values are those of won and of lost deals in another proportion (label shift: Saerens, Latinne &
//! Decaestecker 2002). What stands on open deals alone, or no longer stands there, no proportion explains.

use crate::features::leak::compare::Shares;

/// The share to be won among open deals lies between so many times that of closed ones.
const FEWEST_WON: f64 = 0.4;
const MOST_WON: f64 = 1.6;
/// Proportions tried.
const STEPS: u32 = 24;

/// How far open deals are from won and lost ones, mixed in whatever proportion suits them best.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct NearestMixture {
    /// Total variation distance, 0 to 1, less what chance would show.
    pub apart: f64,
    /// Nats per row that rest on values open deals lack, each counted by the share of it they lack: values that are gone count
    /// whole, values that are rarer hardly.
    pub lost: f64,
}

/// The bins of won and of lost deals.
pub(super) struct ByOutcome {
    won: Vec<f64>,
    lost: Vec<f64>,
    /// Share won.
    rate: f64,
}

impl ByOutcome {
    /// Counts the bins of closed deals; the first bin, that of empty cells, only if it is `wanted`.
    pub fn of(bins: &[usize], won: &[bool], count: usize, empty_wanted: bool) -> Self {
        let mut counts = [vec![0.0; count], vec![0.0; count]];
        for (&bin, &won) in bins.iter().zip(won).filter(|(bin, _)| empty_wanted || **bin > 0) {
            counts[usize::from(won)][bin] += 1.0;
        }
        let [lost, won] = counts;
        let [lost_deals, won_deals] = [&lost, &won].map(|counts| counts.iter().sum::<f64>());
        let share = |counts: Vec<f64>, all: f64| counts.into_iter().map(|rows| rows / all.max(1.0)).collect();
        Self {
            rate: won_deals / (won_deals + lost_deals).max(1.0),
            won: share(won, won_deals),
            lost: share(lost, lost_deals),
        }
    }

    /// The nearest mixture to the open deals of `seen`; `by_bin` is what every bin tells.
    pub fn nearest_to(&self, seen: &Shares, by_bin: &[f64]) -> NearestMixture {
        let [from, to] = [FEWEST_WON, MOST_WON].map(|times| (times * self.rate).min(1.0));
        let mixtures =
            (0..=STEPS).map(|step| seen.beside(self.mixed(from + (to - from) * f64::from(step) / f64::from(STEPS))));
        // The mixture of closed deals as it is has weights of its own.
        let start = NearestMixture { apart: seen.distance(), lost: lost(seen, by_bin) };
        mixtures.fold(start, |nearest, mixture| NearestMixture {
            apart: nearest.apart.min(mixture.distance()),
            lost: nearest.lost.min(lost(&mixture, by_bin)),
        })
    }

    fn mixed(&self, won: f64) -> Vec<f64> {
        self.won.iter().zip(&self.lost).map(|(of_won, of_lost)| won * of_won + (1.0 - won) * of_lost).collect()
    }
}

fn lost(shares: &Shares, by_bin: &[f64]) -> f64 {
    shares.gone().iter().zip(by_bin).map(|(gone, telling)| gone * gone * telling).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::leak::compare::Telling;

    /// 400 won and 600 lost deals; a tenth of won and half of lost ones are in bin 1, the others in bin 2.
    fn closed() -> (Vec<usize>, Vec<bool>) {
        (0..1_000).map(|i| (if i % 10 < if i < 400 { 1 } else { 5 } { 1 } else { 2 }, i < 400)).unzip()
    }

    fn nearest(open: &[usize]) -> NearestMixture {
        let (bins, won) = closed();
        let told = Telling::of(&bins, &won, 4);
        let weights = |rows: &[usize]| vec![1.0; rows.len()];
        let rows = [bins.len() as f64, open.len() as f64];
        let seen = Shares::of(&bins, &weights(&bins), open, &weights(open), 4, rows);
        ByOutcome::of(&bins, &won, 4, true).nearest_to(&seen, &told.by_bin)
    }

    #[test]
    fn worse_deals_are_a_mixture_and_other_values_are_not() {
        // 42 % of these in bin 1: 20 % will be won. Of closed deals 34 % are.
        let worse: Vec<usize> = (0..1_000).map(|i| if i % 50 < 21 { 1 } else { 2 }).collect();
        assert!(nearest(&worse).apart < 1e-9, "{:?}", nearest(&worse));
        // A third has a value no closed deal has.
        let other: Vec<usize> = (0..999).map(|i| 1 + i % 3).collect();
        assert!(nearest(&other).apart > 0.25, "{:?}", nearest(&other));
    }

    #[test]
    fn what_is_gone_counts_whole_and_what_is_rarer_hardly() {
        let gone = nearest(&[2; 1_000]);
        let rarer: Vec<usize> = (0..1_000).map(|i| if i % 10 == 0 { 1 } else { 2 }).collect();
        assert!(gone.lost > 0.03 && nearest(&rarer).lost < 0.5 * gone.lost, "{gone:?} {:?}", nearest(&rarer));
    }
}
