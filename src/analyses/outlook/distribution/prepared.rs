//! One period, ready to be put on a grid; or, where few outcomes are possible, each of them.

use crate::analyses::outlook::distribution::ingredients::{Atom, OpenProspect};
use crate::analyses::outlook::distribution::parts::{FactorCase, NO_CHANCE, NO_NEW, Parts};
use crate::analyses::outlook::distribution::shape::Shape;

/// Up to so many outcomes are listed one by one.
const MOST_OUTCOMES: usize = 4096;

/// One period, ready to be put on a grid.
pub(super) struct Prepared<'p> {
    pub(super) parts: Parts<'p>,
    /// The deals that are seen one by one.
    pub(super) large: &'p [usize],
    pub(super) cases: Vec<FactorCase>,
    pub(super) range: (f64, f64),
    pub(super) spread: f64,
}

impl<'p> Prepared<'p> {
    pub(super) fn of(parts: Parts<'p>, large: &'p [usize], small: &[usize]) -> Self {
        let nodes = parts.nodes();
        let shifts: Vec<f64> = nodes.iter().map(|node| node.0).collect();
        let sums = parts.small_sums(&shifts, small);
        let case = |(&(shift, weight), sums)| parts.case(shift, weight, large, sums);
        let cases: Vec<FactorCase> = nodes.iter().zip(sums).map(case).collect();
        let range = parts.range(&cases, large);
        let spread = parts.calm_moments().1.sqrt();
        Self { parts, large, cases, range, spread }
    }

    pub(super) fn width(&self) -> f64 {
        self.range.1 - self.range.0
    }

    /// The large deals that can change the sum: position among the large ones, deal.
    fn possible(&self) -> impl Iterator<Item = (usize, &OpenProspect)> {
        let deals = self.large.iter().map(|&i| &self.parts.deals[i]).enumerate();
        deals.filter(|(_, deal)| deal.amount != 0.0 && deal.chance > NO_CHANCE)
    }

    /// Where nothing can happen, or so little that every outcome can be listed.
    pub(super) fn without_grid(&self) -> Option<Shape> {
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
