//! Do open deals close at the pace the model gives them, at this point of a period?
//!
//! Near the end of a quarter many deals are closed that would take longer elsewhere, more in some companies than in
//! others. At the same distance from the beginning of past periods, the chances the model gives are compared with the
//! actual wins: what it missed there, in log-odds and shrunk towards none, is added to every chance of that period.

use crate::domain::probability::{logistic, logit};

/// Past periods looked at, at most.
pub(super) const PAST_PERIODS: i32 = 4;
/// Deals looked at in each, about: where more are open now, every n-th of all.
pub(super) const MOST_DEALS: usize = 20_000;
/// How strongly the shift is shrunk towards none: as much as so many wins' worth of evidence pull it away.
const PRIOR: f64 = 10.0;

/// The shift of the log-odds under which `chances` agree best with what happened.
pub(super) fn shift(chances: &[f64], won: &[bool]) -> f64 {
    let log_odds: Vec<f64> = chances.iter().map(|&chance| logit(chance)).collect();
    let wins = won.iter().filter(|&&won| won).count() as f64;
    let mut shift = 0.0;
    // Newton's method on a concave sum: from no shift it gets there in a few steps.
    for _ in 0..50 {
        let (mut pull, mut curve) = (wins - PRIOR * shift, PRIOR);
        for x in &log_odds {
            let chance = logistic(x + shift);
            pull -= chance;
            curve += chance * (1.0 - chance);
        }
        let step = (pull / curve).clamp(-1.0, 1.0);
        shift += step;
        if step.abs() < 1e-10 {
            break;
        }
    }
    shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_moved_to_what_happened() {
        let chances = vec![0.1; 10_000];
        let won: Vec<bool> = (0..10_000).map(|i| i % 5 == 0).collect();
        // ln((.2/.8) / (.1/.9)) = 0.8109; the prior takes a little
        let found = shift(&chances, &won);
        assert!((0.80..0.811).contains(&found), "{found}");
        assert!(shift(&[], &[]).abs() < 1e-12);
        assert!(shift(&[0.5; 4], &[true; 4]) < 0.2, "four deals say little");
    }
}
