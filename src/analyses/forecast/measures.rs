//! The columns facts and quotas count in, before they are a row.

/// The column a fact counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForecastMeasure {
    Won,
    Lost,
    Pipeline,
    BestCase,
    Commit,
    Omitted,
    Weighted,
    Overdue,
    Expected,
    WithoutAmount,
    /// An amount without an exchange rate: nothing in the base currency.
    WithoutRate,
    WonTrailing,
    LostTrailing,
    /// A quota set for the node itself.
    OwnQuota,
    /// The sum of the quotas below the node.
    SummedQuota,
    /// The sum of the quotas below the node, whatever was set for it.
    QuotaRollup,
    /// Nothing but the row itself.
    Presence,
}

/// How many measures there are.
pub(super) const MEASURES: usize = ForecastMeasure::Presence as usize + 1;
