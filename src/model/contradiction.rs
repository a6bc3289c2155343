//! Do open deals contradict an evaluation?
//!
//! Out-of-time chances and those of open deals in, a contradiction in words out. Fits nothing.

use crate::domain::day::Day;

/// Open deals, and deals with an out-of-time chance, that a contradiction takes.
const FEWEST: usize = 50;
/// Groups of open deals by age.
const AGE_GROUPS: usize = 6;
/// Tenths of the out-of-time chances.
const TENTHS: usize = 10;
/// How far apart chances may lie, 0 to 1, beyond what they drift by between the older and the newer half of the tested days:
/// total variation distance. Honest worlds reach 0.05, a real pipeline with drift 0.1, undated lists with leaks 0.4.
pub(super) const MOST_APART: f64 = 0.15;

/// How many times as far as the halves of the tested days are from each other the open deals of today may be from all.
const DRIFT_TIMES: f64 = 2.0;

/// A deal on a day: its age, and its chance.
#[derive(Clone, Copy, Debug)]
pub(super) struct AgedChance {
    pub day: Day,
    pub age: i32,
    pub chance: f64,
}

/// How far chances are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Apart {
    /// At the same age, less what chance shows, 0 to 1.
    pub distance: f64,
    /// The same between tested days.
    pub drift: f64,
    /// Mean chance of the open deals, and of those tested.
    open: f64,
    tested: f64,
}

impl Apart {
    /// `None` for too few deals.
    pub fn of(tested: &[AgedChance], open: &[AgedChance]) -> Option<Self> {
        let mean = |of: &[AgedChance]| of.iter().map(|row| row.chance).sum::<f64>() / of.len() as f64;
        let distance = distance(tested, open)?;
        Some(Self { distance, drift: drift(tested), open: mean(open), tested: mean(tested) })
    }

    /// How far beyond what is to be expected.
    pub fn beyond_drift(&self) -> f64 {
        self.distance - DRIFT_TIMES * self.drift
    }

    /// Why the evaluation is not to be believed, where the chances of open deals are unlike those of deals of the same age
    /// that it rests on.
    pub fn contradiction(&self) -> Option<String> {
        tracing::debug!(
            distance = self.distance,
            drift = self.drift,
            "chances of open deals against those evaluated on"
        );
        (self.beyond_drift() > MOST_APART).then(|| {
            format!(
                "the log loss of the evaluation is not to be expected of open deals: their chances are unlike those the model \
                 was evaluated on ({:.0} % apart at the same age, {:.1} % on average against {:.1} %)",
                100.0 * self.distance,
                100.0 * self.open,
                100.0 * self.tested
            )
        })
    }
}

/// The newer half of the tested days against the older one; 0 where there is one day, or too few deals.
fn drift(tested: &[AgedChance]) -> f64 {
    let mut days: Vec<Day> = tested.iter().map(|row| row.day).collect();
    days.sort_unstable();
    let Some(&middle) = days.get(days.len() / 2) else { return 0.0 };
    let (older, newer): (Vec<AgedChance>, Vec<AgedChance>) = tested.iter().copied().partition(|row| row.day < middle);
    distance(&older, &newer).unwrap_or(0.0)
}

/// Total variation distance less what chance would show; `None` for too few deals.
fn distance(tested: &[AgedChance], open: &[AgedChance]) -> Option<f64> {
    if tested.len().min(open.len()) < FEWEST {
        return None;
    }
    let ages = quantiles(open.iter().map(|row| f64::from(row.age)).collect(), AGE_GROUPS);
    let chances = quantiles(tested.iter().map(|row| row.chance).collect(), TENTHS);
    let group = |row: &AgedChance| ages.partition_point(|&edge| edge <= f64::from(row.age));
    let tenth = |row: &AgedChance| chances.partition_point(|&edge| edge <= row.chance);
    let (mut here, mut there) = (vec![0.0; AGE_GROUPS], vec![0.0; AGE_GROUPS]);
    open.iter().for_each(|row| here[group(row)] += 1.0);
    tested.iter().for_each(|row| there[group(row)] += 1.0);
    let (mut then, mut now) = (vec![0.0; TENTHS], vec![0.0; TENTHS]);
    open.iter().filter(|row| there[group(row)] > 0.0).for_each(|row| now[tenth(row)] += 1.0);
    tested.iter().for_each(|row| then[tenth(row)] += here[group(row)] / there[group(row)]);
    let compared: f64 = now.iter().sum();
    if compared < FEWEST as f64 {
        return None;
    }
    let spread = 1.0 / compared + 1.0 / tested.len() as f64;
    let parts = then.iter().zip(&now).map(|(then, now)| {
        let (then, now) = (then / compared, now / compared);
        let share = (then + now) / 2.0;
        // The mean size of a normal error is its deviation times the root of 2 / pi.
        let by_chance = (share * (1.0 - share) * spread).sqrt() * std::f64::consts::FRAC_2_PI.sqrt();
        ((then - now).abs() - by_chance) / 2.0
    });
    Some(parts.sum::<f64>().max(0.0))
}

/// Where all groups of equal size but the first begin.
fn quantiles(mut numbers: Vec<f64>, groups: usize) -> Vec<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> = (1..groups).filter_map(|k| numbers.get(k * numbers.len() / groups)).copied().collect();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(chances: impl Iterator<Item = f64>) -> Vec<AgedChance> {
        chances.enumerate().map(|(i, chance)| AgedChance { day: Day(0), age: (i % 60) as i32, chance }).collect()
    }

    fn contradiction(tested: &[AgedChance], open: &[AgedChance]) -> Option<String> {
        Apart::of(tested, open)?.contradiction()
    }

    #[test]
    fn a_claim_is_withdrawn_where_open_deals_have_chances_no_tested_deal_had() {
        let tested = rows((0..600).map(|i| (i % 100) as f64 / 100.0));
        let alike = rows((0..200).map(|i| (i * 7 % 100) as f64 / 100.0));
        let shifted = rows((0..200).map(|i| 0.1 + 0.9 * (i * 7 % 100) as f64 / 100.0));
        let near_zero = rows((0..200).map(|i| 0.01 + 0.0001 * f64::from(i % 5)));
        assert_eq!(contradiction(&tested, &alike), None);
        assert_eq!(contradiction(&tested, &shifted), None, "a good quarter");
        let words = contradiction(&tested, &near_zero).expect("a contradiction");
        assert!(words.contains("1.0 % on average against 49.5 %"), "{words}");
        assert_eq!(contradiction(&tested, &near_zero[..40]), None, "too few deals");
    }

    #[test]
    fn what_drifts_from_day_to_day_contradicts_nothing() {
        let chance = |i: i32| 0.3 + 0.6 * f64::from(i * 7 % 100) / 100.0;
        let of_day = |day: i32, low: f64| {
            (0..300).map(move |i| AgedChance { day: Day(day), age: i % 60, chance: (chance(i) - low).max(0.01) })
        };
        let open: Vec<AgedChance> = of_day(30, 0.6).collect();
        let steady: Vec<AgedChance> = of_day(10, 0.0).chain(of_day(20, 0.0)).collect();
        let drifting: Vec<AgedChance> = of_day(10, 0.0).chain(of_day(20, 0.3)).collect();
        assert!(contradiction(&steady, &open).is_some());
        assert_eq!(contradiction(&drifting, &open), None);
    }
}
