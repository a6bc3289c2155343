//! Do groups of stays differ, and how far should the curve of a small group be shrunk towards that of all?
//!
//! [`ExitCounts`] of all and by group in, a [`Pooling`] out: partial pooling by empirical Bayes. The weight is the one
//! under which the stays are likeliest ([`ExitCounts::log_evidence`]). Knows nothing of deals.

use crate::stats::survival::ExitCounts;

/// Groups beyond so many are names rather than groups.
pub const MOST_GROUPS: usize = 50;
/// Stays that stand behind the curve of all while it is compared with that of one group.
const WEIGHTS: [f64; 6] = [10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0];
/// Log of how much likelier the stays must be with the groups than without.
const EVIDENCE: f64 = 3.0;

/// How much groups say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooling {
    /// Log of how much likelier the stays are when told apart by group.
    pub evidence: f64,
    /// How many stays of all should stand behind those of one group.
    pub weight: f64,
}

impl Pooling {
    /// Of stays in several strata (stages), each with those of its groups; `None` where the groups do not tell them apart.
    #[must_use]
    pub fn learn(all: &[ExitCounts], by_group: &[Vec<ExitCounts>]) -> Option<Self> {
        let without = log_evidence(all, by_group, None);
        let with = WEIGHTS.map(|weight| Self { evidence: log_evidence(all, by_group, Some(weight)) - without, weight });
        let best = with.into_iter().max_by(|a, b| a.evidence.total_cmp(&b.evidence));
        best.filter(|best| best.evidence > EVIDENCE)
    }
}

/// Of all groups of all strata.
fn log_evidence(all: &[ExitCounts], by_group: &[Vec<ExitCounts>], weight: Option<f64>) -> f64 {
    let of_stratum = |(stratum, groups): (&ExitCounts, &Vec<ExitCounts>)| {
        groups.iter().map(|group| group.log_evidence(stratum, weight)).sum::<f64>()
    };
    all.iter().zip(by_group).map(of_stratum).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::survival::ExitCause;

    /// `n` stays that end after `days` days.
    fn stays(n: usize, days: i32) -> ExitCounts {
        let mut counts = ExitCounts::default();
        (0..n).for_each(|_| counts.push(days, ExitCause::Advance));
        counts
    }

    fn pooling(groups: Vec<ExitCounts>) -> Option<Pooling> {
        let mut all = ExitCounts::default();
        groups.iter().for_each(|group| all.merge(group));
        Pooling::learn(&[all], &[groups])
    }

    #[test]
    fn groups_that_differ_are_told_apart_and_equal_ones_are_not() {
        let differ = pooling(vec![stays(100, 5), stays(100, 40)]).expect("they differ");
        assert_eq!(differ.weight, 10.0, "nothing in common: the least pooling there is");
        assert!(differ.evidence > EVIDENCE);
        assert_eq!(pooling(vec![stays(100, 5), stays(100, 5)]), None);
        assert_eq!(pooling(Vec::new()), None);
    }
}
