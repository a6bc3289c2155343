//! On pace, slow or stalled, and what changed of it since the reference day.

/// Whether a deal moves as deals that advance do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StagnationStatus {
    /// Within the time most advancing deals take, or nothing to compare with.
    OnPace,
    /// Longer than three quarters of them.
    Slow,
    /// Longer than nineteen of twenty.
    Stalled,
}

impl StagnationStatus {
    /// All statuses, best first.
    pub const ALL: [Self; 3] = [Self::OnPace, Self::Slow, Self::Stalled];

    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OnPace => "on pace",
            Self::Slow => "slow",
            Self::Stalled => "stalled",
        }
    }
}

/// What became of a deal's status since the reference day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusChange {
    /// It was not open then.
    New,
    /// It is stalled and was not, or not in this stay.
    NewlyStalled,
    /// It is slow and was on pace.
    NewlySlow,
    /// It was stalled and is not: it moved.
    NoLongerStalled,
    /// None of these.
    Unchanged,
}

impl StatusChange {
    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::NewlyStalled => "newly stalled",
            Self::NewlySlow => "newly slow",
            Self::NoLongerStalled => "no longer stalled",
            Self::Unchanged => "unchanged",
        }
    }

    /// From the status on the reference day to that of now. A deal that moved on and is stalled again is newly stalled.
    pub(super) fn between(then: Option<StagnationStatus>, now: StagnationStatus, same_stay: bool) -> Self {
        use StagnationStatus::{OnPace, Slow, Stalled};
        match (then, now) {
            (None, _) => Self::New,
            (Some(Stalled), Stalled) if !same_stay => Self::NewlyStalled,
            (Some(OnPace | Slow), Stalled) => Self::NewlyStalled,
            (Some(Stalled), OnPace | Slow) => Self::NoLongerStalled,
            (Some(OnPace), Slow) => Self::NewlySlow,
            (Some(_), _) => Self::Unchanged,
        }
    }
}
