//! Counts of deals that went from stage to stage and ended there, over a list of stages.

use crate::domain::stage::StageKind;

/// Counts per stage, where a stage is a position in a list of stages.
#[derive(Clone, Debug)]
pub(crate) struct StageMoveCounts {
    stages: usize,
    /// `before[a * stages + b]`: deals that entered `a` for the first time before they entered `b`.
    before: Vec<u32>,
    /// Deals that ended in a stage as won.
    won: Vec<u32>,
    /// Deals that ended there as lost.
    lost: Vec<u32>,
    /// Deals that are open there or went on to another stage.
    went_on: Vec<u32>,
}

impl StageMoveCounts {
    pub fn new(stages: usize) -> Self {
        let none = vec![0; stages];
        Self { stages, before: vec![0; stages * stages], won: none.clone(), lost: none.clone(), went_on: none }
    }

    pub fn merge(mut self, other: &Self) -> Self {
        add(&mut self.before, &other.before);
        add(&mut self.won, &other.won);
        add(&mut self.lost, &other.lost);
        add(&mut self.went_on, &other.went_on);
        self
    }

    /// Counts the stages one deal was in, in time order, each with its rank: of two of one rank nobody knows which came
    /// first.
    pub fn add_path(&mut self, path: &[(u32, usize)]) {
        let is_first = |n: usize| !path[..n].iter().any(|(_, earlier)| *earlier == path[n].1);
        for n in (0..path.len()).filter(|&n| is_first(n)) {
            let (rank, stage) = path[n];
            for m in (0..n).filter(|&m| is_first(m) && path[m].0 < rank) {
                self.before[path[m].1 * self.stages + stage] += 1;
            }
        }
        for pair in path.windows(2).filter(|pair| pair[0].1 != pair[1].1) {
            self.went_on[pair[0].1] += 1;
        }
    }

    /// Counts where one deal ended, or is.
    pub fn add_end(&mut self, stage: usize, outcome: StageKind) {
        let ends = match outcome {
            StageKind::Won => &mut self.won,
            StageKind::Lost => &mut self.lost,
            StageKind::Open => &mut self.went_on,
        };
        ends[stage] += 1;
    }

    /// By how many deals `a` is ahead of `b` in the order of first entries; negative if behind.
    pub fn lead(&self, a: usize, b: usize) -> i64 {
        i64::from(self.before[a * self.stages + b]) - i64::from(self.before[b * self.stages + a])
    }

    /// The outcome of the deals that ended in `stage`, if nine in ten of all that were there ended there with it.
    pub fn outcome(&self, stage: usize) -> Option<StageKind> {
        let [won, lost, went_on] = [&self.won, &self.lost, &self.went_on].map(|ends| u64::from(ends[stage]));
        if is_nine_in_ten(won, lost + went_on) {
            Some(StageKind::Won)
        } else {
            is_nine_in_ten(lost, won + went_on).then_some(StageKind::Lost)
        }
    }
}

fn add(counts: &mut [u32], more: &[u32]) {
    counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
}

fn is_nine_in_ten(part: u64, others: u64) -> bool {
    part > 0 && part >= 9 * others
}
