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
    /// Deals that are known to be open there.
    open: Vec<u32>,
}

impl StageMoveCounts {
    pub fn new(stages: usize) -> Self {
        let none = vec![0; stages];
        Self {
            stages,
            before: vec![0; stages * stages],
            won: none.clone(),
            lost: none.clone(),
            went_on: none.clone(),
            open: none,
        }
    }

    pub fn merge(mut self, other: &Self) -> Self {
        add(&mut self.before, &other.before);
        add(&mut self.won, &other.won);
        add(&mut self.lost, &other.lost);
        add(&mut self.went_on, &other.went_on);
        add(&mut self.open, &other.open);
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
    pub fn add_end(&mut self, stage: usize, outcome: StageKind, is_open: bool) {
        let ends = match outcome {
            StageKind::Won => &mut self.won,
            StageKind::Lost => &mut self.lost,
            StageKind::Open => &mut self.went_on,
        };
        ends[stage] += 1;
        self.open[stage] += u32::from(is_open);
    }

    /// By how many deals `a` is ahead of `b` in the order of first entries; negative if behind.
    pub fn lead(&self, a: usize, b: usize) -> i64 {
        i64::from(self.before[a * self.stages + b]) - i64::from(self.before[b * self.stages + a])
    }

    /// The outcome of the deals that ended in `stage`, if no deal is open there, if nine in ten of all that were there ended
    /// there with it, and if nine in ten of all deals with that outcome in `stages` did: where they stand in many stages, a
    /// CRM keeps the status apart and leaves closed deals where they were.
    pub fn outcome(&self, stage: usize, stages: &[usize]) -> Option<StageKind> {
        let [won, lost, went_on] = [&self.won, &self.lost, &self.went_on].map(|ends| u64::from(ends[stage]));
        let others = stages.iter().filter(|&&i| i != stage);
        let elsewhere = |ends: &[u32]| -> u64 { others.clone().map(|&i| u64::from(ends[i])).sum() };
        if self.open[stage] > 0 {
            None
        } else if is_nine_in_ten(won, lost + went_on) {
            is_nine_in_ten(won, elsewhere(&self.won)).then_some(StageKind::Won)
        } else {
            let ends_there = is_nine_in_ten(lost, won + went_on) && is_nine_in_ten(lost, elsewhere(&self.lost));
            ends_there.then_some(StageKind::Lost)
        }
    }
}

fn add(counts: &mut [u32], more: &[u32]) {
    counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
}

fn is_nine_in_ten(part: u64, others: u64) -> bool {
    part > 0 && part >= 9 * others
}
