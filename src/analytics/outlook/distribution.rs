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

use rayon::prelude::*;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::domain::probability::{logistic, logit};

/// Deals of at most this share of the spread of their like enter by their cumulants.
const SMALL: f64 = 0.2;
/// Grid points to one standard deviation, at least.
const FINENESS: f64 = 24.0;
/// Points of a grid: at least, at least where few deals make it rough, at most.
const FEWEST_POINTS: usize = 512;
const FEWEST_POINTS_OF_FEW: usize = 1024;
const MOST_POINTS: f64 = 8192.0;
/// Up to so many deals are few.
const FEW: usize = 24;
/// Up to so many outcomes are listed one by one.
const MOST_OUTCOMES: usize = 4096;
/// From so many small deals on their cases are worth threads.
const MANY: usize = 2_000;
/// A characteristic function below this is nothing.
const NOTHING: f64 = 1e-7;
/// Fewer new deals than this are none.
const NO_NEW: f64 = 1e-4;
/// Periods of which one range is at most so much wider than the other share a grid.
const SAME_WIDTH: f64 = 1.5;
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
}

/// How a sum may come out.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// Values with their probabilities, ascending: few outcomes are listed.
    Jumps(Vec<(f64, f64)>),
    /// Many are put on a grid.
    Grid(Grid),
}

/// Probabilities on an even grid.
#[derive(Clone, Debug, PartialEq)]
struct Grid {
    /// Value of the first grid point.
    first: f64,
    step: f64,
    mass: Vec<f64>,
    /// What the sum cannot be below and above.
    bounds: (f64, f64),
}

/// One value of the factor, and what follows from it.
struct Case {
    /// Standard deviations away from none.
    shift: f64,
    weight: f64,
    /// Chances of the large deals under it.
    chances: Vec<f64>,
    /// The first four cumulants of the sum of the small ones.
    small: [f64; 4],
    new_deals: f64,
}

impl Distribution {
    /// The distribution of the sum.
    #[must_use]
    pub fn of(ingredients: &Ingredients<'_>) -> Self {
        Self::of_periods(std::slice::from_ref(ingredients)).pop().unwrap_or_else(|| Self::certain(0.0))
    }

    /// The distributions of several periods with the same deals (in the same order) and changes: what the periods share
    /// is done once.
    #[must_use]
    pub fn of_periods(periods: &[Ingredients<'_>]) -> Vec<Self> {
        let parts: Vec<Parts<'_>> = periods.iter().map(Parts::of).collect();
        let mut is_large = vec![false; periods.first().map_or(0, |period| period.deals.len())];
        parts.iter().flat_map(Parts::large).for_each(|i| is_large[i] = true);
        let (large, small): (Vec<usize>, Vec<usize>) = (0..is_large.len()).partition(|&i| is_large[i]);
        let prepared: Vec<Prepared<'_>> = parts.into_iter().map(|parts| Prepared::of(parts, &large, &small)).collect();
        let mut done: Vec<Option<Self>> = prepared.iter().map(Prepared::without_grid).collect();
        let mut order: Vec<usize> = (0..periods.len()).filter(|&i| done[i].is_none()).collect();
        order.sort_by(|&a, &b| prepared[a].width().total_cmp(&prepared[b].width()));
        // Periods of about the same width share a grid.
        let groups = order.chunk_by(|&a, &b| prepared[b].width() <= SAME_WIDTH * prepared[a].width());
        for group in groups {
            let of_group: Vec<&Prepared<'_>> = group.iter().map(|&i| &prepared[i]).collect();
            group.iter().zip(on_one_grid(&of_group)).for_each(|(&i, distribution)| done[i] = Some(distribution));
        }
        done.into_iter().flatten().collect()
    }

    fn certain(value: f64) -> Self {
        Self { shape: Shape::Jumps(vec![(value, 1.0)]) }
    }

    /// The value below which a share `p` of the probability lies, minor units.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        match &self.shape {
            Shape::Jumps(jumps) => {
                let mut below = 0.0;
                let reached = |&&(_, mass): &&(f64, f64)| {
                    below += mass;
                    below >= p - 1e-12
                };
                jumps.iter().find(reached).or(jumps.last()).map_or(0.0, |jump| jump.0)
            }
            Shape::Grid(grid) => grid.quantile(p),
        }
    }

    /// The chance that the sum reaches `target`, 0 to 1.
    #[must_use]
    pub fn reaches(&self, target: f64) -> f64 {
        let chance = match &self.shape {
            Shape::Jumps(jumps) => jumps.iter().filter(|jump| jump.0 >= target - 1e-6).map(|jump| jump.1).sum(),
            Shape::Grid(grid) => grid.reaches(target),
        };
        f64::clamp(chance, 0.0, 1.0)
    }

    /// The mean, minor units.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match &self.shape {
            Shape::Jumps(jumps) => jumps.iter().map(|(value, mass)| value * mass).sum(),
            Shape::Grid(grid) => {
                grid.mass.iter().enumerate().map(|(i, mass)| mass * (grid.first + grid.step * i as f64)).sum()
            }
        }
    }
}

impl Grid {
    fn quantile(&self, p: f64) -> f64 {
        let mut below = 0.0;
        for (i, &mass) in self.mass.iter().enumerate() {
            if below + mass >= p && mass > 0.0 {
                let within = (p - below) / mass - 0.5;
                return (self.first + self.step * (i as f64 + within)).clamp(self.bounds.0, self.bounds.1);
            }
            below += mass;
        }
        self.bounds.1
    }

    /// The mass of a point lies evenly around it.
    fn reaches(&self, target: f64) -> f64 {
        let position = (target - self.first) / self.step;
        let cut = (position + 0.5).floor();
        let above: f64 = self.mass.iter().skip((cut + 1.0).max(0.0) as usize).sum();
        let at = if cut < 0.0 { 0.0 } else { self.mass.get(cut as usize).copied().unwrap_or(0.0) };
        above + at * (cut + 0.5 - position)
    }
}

/// One period, ready to be put on a grid.
struct Prepared<'p> {
    parts: Parts<'p>,
    /// The deals that are seen one by one.
    large: &'p [usize],
    cases: Vec<Case>,
    range: (f64, f64),
    spread: f64,
}

impl<'p> Prepared<'p> {
    fn of(parts: Parts<'p>, large: &'p [usize], small: &[usize]) -> Self {
        let nodes = parts.nodes();
        let case = |&(shift, weight): &(f64, f64)| parts.case(shift, weight, large, small);
        // Every case is summed up on its own: the number of threads changes nothing.
        let cases: Vec<Case> =
            if small.len() > MANY { nodes.par_iter().map(case).collect() } else { nodes.iter().map(case).collect() };
        let range = parts.range(&cases, large);
        let spread = parts.calm_moments().1.sqrt();
        Self { parts, large, cases, range, spread }
    }

    fn width(&self) -> f64 {
        self.range.1 - self.range.0
    }

    /// The large deals that can change the sum: position among the large ones, deal.
    fn possible(&self) -> impl Iterator<Item = (usize, &Prospect)> {
        let deals = self.large.iter().map(|&i| &self.parts.deals[i]).enumerate();
        deals.filter(|(_, deal)| deal.amount != 0.0 && deal.chance > NO_CHANCE)
    }

    /// Where nothing can happen, or so little that every outcome can be listed.
    fn without_grid(&self) -> Option<Distribution> {
        if self.width() < 1.0 {
            return Some(Distribution::certain(self.range.0.round()));
        }
        let seen = self.large.len() == self.parts.deals.len();
        let outcomes = (self.parts.changes.len() + 1).checked_pow(self.possible().count() as u32);
        let few = outcomes.is_some_and(|outcomes| outcomes <= MOST_OUTCOMES);
        (seen && few && self.parts.new_deals < NO_NEW).then(|| self.listed())
    }

    /// Every outcome with its probability.
    fn listed(&self) -> Distribution {
        let mut jumps: Vec<(f64, f64)> = Vec::new();
        for case in &self.cases {
            let mut outcomes = vec![(0.0, case.weight)];
            for (j, deal) in self.possible() {
                let chance = case.chances[j];
                for k in 0..outcomes.len() {
                    let (sum, mass) = outcomes[k];
                    let won = |change: &Atom| (sum + deal.amount * change.value, mass * chance * change.share);
                    outcomes.extend(self.parts.changes.iter().map(won));
                    outcomes[k].1 = mass * (1.0 - chance);
                }
            }
            jumps.extend(outcomes);
        }
        jumps.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        Distribution { shape: Shape::Jumps(jumps) }
    }
}

/// The distributions of periods whose ranges are about as wide.
fn on_one_grid(periods: &[&Prepared<'_>]) -> Vec<Distribution> {
    let Some(first) = periods.first() else { return Vec::new() };
    let width = periods.iter().map(|period| period.width()).fold(0.0, f64::max);
    let enough = |period: &&Prepared<'_>| FINENESS * width / period.spread;
    let enough = periods.iter().map(enough).fold(0.0, f64::max).min(MOST_POINTS);
    let fewest = if first.large.len() <= FEW { FEWEST_POINTS_OF_FEW } else { FEWEST_POINTS };
    let points = (enough as usize).max(fewest).next_power_of_two();
    let step = width / (points - 2) as f64;
    let phase_of = |&i: &usize| {
        let amount = first.parts.deals[i].amount / step;
        let atoms = first.parts.changes.iter().map(|change| Atom { value: amount * change.value, ..*change });
        Wave::of(&phases(atoms, points))
    };
    let waves: Vec<Wave> = first.large.iter().map(phase_of).collect();
    let of_period = |period: &&Prepared<'_>| {
        let new = phases_of_new(&period.parts, step, points);
        let product = |case: &Case, frequencies: usize| {
            let mut product = Wave::of_cumulants(case.small, step, points, frequencies);
            for (j, _) in period.possible() {
                product.win_or_not(&waves[j], case.chances[j]);
            }
            product.times_new(&new, case.new_deals)
        };
        // Of a smooth distribution only the low frequencies are left. All are looked at once, at the factor's middle.
        let calm = period.cases.iter().min_by(|a, b| a.shift.abs().total_cmp(&b.shift.abs()));
        let whole = calm.map_or_else(Vec::new, |calm| product(calm, points / 2 + 1));
        let last = whole.iter().rposition(|x| x.norm_sqr() > NOTHING * NOTHING).unwrap_or(0);
        let frequencies = (last + 2).min(points / 2 + 1);
        let mut mixed = vec![Complex::new(0.0, 0.0); points / 2 + 1];
        for case in &period.cases {
            mixed.iter_mut().zip(product(case, frequencies)).for_each(|(mixed, x)| *mixed += x * case.weight);
        }
        let origin = (period.range.0 / step).floor();
        let mass = back(&mixed, points, origin);
        Distribution { shape: Shape::Grid(Grid { first: origin * step, step, mass, bounds: period.range }) }
    };
    periods.iter().map(of_period).collect()
}

/// A characteristic function at the frequencies of a grid. Single precision: four frequencies at a time, and some
/// hundred factors lose no more than a hundred thousandth.
struct Wave {
    re: Vec<f32>,
    im: Vec<f32>,
}

impl Wave {
    fn of(values: &[Complex<f64>]) -> Self {
        Self { re: values.iter().map(|x| x.re as f32).collect(), im: values.iter().map(|x| x.im as f32).collect() }
    }

    /// Of a sum with these cumulants (in minor units), at the first so many frequencies.
    fn of_cumulants(sums: [f64; 4], step: f64, points: usize, frequencies: usize) -> Self {
        let [mean, variance, third, fourth] = std::array::from_fn(|k| sums[k] / step.powi(k as i32 + 1));
        let value = |k: usize| {
            let t = TAU * k as f64 / points as f64;
            if variance == 0.0 {
                return Complex::from_polar(1.0, mean * t);
            }
            // Far out the fourth cumulant would outgrow the second; there is nothing left there.
            let size = -variance * t * t / 2.0 + fourth * t.powi(4) / 24.0;
            if size > 0.0 || variance * t * t > 80.0 {
                return Complex::new(0.0, 0.0);
            }
            Complex::from_polar(size.exp(), mean * t - third * t.powi(3) / 6.0)
        };
        Self::of(&(0..frequencies).map(value).collect::<Vec<_>>())
    }

    /// Adds a deal to the sum: won with `chance`, its amount then in `wave`.
    fn win_or_not(&mut self, wave: &Self, chance: f64) {
        let (chance, not) = (chance as f32, (1.0 - chance) as f32);
        let own = self.re.iter_mut().zip(&mut self.im);
        for ((re, im), (wave_re, wave_im)) in own.zip(wave.re.iter().zip(&wave.im)) {
            let (by_re, by_im) = (not + chance * wave_re, chance * wave_im);
            (*re, *im) = (*re * by_re - *im * by_im, *re * by_im + *im * by_re);
        }
    }

    /// With so many new deals, given the characteristic function of one's amount less 1.
    fn times_new(&self, new: &[Complex<f64>], new_deals: f64) -> Vec<Complex<f64>> {
        let own = self.re.iter().zip(&self.im).map(|(re, im)| Complex::new(f64::from(*re), f64::from(*im)));
        if new_deals < NO_NEW {
            own.collect()
        } else {
            own.zip(new).map(|(x, new)| x * (new * new_deals).exp()).collect()
        }
    }
}

/// The ingredients, cleaned.
struct Parts<'a> {
    deals: &'a [Prospect],
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
    fn large(&self) -> Vec<usize> {
        let size = |i: usize| self.deals[i].amount.abs();
        let mut order: Vec<usize> = (0..self.deals.len()).collect();
        order.sort_by(|&a, &b| size(a).total_cmp(&size(b)));
        let (mut variance, mut small) = (0.0, 0);
        for (k, &i) in order.iter().enumerate() {
            let Prospect { amount, chance } = self.deals[i];
            variance += self.moments_of(amount, chance).1;
            if size(i) * self.most_change <= SMALL * f64::max(variance, 0.0).sqrt() {
                small = k + 1;
            }
        }
        order.split_off(small)
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
    fn calm_moments(&self) -> (f64, f64) {
        let new = (self.new_deals * self.new_power(1), self.new_deals * self.new_power(2));
        self.deals.iter().fold(new, |sum, deal| {
            let of = self.moments_of(deal.amount, deal.chance);
            (sum.0 + of.0, sum.1 + of.1)
        })
    }

    /// Values of the factor with their weights: Gauss-Hermite where it adds little to the spread, else steps fine enough
    /// that the cases blend into each other.
    fn nodes(&self) -> Vec<(f64, f64)> {
        let [first, ..] = self.change_powers;
        let pull: f64 = self.deals.iter().map(|d| d.chance * (1.0 - d.chance) * d.amount * first).sum();
        let moved = self.factor_sd * (pull + self.new_deals * self.new_power(1)).abs();
        let ratio = moved / self.calm_moments().1.sqrt().max(f64::MIN_POSITIVE);
        if self.factor_sd == 0.0 {
            return vec![(0.0, 1.0)];
        }
        if ratio <= 0.5 {
            return HERMITE_5.to_vec();
        }
        let steps = (9.0 * ratio.clamp(1.0, 40.0)).ceil();
        let density = |z: f64| (-z * z / 2.0).exp();
        let points: Vec<f64> = (0..=steps as i32).map(|i| -4.5 + 9.0 * f64::from(i) / steps).collect();
        let total: f64 = points.iter().map(|&z| density(z)).sum();
        points.into_iter().map(|z| (z, density(z) / total)).collect()
    }

    /// What a value of the factor makes of the deals.
    fn case(&self, shift: f64, weight: f64, large: &[usize], small: &[usize]) -> Case {
        let sd = self.factor_sd;
        let chance = |i: usize| if sd == 0.0 { self.deals[i].chance } else { logistic(self.log_odds[i] + sd * shift) };
        let mut sums = [0.0; 4];
        for &i in small.iter().filter(|&&i| self.deals[i].chance > NO_CHANCE) {
            let (amount, chance) = (self.deals[i].amount, chance(i));
            let moment = |k: usize| chance * amount.powi(k as i32 + 1) * self.change_powers[k];
            let (a, b, c, d) = (moment(0), moment(1), moment(2), moment(3));
            sums[0] += a;
            sums[1] += b - a * a;
            sums[2] += c - 3.0 * a * b + 2.0 * a.powi(3);
            sums[3] += d - 4.0 * a * c - 3.0 * b * b + 12.0 * a * a * b - 6.0 * a.powi(4);
        }
        Case {
            shift,
            weight,
            chances: large.iter().map(|&i| chance(i)).collect(),
            small: sums,
            new_deals: self.new_deals * (sd * shift - sd * sd / 2.0).exp(),
        }
    }

    /// Mean and variance of the sum in one case.
    fn moments(&self, case: &Case, large: &[usize]) -> (f64, f64) {
        let new = (case.new_deals * self.new_power(1), case.new_deals * self.new_power(2));
        let start = (new.0 + case.small[0], new.1 + case.small[1]);
        large.iter().zip(&case.chances).fold(start, |sum, (&i, &chance)| {
            let of = self.moments_of(self.deals[i].amount, chance);
            (sum.0 + of.0, sum.1 + of.1)
        })
    }

    /// From where to where the sum can be, as far as it matters.
    fn range(&self, cases: &[Case], large: &[usize]) -> (f64, f64) {
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

/// Nodes and weights for a standard normal variable (Abramowitz and Stegun 1964, table 25.10, rescaled).
const HERMITE_5: [(f64, f64); 5] = [
    (-2.856_970_013_872_806, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_7),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_7),
    (2.856_970_013_872_806, 0.011_257_411_327_720_69),
];

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
