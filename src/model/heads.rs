//! The regressions that share one spec, what the period head sees through them, and how it is tried.
//!
//! Training rows in, [`Heads`], [`SeenLandmark`]s and [`PeriodEvidence`] out: the part of the [`Trainer`] that is done on all
//! rows and on those of one fold alike.

use crate::domain::day::Day;
use crate::features::{FeatureMatrix, FeatureSpec};
use crate::model::encoded::EncodedRows;
use crate::model::error::ModelError;
use crate::model::evaluate::Decision;
use crate::model::evaluation::Sees;
use crate::model::folds::Split;
use crate::model::logistic;
use crate::model::newton::Line;
use crate::model::period::choice::PeriodEvidence;
use crate::model::period::rows::{SeenLandmark, mixed, period_rows};
use crate::model::period::terms::PeriodInput;
use crate::model::period::trial::PeriodTrial;
use crate::model::rows::{RowsView, closed_within, distinct};
use crate::model::stage_outcomes::StageOutcomes;
use crate::model::train::Trainer;
use crate::model::win_head::Calibration;
use crate::model::win_model::ENCODED_AT_ONCE;
use crate::snapshot::{DealState, Landmark};

/// The regressions that share one spec.
pub(super) struct Heads {
    pub spec: FeatureSpec,
    pub win: Line,
    pub soon: Line,
}

/// Landmarks a period head learns from, and those it is tried on.
struct Tried {
    learnt: Vec<SeenLandmark>,
    unseen: Vec<SeenLandmark>,
}

impl Trainer<'_> {
    /// Fits on `rows`, which are those of `landmarks`. A closing that never (or always) comes soon is no head, but a
    /// constant.
    pub(super) fn heads<'l>(
        &self,
        rows: RowsView<'_>,
        landmarks: impl Iterator<Item = &'l Landmark>,
        decision: &Decision,
        soon_days: i32,
    ) -> Result<(Heads, FeatureMatrix), ModelError> {
        let Decision { sees, alpha, .. } = *decision;
        let penalty = sees.penalty(alpha, rows.won.len()) / rows.won.len().max(1) as f64;
        let encoded = EncodedRows::of(sees, rows, self.context, &self.config.features);
        let EncodedRows { spec, matrix, start } = encoded;
        let soon: Vec<bool> = landmarks.map(|row| closed_within(row, soon_days).is_some()).collect();
        let (win, soon) = rayon::join(
            || match sees {
                Sees::Everything | Sees::Stage => logistic::fit_near(start, &matrix, rows.won, penalty, "win"),
                Sees::StageTable => Ok(StageOutcomes::of(&spec, &matrix, rows.won).line(alpha)),
            },
            || match logistic::fit(&matrix, &soon, penalty, "soon") {
                Err(ModelError::Solver { .. }) => Ok(Line { intercept: 0.0, weights: vec![0.0; matrix.columns()] }),
                fitted => fitted,
            },
        );
        Ok((Heads { spec, win: win?, soon: soon? }, matrix))
    }

    /// Every landmark with what the period head sees of it.
    pub(super) fn seen(&self, heads: &Heads, calibration: &Calibration) -> Vec<SeenLandmark> {
        let states: Vec<DealState> = self.set.rows.iter().map(|row| row.state).collect();
        let knows_dates = heads.spec.knows_expected_close();
        let mut seen = Vec::with_capacity(states.len());
        for (states, landmarks) in states.chunks(ENCODED_AT_ONCE).zip(self.set.rows.chunks(ENCODED_AT_ONCE)) {
            let matrix = heads.spec.encode(states, self.context);
            let (win, soon) = (heads.win.log_odds(&matrix), heads.soon.log_odds(&matrix));
            seen.extend(landmarks.iter().zip(win).zip(soon).map(|((landmark, win), soon)| SeenLandmark {
                input: PeriodInput::of(&landmark.state, calibration.apply(win), soon, knows_dates),
                landmark: *landmark,
            }));
        }
        seen
    }

    /// Which period head does best on deals it has not seen, of the newest fold of a rolling origin or of one fold of a
    /// cross-validation.
    pub(super) fn period_evidence(&self, decision: &Decision, soon_days: i32) -> Result<PeriodEvidence, ModelError> {
        let known_until = self.context.timeline.as_of;
        let Some(split) = decision.splits.last() else { return Ok(PeriodEvidence::none()) };
        let Tried { learnt, unseen } = match split.cutoff {
            Some(cutoff) => self.tried_after(cutoff, split, decision, soon_days)?,
            None => self.tried_across(split, decision, soon_days)?,
        };
        let calendar = &self.context.calendar;
        let rows = period_rows(&learnt, self.horizon, split.cutoff.unwrap_or(known_until), calendar);
        let trial = PeriodTrial::new(&unseen, self.horizon, split.cutoff, known_until, calendar);
        Ok(PeriodEvidence::of(&rows, &trial))
    }

    /// Learnt from one half of the deals before the cutoff, tried on the other half after it.
    fn tried_after(
        &self,
        cutoff: Day,
        split: &Split,
        decision: &Decision,
        soon_days: i32,
    ) -> Result<Tried, ModelError> {
        let train = self.rows.first(split.train.len());
        let (heads, _) = self.heads(train, self.set.rows.iter().take(train.states.len()), decision, soon_days)?;
        let (learnt, mut unseen): (Vec<SeenLandmark>, Vec<SeenLandmark>) =
            self.seen(&heads, &decision.calibration).into_iter().partition(is_learnt_from);
        let in_training = distinct(train.states.iter().map(|state| state.deal));
        unseen.retain(|seen| {
            let state = &seen.landmark.state;
            state.day >= cutoff && in_training.binary_search(&state.deal).is_err()
        });
        Ok(Tried { learnt, unseen })
    }

    /// Learnt from the deals of the other folds, tried on those of `split`.
    fn tried_across(&self, split: &Split, decision: &Decision, soon_days: i32) -> Result<Tried, ModelError> {
        let train = self.rows.select(&split.train);
        let landmarks = split.train.iter().map(|&i| &self.set.rows[i]);
        let (heads, _) = self.heads(train.all(), landmarks, decision, soon_days)?;
        let tested = distinct(split.test.iter().map(|&i| self.rows.states[i].deal));
        let is_tested = |seen: &SeenLandmark| tested.binary_search(&seen.landmark.state.deal).is_ok();
        let (unseen, learnt) = self.seen(&heads, &decision.calibration).into_iter().partition(is_tested);
        Ok(Tried { learnt, unseen })
    }
}

/// Whether the period head of the evaluation is fitted on a deal: every other one, by a hash.
fn is_learnt_from(seen: &SeenLandmark) -> bool {
    mixed(seen.landmark.state.deal.index() as u64).is_multiple_of(2)
}
