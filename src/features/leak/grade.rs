//! How strong the evidence is: by how much a column's values on open deals differ, times what it tells of the outcome.
//!
//! A column and the [`Grounds`] in, a [`Grade`] out, with the evidence in words. No cliff: a small gap in a column that
//! tells much weighs as a wide gap in one that tells little.

use crate::features::leak::bins::{CellBins, ColumnCell, Holds};
use crate::features::leak::contrast::{Contrast, Lessons};
use crate::features::leak::fill::{MIN_DEALS, percent};
use crate::features::leak::grounds::{Grounds, Learnt, Like, Seen};
use crate::features::leak::growth::Growth;
use crate::features::leak::values::{ColumnValues, Values};

/// Distance times the root of what is told (in nats), where both samples speak, from which a column is a leak, and from
/// which it is suspect. On worlds of 1,500 to 6,000 deals honest columns stay below the first, most below the second.
const LEAK_PULL: f64 = 0.025;
const SUSPECT_PULL: f64 = 0.012;
/// The same for nats that rest on values open deals lack.
const LEAK_LOST: f64 = 0.01;
const SUSPECT_LOST: f64 = 0.003;
/// Nats lost where one sample alone speaks: a change over the years may explain some of it.
const LEAK_LOST_ALONE: f64 = 0.03;
const SUSPECT_LOST_ALONE: f64 = 0.006;
/// Where closed deals alone speak: distance from the nearest mixture of won and lost ones, less the usual one of all
/// columns, times what is told to the power of three quarters. Honest columns of 16 tables (open: a random part, the newest,
/// rather the good, rather the bad ones), of 12 made lists and of Contoso stay below the second, but for two of 1,220.
const LEAK_PULL_ALONE: f64 = 0.012;
const SUSPECT_PULL_ALONE: f64 = 0.009;
/// By how much less a column counts that tells little: where closed deals alone speak such columns differ most.
const TOLD_POWER: f64 = 0.5;
const TOLD_POWER_ALONE: f64 = 0.75;
/// The same for nats that rest on values open deals lack.
const LEAK_LOST_MIXTURE: f64 = 0.002;
const SUSPECT_LOST_MIXTURE: f64 = 0.001;
/// Pull against past days alone of a number that grows with age.
const LEAK_PULL_OF_COUNTER: f64 = 0.05;

/// Distance from past days below which nothing has been added up since.
const ALIKE: f64 = 0.05;

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// Both samples were compared, and nothing was found.
    Cleared,
    /// Too few deals, or one sample alone.
    Untold,
    /// Named, and kept.
    Suspect,
    /// Not to be used.
    Leak,
}

/// What was found on a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grade {
    /// By what the column says on its own.
    tier: Tier,
    /// How far open deals are from the nearer of the samples, whatever the direction: 0 to 1, less what chance and drift show.
    pub distance: f64,
    /// What it tells of the outcome or of the time left, in nats.
    told: f64,
    compared: Compared,
    /// What it takes off the log loss on its own, in nats.
    pub worth: f64,
    /// In words; empty where nothing was found.
    pub evidence: String,
    /// Whether deals of the same age had the same values on past days: what grows with age there is a plan.
    pub as_in_the_past: bool,
}

/// What open deals could be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    /// Past days and closed deals, by numbers.
    Numbers,
    /// The same, by levels or dates.
    Levels,
    /// Closed deals alone, as in a list.
    Closed,
    /// Too little to go by distance.
    Nothing,
}

impl Grade {
    pub fn of(values: &ColumnValues, grounds: &Grounds, growth: Option<Growth>) -> Self {
        let Contrasts { aged, created, same_bins } = Contrasts::of(values, grounds);
        let of_past = "deals of the same age on past days";
        let one = aged.as_ref().or(created.as_ref());
        let (worth, told) = one.map_or((0.0, 0.0), |contrast| (contrast.outcome.worth, told(contrast)));
        let (tier, compared, distance, evidence) = match (&aged, &created) {
            (Some(aged), Some(created)) => {
                let tier = tier_of_both(aged, created, same_bins).max(tier_of_counter(aged, growth));
                let numbers = same_bins && matches!(values.values, Values::Numbers(_));
                let compared = if numbers { Compared::Numbers } else { Compared::Levels };
                let distance = (aged.apart - 2.0 * aged.drift).min(created.apart);
                (tier, compared, distance, words(aged, values, of_past))
            }
            (Some(one), None) => {
                (tier_of_one(one), Compared::Nothing, one.apart - one.drift, words(one, values, of_past))
            }
            (None, Some(one)) => {
                let distance = one.mixture.apart - one.drift;
                (tier_of_mixture(one), Compared::Closed, distance, words(one, values, "closed deals"))
            }
            (None, None) => (Tier::Untold, Compared::Nothing, 0.0, String::new()),
        };
        let as_in_the_past = aged.as_ref().is_some_and(|aged| aged.apart < ALIKE);
        Self { tier, distance: distance.max(0.0), told, compared, worth, evidence, as_in_the_past }
    }

    /// The tier beside other columns: `usual` is a distance that is nothing out of the ordinary among them.
    ///
    /// Shares, rates and means of a deal's days move both ways as it grows old, so that open deals may lie beyond the one
    /// sample and short of the other: of numbers the direction does not count.
    pub fn tier_beside(&self, usual: f64) -> Tier {
        let pull = self.pull(usual);
        match self.compared {
            Compared::Numbers => tier(pull >= LEAK_PULL, pull >= SUSPECT_PULL, self.tier).max(self.tier),
            Compared::Closed => tier(pull >= LEAK_PULL_ALONE, pull >= SUSPECT_PULL_ALONE, self.tier).max(self.tier),
            Compared::Levels | Compared::Nothing => self.tier,
        }
    }

    /// Distance beyond `usual`, times a power of what is told.
    pub fn pull(&self, usual: f64) -> f64 {
        let power = if self.is_alone() { TOLD_POWER_ALONE } else { TOLD_POWER };
        (self.distance - usual).max(0.0) * self.told.powf(power)
    }

    /// Whether closed deals alone could be compared with.
    pub fn is_alone(&self) -> bool {
        self.compared == Compared::Closed
    }
}

fn tier(is_leak: bool, is_suspect: bool, otherwise: Tier) -> Tier {
    if is_leak {
        Tier::Leak
    } else if is_suspect {
        Tier::Suspect
    } else {
        otherwise
    }
}

/// What sets open deals apart from both samples, in the same direction, and is no drift between past days.
fn tier_of_both(aged: &Contrast, created: &Contrast, same_bins: bool) -> Tier {
    let (apart, lost) = if same_bins {
        (aged.apart_from_both(created) - aged.drift, aged.lost_to_both(created))
    } else {
        ((aged.apart - aged.drift).min(created.apart), aged.lost().min(created.lost()))
    };
    let pull = apart.max(0.0) * told(aged).sqrt();
    tier(pull >= LEAK_PULL || lost >= LEAK_LOST, pull >= SUSPECT_PULL || lost >= SUSPECT_LOST, Tier::Cleared)
}

/// Deals created together have counted as long, so that closed and open ones look alike: past days must tell.
fn tier_of_counter(aged: &Contrast, growth: Option<Growth>) -> Tier {
    let pull = (aged.apart - 2.0 * aged.drift).max(0.0) * told(aged).sqrt();
    let is_leak = growth.is_some_and(Growth::is_some) && pull >= LEAK_PULL_OF_COUNTER;
    tier(is_leak, false, Tier::Cleared)
}

fn tier_of_one(one: &Contrast) -> Tier {
    let lost = if one.drift > 0.5 * one.apart { 0.0 } else { one.lost() };
    tier(lost >= LEAK_LOST_ALONE, lost >= SUSPECT_LOST_ALONE, Tier::Untold)
}

/// Values that are gone whatever part of the open deals will be won.
fn tier_of_mixture(one: &Contrast) -> Tier {
    let lost = if one.drift > 0.5 * one.apart { 0.0 } else { one.mixture.lost };
    tier(lost >= LEAK_LOST_MIXTURE, lost >= SUSPECT_LOST_MIXTURE, Tier::Untold)
}

/// What is told of the outcome, or half of what is told of the time left: that matters where the horizon is short.
fn told(contrast: &Contrast) -> f64 {
    contrast.outcome.worth.max(contrast.timing.worth / 2.0)
}

/// A column on both samples, where they are large enough. Dates are read differently on each; of other columns the bins
/// are the same, and the samples can be held against each other.
struct Contrasts {
    aged: Option<Contrast>,
    created: Option<Contrast>,
    same_bins: bool,
}

impl Contrasts {
    fn of(values: &ColumnValues, grounds: &Grounds) -> Self {
        let enough = |like: &&Like| is_enough(like, &grounds.learnt);
        let aged = grounds.aged.as_ref().filter(enough).map(|like| Sample::of(like, |row| values.on_the_day(row)));
        let created =
            grounds.created.as_ref().filter(enough).map(|like| Sample::of(like, |row| values.as_it_stands(row.deal)));
        let same_bins = values.dates.is_empty();
        let shared = match (&aged, &created) {
            (Some(aged), Some(created)) if same_bins => {
                Some(CellBins::of(&[aged.then.as_slice(), &created.then].concat(), &aged.now))
            }
            _ => None,
        };
        let contrast = |sample: Sample<'_>, lessons: &Lessons| {
            let bins = shared.clone().unwrap_or_else(|| CellBins::of(&sample.then, &sample.now));
            Contrast::of(&bins, sample.like, &sample.then, &sample.now, lessons)
        };
        Self {
            aged: aged.map(|sample| contrast(sample, &lessons(&grounds.learnt, |row| values.on_the_day(row.seen)))),
            created: created
                .map(|sample| contrast(sample, &lessons(&grounds.learnt, |row| values.as_it_stands(row.seen.deal)))),
            same_bins,
        }
    }
}

/// A sample's cells, and those of the open deals that are its like.
struct Sample<'a> {
    like: &'a Like,
    then: Vec<ColumnCell>,
    now: Vec<ColumnCell>,
}

impl<'a> Sample<'a> {
    fn of(like: &'a Like, cell: impl Fn(Seen) -> ColumnCell) -> Self {
        let cells = |rows: &[Seen]| rows.iter().map(|&row| cell(row)).collect();
        Self { then: cells(&like.rows), now: cells(&like.open), like }
    }
}

fn lessons(learnt: &[Learnt], cell: impl Fn(&Learnt) -> ColumnCell) -> Lessons {
    Lessons {
        cells: learnt.iter().map(cell).collect(),
        won: learnt.iter().map(|row| row.won).collect(),
        soon: learnt.iter().map(|row| row.soon).collect(),
    }
}

fn is_enough(like: &Like, learnt: &[Learnt]) -> bool {
    let won = learnt.iter().filter(|row| row.won).count();
    let fewest = MIN_DEALS as usize;
    like.open.len() >= fewest && won >= fewest && learnt.len() - won >= fewest && like.worth >= MIN_DEALS as f64
}

/// The evidence in words: the value that weighs most, on both samples.
fn words(contrast: &Contrast, values: &ColumnValues, sample: &str) -> String {
    let bin = contrast.strongest();
    let (then, now) = (contrast.all.then[bin], contrast.all.now[bin]);
    if let Holds::Nothing = contrast.holds[bin] {
        let (then, now) = (percent(1.0 - then), percent(1.0 - now));
        return format!(
            "filled on {then} of {sample} and {now} of today's open ones: what stands there now did not stand there then"
        );
    }
    let won = if contrast.lost[bin] > 0.0 {
        format!(" ({} of them won)", percent(contrast.outcome.rates[bin]))
    } else {
        String::new()
    };
    let what = named(&contrast.holds[bin], values);
    format!(
        "{what} on {} of {sample}{won} and {} of today's open ones: what stands there now did not stand there then",
        percent(then),
        percent(now)
    )
}

fn named(holds: &Holds, values: &ColumnValues) -> String {
    match *holds {
        Holds::Nothing => "nothing".to_owned(),
        Holds::Level(level) => format!("{:?}", values.names.get(level).map_or("", String::as_str)),
        Holds::Rare => "a rare value".to_owned(),
        Holds::Numbers(from, below) if !values.dates.is_empty() => days(from, below),
        Holds::Numbers(from, below) if below.is_finite() => format!("{from:.4} to {below:.4}"),
        Holds::Numbers(from, _) => format!("{from:.4} or more"),
    }
}

/// Dates are read as the logarithm of days before the day.
fn days(from: f64, below: f64) -> String {
    let days = |x: f64| x.exp_m1().round();
    if below.is_finite() {
        format!("a date {} to {} days before", days(from), days(below))
    } else {
        format!("a date {} days or more before", days(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grade(compared: Compared, distance: f64) -> Grade {
        let evidence = "differs".to_owned();
        Grade { tier: Tier::Cleared, distance, told: 0.1, compared, worth: 0.1, evidence, as_in_the_past: false }
    }

    #[test]
    fn a_number_is_a_leak_by_its_distance_beyond_what_is_usual() {
        let shares = grade(Compared::Numbers, 0.15);
        assert_eq!([0.0, 0.1, 0.2].map(|usual| shares.tier_beside(usual)), [Tier::Leak, Tier::Suspect, Tier::Cleared]);
        assert_eq!(grade(Compared::Levels, 0.15).tier_beside(0.0), Tier::Cleared, "levels count by direction");
        let alone = grade(Compared::Closed, 0.08);
        // python3: 0.08 * 0.1 ** 0.75 -> 0.0142, 0.055 * 0.1 ** 0.75 -> 0.0098
        assert_eq!(
            [0.0, 0.025, 0.06].map(|usual| alone.tier_beside(usual)),
            [Tier::Leak, Tier::Suspect, Tier::Cleared]
        );
    }
}
