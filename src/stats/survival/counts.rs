//! Stays counted by length and ending: the mergeable state behind the survival curves.
//!
//! Integer counts by day, so that shards, threads and machines give the same bytes whatever the order. Estimates nothing.

use super::curves::{CurveStep, ExitCurves};
use super::exit_cause::ExitCause;

/// Longest stay told apart, in days (a hundred years); longer ones count as this long.
pub const MAX_DAYS: u32 = 36_525;

/// What happened on one day of the stays' clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct DayCounts {
    exits: [u64; 3],
    censored: u64,
    /// Stays that are seen from this day on only.
    late: u64,
}

impl DayCounts {
    const NONE: Self = Self { exits: [0; 3], censored: 0, late: 0 };

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
    pub fn push(&mut self, days: i32, cause: ExitCause) {
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
    pub fn exits(&self, cause: ExitCause) -> u64 {
        self.days.iter().map(|day| day.exits[cause as usize]).sum()
    }

    /// Stays at risk and exits in whatever way, day by day.
    pub fn by_day(&self) -> impl Iterator<Item = (u64, u64)> {
        let late: u64 = self.days.iter().map(|day| day.late).sum();
        let mut at_risk = self.stays() - late;
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
        ExitCurves { stays: self.stays(), steps }
    }

    /// The curves of these stays, some of `all`, held towards those of `all`: as if `weight` stays more, which end as those
    /// of `all` do, had been seen on every day (the posterior mean under a beta process prior; Hjort 1990, Annals of
    /// Statistics 18).
    #[must_use]
    pub fn shrunk_towards(&self, all: &Self, weight: f64) -> ExitCurves {
        let (mut survival, mut incidence) = (1.0, [0.0; 3]);
        let mut steps = Vec::new();
        let mut own = self.days.iter().zip(self.by_day());
        for ((day, counts), (reached, exits)) in (0_u32..).zip(&all.days).zip(all.by_day()) {
            let (mine, (at_risk, _)) = own.next().unwrap_or((&DayCounts::NONE, (0, 0)));
            if exits == 0 {
                continue;
            }
            let hazard = |cause: usize| {
                let prior = counts.exits[cause] as f64 / reached as f64;
                (weight * prior + mine.exits[cause] as f64) / (weight + at_risk as f64)
            };
            let hazards = [0, 1, 2].map(hazard);
            incidence.iter_mut().zip(hazards).for_each(|(share, hazard)| *share += survival * hazard);
            survival *= (1.0 - hazards.iter().sum::<f64>()).max(0.0);
            steps.push(CurveStep { day, at_risk, exits: mine.exits, survival, incidence });
        }
        ExitCurves { stays: self.stays(), steps }
    }

    /// Log of the chance of these exits, some of `all`, where each day's shares are scattered around those of `all` as
    /// if `weight` stays had been seen (Dirichlet-multinomial); not scattered at all if `None`.
    #[must_use]
    pub fn log_evidence(&self, all: &Self, weight: Option<f64>) -> f64 {
        let days = self.days.iter().zip(self.by_day()).zip(all.days.iter().zip(all.by_day()));
        days.map(|((mine, (at_risk, exits)), (counts, (reached, all_exits)))| {
            if at_risk == 0 || all_exits == 0 {
                return 0.0;
            }
            // Share of all and number of these that ended in each way, or did not end.
            let stayed = ((reached - all_exits) as f64 / reached as f64, (at_risk - exits) as f64);
            let ended =
                counts.exits.iter().zip(mine.exits).map(|(&all, own)| (all as f64 / reached as f64, own as f64));
            let cells = ended.chain([stayed]).filter(|(share, _)| *share > 0.0);
            match weight {
                None => cells.map(|(share, seen)| if seen > 0.0 { seen * share.ln() } else { 0.0 }).sum::<f64>(),
                Some(k) => {
                    let cells = cells.map(|(share, seen)| libm::lgamma(k * share + seen) - libm::lgamma(k * share));
                    libm::lgamma(k) - libm::lgamma(k + at_risk as f64) + cells.sum::<f64>()
                }
            }
        })
        .sum()
    }

    /// Stays counted.
    fn stays(&self) -> u64 {
        self.days.iter().map(|day| day.exits() + day.censored).sum()
    }

    fn at(&mut self, days: i32) -> &mut DayCounts {
        let day = u32::try_from(days).unwrap_or(0).min(MAX_DAYS) as usize;
        if self.days.len() <= day {
            self.days.resize(day + 1, DayCounts::default());
        }
        &mut self.days[day]
    }
}
