//! Do deals of one product, segment, region... take longer in the stages than others, and how long?
//!
//! A timeline's [`Spell`]s and columns to choose from in, [`Levels`] out: of the columns the one whose values tell
//! the stays apart best, and the stays of each value held towards those of the stage ([`ExitCounts::shrunk_towards`]), the
//! more so the fewer there are. How strongly is learned as well. Where no column tells stays apart, there are none.

use rayon::prelude::*;

use crate::analyses::stagnation::benchmarks::{CHUNK, add_stay};
use crate::books::segment::Segment;
use crate::domain::ids::DealIx;
use crate::stats::survival::{ExitCounts, ExitCurves};
use crate::timeline::Spell;

/// Columns tried where the configuration names none.
pub const USUAL: [&str; 5] = ["pipeline", "product", "segment", "region", "source"];
/// Values with more of them are names rather than groups.
pub(crate) const MOST_VALUES: usize = 50;
/// Stays that stand behind a stage's curve while it is held against those of one value.
const WEIGHTS: [f64; 6] = [10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0];
/// Log of how much likelier the stays must be with the column than without.
const EVIDENCE: f64 = 3.0;

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
    pub fn learn(spells: &[Spell], stages: &[ExitCounts], candidates: &[Segment]) -> Option<Self> {
        let usable = candidates.iter().filter(|segment| (2..=MOST_VALUES).contains(&segment.values.len()));
        let judged = usable.filter_map(|segment| {
            let counts = counts(spells, stages.len(), segment);
            Some((weight_of(stages, &counts)?, segment, counts))
        });
        // Of equals the first.
        let ((evidence, weight), segment, counts) =
            judged.reduce(|best, next| if next.0.0 > best.0.0 { next } else { best })?;
        let shrunk = |(stage, values): (&ExitCounts, &Vec<ExitCounts>)| {
            values.iter().map(|value| value.shrunk_towards(stage, weight)).collect()
        };
        Some(Self {
            column: segment.column.clone().unwrap_or_default(),
            values: segment.values.clone(),
            of_deal: segment.of_deal.clone(),
            weight,
            evidence,
            curves: stages.iter().zip(&counts).map(shrunk).collect(),
        })
    }

    /// Position of the value of `deal`.
    #[must_use]
    pub fn value_of(&self, deal: DealIx) -> usize {
        self.of_deal[deal.index()] as usize
    }
}

/// Log of how much likelier the stays are when told apart by value, and how many stays of all should stand behind those of
/// one value; `None` where the values do not tell them apart. Both slices are by stage.
pub(crate) fn weight_of(all: &[ExitCounts], by_value: &[Vec<ExitCounts>]) -> Option<(f64, f64)> {
    let evidence = |weight: Option<f64>| -> f64 {
        let of_stage = |(stage, values): (&ExitCounts, &Vec<ExitCounts>)| {
            values.iter().map(|value| value.log_evidence(stage, weight)).sum::<f64>()
        };
        all.iter().zip(by_value).map(of_stage).sum()
    };
    let without = evidence(None);
    let with = WEIGHTS.map(|weight| (evidence(Some(weight)) - without, weight));
    with.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).filter(|best| best.0 > EVIDENCE)
}

/// Stays by stage and value.
fn counts(spells: &[Spell], stages: usize, segment: &Segment) -> Vec<Vec<ExitCounts>> {
    let empty = || vec![vec![ExitCounts::default(); segment.values.len()]; stages];
    let count = |chunk: &[Spell]| {
        let mut counts = empty();
        for spell in chunk {
            let value = segment.of_deal[spell.deal.index()] as usize;
            if let Some(stage) = spell.stage.get() {
                add_stay(&mut counts[stage.index()][value], spell);
            }
        }
        counts
    };
    let parts: Vec<_> = spells.par_chunks(CHUNK).map(count).collect();
    let mut counts = empty();
    for part in &parts {
        let pairs = counts.iter_mut().flatten().zip(part.iter().flatten());
        pairs.for_each(|(sum, more)| sum.merge(more));
    }
    counts
}
