//! What colours mean: one list for every chart.

/// The meaning of a mark. Told apart without red against green, and by lightness in print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) enum Ink {
    /// What is booked.
    Won,
    /// What is expected beside it.
    Expected,
    /// An 80 % range or an interval.
    Range,
    /// What is wanted: a quota.
    Quota,
    /// What was lost, or is missing.
    Lost,
    /// A comparison value.
    Baseline,
    /// Axes and rules.
    Rule,
    /// Words.
    Words,
    /// Less important words.
    Quiet,
    /// What lies under a drawing that stands alone.
    Paper,
}

impl Ink {
    /// The class a style sheet may colour.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Won => "i-won",
            Self::Expected => "i-expected",
            Self::Range => "i-range",
            Self::Quota => "i-quota",
            Self::Lost => "i-lost",
            Self::Baseline => "i-baseline",
            Self::Rule => "i-rule",
            Self::Words => "i-words",
            Self::Quiet => "i-quiet",
            Self::Paper => "i-paper",
        }
    }

    /// The colour where there is no style sheet.
    pub(in crate::render) fn colour(self) -> &'static str {
        match self {
            Self::Won => "#1d5fa8",
            Self::Expected => "#7fb0e0",
            Self::Range => "#c9dcf0",
            Self::Quota | Self::Words => "#1c2733",
            Self::Lost => "#c2560c",
            Self::Baseline => "#8a96a3",
            Self::Rule => "#d5dbe1",
            Self::Quiet => "#5b6875",
            Self::Paper => "#ffffff",
        }
    }
}
