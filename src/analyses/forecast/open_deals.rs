//! The open deals a forecast counts, and the periods their scores speak of.

use crate::domain::ids::{CurrencyId, DealIx};
use crate::domain::period::Period;

/// A period the scores speak of.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScoredPeriod {
    pub period: Period,
    /// Position in the scores' periods.
    pub period_index: usize,
    /// Position of the period before, whose wins are not in this one; `None` for the running period.
    pub before: Option<usize>,
}

/// An open deal the filter admits.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenDeal {
    pub deal: DealIx,
    pub position: u32,
    pub currency: CurrencyId,
    /// Present amount, minor units; where there is none what it counts as, 0 if nothing is known of that.
    pub native: i64,
    /// The same in the base currency; 0 without a rate.
    pub base: i64,
    /// Whether there is a rate, where there are any.
    pub rated: bool,
    /// Position in the scores' rows.
    pub score: Option<u32>,
}
