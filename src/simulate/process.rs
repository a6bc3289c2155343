//! How a deal's index turns into hazards: the competing exits of every stage, and the exact chance to win they imply.
//!
//! In a stage a deal is *live* until it advances, skips a stage, goes back, is lost or *stalls*; a stalled deal
//! revives or is lost. Where it goes next never depends on the calendar or on how long it waited, so the chance to
//! win is that of a small Markov chain. Draws nothing.

use crate::simulate::catalogue::OPEN_STAGES;

/// Ways out of a live stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageExit {
    /// To the next stage, or won from the last.
    Advance = 0,
    /// Over the next stage.
    Skip = 1,
    /// To the stage before.
    Back = 2,
    /// Lost.
    Lose = 3,
    /// Still in the stage, but nobody is working on it.
    Stall = 4,
}

impl StageExit {
    /// All exits, in the order of [`DealProspects::live`].
    pub const ALL: [Self; 5] = [Self::Advance, Self::Skip, Self::Back, Self::Lose, Self::Stall];
}

/// Relative frequency of every exit at index 0, by stage.
const BASE: [[f64; 5]; OPEN_STAGES] = [
    [0.60, 0.03, 0.00, 0.22, 0.26],
    [0.66, 0.02, 0.03, 0.12, 0.26],
    [0.66, 0.00, 0.05, 0.10, 0.26],
    [0.72, 0.00, 0.05, 0.10, 0.22],
];

/// Change of the log frequency of every exit per unit of the index.
const SLOPE: [f64; 5] = [0.45, 0.30, 0.00, -0.55, -0.45];

/// Mean working days to the exit at index 0, by stage.
const LIVE_DAYS: [f64; OPEN_STAGES] = [18.0, 24.0, 24.0, 23.0];

/// Mean working days a stalled deal waits.
const STALLED_DAYS: f64 = 60.0;

/// What is ahead of one deal.
#[derive(Clone, Debug)]
pub struct DealProspects {
    /// Chance of every exit (order of [`StageExit::ALL`]) by stage; each row sums to 1.
    pub live: [[f64; 5]; OPEN_STAGES],
    /// Chance that a stalled deal revives; it is lost otherwise.
    pub revive: f64,
    /// Mean working days until the exit, by stage.
    pub live_days: [f64; OPEN_STAGES],
    /// Mean working days stalled.
    pub stalled_days: f64,
}

impl DealProspects {
    /// Of a deal with this index (0 = average, unit about one standard deviation) and factor on all waiting times.
    #[must_use]
    pub fn new(index: f64, patience: f64) -> Self {
        let pull = SLOPE.map(|slope| (slope * index).exp());
        let live = BASE.map(|base| {
            let weights: [f64; 5] = std::array::from_fn(|exit| base[exit] * pull[exit]);
            let total: f64 = weights.iter().sum();
            weights.map(|weight| weight / total)
        });
        let hurry = patience * (-0.15 * index).exp();
        Self {
            live,
            revive: 1.0 / (1.0 + (0.55 - 0.5 * index).exp()),
            live_days: LIVE_DAYS.map(|days| days * hurry),
            stalled_days: STALLED_DAYS * patience.sqrt(),
        }
    }

    /// Hazard of `exit` in `stage` while live, per working day: its chance over the mean waiting time.
    #[must_use]
    pub fn hazard(&self, stage: usize, exit: StageExit) -> f64 {
        self.live[stage][exit as usize] / self.live_days[stage]
    }

    /// Hazard, per working day, that a stalled deal revives, or that it is lost.
    #[must_use]
    pub fn stalled_hazard(&self, revive: bool) -> f64 {
        let chance = if revive { self.revive } else { 1.0 - self.revive };
        chance / self.stalled_days
    }

    /// Chance to be won in the end, by the stage a live deal is in, when lost deals are opened again (in the second
    /// stage) with chance `reopen`.
    ///
    /// The absorption probabilities of the chain, by Gauss-Seidel sweeps; their error shrinks by the chance not to
    /// move forward, far below one half, in every sweep.
    #[must_use]
    pub fn win_probability(&self, reopen: f64) -> [f64; OPEN_STAGES] {
        let mut win = [0.0; OPEN_STAGES];
        for _ in 0..48 {
            for stage in (0..OPEN_STAGES).rev() {
                let from = |to: usize| win.get(to).copied().unwrap_or(1.0);
                let lost = reopen * win[1];
                let stalled = self.revive * win[stage] + (1.0 - self.revive) * lost;
                let [advance, skip, back, lose, stall] = self.live[stage];
                win[stage] = advance * from(stage + 1)
                    + skip * from(stage + 2)
                    + back * from(stage.saturating_sub(1))
                    + lose * lost
                    + stall * stalled;
            }
        }
        win
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exits_sum_to_one_and_a_better_deal_wins_more() {
        let mut before = 0.0;
        for index in [-3.0, -1.0, 0.0, 0.5, 2.0] {
            let prospects = DealProspects::new(index, 1.0);
            for row in prospects.live {
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            }
            let win = prospects.win_probability(0.01);
            assert!(win[0] > before && win.windows(2).all(|pair| pair[0] < pair[1]), "{win:?}");
            before = win[0];
        }
    }

    #[test]
    fn the_chance_to_win_is_the_absorption_probability_of_the_chain() {
        // numpy 2.4.6: numpy.linalg.solve(I - Q, R) with the four live and four stalled states and the tables above.
        let expected = [
            (0.0, 0.0, [0.231828496, 0.366176337, 0.519040034, 0.738924951]),
            (0.8, 0.01, [0.500281235, 0.627074420, 0.739242833, 0.870606976]),
            (-1.5, 0.2, [0.024484228, 0.056432564, 0.137479347, 0.385921767]),
        ];
        for (index, reopen, win) in expected {
            let ours = DealProspects::new(index, 1.0).win_probability(reopen);
            assert!(ours.iter().zip(win).all(|(a, b)| (a - b).abs() < 1e-9), "{ours:?} {win:?}");
        }
    }
}
