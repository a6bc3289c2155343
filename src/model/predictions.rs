//! Out-of-time predictions: the rows a model was evaluated on, with the chance each contender gave them.

use crate::domain::day::Day;
use crate::model::baselines::crm_chance;
use crate::snapshot::DealState;

/// A row of some fold's test, with the chance each contender gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutOfTimePrediction {
    /// Number of the fold it was tested in, oldest first.
    pub fold: u32,
    /// What was learnt was known before this day; none in a cross-validation.
    pub cutoff: Option<Day>,
    /// The deal as it stood on its landmark day.
    pub state: DealState,
    /// Whether it was won within the horizon.
    pub won: bool,
    /// Deals that belong together: a deal and its exact copies share a number.
    pub group: u32,
    /// The model as fitted at the cutoff, or without the fold of the row.
    pub model: f64,
    /// Share of the training rows won.
    pub base_rate: f64,
    /// Share of the training rows in this stage won.
    pub stage_table: f64,
}

impl OutOfTimePrediction {
    /// The CRM's own chance to win, where the deal had one.
    #[must_use]
    pub fn crm_chance(&self) -> Option<f64> {
        crm_chance(&self.state)
    }
}
