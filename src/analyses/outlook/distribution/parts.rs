//! What a sum is made of, and what a value of the common factor makes of it.

use rayon::prelude::*;

use crate::analyses::outlook::distribution::ingredients::{Atom, Ingredients, OpenProspect};
use crate::domain::probability::{logistic, logit};

/// Deals of at most this share of the spread of their like enter by their cumulants.
const SMALL: f64 = 0.2;
/// From so many small deals on their cases are worth threads.
const MANY: usize = 2_000;
/// Cases from so many on have the sums of their small deals interpolated between as many nodes.
const SUMMED_CASES: usize = 24;
/// Fewer new deals than this are none.
pub(super) const NO_NEW: f64 = 1e-4;
/// Standard deviations of room on either side of the mean.
const ROOM: f64 = 9.0;
/// Below this a chance is none.
pub(super) const NO_CHANCE: f64 = 1e-9;

/// One value of the factor, and what follows from it.
pub(super) struct FactorCase {
    /// Standard deviations away from none.
    pub(super) shift: f64,
    pub(super) weight: f64,
    /// Chances of the large deals under it.
    pub(super) chances: Vec<f64>,
    /// The first four cumulants of the sum of the small ones.
    pub(super) small: [f64; 4],
    pub(super) new_deals: f64,
}

/// The ingredients, cleaned.
pub(super) struct Parts<'a> {
    pub(super) deals: &'a [OpenProspect],
    /// Log-odds that give the chances back once the factor is integrated out.
    log_odds: Vec<f64>,
    pub(super) changes: &'a [Atom],
    most_change: f64,
    /// Mean of the powers 1 to 4 of the changes.
    change_powers: [f64; 4],
    pub(super) new_deals: f64,
    pub(super) new_amounts: &'a [Atom],
    pub(super) factor_sd: f64,
}

pub(super) const UNCHANGED: [Atom; 1] = [Atom { value: 1.0, share: 1.0 }];

impl<'a> Parts<'a> {
    pub(super) fn of(ingredients: &Ingredients<'a>) -> Self {
        // E logistic(x + s z) = logistic(x / sqrt(1 + pi s^2 / 8)) to a few thousandths (MacKay 1992).
        let stretch = (1.0 + std::f64::consts::PI * ingredients.factor_sd.powi(2) / 8.0).sqrt();
        let changes = if ingredients.changes.is_empty() { &UNCHANGED } else { ingredients.changes };
        let power = |k: i32| changes.iter().map(|change| change.share * change.value.powi(k)).sum();
        Self {
            log_odds: ingredients.deals.iter().map(|deal| stretch * logit(deal.chance)).collect(),
            deals: ingredients.deals,
            changes,
            most_change: changes.iter().map(|change| change.value.abs()).fold(0.0, f64::max),
            change_powers: [1, 2, 3, 4].map(power),
            new_deals: if ingredients.new_amounts.is_empty() { 0.0 } else { ingredients.new_deals.max(0.0) },
            new_amounts: ingredients.new_amounts,
            factor_sd: ingredients.factor_sd,
        }
    }

    /// The deals that are not small against the spread of all that are as small.
    pub(super) fn large(&self) -> Vec<usize> {
        let size = |i: usize| self.deals[i].amount.abs();
        let mut order: Vec<usize> = (0..self.deals.len()).collect();
        order.sort_by(|&a, &b| size(a).total_cmp(&size(b)));
        let (mut variance, mut small) = (0.0, 0);
        for (k, &i) in order.iter().enumerate() {
            let OpenProspect { amount, chance } = self.deals[i];
            variance += self.moments_of(amount, chance).1;
            if size(i) * self.most_change <= SMALL * f64::max(variance, 0.0).sqrt() {
                small = k + 1;
            }
        }
        order.split_off(small)
    }

    /// The largest amount every sum is a multiple of; 0 where amounts are no whole minor units.
    pub(super) fn lattice(&self) -> f64 {
        let deals = self.deals.iter().filter(|deal| deal.chance > NO_CHANCE);
        let won = deals.flat_map(|deal| self.changes.iter().map(|change| deal.amount * change.value));
        let new = self.new_amounts.iter().filter(|_| self.new_deals >= NO_NEW).map(|atom| atom.value);
        let mut divisor = 0_u64;
        for amount in won.chain(new) {
            if (amount - amount.round()).abs() > 1e-6 {
                return 0.0;
            }
            let mut rest = amount.round().abs() as u64;
            while rest != 0 {
                (divisor, rest) = (rest, divisor % rest);
            }
            if divisor == 1 {
                break;
            }
        }
        divisor as f64
    }

    fn new_power(&self, k: i32) -> f64 {
        self.new_amounts.iter().map(|atom| atom.share * atom.value.powi(k)).sum()
    }

    /// Mean and variance of what one deal adds.
    fn moments_of(&self, amount: f64, chance: f64) -> (f64, f64) {
        let [first, second, ..] = self.change_powers;
        let mean = chance * amount * first;
        (mean, chance * amount * amount * second - mean * mean)
    }

    /// Mean and variance of the sum where the factor is none.
    pub(super) fn calm_moments(&self) -> (f64, f64) {
        let new = (self.new_deals * self.new_power(1), self.new_deals * self.new_power(2));
        self.deals.iter().fold(new, |sum, deal| {
            let of = self.moments_of(deal.amount, deal.chance);
            (sum.0 + of.0, sum.1 + of.1)
        })
    }

    /// How far the mean goes with the factor.
    pub(super) fn pull(&self) -> f64 {
        let of_deal = |deal: &OpenProspect| deal.chance * (1.0 - deal.chance) * deal.amount * self.change_powers[0];
        self.deals.iter().map(of_deal).sum::<f64>() + self.new_deals * self.new_power(1)
    }

    /// Values of the factor with their weights: Gauss-Hermite where it adds little to the spread, else steps fine enough
    /// that the cases blend into each other.
    pub(super) fn nodes(&self) -> Vec<(f64, f64)> {
        let moved = self.factor_sd * self.pull().abs();
        let ratio = moved / self.calm_moments().1.sqrt().max(f64::MIN_POSITIVE);
        if self.factor_sd == 0.0 {
            return vec![(0.0, 1.0)];
        }
        if ratio <= 0.5 {
            return HERMITE_3.to_vec();
        }
        if ratio <= 0.7 {
            return HERMITE_4.to_vec();
        }
        let steps = (9.0 * ratio.clamp(1.0, 40.0)).ceil();
        let density = |z: f64| (-z * z / 2.0).exp();
        let points: Vec<f64> = (0..=steps as i32).map(|i| -4.5 + 9.0 * f64::from(i) / steps).collect();
        let total: f64 = points.iter().map(|&z| density(z)).sum();
        points.into_iter().map(|z| (z, density(z) / total)).collect()
    }

    /// The chance of a deal under a value of the factor.
    fn chance(&self, i: usize, shift: f64) -> f64 {
        if self.factor_sd == 0.0 { self.deals[i].chance } else { logistic(self.log_odds[i] + self.factor_sd * shift) }
    }

    /// The first four cumulants of the sum of the small deals under each value of the factor. They are so smooth in it
    /// (the next pole of a logistic is pi away) that many are read off a polynomial through few: within a ten-millionth.
    pub(super) fn small_sums(&self, shifts: &[f64], small: &[usize]) -> Vec<[f64; 4]> {
        let sums = |shifts: &[f64]| -> Vec<[f64; 4]> {
            // Each is summed up on its own: the number of threads changes nothing.
            let of = |&shift: &f64| self.small_sum(shift, small);
            if small.len() > MANY { shifts.par_iter().map(of).collect() } else { shifts.iter().map(of).collect() }
        };
        if shifts.len() <= SUMMED_CASES {
            return sums(shifts);
        }
        let far = shifts.iter().map(|shift| shift.abs()).fold(0.0, f64::max);
        let angle = |k: usize| (k as f64 + 0.5) / SUMMED_CASES as f64 * std::f64::consts::PI;
        let nodes: Vec<f64> = (0..SUMMED_CASES).map(|k| far * angle(k).cos()).collect();
        let known = sums(&nodes);
        // Barycentric interpolation in Chebyshev's nodes (Berrut and Trefethen 2004).
        let weight = |k: usize| angle(k).sin() * if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        let between = |&shift: &f64| {
            if let Some(at) = nodes.iter().position(|&node| node == shift) {
                return known[at];
            }
            let (mut sums, mut total) = ([0.0; 4], 0.0);
            for (k, known) in known.iter().enumerate() {
                let pull = weight(k) / (shift - nodes[k]);
                total += pull;
                sums.iter_mut().zip(known).for_each(|(sum, known)| *sum += pull * known);
            }
            sums.map(|sum| sum / total)
        };
        shifts.iter().map(between).collect()
    }

    fn small_sum(&self, shift: f64, small: &[usize]) -> [f64; 4] {
        let mut sums = [0.0; 4];
        for &i in small.iter().filter(|&&i| self.deals[i].chance > NO_CHANCE) {
            let (amount, chance) = (self.deals[i].amount, self.chance(i, shift));
            let moment = |k: usize| chance * amount.powi(k as i32 + 1) * self.change_powers[k];
            let (a, b, c, d) = (moment(0), moment(1), moment(2), moment(3));
            sums[0] += a;
            sums[1] += b - a * a;
            sums[2] += c - 3.0 * a * b + 2.0 * a.powi(3);
            sums[3] += d - 4.0 * a * c - 3.0 * b * b + 12.0 * a * a * b - 6.0 * a.powi(4);
        }
        sums
    }

    /// What a value of the factor makes of the deals, `small` being the cumulants of the small ones under it.
    pub(super) fn case(&self, shift: f64, weight: f64, large: &[usize], small: [f64; 4]) -> FactorCase {
        let sd = self.factor_sd;
        FactorCase {
            shift,
            weight,
            chances: large.iter().map(|&i| self.chance(i, shift)).collect(),
            small,
            new_deals: self.new_deals * (sd * shift - sd * sd / 2.0).exp(),
        }
    }

    /// Mean and variance of the sum in one case.
    pub(super) fn moments(&self, case: &FactorCase, large: &[usize]) -> (f64, f64) {
        let new = (case.new_deals * self.new_power(1), case.new_deals * self.new_power(2));
        let start = (new.0 + case.small[0], new.1 + case.small[1]);
        large.iter().zip(&case.chances).fold(start, |sum, (&i, &chance)| {
            let of = self.moments_of(self.deals[i].amount, chance);
            (sum.0 + of.0, sum.1 + of.1)
        })
    }

    /// From where to where the sum can be, as far as it matters.
    pub(super) fn range(&self, cases: &[FactorCase], large: &[usize]) -> (f64, f64) {
        let (mut lowest, mut highest) = (0.0, 0.0);
        for deal in self.deals.iter().filter(|deal| deal.chance > NO_CHANCE) {
            let ends = self.changes.iter().map(|change| deal.amount * change.value);
            lowest += ends.clone().fold(0.0, f64::min);
            highest += ends.fold(0.0, f64::max);
        }
        let no_credit = self.new_amounts.iter().all(|atom| atom.value >= 0.0);
        if self.new_deals >= NO_NEW {
            highest = f64::INFINITY;
            lowest = if no_credit { lowest } else { f64::NEG_INFINITY };
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        // Beyond three standard deviations of the factor nothing is left to see.
        for case in cases.iter().filter(|case| case.shift.abs() <= 3.5) {
            let (mean, variance) = self.moments(case, large);
            let room = ROOM * variance.max(0.0).sqrt();
            (low, high) = (low.min(mean - room), high.max(mean + room));
        }
        (low.max(lowest), high.min(highest))
    }
}

/// Nodes and weights for a standard normal variable (Abramowitz and Stegun 1964, table 25.10, rescaled). Of a normal sum
/// moved by up to 0.5 and 0.7 of its spread they miss the distribution function by at most 2.2e-4.
const HERMITE_3: [(f64, f64); 3] =
    [(-1.732_050_807_568_877, 1.0 / 6.0), (0.0, 2.0 / 3.0), (1.732_050_807_568_877, 1.0 / 6.0)];
const HERMITE_4: [(f64, f64); 4] = [
    (-2.334_414_218_338_977, 0.045_875_854_768_068_48),
    (-0.741_963_784_302_725_9, 0.454_124_145_231_931_5),
    (0.741_963_784_302_725_9, 0.454_124_145_231_931_5),
    (2.334_414_218_338_977, 0.045_875_854_768_068_48),
];
