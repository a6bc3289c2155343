//! What is to come of deals and leads that are still open, by how long they have been so and where they came from?
//!
//! Lives in, [`AdvanceChances`] out: of each source how lives end, by days, shrunk towards those of all sources the more so the
//! fewer there are ([`ExitCounts::shrunk_towards`]). A young cohort's open deals are thus counted for what deals of their
//! age and source became in the past, rather than for nothing.

use crate::domain::day::Day;
use crate::domain::ids::OriginId;
use crate::stats::pooling::{MOST_GROUPS, Pooling};
use crate::stats::survival::{ExitCause, ExitCounts, ExitCurves, MAX_DAYS};

/// The unit of chances and of shares in a deal: a whole deal is so many.
pub const WHOLE: i64 = 1_000_000_000;

/// A deal or lead: its source, and how long it is known to have lived until what end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetime {
    source: OriginId,
    /// Days until its end, or so far.
    days: i32,
    /// Days before it could be seen to end.
    unseen: i32,
    /// `None` while it goes on.
    end: Option<ExitCause>,
}

impl Lifetime {
    /// One that began on `created`, is seen from `since` on, and ended on `until`; the as-of day while it goes on, and where
    /// nobody knows when it ended: that is the latest it can have been.
    pub fn of(source: OriginId, created: Day, since: Day, until: Day, end: Option<ExitCause>) -> Self {
        let days = |to: Day| to.0.saturating_sub(created.0).max(0);
        Self { source, days: days(until), unseen: days(since).min(days(until)), end }
    }
}

/// How lives end, by source.
#[derive(Clone, Debug)]
pub(super) struct AdvanceChances {
    by_source: Vec<ExitCurves>,
}

impl AdvanceChances {
    /// Learns from `lives` of `sources` sources.
    pub fn learn(sources: usize, lives: impl Iterator<Item = Lifetime>) -> Self {
        let mut by_source = vec![ExitCounts::default(); sources];
        for Lifetime { source, days, unseen, end } in lives {
            let counts = &mut by_source[source.index()];
            match end {
                Some(cause) => counts.push(days, cause),
                None => counts.push_running(days),
            }
            if unseen < days || end.is_some() {
                counts.delay(unseen);
            }
        }
        let mut all = ExitCounts::default();
        by_source.iter().for_each(|counts| all.merge(counts));
        let weight = (sources > 1).then(|| weight(&all, &by_source)).flatten();
        let curves = |counts: &ExitCounts| match weight {
            Some(weight) => counts.shrunk_towards(&all, weight),
            None => all.finish(),
        };
        Self { by_source: by_source.iter().map(curves).collect() }
    }

    /// Chance, in parts of [`WHOLE`], that a life of `source` which has lasted `days` days ends as an advance (a win, a
    /// conversion) at all; 0 where none that lasted so long ever did.
    pub fn to_advance(&self, source: OriginId, days: i32) -> i64 {
        let chance = self.by_source[source.index()].within(ExitCause::Advance, days, MAX_DAYS as i32);
        (chance.unwrap_or(0.0) * WHOLE as f64).round() as i64
    }

    /// Days within which half of those of `source` that advance in the long run have done so.
    pub fn median_days(&self, source: OriginId) -> Option<u32> {
        self.by_source[source.index()].quantile_given(ExitCause::Advance, 0.5)
    }
}

/// How many lives of all stand behind those of one source. Of very many sources the largest say it for all.
fn weight(all: &ExitCounts, by_source: &[ExitCounts]) -> Option<f64> {
    let ended = |counts: &ExitCounts| {
        [ExitCause::Advance, ExitCause::Lost, ExitCause::Back].map(|cause| counts.exits(cause)).iter().sum::<u64>()
    };
    let mut largest: Vec<&ExitCounts> = by_source.iter().collect();
    largest.sort_by_key(|counts| std::cmp::Reverse(ended(counts)));
    largest.truncate(MOST_GROUPS);
    let largest: Vec<ExitCounts> = largest.into_iter().cloned().collect();
    Pooling::learn(std::slice::from_ref(all), &[largest]).map(|pooling| pooling.weight)
}
