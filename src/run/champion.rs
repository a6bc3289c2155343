//! Which model scores the day: the one in use, or a new one where that is due and not worse.
//!
//! A [`Registry`] and a [`Morning`] to a [`Chosen`]. The only place that puts `due`, `train`, `contest` and the registry
//! together.

use crate::domain::progress::Progress;
use crate::domain::stage::StageKind;
use crate::features::{FeatureContext, FieldDrift};
use crate::model::findings::not_trained;
use crate::model::{self, Contest, ModelError, Staleness, Trained, WinModel, beyond_data};
use crate::report::finding::Finding;
use crate::run::morning::Morning;
use crate::snapshot::DealState;
use crate::store::models::Registry;

/// Whether a new model is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retrain {
    /// By the age of the model in use, new closed deals, drift, another configuration.
    Due,
    /// In any case.
    Always,
    /// Only where there is no model.
    Never,
}

/// A model with how it came to be the one.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The model.
    pub model: WinModel,
    /// In words.
    pub decision: String,
}

/// What came of looking for a model.
#[derive(Clone, Debug)]
pub struct Choice {
    /// None where there is no model and none can be trained.
    pub chosen: Option<Chosen>,
    /// Why none could be trained, where one was due.
    pub findings: Vec<Finding>,
}

/// The model for the morning.
///
/// # Errors
/// [`ModelError`] where the folder of models cannot be read or written.
pub fn choose(
    retrain: Retrain,
    registry: &Registry,
    morning: &Morning<'_>,
    progress: &dyn Progress,
) -> Result<Choice, ModelError> {
    let (champion, why) = champion(retrain, registry, morning)?;
    let Some(why) = why else {
        let decision = "kept: not due for retraining".to_owned();
        return Ok(Choice { chosen: champion.map(|model| Chosen { model, decision }), findings: Vec::new() });
    };
    match morning.train(progress) {
        Ok(trained) => {
            let chosen = challenge(trained, champion, &why, registry, morning)?;
            Ok(Choice { chosen: Some(chosen), findings: Vec::new() })
        }
        Err(
            error @ (ModelError::TooLittleData { .. } | ModelError::NotConverged { .. } | ModelError::Solver { .. }),
        ) => {
            let findings = vec![not_trained(champion.is_some(), &error.to_string())];
            let decision = format!("kept: {why}, but {error}");
            Ok(Choice { chosen: champion.map(|model| Chosen { model, decision }), findings })
        }
        Err(error) => Err(error),
    }
}

/// The model in use as a run would take it, if there is one; nothing is put to use.
///
/// # Errors
/// As [`choose`] before it trains.
pub(super) fn in_use(
    retrain: Retrain,
    registry: &Registry,
    morning: &Morning<'_>,
) -> Result<Option<WinModel>, ModelError> {
    let found = match registry.usable(morning.day()) {
        Ok(champion) => {
            champion.check_knows(morning.tables, morning.timeline)?;
            let is_due = why_train(retrain, &champion, registry, morning)?.is_some();
            (Some(champion), is_due)
        }
        Err(ModelError::NoneUsable { .. } | ModelError::OtherVersion { .. } | ModelError::Corrupt { .. }) => {
            (None, true)
        }
        Err(error) => return Err(error),
    };
    if found.1 {
        model::check_group_column(morning.context(), morning.config)?;
    }
    Ok(found.0)
}

/// The model in use, if it can be, and why a new one is to be trained, if it is.
fn champion(
    retrain: Retrain,
    registry: &Registry,
    morning: &Morning<'_>,
) -> Result<(Option<WinModel>, Option<String>), ModelError> {
    match registry.usable(morning.day()) {
        Ok(champion) => {
            champion.check_knows(morning.tables, morning.timeline)?;
            if retrain != Retrain::Never {
                put_to_use(&champion, registry, morning)?;
            }
            let why = why_train(retrain, &champion, registry, morning)?;
            Ok((Some(champion), why))
        }
        Err(ModelError::NoneUsable { .. }) => Ok((None, Some("there is no model yet".to_owned()))),
        Err(error @ (ModelError::OtherVersion { .. } | ModelError::Corrupt { .. })) => {
            Ok((None, Some(format!("the model in use cannot be read: {error}"))))
        }
        Err(error) => Err(error),
    }
}

/// Ends what a killed run began: it had saved the model, and had not yet put it to use.
fn put_to_use(champion: &WinModel, registry: &Registry, morning: &Morning<'_>) -> Result<(), ModelError> {
    if registry.current().is_none() && beyond_data(morning.day(), morning.tables).is_none() {
        registry.promote(&champion.model_id, Some(morning.day()), "it was saved, and none was in use")?;
    }
    Ok(())
}

/// The better of the two: the new one, unless it is worse.
fn challenge(
    trained: Trained,
    champion: Option<WinModel>,
    why: &str,
    registry: &Registry,
    morning: &Morning<'_>,
) -> Result<Chosen, ModelError> {
    let contest = admit(&trained, champion.as_ref(), registry, morning, false)?;
    Ok(match (contest.promoted, champion) {
        (false, Some(champion)) => Chosen {
            decision: format!("kept: {why}, but {} is worse: {}", trained.model.model_id, contest.reason),
            model: champion,
        },
        _ => Chosen { model: trained.model, decision: format!("trained: {why}; {}", contest.reason) },
    })
}

fn why_train(
    retrain: Retrain,
    champion: &WinModel,
    registry: &Registry,
    morning: &Morning<'_>,
) -> Result<Option<String>, ModelError> {
    Ok(match retrain {
        Retrain::Never => None,
        Retrain::Always => Some("asked for".to_owned()),
        Retrain::Due if registry.pinned()?.is_some() => None,
        Retrain::Due => {
            let today = morning.day();
            let tried = registry.log()?.iter().filter_map(|entry| entry.as_of).filter(|day| *day <= today).max();
            let context = morning.context();
            let staleness = Staleness { drift: &drift(champion, context), last_tried: tried };
            model::due(champion, staleness, context, morning.config)
        }
    })
}

/// How far the open deals have moved from what the model learnt from.
#[must_use]
pub fn drift(model: &WinModel, context: &FeatureContext<'_>) -> Vec<FieldDrift> {
    let open: Vec<DealState> =
        context.snapshot.iter().filter(|s| s.kind == StageKind::Open && s.closed.is_none()).copied().collect();
    model.spec.drift(&open, model.training.deals, context)
}

/// Saves a trained model and, unless it is worse than the one in use, puts it to use; `force` does so anyway. A model of
/// a past day never takes the place of one from a later day, and one of a day beyond the data none at all.
///
/// # Errors
/// [`ModelError::Io`].
pub fn admit(
    trained: &Trained,
    champion: Option<&WinModel>,
    registry: &Registry,
    morning: &Morning<'_>,
    force: bool,
) -> Result<Contest, ModelError> {
    let (model, as_of) = (&trained.model, morning.day());
    registry.save(model)?;
    if let Some(why) = beyond_data(as_of, morning.tables) {
        registry.keep(&model.model_id, as_of, &why)?;
        return Ok(Contest::refused(why));
    }
    let mut contest = match champion {
        Some(champion) if champion.model_id != model.model_id => model::contest(champion, trained, morning.context()),
        _ => Contest::undecided(0, "there is none to compare with".to_owned()),
    };
    if force && !contest.promoted {
        contest = Contest { promoted: true, reason: format!("asked for, though {}", contest.reason), ..contest };
    }
    if contest.promoted {
        contest.in_use = registry.promote(&model.model_id, Some(as_of), &contest.reason)?;
    } else {
        registry.keep(&model.model_id, as_of, &contest.reason)?;
    }
    Ok(contest)
}
