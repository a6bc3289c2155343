//! The distribution of a sum: its quantiles, its mean, and the chance that it reaches a target.

use crate::analyses::outlook::distribution::convolution::on_one_grid;
use crate::analyses::outlook::distribution::ingredients::Ingredients;
use crate::analyses::outlook::distribution::parts::Parts;
use crate::analyses::outlook::distribution::prepared::Prepared;
use crate::analyses::outlook::distribution::shape::Shape;

/// Periods of which one range is at most so much wider than the other share a grid.
const SAME_WIDTH: f64 = 1.5;

/// How a sum may come out.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    pub(super) shape: Shape,
    /// Standard deviation where the factor is none, minor units.
    pub sd_by_chance: f64,
    /// How far one standard deviation of the factor moves the mean, minor units.
    pub moved_by_factor: f64,
    /// Every sum is a multiple of it; 0 where there is none such.
    lattice: f64,
}

impl Distribution {
    /// The distribution of the sum.
    #[must_use]
    pub fn of(ingredients: &Ingredients<'_>) -> Self {
        let none = Self { shape: Shape::certain(0.0), sd_by_chance: 0.0, moved_by_factor: 0.0, lattice: 0.0 };
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
            let lattice = prepared.parts.lattice();
            Some(Self { shape: shape?, sd_by_chance: prepared.spread, moved_by_factor, lattice })
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
            Shape::Grid(grid) if self.lattice > 0.0 => {
                grid.quantiles(shares).map(|value| (value / self.lattice - 0.5 - 1e-9).ceil() * self.lattice)
            }
            Shape::Grid(grid) => grid.quantiles(shares),
        }
    }

    /// The chance that the sum reaches `target`, 0 to 1.
    #[must_use]
    pub fn reaches(&self, target: f64) -> f64 {
        let chance = match &self.shape {
            Shape::Jumps(jumps) => jumps.iter().filter(|jump| jump.0 >= target - 1e-6).map(|jump| jump.1).sum(),
            Shape::Grid(grid) if self.lattice > 0.0 => {
                grid.reaches(((target / self.lattice - 1e-9).ceil() - 0.5) * self.lattice)
            }
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
