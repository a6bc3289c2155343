//! How is a model evaluated: by rolling origin where the history leaves deals to test on, else by cross-validation?
//!
//! Training rows to an [`EvaluationPlan`]. Fits nothing.

use std::borrow::Cow;

use crate::config::Config;
use crate::features::FeatureContext;
use crate::model::cross_validation::{FoldGroups, grouped_splits};
use crate::model::evaluation::Validation;
use crate::model::folds::{Split, splits};
use crate::model::rows::{TrainingRows, distinct};
use crate::report::words::count;

/// Deals in the tests of all folds together that an evaluation takes.
pub(super) const FEWEST_TEST_DEALS: usize = 20;
/// A rolling origin tests on at least this share of the deals: the few youngest that a short history leaves are no fair draw.
const TESTED_SHARE: f64 = 0.15;
/// Most folds of a rolling origin where none are configured.
const FOLDS: usize = 4;

/// Which rows are learnt from and tested on, and why so.
pub(super) struct EvaluationPlan<'a> {
    pub validation: Validation,
    /// Why, in words with the numbers.
    pub reason: String,
    pub splits: Vec<Split>,
    /// The rows; under cross-validation with the groups that stay together.
    pub rows: Cow<'a, TrainingRows>,
}

impl<'a> EvaluationPlan<'a> {
    /// The plan for `rows`. Deals without dates have no past to roll through.
    pub fn of(rows: &'a TrainingRows, horizon: i32, context: &FeatureContext<'_>, config: &Config) -> Self {
        if context.timeline.undated {
            return Self::crossed(rows, "the past of the deals is not known", context, config);
        }
        let splits = splits(rows, horizon, config.training.folds.unwrap_or(FOLDS));
        let tested = distinct(splits.iter().flat_map(|split| &split.test).map(|&i| rows.groups[i])).len();
        let all = distinct(rows.groups.iter().copied()).len();
        let needed = ((TESTED_SHARE * all as f64).ceil() as usize).max(FEWEST_TEST_DEALS);
        if tested < needed {
            let reason = format!(
                "a rolling origin leaves {} to test on that no fold learnt from, expected at least {needed}",
                count(tested as u64, "deal")
            );
            return Self::crossed(rows, &reason, context, config);
        }
        let reason = format!(
            "{} on {}, each trained on rows whose {horizon} days had ended by its cutoff",
            count(splits.len() as u64, "fold"),
            count(tested as u64, "other deal")
        );
        Self { validation: Validation::RollingOrigin, reason, splits, rows: Cow::Borrowed(rows) }
    }

    fn crossed(rows: &'a TrainingRows, why: &str, context: &FeatureContext<'_>, config: &Config) -> Self {
        let grouping = FoldGroups::of(rows, context, &config.training);
        let rows = Cow::Owned(TrainingRows { groups: grouping.groups, ..rows.clone() });
        let splits = grouped_splits(&rows, &config.training);
        let reason = format!("{why}: {} of whole {}", count(splits.len() as u64, "fold"), grouping.what);
        Self { validation: Validation::GroupedCrossValidation, reason, splits, rows }
    }

    /// Different deals in the tests of all folds.
    pub fn test_deals(&self) -> usize {
        distinct(self.splits.iter().flat_map(|split| &split.test).map(|&i| self.rows.states[i].deal)).len()
    }
}
