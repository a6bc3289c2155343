//! Training rows to columns: the spec fitted on them, the terms its own fit leaves to be found, and the matrix.

use crate::config::FeatureConfig;
use crate::domain::probability::logistic as chance;
use crate::features::{FeatureContext, FeatureMatrix, FeatureSpec, Unexplained};
use crate::model::evaluation::Sees;
use crate::model::logistic;
use crate::model::newton::Line;
use crate::model::rows::RowsView;
use crate::model::visible::visible_spec;

/// Penalty of the fit whose residuals say which further terms there are: light, so that what is left is not what the
/// penalty took.
const MAIN_EFFECTS_ALPHA: f64 = 1e-3;

/// Training rows as a model sees them.
pub(super) struct EncodedRows {
    pub spec: FeatureSpec,
    pub matrix: FeatureMatrix,
    /// A line near the one sought; none where there is none.
    pub start: Option<Line>,
}

impl EncodedRows {
    /// What a model that sees so much sees of `rows`.
    pub fn of(sees: Sees, rows: RowsView<'_>, context: &FeatureContext<'_>, config: &FeatureConfig) -> Self {
        let spec = sees.restrict(visible_spec(rows, context, config));
        let matrix = spec.encode(rows.states, context);
        match sees {
            Sees::Everything => Self { spec, matrix, start: None }.enriched(rows, context),
            Sees::Stage | Sees::StageTable => Self { spec, matrix, start: None },
        }
    }

    fn enriched(self, rows: RowsView<'_>, context: &FeatureContext<'_>) -> Self {
        // Where no line is found there is nothing to look at: who fits the model will say so.
        let Ok(line) = logistic::fit(&self.matrix, rows.won, MAIN_EFFECTS_ALPHA, "win") else { return self };
        let chances: Vec<f64> = line.log_odds(&self.matrix).into_iter().map(chance).collect();
        let unexplained = Unexplained::of(rows.states, rows.won, &chances);
        let Some(spec) = self.spec.enriched(rows.states, &unexplained, context) else {
            return Self { start: Some(line), ..self };
        };
        let matrix = spec.encode_grown(&self.spec, self.matrix, rows.states, context);
        let weight_of = |name: &str| self.spec.features.iter().position(|feature| feature.name == name);
        let weights = spec.features.iter().map(|feature| weight_of(&feature.name).map_or(0.0, |at| line.weights[at]));
        let start = Line { intercept: line.intercept, weights: weights.collect() };
        Self { spec, matrix, start: Some(start) }
    }
}
