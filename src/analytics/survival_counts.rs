//! Stays counted by length and ending: the mergeable state behind the survival curves.
//!
//! Integer counts by day, so that shards, threads and machines give the same bytes whatever the order. Estimates nothing.

use super::survival::{CurveStep, ExitCurves};

/// Longest stay told apart, in days (a hundred years); longer ones count as this long.
pub const MAX_DAYS: u32 = 36_525;

/// How a stay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Into a later stage, or won.
    Advance,
    /// Lost.
    Lost,
    /// Into an earlier stage.
    Back,
}

/// What happened on one day of the stays' clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct DayCounts {
    exits: [u64; 3],
    censored: u64,
    /// Stays that are seen from this day on only.
    late: u64,
}

impl DayCounts {
    fn exits(&self) -> u64 {
        self.exits.iter().sum()
    }
}

/// Stays counted by length and ending. Starts empty, merges in any order to the same counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExitCounts {
    days: Vec<DayCounts>,
}

impl ExitCounts {
    /// Adds a stay that ended after `days` days. A negative length counts as 0.
    pub fn push(&mut self, days: i32, cause: Cause) {
        self.at(days).exits[cause as usize] += 1;
    }

    /// Adds a stay still running after `days` full days without an exit. One seen for no full day says nothing.
    ///
    /// It was at risk on days `0..days` and not on day `days`, which has not been observed.
    pub fn push_running(&mut self, days: i32) {
        if days > 0 {
            self.at(days - 1).censored += 1;
        }
    }

    /// Says of one of the stays added that it is seen from day `first` of its clock on only: what ended before then would
    /// not have been added (delayed entry, left truncation). `first` is no later than the day it ended or was last seen.
    pub fn delay(&mut self, first: i32) {
        if first > 0 {
            self.at(first).late += 1;
        }
    }

    /// Adds all stays of `other`.
    pub fn merge(&mut self, other: &Self) {
        if self.days.len() < other.days.len() {
            self.days.resize(other.days.len(), DayCounts::default());
        }
        for (mine, theirs) in self.days.iter_mut().zip(&other.days) {
            mine.censored += theirs.censored;
            mine.late += theirs.late;
            for (exits, more) in mine.exits.iter_mut().zip(theirs.exits) {
                *exits += more;
            }
        }
    }

    /// Stays that ended by `cause`.
    #[must_use]
    pub fn exits(&self, cause: Cause) -> u64 {
        self.days.iter().map(|day| day.exits[cause as usize]).sum()
    }

    /// Stays at risk and exits in whatever way, day by day.
    pub fn by_day(&self) -> impl Iterator<Item = (u64, u64)> {
        let late: u64 = self.days.iter().map(|day| day.late).sum();
        let mut at_risk = self.days.iter().map(|day| day.exits() + day.censored).sum::<u64>() - late;
        self.days.iter().map(move |day| {
            at_risk += day.late;
            let reached = at_risk;
            at_risk -= day.exits() + day.censored;
            (reached, day.exits())
        })
    }

    /// The curves these counts describe.
    #[must_use]
    pub fn finish(&self) -> ExitCurves {
        let stays = self.days.iter().map(|day| day.exits() + day.censored).sum();
        let (mut survival, mut incidence) = (1.0, [0.0; 3]);
        let mut steps = Vec::new();
        for ((day, counts), (at_risk, exits)) in (0_u32..).zip(&self.days).zip(self.by_day()) {
            if exits == 0 {
                continue;
            }
            for (share, exits) in incidence.iter_mut().zip(counts.exits) {
                *share += survival * exits as f64 / at_risk as f64;
            }
            survival *= (at_risk - exits) as f64 / at_risk as f64;
            steps.push(CurveStep { day, at_risk, exits: counts.exits, survival, incidence });
        }
        ExitCurves { stays, steps }
    }

    fn at(&mut self, days: i32) -> &mut DayCounts {
        let day = u32::try_from(days).unwrap_or(0).min(MAX_DAYS) as usize;
        if self.days.len() <= day {
            self.days.resize(day + 1, DayCounts::default());
        }
        &mut self.days[day]
    }
}
