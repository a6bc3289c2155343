//! The events of one deal.

use crate::domain::day::{Day, Moment};
use crate::domain::ids::DealIx;
use crate::timeline::Stay;
#[cfg(doc)]
use crate::timeline::Timeline;

/// A score that was published while the deal was open.
#[derive(Clone, Debug, PartialEq)]
pub struct PastScore {
    /// The morning it is of.
    pub day: Day,
    /// Chance to be won within the horizon, 0 to 1.
    pub win_probability: f64,
    /// The horizon.
    pub horizon_days: u32,
    /// Who said so.
    pub model_id: String,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A lead came in that became the deal.
    Lead,
    /// Marketing reached the lead or the people of the deal.
    Touch,
    /// The deal came to be.
    Created,
    /// A published score, of the morning.
    Score,
    /// It moved to another stage.
    Stage,
    /// It moved to a won stage.
    Won,
    /// It moved to a lost stage.
    Lost,
    /// It moved from a closed stage to an open one.
    Reopened,
    /// Its amount changed.
    Amount,
    /// Its expected close date changed.
    CloseDate,
    /// It changed hands.
    Owner,
    /// Its forecast category changed.
    Category,
    /// The CRM's own chance to win changed.
    Probability,
    /// Somebody was in touch with the customer.
    Activity,
    /// How it stands on the as-of morning.
    Now,
}

/// Kinds of event.
pub(super) const KINDS: usize = EventKind::Now as usize + 1;

impl EventKind {
    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Touch => "touch",
            Self::Created => "created",
            Self::Score => "score",
            Self::Stage => "stage",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Reopened => "reopened",
            Self::Amount => "amount",
            Self::CloseDate => "close date",
            Self::Owner => "owner",
            Self::Category => "category",
            Self::Probability => "probability",
            Self::Activity => "activity",
            Self::Now => "now",
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEvent {
    /// When; midnight where only the day is known.
    pub at: Moment,
    /// What it is about.
    pub kind: EventKind,
    /// What was before, as written; empty where nothing was or nobody knows.
    pub from: String,
    /// What is from now on.
    pub to: String,
    /// By how much: stages forward (back is negative), amount in major units, days the close date moved, points of chance
    /// (of 100), activities.
    pub change: Option<f64>,
    /// Days since the deal was created.
    pub age_days: i32,
    /// Days the value before had stood, of a stage the days in it; `None` at the start.
    pub after_days: Option<i32>,
    /// What it means, in words; may be empty.
    pub note: String,
    /// Chance to be won, 0 to 1, that a model gives the deal on the morning after; see [`DealHistory::ask`].
    pub win_probability: Option<f64>,
}

/// The story.
#[derive(Clone, Debug, PartialEq)]
pub struct DealHistory {
    /// Index in [`Timeline::deals`].
    pub deal: DealIx,
    /// In time order; the last one is [`EventKind::Now`].
    pub events: Vec<HistoryEvent>,
    /// Its stays in open stages.
    pub stays: Vec<Stay>,
}
