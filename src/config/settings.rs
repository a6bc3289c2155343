//! [`Config`] and its smaller sections: every key with its default.
//!
//! Plain settings; `load` reads and checks them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::calendar::CalendarConfig;
use crate::config::fault::Fault;
use crate::config::money::MoneyConfig;
use crate::config::push::PushConfig;
use crate::config::rules::RuleConfig;
use crate::config::sources::TableSources;
use crate::domain::day::MOST_DAYS;
use crate::domain::period::FiscalCalendar;
use crate::domain::stage::Stage;

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Input tables, by canonical name.
    #[schemars(extend("default" = serde_json::json!({})))]
    pub sources: TableSources,
    /// The sales process in order. Empty: proposed from the data.
    pub stages: Vec<Stage>,
    /// Time zone and fiscal calendar.
    pub calendar: CalendarConfig,
    /// Base currency and defaults.
    pub money: MoneyConfig,
    /// Training window and model choices.
    pub training: TrainingConfig,
    /// Columns to keep out of, or to force into, the model.
    pub features: FeatureConfig,
    /// Stagnation thresholds, in days, by stage, learned where absent; what stays are told apart by.
    pub stagnation: StagnationConfig,
    /// What the funnel calls the process as it runs now.
    #[serde(skip_serializing_if = "FunnelConfig::is_default")]
    pub funnel: FunnelConfig,
    /// What to do with rows that break a rule.
    pub rules: RuleConfig,
    /// Where scores are fed back to, by a name of your choice.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub push: BTreeMap<String, PushConfig>,
}

impl Config {
    /// The fiscal calendar this configuration describes.
    #[must_use]
    pub fn fiscal_calendar(&self) -> FiscalCalendar {
        self.calendar.fiscal_calendar().unwrap_or_default()
    }
}

/// Whether the listed stages make a process.
pub(super) fn check_stages(stages: &[Stage]) -> Result<(), Fault> {
    for (at, stage) in stages.iter().enumerate() {
        if stages[..at].iter().any(|other| (&other.name, &other.pipeline) == (&stage.name, &stage.pipeline)) {
            return Err(Fault::new("stages.name", format!("{:?} twice", stage.name), "every stage of a pipeline once"));
        }
        if let Some(empty) = stage.was.iter().find(|was| was.days().is_some_and(|(from, until)| from >= until)) {
            return Err(Fault::new("stages.was", format!("{:?} on no day", empty.name()), "`from` before `until`"));
        }
        if let Some(chance) = stage.probability.filter(|chance| !(0.0..=1.0).contains(chance)) {
            return Err(Fault::new("stages.probability", chance.to_string(), "a chance, 0 to 1"));
        }
    }
    Ok(())
}

/// Most folds of an evaluation.
const MOST_FOLDS: usize = 100;

/// Days between two landmarks of one deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LandmarkGrid {
    /// Whichever of the others fits the deals' cycle and the length of the history.
    Auto,
    /// Every day.
    Daily,
    /// Every seventh day.
    Weekly,
    /// The first of every month.
    Monthly,
}

/// Training window and model choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Landmark days; chosen from the data by default.
    pub landmarks: LandmarkGrid,
    /// Days after a landmark within which a win counts; learned from the won cycle when absent.
    pub horizon_days: Option<u32>,
    /// Days of history before the as-of day to learn from; all when absent.
    pub window_days: Option<u32>,
    /// Ridge penalties to choose from, per row of training data.
    pub alphas: Vec<f64>,
    /// Folds of the evaluation. When absent at most 4 of a rolling origin, 5 or 10 of a cross-validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folds: Option<usize>,
    /// Column whose deals stay together in a cross-validation, such as the customer; `account` when absent, where accounts
    /// have several deals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// Most landmark rows a fit may use; deals are sampled by hash above it.
    pub max_rows: usize,
    /// Seed of that sample.
    pub seed: u64,
    /// When `run` trains a new model instead of scoring with the saved one.
    pub retrain: RetrainConfig,
}

/// When a saved model is due to be replaced, if a newer one is not worse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetrainConfig {
    /// At this age in days.
    pub max_age_days: u32,
    /// Not before this age in days, whatever the next two say.
    pub min_age_days: u32,
    /// When so many deals have closed since, as a share of the closed deals it knew.
    pub new_closed_share: f64,
    /// When a field that matters has drifted so far (population stability index).
    pub drift_psi: f64,
}

impl RetrainConfig {
    fn check(&self) -> Result<(), Fault> {
        let Self { max_age_days, min_age_days, new_closed_share, drift_psi } = *self;
        check_days("training.retrain.max_age_days", [max_age_days])?;
        check_days("training.retrain.min_age_days", [min_age_days])?;
        let shares = [("new_closed_share", new_closed_share), ("drift_psi", drift_psi)];
        match shares.into_iter().find(|(_, share)| !share.is_finite() || *share < 0.0) {
            Some((key, share)) => {
                Err(Fault::new(format!("training.retrain.{key}"), share.to_string(), "a number of zero or more"))
            }
            None => Ok(()),
        }
    }
}

impl Default for RetrainConfig {
    fn default() -> Self {
        Self { max_age_days: 30, min_age_days: 7, new_closed_share: 0.1, drift_psi: 0.25 }
    }
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            landmarks: LandmarkGrid::Auto,
            horizon_days: None,
            window_days: None,
            alphas: vec![1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0],
            folds: None,
            group_by: None,
            max_rows: 100_000,
            seed: 1,
            retrain: RetrainConfig::default(),
        }
    }
}

impl TrainingConfig {
    pub(super) fn check(&self) -> Result<(), Fault> {
        let usable = |alpha: &f64| alpha.is_finite() && *alpha > 0.0;
        if self.alphas.is_empty() || !self.alphas.iter().all(usable) {
            let got = format!("{:?}", self.alphas);
            return Err(Fault::new("training.alphas", got, "one or more positive numbers"));
        }
        if self.folds == Some(0) || self.max_rows == 0 {
            return Err(Fault::new("training.folds / max_rows", "0", "at least 1"));
        }
        if let Some(folds) = self.folds.filter(|folds| *folds > MOST_FOLDS) {
            return Err(Fault::new("training.folds", folds.to_string(), format!("at most {MOST_FOLDS}")));
        }
        check_days("training.horizon_days", self.horizon_days)?;
        check_days("training.window_days", self.window_days)?;
        self.retrain.check()
    }
}

/// Whether a number of days is one of a stretch that may be given.
fn check_days(key: &str, days: impl IntoIterator<Item = u32>) -> Result<(), Fault> {
    match days.into_iter().find(|days| *days > MOST_DAYS) {
        Some(days) => Err(Fault::new(key, days.to_string(), format!("at most {MOST_DAYS} days, a hundred years"))),
        None => Ok(()),
    }
}

/// Columns the model may or must not use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureConfig {
    /// Deals columns never to use.
    pub exclude: Vec<String>,
    /// Deals columns to use even where they look like leaks.
    pub force: Vec<String>,
}

/// The conversion funnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FunnelConfig {
    /// The cohort `current` is what deals did in the last so many days before the as-of day.
    #[schemars(range(min = 1))]
    pub current_days: u32,
}

impl FunnelConfig {
    pub(super) fn check(&self) -> Result<(), Fault> {
        check_days("funnel.current_days", [self.current_days])
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for FunnelConfig {
    fn default() -> Self {
        Self { current_days: 365 }
    }
}

/// How stagnation is judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StagnationConfig {
    /// Stage -> days after which a deal is slow.
    pub slow_after_days: BTreeMap<String, u32>,
    /// Stage -> days after which a deal is stalled.
    pub stalled_after_days: BTreeMap<String, u32>,
    /// Columns that may tell stays in a stage apart; the one that does best is used, none if none does. If not given:
    /// pipeline, product, segment, region, source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Vec<String>>,
}

impl StagnationConfig {
    pub(super) fn check(&self) -> Result<(), Fault> {
        check_days("stagnation.slow_after_days", self.slow_after_days.values().copied())?;
        check_days("stagnation.stalled_after_days", self.stalled_after_days.values().copied())
    }
}
