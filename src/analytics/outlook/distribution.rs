//! The distribution of a sum: open deals that may be won, business that does not exist yet, and a factor all of them share.
//!
//! [`Ingredients`] in, [`Distribution`] out. Given the factor, deals are independent: each adds its amount, times what
//! amounts become on the way to the win, with its chance; new business is a compound Poisson sum. Their characteristic
//! functions are multiplied on a money grid, mixed over the factor by quadrature and transformed back (FFT). Nothing is
//! drawn, so the same ingredients give the same bytes.
//!
//! Amounts are placed on the grid by splitting each between its two neighbours, which keeps the mean. Where a node has
//! deals small against its spread, they enter by their first four cumulants instead (Lugannani and Rice 1980 for why that
//! is enough): the grid would only blur them.

use std::cell::RefCell;
use std::f64::consts::TAU;

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::domain::probability::{logistic, logit};

/// Deals of at most this share of the spread of their like enter by their cumulants.
const SMALL: f64 = 0.2;
/// Grid points to one standard deviation, at least.
const FINENESS: f64 = 24.0;
/// Up to so many deals are seen one by one in the distribution: its jumps are theirs.
const FEW: usize = 6;
/// Standard deviations of room on either side of the mean.
const ROOM: f64 = 9.0;
/// Below this a chance is none.
const NO_CHANCE: f64 = 1e-9;

/// An open deal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prospect {
    /// Present amount, minor units.
    pub amount: f64,
    /// Chance to be won in the period, 0 to 1.
    pub chance: f64,
}

/// A value and the share of cases that have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Atom {
    /// The value.
    pub value: f64,
    /// Its share; shares of a list add up to 1.
    pub share: f64,
}

/// What will be added to what is won already.
#[derive(Clone, Copy, Debug)]
pub struct Ingredients<'a> {
    /// The open deals.
    pub deals: &'a [Prospect],
    /// What an amount is multiplied with on its way to the win.
    pub changes: &'a [Atom],
    /// Deals not yet created that are expected to be won.
    pub new_deals: f64,
    /// Their amounts, minor units.
    pub new_amounts: &'a [Atom],
    /// Standard deviation of the factor: what is added to the log-odds of every deal and to the log of the number of new
    /// ones, alike for all.
    pub factor_sd: f64,
    /// A sum of which it matters whether it is reached: a point of the grid.
    pub target: Option<f64>,
}

/// Probabilities on an even grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Value of the first grid point.
    first: f64,
    step: f64,
    mass: Vec<f64>,
    /// What the sum cannot be below and above.
    bounds: (f64, f64),
    /// Few deals make jumps, many a smooth curve.
    jumps: bool,
}

/// One value of the factor.
struct Case {
    shift: f64,
    weight: f64,
    /// Chances of the deals under it.
    chances: Vec<f64>,
    new_deals: f64,
}

impl Distribution {
    /// The distribution of the sum.
    #[must_use]
    pub fn of(ingredients: &Ingredients<'_>) -> Self {
        let parts = Parts::of(ingredients);
        let cases = parts.cases();
        let (low, high) = parts.range(&cases);
        if high - low < 1.0 {
            return Self { first: low.round(), step: 1.0, mass: vec![1.0], bounds: (low, high), jumps: true };
        }
        let spread = parts.moments(&parts.calm()).1.sqrt();
        let (small, large) = parts.by_size();
        let jumps = large.len() <= FEW && small.is_empty();
        let enough = (FINENESS * (high - low) / spread).min(8192.0) as usize;
        let points = match large.len() {
            _ if jumps => 8192,
            0..=24 => enough.max(2048),
            _ => enough.max(512),
        }
        .next_power_of_two();
        let step = aligned((high - low) / (points - 2) as f64, ingredients.target);
        let origin = (low / step).floor();
        let mut mixed = vec![Complex::new(0.0, 0.0); points / 2 + 1];
        let phases: Vec<Vec<Complex<f64>>> = large
            .iter()
            .map(|&i| {
                let amount = parts.deals[i].amount / step;
                phases(parts.changes.iter().map(|change| Atom { value: amount * change.value, ..*change }), points)
            })
            .collect();
        let new = phases_of_new(&parts, step, points);
        for case in &cases {
            let mut product = parts.cumulants(case, &small, step, points);
            for (&i, phases) in large.iter().zip(&phases) {
                let chance = case.chances[i];
                for (product, phase) in product.iter_mut().zip(phases) {
                    *product *= phase * chance + (1.0 - chance);
                }
            }
            for (mixed, (product, new)) in mixed.iter_mut().zip(product.iter().zip(&new)) {
                *mixed += product * (new * case.new_deals).exp() * case.weight;
            }
        }
        let mass = back(&mixed, points, origin);
        Self { first: origin * step, step, mass, bounds: (low, high), jumps }
    }

    /// The value below which a share `p` of the probability lies, minor units.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let mut below = 0.0;
        for (i, &mass) in self.mass.iter().enumerate() {
            if below + mass >= p && mass > 0.0 {
                let within = if self.jumps { 0.0 } else { (p - below) / mass - 0.5 };
                return (self.first + self.step * (i as f64 + within)).clamp(self.bounds.0, self.bounds.1);
            }
            below += mass;
        }
        self.bounds.1
    }

    /// The chance that the sum reaches `target`, 0 to 1.
    #[must_use]
    pub fn reaches(&self, target: f64) -> f64 {
        let position = (target - self.first) / self.step;
        let from = |point: f64| self.mass.iter().skip(point.max(0.0) as usize).sum::<f64>();
        if self.jumps {
            return from((position - 1e-6).ceil()).clamp(0.0, 1.0);
        }
        // The mass of a point lies evenly around it.
        let cut = (position + 0.5).floor();
        let of_cut =
            if cut < 0.0 { 0.0 } else { self.mass.get(cut as usize).map_or(0.0, |m| m * (cut + 0.5 - position)) };
        (from(cut + 1.0) + of_cut).clamp(0.0, 1.0)
    }

    /// The mean, minor units.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mass.iter().enumerate().map(|(i, mass)| mass * (self.first + self.step * i as f64)).sum()
    }
}

/// The ingredients, cleaned.
struct Parts<'a> {
    deals: Vec<Prospect>,
    /// Log-odds that give the chances back once the factor is integrated out.
    log_odds: Vec<f64>,
    changes: &'a [Atom],
    most_change: f64,
    /// Mean of the powers 1 to 4 of the changes.
    change_powers: [f64; 4],
    new_deals: f64,
    new_amounts: &'a [Atom],
    factor_sd: f64,
}

const UNCHANGED: [Atom; 1] = [Atom { value: 1.0, share: 1.0 }];

impl<'a> Parts<'a> {
    fn of(ingredients: &Ingredients<'a>) -> Self {
        let counts = |deal: &&Prospect| deal.amount != 0.0 && deal.chance > NO_CHANCE;
        let deals: Vec<Prospect> = ingredients.deals.iter().filter(counts).copied().collect();
        // E logistic(x + s z) = logistic(x / sqrt(1 + pi s^2 / 8)) to a few thousandths (MacKay 1992).
        let stretch = (1.0 + std::f64::consts::PI * ingredients.factor_sd.powi(2) / 8.0).sqrt();
        let changes = if ingredients.changes.is_empty() { &UNCHANGED } else { ingredients.changes };
        let power = |k: i32| changes.iter().map(|change| change.share * change.value.powi(k)).sum();
        Self {
            log_odds: deals.iter().map(|deal| stretch * logit(deal.chance)).collect(),
            deals,
            changes,
            most_change: changes.iter().map(|change| change.value.abs()).fold(0.0, f64::max),
            change_powers: [1, 2, 3, 4].map(power),
            new_deals: if ingredients.new_amounts.is_empty() { 0.0 } else { ingredients.new_deals.max(0.0) },
            new_amounts: ingredients.new_amounts,
            factor_sd: ingredients.factor_sd,
        }
    }

    /// The deals small against the spread of all that are as small, and the others.
    fn by_size(&self) -> (Vec<usize>, Vec<usize>) {
        let size = |i: usize| self.deals[i].amount.abs();
        let mut order: Vec<usize> = (0..self.deals.len()).collect();
        order.sort_by(|&a, &b| size(a).total_cmp(&size(b)));
        let [first, second, ..] = self.change_powers;
        let (mut variance, mut small) = (0.0, 0);
        for (k, &i) in order.iter().enumerate() {
            let Prospect { amount, chance } = self.deals[i];
            variance += chance * amount.powi(2) * second - (chance * amount * first).powi(2);
            if size(i) * self.most_change <= SMALL * variance.max(0.0).sqrt() {
                small = k + 1;
            }
        }
        let large = order.split_off(small);
        (order, large)
    }

    fn new_power(&self, k: i32) -> f64 {
        self.new_amounts.iter().map(|atom| atom.share * atom.value.powi(k)).sum()
    }

    /// The case without a shift.
    fn calm(&self) -> Case {
        Case {
            shift: 0.0,
            weight: 1.0,
            chances: self.deals.iter().map(|deal| deal.chance).collect(),
            new_deals: self.new_deals,
        }
    }

    /// Mean and variance of the sum in one case.
    fn moments(&self, case: &Case) -> (f64, f64) {
        let [first, second, ..] = self.change_powers;
        let (mut mean, mut variance) = (case.new_deals * self.new_power(1), case.new_deals * self.new_power(2));
        for (deal, &chance) in self.deals.iter().zip(&case.chances) {
            let expected = chance * deal.amount * first;
            mean += expected;
            variance += chance * deal.amount.powi(2) * second - expected.powi(2);
        }
        (mean, variance.max(0.0))
    }

    /// The factor's values: Gauss-Hermite where it adds little to the spread, else steps fine enough that the cases
    /// blend into each other.
    fn cases(&self) -> Vec<Case> {
        let calm = self.calm();
        let [first, ..] = self.change_powers;
        let pull: f64 = self.deals.iter().map(|d| d.chance * (1.0 - d.chance) * d.amount * first).sum();
        let moved = self.factor_sd * (pull + self.new_deals * self.new_power(1)).abs();
        let ratio = moved / self.moments(&calm).1.sqrt().max(f64::MIN_POSITIVE);
        let nodes: Vec<(f64, f64)> = if self.factor_sd == 0.0 {
            vec![(0.0, 1.0)]
        } else if ratio <= 0.5 {
            HERMITE_5.to_vec()
        } else {
            let steps = (10.0 * ratio.clamp(1.6, 40.0)).ceil();
            let at = |i: f64| -5.0 + 10.0 * i / steps;
            let density = |z: f64| (-z * z / 2.0).exp();
            let points: Vec<f64> = (0..=steps as i32).map(|i| at(f64::from(i))).collect();
            let total: f64 = points.iter().map(|&z| density(z)).sum();
            points.into_iter().map(|z| (z, density(z) / total)).collect()
        };
        let sd = self.factor_sd;
        let case = |(z, weight): (f64, f64)| Case {
            shift: z,
            weight,
            chances: self.log_odds.iter().map(|x| logistic(x + sd * z)).collect(),
            new_deals: self.new_deals * (sd * z - sd * sd / 2.0).exp(),
        };
        nodes.into_iter().map(case).collect()
    }

    /// From where to where the sum can be, as far as it matters.
    fn range(&self, cases: &[Case]) -> (f64, f64) {
        let (mut lowest, mut highest) = (0.0, 0.0);
        for deal in &self.deals {
            let ends = self.changes.iter().map(|change| deal.amount * change.value);
            lowest += ends.clone().fold(0.0, f64::min);
            highest += ends.fold(0.0, f64::max);
        }
        let no_credit = self.new_amounts.iter().all(|atom| atom.value >= 0.0);
        if self.new_deals > 0.0 {
            highest = f64::INFINITY;
            lowest = if no_credit { lowest } else { f64::NEG_INFINITY };
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        // Beyond three standard deviations of the factor nothing is left to see.
        for case in cases.iter().filter(|case| case.shift.abs() <= 3.5) {
            let (mean, variance) = self.moments(case);
            let room = ROOM * variance.sqrt();
            (low, high) = (low.min(mean - room), high.max(mean + room));
        }
        (low.max(lowest), high.min(highest))
    }

    /// The characteristic function of the `small` deals, by their cumulants.
    fn cumulants(&self, case: &Case, small: &[usize], step: f64, points: usize) -> Vec<Complex<f64>> {
        let mut sums = [0.0; 4];
        for &i in small {
            let (amount, chance) = (self.deals[i].amount / step, case.chances[i]);
            let moment = |k: usize| chance * amount.powi(k as i32 + 1) * self.change_powers[k];
            let (a, b, c, d) = (moment(0), moment(1), moment(2), moment(3));
            sums[0] += a;
            sums[1] += b - a * a;
            sums[2] += c - 3.0 * a * b + 2.0 * a.powi(3);
            sums[3] += d - 4.0 * a * c - 3.0 * b * b + 12.0 * a * a * b - 6.0 * a.powi(4);
        }
        let value = |k: usize| {
            let t = TAU * k as f64 / points as f64;
            let real = -sums[1] * t * t / 2.0 + sums[3] * t.powi(4) / 24.0;
            // Far out the fourth cumulant would outgrow the second; there is nothing left there.
            if small.is_empty() || real > 0.0 || sums[1] * t * t > 80.0 {
                let one = f64::from(u8::from(small.is_empty()));
                return Complex::new(one, 0.0);
            }
            Complex::from_polar(real.exp(), sums[0] * t - sums[2] * t.powi(3) / 6.0)
        };
        (0..=points / 2).map(value).collect()
    }
}

/// Nodes and weights for a standard normal variable (Abramowitz and Stegun 1964, table 25.10, rescaled).
const HERMITE_5: [(f64, f64); 5] = [
    (-2.856_970_013_872_806, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_7),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_7),
    (2.856_970_013_872_806, 0.011_257_411_327_720_69),
];

/// The step, made a little longer so that the target is a point of the grid.
fn aligned(step: f64, target: Option<f64>) -> f64 {
    match target.map(|target| (target, (target / step).floor())) {
        Some((target, steps)) if (1.0..1e7).contains(&steps) => target / steps,
        _ => step,
    }
}

/// The characteristic function of atoms (values in steps of the grid) at the frequencies of `points`.
fn phases(atoms: impl Iterator<Item = Atom>, points: usize) -> Vec<Complex<f64>> {
    let mut sums = vec![Complex::new(0.0, 0.0); points / 2 + 1];
    let turn = |steps: i64| Complex::from_polar(1.0, TAU * steps.rem_euclid(points as i64) as f64 / points as f64);
    for atom in atoms {
        let whole = atom.value.floor();
        let (near, far) = (atom.share * (whole + 1.0 - atom.value), atom.share * (atom.value - whole));
        let (by, one) = (turn(whole as i64), turn(1));
        // Both turn on by a constant angle from one frequency to the next.
        let (mut at, mut next) = (Complex::new(near, 0.0), Complex::new(far, 0.0));
        let by_next = by * one;
        for sum in &mut sums {
            *sum += at + next;
            at *= by;
            next *= by_next;
        }
    }
    sums
}

/// The characteristic function of the amount of a new deal, less 1.
fn phases_of_new(parts: &Parts<'_>, step: f64, points: usize) -> Vec<Complex<f64>> {
    if parts.new_deals == 0.0 {
        return vec![Complex::new(0.0, 0.0); points / 2 + 1];
    }
    let atoms = parts.new_amounts.iter().map(|atom| Atom { value: atom.value / step, ..*atom });
    phases(atoms, points).into_iter().map(|phase| phase - 1.0).collect()
}

thread_local! {
    /// Plans are made once per size and thread.
    static PLANNER: RefCell<FftPlanner<f64>> = RefCell::new(FftPlanner::new());
}

/// Probabilities of the grid points from `origin` on, of which the grid is one turn.
fn back(half: &[Complex<f64>], points: usize, origin: f64) -> Vec<f64> {
    let mut whole: Vec<Complex<f64>> = half.to_vec();
    whole.extend((1..points / 2).rev().map(|k| half[k].conj()));
    // Forward: the sign of the exponent is the other one already.
    PLANNER.with_borrow_mut(|planner| planner.plan_fft_forward(points)).process(&mut whole);
    let start = (origin as i64).rem_euclid(points as i64) as usize;
    let mut mass: Vec<f64> = whole.iter().map(|x| (x.re / points as f64).max(0.0)).collect();
    mass.rotate_left(start);
    let total: f64 = mass.iter().sum();
    if total > 0.0 {
        mass.iter_mut().for_each(|mass| *mass /= total);
    }
    mass
}

#[cfg(test)]
mod tests;
