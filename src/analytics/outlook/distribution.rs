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
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::sync::Arc;

use rayon::prelude::*;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::domain::probability::{logistic, logit};

/// Deals of at most this share of the spread of their like enter by their cumulants.
const SMALL: f64 = 0.2;
/// Grid points to one standard deviation, at least.
const FINENESS: f64 = 24.0;
/// Points of a grid: at least, at least where few deals make it rough, at most.
const FEWEST_POINTS: usize = 256;
const FEWEST_POINTS_OF_FEW: usize = 1024;
const MOST_POINTS: f64 = 8192.0;
/// Up to so many deals are few.
const FEW: usize = 24;
/// Up to so many outcomes are listed one by one.
const MOST_OUTCOMES: usize = 4096;
/// From so many small deals on their cases are worth threads.
const MANY: usize = 2_000;
/// A characteristic function below this is nothing: what is left out moves no chance by more than that (the frequency k
/// counts as 1 / k in a distribution function).
const NOTHING: f64 = 1e-4;
/// Cases from so many on have the sums of their small deals interpolated between as many nodes.
const SUMMED_CASES: usize = 24;
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
    /// Standard deviation where the factor is none, minor units.
    pub sd_by_chance: f64,
    /// How far one standard deviation of the factor moves the mean, minor units.
    pub moved_by_factor: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// Values with their probabilities, ascending: few outcomes are listed.
    Jumps(Vec<(f64, f64)>),
    /// Many are put on a grid.
    Grid(Grid),
}

impl Shape {
    fn certain(value: f64) -> Self {
        Self::Jumps(vec![(value, 1.0)])
    }
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
        let none = Self { shape: Shape::certain(0.0), sd_by_chance: 0.0, moved_by_factor: 0.0 };
        Self::of_periods(std::slice::from_ref(ingredients)).pop().unwrap_or(none)
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
        let mut done: Vec<Option<Shape>> = prepared.iter().map(Prepared::without_grid).collect();
        let mut order: Vec<usize> = (0..periods.len()).filter(|&i| done[i].is_none()).collect();
        order.sort_by(|&a, &b| prepared[a].width().total_cmp(&prepared[b].width()));
        // Periods of about the same width share a grid.
        let groups = order.chunk_by(|&a, &b| prepared[b].width() <= SAME_WIDTH * prepared[a].width());
        for group in groups {
            let of_group: Vec<&Prepared<'_>> = group.iter().map(|&i| &prepared[i]).collect();
            group.iter().zip(on_one_grid(&of_group)).for_each(|(&i, grid)| done[i] = Some(Shape::Grid(grid)));
        }
        let distribution = |(shape, prepared): (Option<Shape>, &Prepared<'_>)| {
            let moved_by_factor = prepared.parts.factor_sd * prepared.parts.pull().abs();
            Some(Self { shape: shape?, sd_by_chance: prepared.spread, moved_by_factor })
        };
        done.into_iter().zip(&prepared).filter_map(distribution).collect()
    }

    /// The value below which a share `p` of the probability lies, minor units.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        self.quantiles([p])[0]
    }

    /// The same for several shares, ascending.
    #[must_use]
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        match &self.shape {
            Shape::Jumps(jumps) => {
                let (mut below, mut passed) = (jumps.first().map_or(0.0, |jump| jump.1), 0);
                shares.map(|p| {
                    while below < p - 1e-12 && passed + 1 < jumps.len() {
                        passed += 1;
                        below += jumps[passed].1;
                    }
                    jumps.get(passed).map_or(0.0, |jump| jump.0)
                })
            }
            Shape::Grid(grid) => grid.quantiles(shares),
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
    fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let (mut below, mut at) = (0.0, 0);
        shares.map(|p| {
            while at < self.mass.len() && (self.mass[at] <= 0.0 || below + self.mass[at] < p) {
                below += self.mass[at];
                at += 1;
            }
            let Some(mass) = self.mass.get(at) else { return self.bounds.1 };
            let within = (p - below) / mass - 0.5;
            (self.first + self.step * (at as f64 + within)).clamp(self.bounds.0, self.bounds.1)
        })
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
        let shifts: Vec<f64> = nodes.iter().map(|node| node.0).collect();
        let sums = parts.small_sums(&shifts, small);
        let case = |(&(shift, weight), sums)| parts.case(shift, weight, large, sums);
        let cases: Vec<Case> = nodes.iter().zip(sums).map(case).collect();
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
    fn without_grid(&self) -> Option<Shape> {
        if self.width() < 1.0 {
            return Some(Shape::certain(self.range.0.round()));
        }
        let seen = self.large.len() == self.parts.deals.len();
        let outcomes = (self.parts.changes.len() + 1).checked_pow(self.possible().count() as u32);
        let few = outcomes.is_some_and(|outcomes| outcomes <= MOST_OUTCOMES);
        (seen && few && self.parts.new_deals < NO_NEW).then(|| self.listed())
    }

    /// Every outcome with its probability.
    fn listed(&self) -> Shape {
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
        Shape::Jumps(jumps)
    }
}

/// The distributions of periods whose ranges are about as wide.
fn on_one_grid(periods: &[&Prepared<'_>]) -> Vec<Grid> {
    let Some(first) = periods.first() else { return Vec::new() };
    let width = periods.iter().map(|period| period.width()).fold(0.0, f64::max);
    let enough = |period: &&Prepared<'_>| FINENESS * width / period.spread;
    let enough = periods.iter().map(enough).fold(0.0, f64::max).min(MOST_POINTS);
    let fewest = if first.large.len() <= FEW { FEWEST_POINTS_OF_FEW } else { FEWEST_POINTS };
    let points = grid_size((enough as usize).max(fewest));
    let step = width / (points - 2) as f64;
    let circle = Circle::of(points);
    let mut products: Vec<Product> = periods.iter().map(|period| Product::of(period, step, &circle)).collect();
    // The largest first: they leave the fewest frequencies to the others.
    let mut order: Vec<(usize, usize)> = first.large.iter().copied().enumerate().collect();
    order.sort_by(|a, b| first.parts.deals[b.1].amount.abs().total_cmp(&first.parts.deals[a.1].amount.abs()));
    for (done, (j, i)) in order.into_iter().enumerate() {
        if done % 16 == 0 {
            products.iter_mut().for_each(Product::forget_nothing);
        }
        let frequencies = products.iter().map(Product::frequencies).max().unwrap_or(0);
        let amount = first.parts.deals[i].amount / step;
        let won = first.parts.changes.iter().map(|change| Atom { value: amount * change.value, ..*change });
        let wave = Wave::of_atoms(won, &circle, frequencies);
        for (product, period) in products.iter_mut().zip(periods) {
            product.win_or_not(&wave, period, j, i);
        }
    }
    let grid = |(product, period): (&Product, &&Prepared<'_>)| {
        let origin = (period.range.0 / step).floor();
        let mass = back(&product.mixed(&period.cases, points), points, origin);
        Grid { first: origin * step, step, mass, bounds: period.range }
    };
    products.iter().zip(periods).map(grid).collect()
}

/// The next size a transform is quick at: a power of two, or half as much again.
fn grid_size(points: usize) -> usize {
    let power = points.next_power_of_two();
    if points <= power / 4 * 3 { power / 4 * 3 } else { power }
}

/// The characteristic function of one period's sum under each case, as far as it is something: no further deal makes it
/// larger, so frequencies at which it is nothing are forgotten.
struct Product {
    cases: Vec<Wave>,
}

impl Product {
    /// Of the small deals and the new business.
    fn of(period: &Prepared<'_>, step: f64, circle: &Circle) -> Self {
        let new = period.parts.new_amounts.iter().map(|atom| Atom { value: atom.value / step, ..*atom });
        let new = Wave::of_atoms(new, circle, circle.frequencies());
        let case = |case: &Case| {
            let mut wave = Wave::of_cumulants(case.small, step, circle);
            wave.add_new(&new, case.new_deals);
            wave
        };
        Self { cases: period.cases.iter().map(case).collect() }
    }

    fn frequencies(&self) -> usize {
        self.cases.first().map_or(0, |wave| wave.re.len())
    }

    fn forget_nothing(&mut self) {
        let kept = self.cases.iter().map(Wave::something).max().unwrap_or(0);
        for wave in &mut self.cases {
            wave.re.truncate(kept);
            wave.im.truncate(kept);
        }
    }

    /// Adds the deal `i`, the `j`th of the large ones; `wave` is that of its amount.
    fn win_or_not(&mut self, wave: &Wave, period: &Prepared<'_>, j: usize, i: usize) {
        if period.parts.deals[i].amount != 0.0 && period.parts.deals[i].chance > NO_CHANCE {
            self.cases.iter_mut().zip(&period.cases).for_each(|(own, case)| own.win_or_not(wave, case.chances[j]));
        }
    }

    /// Over the cases by their weights; nothing beyond what is known.
    fn mixed(&self, cases: &[Case], points: usize) -> Vec<Complex<f64>> {
        let mut mixed = vec![Complex::new(0.0, 0.0); points / 2 + 1];
        for (wave, case) in self.cases.iter().zip(cases) {
            let values = wave.re.iter().zip(&wave.im).map(|(re, im)| Complex::new(f64::from(*re), f64::from(*im)));
            mixed.iter_mut().zip(values).for_each(|(mixed, x)| *mixed += x * case.weight);
        }
        mixed
    }
}

/// A characteristic function at the frequencies of a grid. Single precision: four frequencies at a time, and some
/// hundred factors lose no more than a hundred thousandth.
struct Wave {
    re: Vec<f32>,
    im: Vec<f32>,
}

impl Wave {
    /// Of one amount: atoms with values in steps of the grid, each split between its two neighbours.
    fn of_atoms(atoms: impl Iterator<Item = Atom>, circle: &Circle, frequencies: usize) -> Self {
        let mut wave = Self { re: vec![0.0; frequencies], im: vec![0.0; frequencies] };
        for atom in atoms {
            let whole = atom.value.floor();
            let near = (atom.share * (whole + 1.0 - atom.value)) as f32;
            let far = (atom.share * (atom.value - whole)) as f32;
            let turn = (whole as i64).rem_euclid(circle.points() as i64) as usize;
            let mut at = 0;
            for (k, (re, im)) in wave.re.iter_mut().zip(&mut wave.im).enumerate() {
                let ([re_at, im_at], [re_next, im_next]) = (circle.0[at], circle.0[circle.within(at + k)]);
                *re += near * re_at + far * re_next;
                *im += near * im_at + far * im_next;
                at = circle.within(at + turn);
            }
        }
        wave
    }

    /// Of a sum with these cumulants (in minor units).
    fn of_cumulants(sums: [f64; 4], step: f64, circle: &Circle) -> Self {
        let frequencies = circle.frequencies();
        if sums == [0.0; 4] {
            return Self { re: vec![1.0; frequencies], im: vec![0.0; frequencies] };
        }
        let [mean, variance, third, fourth] = std::array::from_fn(|k| sums[k] / step.powi(k as i32 + 1));
        let value = |k: usize| {
            let t = TAU * k as f64 / circle.points() as f64;
            // Far out the fourth cumulant would outgrow the second; there is nothing left there.
            let size = -variance * t * t / 2.0 + fourth * t.powi(4) / 24.0;
            if size > 0.0 || variance * t * t > 80.0 {
                return (0.0, 0.0);
            }
            let value = Complex::from_polar(size.exp(), mean * t - third * t.powi(3) / 6.0);
            (value.re as f32, value.im as f32)
        };
        let (re, im) = (0..frequencies).map(value).unzip();
        Self { re, im }
    }

    /// How many frequencies there are up to the last that is not nothing.
    fn something(&self) -> usize {
        let nothing = NOTHING as f32 * NOTHING as f32;
        self.re.iter().zip(&self.im).rposition(|(re, im)| re * re + im * im > nothing).map_or(0, |last| last + 1)
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

    /// Adds so many new deals, the amount of one in `new`.
    fn add_new(&mut self, new: &Self, new_deals: f64) {
        if new_deals < NO_NEW {
            return;
        }
        let new_deals = new_deals as f32;
        let own = self.re.iter_mut().zip(&mut self.im);
        for ((re, im), (new_re, new_im)) in own.zip(new.re.iter().zip(&new.im)) {
            let (size, (sin, cos)) = ((new_deals * (new_re - 1.0)).exp(), (new_deals * new_im).sin_cos());
            let (by_re, by_im) = (size * cos, size * sin);
            (*re, *im) = (*re * by_re - *im * by_im, *re * by_im + *im * by_re);
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

    /// How far the mean goes with the factor.
    fn pull(&self) -> f64 {
        let of_deal = |deal: &Prospect| deal.chance * (1.0 - deal.chance) * deal.amount * self.change_powers[0];
        self.deals.iter().map(of_deal).sum::<f64>() + self.new_deals * self.new_power(1)
    }

    /// Values of the factor with their weights: Gauss-Hermite where it adds little to the spread, else steps fine enough
    /// that the cases blend into each other.
    fn nodes(&self) -> Vec<(f64, f64)> {
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
    /// (the next pole of a logistic is pi away) that many are read off a polynomial through few: within 1e-9.
    fn small_sums(&self, shifts: &[f64], small: &[usize]) -> Vec<[f64; 4]> {
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
    fn case(&self, shift: f64, weight: f64, large: &[usize], small: [f64; 4]) -> Case {
        let sd = self.factor_sd;
        Case {
            shift,
            weight,
            chances: large.iter().map(|&i| self.chance(i, shift)).collect(),
            small,
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

/// The unit circle in as many turns as a grid has points.
struct Circle(Arc<[[f32; 2]]>);

impl Circle {
    fn of(points: usize) -> Self {
        let turn = |k: usize| {
            let (sin, cos) = (TAU * k as f64 / points as f64).sin_cos();
            [cos as f32, sin as f32]
        };
        CIRCLES.with_borrow_mut(|known| {
            Self(known.entry(points).or_insert_with(|| (0..points).map(turn).collect()).clone())
        })
    }

    fn points(&self) -> usize {
        self.0.len()
    }

    /// Frequencies a real sum has: the others mirror them.
    fn frequencies(&self) -> usize {
        self.points() / 2 + 1
    }

    /// Less than two times around, the same place less than once around.
    fn within(&self, at: usize) -> usize {
        if at >= self.points() { at - self.points() } else { at }
    }
}

thread_local! {
    /// Plans and circles are made once per size and thread.
    static PLANNER: RefCell<FftPlanner<f64>> = RefCell::new(FftPlanner::new());
    static CIRCLES: RefCell<BTreeMap<usize, Arc<[[f32; 2]]>>> = const { RefCell::new(BTreeMap::new()) };
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
