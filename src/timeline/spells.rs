//! Stays of deals in stages, with how each ended: the raw material of stagnation and funnel.

use super::Timeline;
use crate::domain::day::Day;
use crate::domain::stage::StageId;

/// How a stay in a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Into a later open stage.
    Advanced(StageId),
    /// Into an earlier open stage.
    Back(StageId),
    /// The deal was won from here.
    Won,
    /// The deal was lost from here.
    Lost,
    /// Not ended as of the timeline's day (censored).
    StillThere,
}

/// One stay of one deal in one open stage. Days are whole days between dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// Index in [`Timeline::deals`].
    pub deal: u32,
    /// The stage, [`UNKNOWN_STAGE`](crate::domain::stage::UNKNOWN_STAGE) where history does not say.
    pub stage: StageId,
    /// Day it began.
    pub entered: Day,
    /// Day it ended, or the as-of day for [`Exit::StillThere`].
    pub left: Day,
    /// How it ended.
    pub exit: Exit,
}

impl Spell {
    /// Length of the stay in days, 0 for one that ended the day it began.
    #[must_use]
    pub fn days(&self) -> i32 {
        self.left.0 - self.entered.0
    }
}

impl Timeline {
    /// Every stay of every deal in an open stage, by deal and time.
    #[must_use]
    pub fn spells(&self) -> Vec<Spell> {
        todo!()
    }
}
