//! Applying a fitted spec: states in, standardised columns out.
//!
//! Every field is read once per row and spread over its columns; fields run in parallel, each filling its own columns.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::features::cells::{CellLevel, Cells};
use crate::features::context::FeatureContext;
use crate::features::matrix::FeatureMatrix;
use crate::features::read::read;
use crate::features::spec::{ColumnBasis, Feature, FeatureSpec, Field, Measure};
use crate::features::state::NEUTRAL;
use crate::snapshot::DealState;

impl FeatureSpec {
    /// Encodes `rows`: `rows.len()` x `self.features.len()`, standardised with the training mean and deviation, all
    /// finite. What the training rows never had (a new level, an unknown currency) is the average, 0.
    ///
    /// A row sees outcomes and workloads of its own day only, whatever else the context knows.
    #[must_use]
    pub fn encode(&self, rows: &[DealState], context: &FeatureContext<'_>) -> FeatureMatrix {
        let matrix = FeatureMatrix::zeros(rows.len(), self.features.len());
        self.encode_rest(matrix, &vec![None; self.features.len()], rows, context)
    }

    /// [`FeatureSpec::encode`] where `before`, from which this spec grew, made `matrix` of the same rows: only what is new is
    /// computed.
    #[must_use]
    pub fn encode_grown(
        &self,
        before: &Self,
        matrix: FeatureMatrix,
        rows: &[DealState],
        context: &FeatureContext<'_>,
    ) -> FeatureMatrix {
        let names = before.features.iter().map(|feature| feature.name.as_str());
        let known: BTreeMap<&str, usize> = names.zip(0..).collect();
        let from: Vec<Option<usize>> =
            self.features.iter().map(|feature| known.get(feature.name.as_str()).copied()).collect();
        self.encode_rest(matrix.spread(&from), &from, rows, context)
    }

    /// Fills the columns of `matrix` that do not come `from` elsewhere.
    fn encode_rest(
        &self,
        mut matrix: FeatureMatrix,
        from: &[Option<usize>],
        rows: &[DealState],
        context: &FeatureContext<'_>,
    ) -> FeatureMatrix {
        let columns = self.features.iter().zip(from).zip(matrix.columns_mut());
        let empty = columns.filter(|((_, from), _)| from.is_none());
        let mut empty: Vec<EmptyColumn<'_>> =
            empty.map(|((feature, _), column)| EmptyColumn { feature, column }).collect();
        let by_field: Vec<&mut [EmptyColumn<'_>]> =
            empty.chunk_by_mut(|a, b| a.feature.field == b.feature.field).collect();
        by_field.into_par_iter().for_each(|columns| self.encode_field(columns, rows, context));
        matrix
    }

    /// Fills columns of one field.
    fn encode_field(&self, columns: &mut [EmptyColumn<'_>], rows: &[DealState], context: &FeatureContext<'_>) {
        let Some(field) = columns.first().and_then(|first| self.fields.get(first.feature.field)) else { return };
        let cells = read(&field.measure, rows, context);
        for EmptyColumn { feature, column } in columns {
            feature.basis.fill(field, &cells, rows, context, column);
            column.iter_mut().for_each(|value| *value = feature.standard(*value));
        }
    }
}

/// A feature, and its column still to be filled.
struct EmptyColumn<'a> {
    feature: &'a Feature,
    column: &'a mut [f64],
}

impl Feature {
    /// A basis value in training standard deviations from the training mean; 0 where the basis says nothing.
    pub(super) fn standard(&self, value: f64) -> f64 {
        if value.is_finite() { (value - self.mean) / self.sd } else { 0.0 }
    }
}

impl ColumnBasis {
    /// Fills a column with the basis of every row, not finite where it has nothing to say.
    pub(super) fn fill(
        &self,
        field: &Field,
        cells: &Cells,
        rows: &[DealState],
        context: &FeatureContext<'_>,
        column: &mut [f64],
    ) {
        match (self, cells) {
            (Self::AtStage { stage, center }, Cells::Numbers(values)) => {
                let wanted = context.stages.position(stage).into();
                for ((cell, &value), row) in column.iter_mut().zip(values).zip(rows) {
                    *cell = match (row.stage_tracked, row.stage == wanted) {
                        (false, _) => NEUTRAL,
                        (true, true) => field.clamp(value) - center,
                        (true, false) => 0.0,
                    };
                }
            }
            (_, Cells::Numbers(values)) => {
                for (cell, &value) in column.iter_mut().zip(values) {
                    *cell = self.of_number(field, value);
                }
            }
            (_, Cells::Levels(levels)) => {
                let wanted = self.wanted_level(field);
                for (cell, &level) in column.iter_mut().zip(levels) {
                    *cell = match level {
                        CellLevel::Unseen if *self != Self::Missing => NEUTRAL,
                        CellLevel::Missing if field.absence_is_neutral => NEUTRAL,
                        level => f64::from(u8::from(Some(level) == wanted)),
                    };
                }
            }
        }
    }

    fn of_number(&self, field: &Field, value: f64) -> f64 {
        match self {
            Self::Missing => f64::from(u8::from(value.is_nan())),
            Self::Value => field.clamp(value),
            _ if value.is_finite() => self.of_value(field.clamp(value)),
            _ => NEUTRAL,
        }
    }

    /// What a basis of numbers says of a known value within the range of training.
    pub(super) fn of_value(&self, value: f64) -> f64 {
        match self {
            Self::Value => value,
            Self::Hinge { knot } => (value - knot).max(0.0),
            Self::From { least } => f64::from(u8::from(value >= least - tolerance(*least))),
            Self::Exactly { value: exact } => f64::from(u8::from((value - exact).abs() <= tolerance(*exact))),
            Self::Positive => f64::from(u8::from(value > 0.0)),
            Self::Missing => 0.0,
            Self::Level { .. } | Self::Other | Self::AtStage { .. } => NEUTRAL,
        }
    }

    /// The level whose rows the column marks.
    fn wanted_level(&self, field: &Field) -> Option<CellLevel> {
        match (self, &field.measure) {
            (Self::Missing, _) => Some(CellLevel::Missing),
            (Self::Other, _) => Some(CellLevel::Pooled),
            (Self::Level { level }, Measure::Level { levels, .. }) => {
                levels.iter().position(|l| l == level).map(|position| CellLevel::Known(position as u32))
            }
            (Self::Level { level }, Measure::Pair { cells, .. }) => {
                cells.iter().position(|cell| cell.name == *level).map(|position| CellLevel::Known(position as u32))
            }
            _ => None,
        }
    }
}

impl Field {
    /// A value within what training saw; unchanged where it is none.
    pub(super) fn clamp(&self, value: f64) -> f64 {
        if value.is_finite() { value.max(self.range[0]).min(self.range[1]) } else { value }
    }
}

/// How far a stored value may be from the one it was rounded from.
fn tolerance(value: f64) -> f64 {
    1e-8 * value.abs().max(1e-3)
}
