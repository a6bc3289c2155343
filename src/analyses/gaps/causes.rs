//! The five causes of a gap, one per factor of what is won.

/// Why less is won: one per factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// Fewer deals than the target needs at the benchmarks.
    InsufficientPipeline,
    /// More of them pushed out of the period.
    SlippedDeals,
    /// Fewer of the rest closed in time.
    LongerCycle,
    /// Fewer of those won.
    LowerWinRate,
    /// Less money in each.
    SmallerDeals,
}

/// How many causes there are.
pub const CAUSES: usize = GapCause::SmallerDeals as usize + 1;

impl GapCause {
    /// All causes, in the order of the table's columns.
    pub const ALL: [Self; CAUSES] =
        [Self::InsufficientPipeline, Self::SlippedDeals, Self::LongerCycle, Self::LowerWinRate, Self::SmallerDeals];

    /// As printed in the `main_cause` column and said in sentences.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InsufficientPipeline => "insufficient pipeline",
            Self::SlippedDeals => "slipped deals",
            Self::LongerCycle => "longer cycle",
            Self::LowerWinRate => "lower win rate",
            Self::SmallerDeals => "smaller deals",
        }
    }
}
