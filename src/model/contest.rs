//! Champion against challenger: may a newly trained model replace the one in use?
//!
//! Both are evaluated on deals neither has learnt from: those of the challenger's newest fold that were created after the
//! champion's last landmark. The challenger stands there as it was at the fold's cutoff, with less to learn from than
//! the champion had, so the comparison favours the champion.

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::probability::log_loss;
use crate::features::FeatureContext;
use crate::ingest::tables::Tables;
use crate::model::metrics::clustered_mean;
use crate::model::predictions::OutOfTimePrediction;
use crate::model::rows::{TrainingRows, distinct};
use crate::model::train::Trained;
use crate::model::win_model::WinModel;
use crate::snapshot::{DealState, landmarks};

/// Deals a comparison rests on at least.
const FEWEST_NEW_DEALS: u64 = 20;
/// One-sided 95 % quantile of the normal distribution: how sure it must be that the challenger is worse.
const SURE: f64 = 1.645;
/// Horizons that differ by more than this share are two questions.
const SAME_HORIZON: f64 = 0.1;

/// Days a model's day may lie after the newest event of the data: an export may be late, and a month quiet.
const LONGEST_SILENCE: i32 = 31;

/// How two models compare, and who is to score.
#[derive(Clone, Debug, PartialEq)]
pub struct Contest {
    /// Deals both were evaluated on.
    pub deals: u64,
    /// Mean log loss of the model in use and of the new one, in nats; none where there was nothing to evaluate them on.
    pub log_loss: Option<[f64; 2]>,
    /// Whether the new one is to take over.
    pub promoted: bool,
    /// Whether it did: not where the one in use is of a later day.
    pub in_use: bool,
    /// Why, in words with the numbers.
    pub reason: String,
}

/// Compares the model in use with one just trained on the same context.
#[must_use]
pub fn contest(champion: &WinModel, challenger: &Trained, context: &FeatureContext<'_>) -> Contest {
    let model = &challenger.model;
    let (old, new) = (f64::from(champion.horizon_days), f64::from(model.horizon_days));
    if (new / old - 1.0).abs() > SAME_HORIZON {
        return Contest::undecided(
            0,
            format!("it looks {new} days ahead, {} {old}: not comparable", champion.model_id),
        );
    }
    let newest_fold = challenger.predictions.chunk_by(|a, b| a.cutoff == b.cutoff).next_back().unwrap_or_default();
    let rows: Vec<&OutOfTimePrediction> = newest_fold.iter().filter(|row| is_unseen(champion, &row.state)).collect();
    let states: Vec<DealState> = rows.iter().map(|row| row.state).collect();
    let duel = Duel::of(
        champion.chances(&states, context),
        rows.iter().map(|row| if model.signal { row.model } else { row.base_rate }).collect(),
        &rows.iter().map(|row| row.won).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.group).collect::<Vec<_>>(),
    );
    if duel.deals < FEWEST_NEW_DEALS {
        return Contest::undecided(
            duel.deals,
            format!(
                "only {} deals with an outcome are new to {}, {FEWEST_NEW_DEALS} are needed to compare: the one that knows more is taken",
                duel.deals, champion.model_id
            ),
        );
    }
    let promoted = duel.worse <= SURE * duel.worse_se;
    let reason = format!(
        "log loss {:.4} against {:.4} of {} on {} deals new to both ({} by {:.4}, standard error {:.4})",
        duel.log_loss[1],
        duel.log_loss[0],
        champion.model_id,
        duel.deals,
        if duel.worse > 0.0 { "worse" } else { "better" },
        duel.worse.abs(),
        duel.worse_se
    );
    Contest { deals: duel.deals, log_loss: Some(duel.log_loss), promoted, in_use: false, reason }
}

/// Why a model of `day` may not score other days, where that day lies beyond the data: what it learnt of the days between is
/// that nothing happened.
#[must_use]
pub fn beyond_data(day: Day, tables: &Tables) -> Option<String> {
    let newest = tables.newest.as_ref()?.day;
    let silent = day.0.saturating_sub(newest.0);
    (silent > LONGEST_SILENCE).then(|| {
        format!(
            "its day {day} lies {silent} days after the newest event of the data, {newest}; at most {LONGEST_SILENCE} are \
             allowed"
        )
    })
}

impl Contest {
    /// One that may not take over, whatever it can.
    #[must_use]
    pub fn refused(reason: String) -> Self {
        Self { deals: 0, log_loss: None, promoted: false, in_use: false, reason }
    }

    /// There is too little to compare: the new one, which knows more, takes over.
    #[must_use]
    pub fn undecided(deals: u64, reason: String) -> Self {
        Self { deals, log_loss: None, promoted: true, in_use: false, reason }
    }
}

/// Two saved models on the same rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duel {
    /// Deals that have rows.
    pub deals: u64,
    /// Rows: deals x landmark days.
    pub rows: u64,
    /// Mean log loss of the first and of the second, in nats.
    pub log_loss: [f64; 2],
    /// How much more the second's is.
    pub worse: f64,
    /// Its standard error, clustered by deal.
    pub worse_se: f64,
}

impl Duel {
    fn of(first: Vec<f64>, second: Vec<f64>, won: &[bool], groups: &[u32]) -> Self {
        let losses = [first, second].map(|chances| losses(&chances, won));
        let worse: Vec<f64> = losses[1].iter().zip(&losses[0]).map(|(second, first)| second - first).collect();
        let worse = clustered_mean(&worse, groups);
        let rows = won.len();
        let log_loss = losses.map(|of| of.iter().sum::<f64>() / rows.max(1) as f64);
        let deals = distinct(groups.iter().copied()).len() as u64;
        Self { deals, rows: rows as u64, log_loss, worse: worse.mean, worse_se: worse.se }
    }
}

/// Compares two saved models on the context's landmarks of deals neither has learnt from, labelled with
/// the first one's horizon. `None` where there are no such rows.
#[must_use]
pub fn duel(first: &WinModel, second: &WinModel, context: &FeatureContext<'_>, config: &Config) -> Option<Duel> {
    let set = landmarks(context.timeline, &context.tables.deals, &config.training);
    let rows = TrainingRows::of(context, &set, i32::try_from(first.horizon_days).unwrap_or(i32::MAX));
    let new: Vec<usize> = (0..rows.states.len())
        .filter(|&i| is_unseen(first, &rows.states[i]) && is_unseen(second, &rows.states[i]))
        .collect();
    let states: Vec<DealState> = new.iter().map(|&i| rows.states[i]).collect();
    let won: Vec<bool> = new.iter().map(|&i| rows.won[i]).collect();
    let groups: Vec<u32> = new.iter().map(|&i| rows.groups[i]).collect();
    let [first, second] = [first, second].map(|model| model.chances(&states, context));
    (!new.is_empty()).then(|| Duel::of(first, second, &won, &groups))
}

/// Whether a deal was created too late to be among the rows a model learnt from.
fn is_unseen(model: &WinModel, state: &DealState) -> bool {
    model.training.last_landmark.is_none_or(|day| state.created >= day)
}

/// Every row's log loss, in nats.
fn losses(chances: &[f64], won: &[bool]) -> Vec<f64> {
    chances.iter().zip(won).map(|(&chance, &won)| log_loss(chance, won)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_worse_by_the_difference_of_the_losses() {
        let (won, groups) = ([true, false, true, false], [0, 0, 1, 2]);
        let duel = Duel::of(vec![0.8, 0.2, 0.8, 0.2], vec![0.5; 4], &won, &groups);
        assert_eq!((duel.deals, duel.rows), (3, 4));
        assert!((duel.log_loss[0] - -(0.8_f64.ln())).abs() < 1e-12 && (duel.log_loss[1] - 2_f64.ln()).abs() < 1e-12);
        assert!((duel.worse - (2.0 * 0.8_f64).ln()).abs() < 1e-12 && duel.worse_se.abs() < 1e-12);
    }
}
