//! What earlier runs said of a deal.

/// The score of a deal as earlier runs published it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousScore {
    /// Of the last run of an earlier day.
    pub score: u8,
    /// Of the first run within the last 30 days, what the trend is against; the last one's where the deal was not in it.
    pub month_ago: u8,
}
