//! Does the kind of an activity matter, beyond how many there are of all kinds together?
//!
//! The training rows and the residuals in, the fields worth having out. Each is tested by itself (score test).

use rayon::prelude::*;

use crate::domain::ids::ActivityKindId;
use crate::features::context::FeatureContext;
use crate::features::kinds::{KindMeasure, values_by_kind};
use crate::features::terms::unexplained::Unexplained;
use crate::snapshot::DealState;

/// Most kinds that are asked, the most frequent ones.
const MOST_KINDS: usize = 15;
/// Most fields.
const MOST_FIELDS: usize = 12;

/// A number of a deal that counts activities of one kind.
#[derive(Clone, Debug)]
pub(super) struct KindField {
    pub kind: String,
    pub measure: KindMeasure,
    strength: f64,
}

/// The fields by kind that say something, strongest first.
pub(super) fn kind_fields(
    rows: &[DealState],
    unexplained: &Unexplained,
    context: &FeatureContext<'_>,
    least: f64,
) -> Vec<KindField> {
    let kinds = frequent_kinds(context);
    // Of a list, activities after the closing cannot be told from those before it.
    if kinds.len() < 2 || context.timeline.undated {
        return Vec::new();
    }
    let values = values_by_kind(&kinds, rows, context);
    let of_kinds = kinds.par_iter().zip(values).flat_map_iter(|(&kind, values)| {
        let name = context.tables.activities.kinds.name(kind).unwrap_or_default();
        KindMeasure::ALL.into_iter().zip(values).map(move |(measure, values)| {
            let known = |i: usize| values[i].is_finite();
            let line = strength(unexplained, |i| known(i).then_some(values[i]));
            let any = strength(unexplained, |i| Some(f64::from(known(i) && values[i] > 0.0)));
            KindField { kind: name.to_owned(), measure, strength: line.max(any) }
        })
    });
    let mut fields: Vec<KindField> = of_kinds.filter(|field| field.strength >= least).collect();
    fields.sort_by(|a, b| b.strength.total_cmp(&a.strength).then_with(|| a.kind.cmp(&b.kind)));
    fields.truncate(MOST_FIELDS);
    fields
}

/// The most frequent kinds of the activities known by the as-of day, by name where they tie.
fn frequent_kinds(context: &FeatureContext<'_>) -> Vec<ActivityKindId> {
    let names = &context.tables.activities.kinds;
    let mut counts = vec![0_u64; names.len()];
    for activity in &context.timeline.activities {
        counts[activity.kind.index()] += 1;
    }
    let mut kinds: Vec<ActivityKindId> =
        (0..counts.len()).filter(|&at| counts[at] > 0).map(ActivityKindId::at).collect();
    kinds.sort_by_key(|kind| (std::cmp::Reverse(counts[kind.index()]), names.name(*kind)));
    kinds.truncate(MOST_KINDS);
    kinds
}

/// The square of the score statistic of a column beside the intercept; 0 where the two halves of the rows do not agree.
fn strength(unexplained: &Unexplained, value: impl Fn(usize) -> Option<f64>) -> f64 {
    let (mut total, mut weight) = (0.0, 0.0);
    for (i, &of_row) in unexplained.weight.iter().enumerate() {
        if let Some(x) = value(i) {
            total += of_row * x;
            weight += of_row;
        }
    }
    let mean = if weight > 0.0 { total / weight } else { return 0.0 };
    let (mut sums, mut variances) = ([0.0; 2], [0.0; 2]);
    for (i, (residual, weight)) in unexplained.residual.iter().zip(&unexplained.weight).enumerate() {
        if let Some(x) = value(i) {
            let half = unexplained.half(i);
            sums[half] += (x - mean) * residual;
            variances[half] += (x - mean) * (x - mean) * weight;
        }
    }
    let all = unexplained.z(sums[0] + sums[1], variances[0] + variances[1]);
    let agree = (0..2).all(|half| unexplained.z(sums[half], variances[half]) * all.signum() > 1.0);
    if agree { all * all } else { 0.0 }
}
