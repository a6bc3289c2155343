//! The bars: what a deal can do to the pipeline of a period.

/// A column of the waterfall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bar {
    /// In the pipeline on the first morning.
    Start,
    /// Created since.
    Created,
    /// Older, and come into the period.
    PulledIn,
    /// Amount raised.
    Increased,
    /// Amount lowered.
    Decreased,
    /// Gone from the period, neither lost nor won in it.
    PushedOut,
    /// Expected in the period, and lost.
    Lost,
    /// Won in the period.
    Won,
    /// In the pipeline on the second morning.
    End,
    /// Of the period all along, come from another node.
    MovedIn,
    /// Of the period all along, gone to another node.
    MovedOut,
    /// Other rates.
    Revalued,
}

/// How many bars there are.
pub const BARS: usize = Bar::Revalued as usize + 1;

impl Bar {
    /// All bars, in the order of the table's columns.
    pub const ALL: [Self; BARS] = [
        Self::Start,
        Self::Created,
        Self::PulledIn,
        Self::Increased,
        Self::Decreased,
        Self::PushedOut,
        Self::Lost,
        Self::Won,
        Self::End,
        Self::MovedIn,
        Self::MovedOut,
        Self::Revalued,
    ];

    /// As the column is named.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Created => "created",
            Self::PulledIn => "pulled_in",
            Self::Increased => "increased",
            Self::Decreased => "decreased",
            Self::PushedOut => "pushed_out",
            Self::Lost => "lost",
            Self::Won => "won",
            Self::End => "end",
            Self::MovedIn => "moved_in",
            Self::MovedOut => "moved_out",
            Self::Revalued => "revalued",
        }
    }
}
