//! Do deals of one product, segment, region... take longer in the stages than others, and how long?
//!
//! A timeline's [`Stay`]s and columns to choose from in, [`Levels`] out: of the columns the one whose values tell
//! the stays apart best, and the stays of each value shrunk towards those of the stage
//! ([`ExitCounts::shrunk_towards`]), the more so the fewer there are. How strongly is learned as well. Where no column
//! tells stays apart, there are none.

use super::stay_counts::by_value;
use crate::books::segment::Segment;
use crate::domain::ids::DealIx;
use crate::stats::pooling::{MOST_GROUPS, Pooling};
use crate::stats::survival::{ExitCounts, ExitCurves};
use crate::timeline::Stay;

/// Columns tried where the configuration names none.
pub const USUAL: [&str; 5] = ["pipeline", "product", "segment", "region", "source"];

/// Stays told apart by a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// The column.
    pub column: String,
    /// Its values.
    pub values: Vec<String>,
    /// For every deal of the timeline its position in `values`.
    pub of_deal: Vec<u32>,
    /// Stays of the stage that stand behind the curve of a value.
    pub weight: f64,
    /// Log of how much likelier the stays are with the column than without.
    pub evidence: f64,
    /// By stage, then by value.
    pub curves: Vec<Vec<ExitCurves>>,
}

impl Levels {
    /// The best of `candidates` for stays that `stages` counts by stage.
    #[must_use]
    pub fn learn(stays: &[Stay], stages: &[ExitCounts], candidates: &[Segment]) -> Option<Self> {
        let usable = candidates.iter().filter(|segment| (2..=MOST_GROUPS).contains(&segment.values.len()));
        let candidates = usable.filter_map(|segment| Candidate::of(stays, stages, segment));
        // Of equals the first.
        let is_better = |next: &Candidate<'_>, best: &Candidate<'_>| next.pooling.evidence > best.pooling.evidence;
        let Candidate { segment, pooling: Pooling { evidence, weight }, counts } =
            candidates.reduce(|best, next| if is_better(&next, &best) { next } else { best })?;
        Some(Self {
            column: segment.column.clone().unwrap_or_default(),
            values: segment.values.clone(),
            of_deal: segment.of_deal.clone(),
            weight,
            evidence,
            curves: stages.iter().zip(&counts).map(|(stage, values)| shrunk(stage, values, weight)).collect(),
        })
    }

    /// Position of the value of `deal`.
    #[must_use]
    pub fn value_of(&self, deal: DealIx) -> usize {
        self.of_deal[deal.index()] as usize
    }
}

/// A column whose values tell stays apart.
struct Candidate<'a> {
    segment: &'a Segment,
    pooling: Pooling,
    /// By stage, then by value.
    counts: Vec<Vec<ExitCounts>>,
}

impl<'a> Candidate<'a> {
    fn of(stays: &[Stay], stages: &[ExitCounts], segment: &'a Segment) -> Option<Self> {
        let counts = by_value(stays, stages.len(), segment);
        let pooling = Pooling::learn(stages, &counts)?;
        Some(Self { segment, pooling, counts })
    }
}

/// The curves of the values of a stage.
fn shrunk(stage: &ExitCounts, values: &[ExitCounts], weight: f64) -> Vec<ExitCurves> {
    values.iter().map(|value| value.shrunk_towards(stage, weight)).collect()
}
