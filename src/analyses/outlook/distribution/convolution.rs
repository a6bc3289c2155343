//! The distributions of several periods on one grid: characteristic functions multiplied deal by deal, mixed over the
//! factor, transformed back.

use std::cell::RefCell;

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::analyses::outlook::distribution::ingredients::Atom;
use crate::analyses::outlook::distribution::parts::{FactorCase, NO_CHANCE};
use crate::analyses::outlook::distribution::prepared::Prepared;
use crate::analyses::outlook::distribution::shape::Grid;
use crate::analyses::outlook::distribution::wave::{Circle, Wave};

/// Grid points to one standard deviation, at least.
const FINENESS: f64 = 24.0;
/// Points of a grid: at least, at least where few deals make it rough, at most.
const FEWEST_POINTS: usize = 256;
const FEWEST_POINTS_OF_FEW: usize = 1024;
const MOST_POINTS: f64 = 8192.0;
/// Up to so many deals are few.
const FEW: usize = 24;

/// The distributions of periods whose ranges are about as wide.
pub(super) fn on_one_grid(periods: &[&Prepared<'_>]) -> Vec<Grid> {
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
        let case = |case: &FactorCase| {
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
    fn mixed(&self, cases: &[FactorCase], points: usize) -> Vec<Complex<f64>> {
        let mut mixed = vec![Complex::new(0.0, 0.0); points / 2 + 1];
        for (wave, case) in self.cases.iter().zip(cases) {
            let values = wave.re.iter().zip(&wave.im).map(|(re, im)| Complex::new(f64::from(*re), f64::from(*im)));
            mixed.iter_mut().zip(values).for_each(|(mixed, x)| *mixed += x * case.weight);
        }
        mixed
    }
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
