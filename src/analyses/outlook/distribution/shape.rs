//! The shape of a distribution: a few outcomes one by one, or probabilities on an even grid.

/// Where the probability lies.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Values with their probabilities, ascending: few outcomes are listed.
    Jumps(Vec<(f64, f64)>),
    /// Many are put on a grid.
    Grid(Grid),
}

impl Shape {
    pub fn certain(value: f64) -> Self {
        Self::Jumps(vec![(value, 1.0)])
    }
}

/// Probabilities on an even grid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    /// Value of the first grid point.
    pub first: f64,
    pub step: f64,
    pub mass: Vec<f64>,
    /// What the sum cannot be below and above.
    pub bounds: (f64, f64),
}

impl Grid {
    /// The values below which these shares of the probability lie, ascending.
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
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

    /// The chance to reach `target`. The mass of a point lies evenly around it.
    pub fn reaches(&self, target: f64) -> f64 {
        let position = (target - self.first) / self.step;
        let cut = (position + 0.5).floor();
        let above: f64 = self.mass.iter().skip((cut + 1.0).max(0.0) as usize).sum();
        let at = if cut < 0.0 { 0.0 } else { self.mass.get(cut as usize).copied().unwrap_or(0.0) };
        above + at * (cut + 0.5 - position)
    }
}
