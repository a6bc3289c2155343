//! Open deals contradict what a model promises: which columns have to go until they do not?
//!
//! Training rows and the open deals in, names of columns out. A trial fits main effects on half of the deals and holds the
//! chances of the other half beside those of the open deals. Columns whose past is known stay whatever comes out.

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::probability::logistic as chance;
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::model::contradiction::{AgedChance, Apart, MOST_APART};
use crate::model::logistic;
use crate::model::period::rows::mixed;
use crate::model::rows::TrainingRows;
use crate::model::visible::visible_spec;
use crate::snapshot::DealState;

/// Open deals whose chances are compared with those of others.
const MOST_COMPARED: usize = 50_000;
/// Penalty of a trial's fit.
const ALPHA: f64 = 1e-3;
/// Distance of chances, beyond drift, up to which nothing is left to be explained: honest worlds stay below.
const QUIET: f64 = 0.03;
/// Columns go together that pull at least this share of the strongest of them.
const TOGETHER: f64 = 0.5;

/// The rows a model was trained on.
pub(super) struct ClaimTrial<'a> {
    pub rows: &'a TrainingRows,
    pub context: &'a FeatureContext<'a>,
    pub config: &'a Config,
    /// Whether deals have an age: not where their past is not known.
    pub dated: bool,
}

/// Deals with their chances, as a trial gives them.
pub(super) fn aged_chances(states: &[DealState], chances: &[f64], dated: bool) -> Vec<AgedChance> {
    let of = |(state, &chance): (&DealState, &f64)| {
        let (day, age) = if dated { (state.day, state.age_days()) } else { (Day(0), 0) };
        AgedChance { day, age, chance }
    };
    states.iter().zip(chances).map(of).collect()
}

/// The open deals of the snapshot; of very many every n-th: their spread is asked for, not each of them.
pub(super) fn open_deals(context: &FeatureContext<'_>) -> Vec<DealState> {
    let open = || context.snapshot.iter().filter(|deal| deal.kind == StageKind::Open);
    open().step_by(open().count().div_ceil(MOST_COMPARED).max(1)).copied().collect()
}

impl ClaimTrial<'_> {
    /// The columns without which the chances of open deals are no longer unlike those of the others, by name; none where
    /// open deals contradict what columns whose past is known say.
    pub fn untenable(&self) -> Vec<String> {
        let mut left = self.context.columns_by_pull(&self.config.features);
        let (mut gone, mut last): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut distance = self.distance_without(&gone);
        while distance > QUIET {
            let Some(strongest) = left.first().map(|(_, pull)| *pull) else { break };
            let together = left.iter().take_while(|(_, pull)| *pull >= TOGETHER * strongest).count();
            last = left.drain(..together).map(|(column, _)| column).collect();
            gone.extend(last.iter().cloned());
            distance = self.distance_without(&gone);
        }
        if distance > MOST_APART { Vec::new() } else { self.without_the_needless(gone, &last) }
    }

    /// Of the columns that went last, those come back whose absence changes nothing.
    fn without_the_needless(&self, mut gone: Vec<String>, last: &[String]) -> Vec<String> {
        for column in last.iter().rev().filter(|_| last.len() > 1) {
            let fewer: Vec<String> = gone.iter().filter(|other| *other != column).cloned().collect();
            if self.distance_without(&fewer) <= QUIET {
                gone = fewer;
            }
        }
        gone
    }

    /// How far the chances of open deals are from those of others, by a model that does not see the columns `gone`; 0 where
    /// no line is found, or too few deals speak.
    fn distance_without(&self, gone: &[String]) -> f64 {
        let context = self.context.without_leaks(gone, "");
        let (learnt, tested) = (self.half(true), self.half(false));
        let spec = visible_spec(learnt.all(), &context, &self.config.features);
        let matrix = spec.encode(&learnt.states, &context);
        let Ok(line) = logistic::fit(&matrix, &learnt.won, ALPHA, "win") else { return 0.0 };
        let [tested, open] = [tested.states, open_deals(&context)].map(|states| {
            let chances: Vec<f64> = line.log_odds(&spec.encode(&states, &context)).into_iter().map(chance).collect();
            aged_chances(&states, &chances, self.dated)
        });
        let distance = Apart::of(&tested, &open).map_or(0.0, |apart| apart.beyond_drift());
        tracing::debug!(?gone, distance, "claim tried without columns");
        distance
    }

    /// The rows of every other group of deals, by a hash.
    fn half(&self, first: bool) -> TrainingRows {
        let is_in = |i: &usize| mixed(self.rows.groups[*i].into()).is_multiple_of(2) == first;
        self.rows.select(&(0..self.rows.states.len()).filter(is_in).collect::<Vec<usize>>())
    }
}
