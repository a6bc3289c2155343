//! Which model scores the day: the one in use, or a new one where that is due and not worse.

use dealcast::config::Config;
use dealcast::domain::day::Day;
use dealcast::domain::stage::StageKind;
use dealcast::features::{FeatureContext, FieldDrift};
use dealcast::model::{self, Contest, ModelError, Staleness, Trained, WinModel};
use dealcast::snapshot::DealState;
use dealcast::store::models::Registry;

use crate::cli::Session;
use crate::cli::args::Retrain;
use crate::cli::error::CliError;

/// A model with how it came to be the one.
pub(crate) struct Chosen {
    pub model: WinModel,
    /// In words.
    pub decision: String,
}

/// The model for the context's day. `None`, with a warning, where there is none and none can be trained.
pub(crate) fn choose(
    retrain: Retrain,
    registry: &Registry,
    context: &FeatureContext<'_>,
    config: &Config,
    session: &Session,
) -> Result<Option<Chosen>, CliError> {
    let (champion, why) = match registry.usable(context.timeline.as_of) {
        Ok(champion) => {
            let why = why_train(retrain, &champion, registry, context, config)?;
            (Some(champion), why)
        }
        Err(ModelError::NoneUsable { .. }) => (None, Some("there is no model yet".to_owned())),
        Err(error @ (ModelError::OtherVersion { .. } | ModelError::Corrupt { .. })) => {
            (None, Some(format!("the model in use cannot be read: {error}")))
        }
        Err(error) => return Err(error.into()),
    };
    let Some(why) = why else {
        let decision = "kept: not due to be trained again".to_owned();
        return Ok(champion.map(|model| Chosen { model, decision }));
    };
    let trained = match model::train(context, config, &session.progress) {
        Ok(trained) => trained,
        Err(
            error @ (ModelError::TooLittleData { .. } | ModelError::NotConverged { .. } | ModelError::Solver { .. }),
        ) => {
            session.progress.finish();
            let consequence = if champion.is_some() { "no new model" } else { "no scores" };
            session.printer.warn(format!("{consequence}: {error}"));
            let decision = format!("kept: {why}, but {error}");
            return Ok(champion.map(|model| Chosen { model, decision }));
        }
        Err(error) => return Err(error.into()),
    };
    let contest = admit(&trained, champion.as_ref(), registry, context, false)?;
    let chosen = match (contest.promoted, champion) {
        (false, Some(champion)) => Chosen {
            decision: format!("kept: {why}, but {} is worse: {}", trained.model.model_id, contest.reason),
            model: champion,
        },
        _ => Chosen { model: trained.model, decision: format!("trained: {why}; {}", contest.reason) },
    };
    Ok(Some(chosen))
}

fn why_train(
    retrain: Retrain,
    champion: &WinModel,
    registry: &Registry,
    context: &FeatureContext<'_>,
    config: &Config,
) -> Result<Option<String>, CliError> {
    Ok(match retrain {
        Retrain::Never => None,
        Retrain::Always => Some("asked for".to_owned()),
        Retrain::Due if registry.pinned()?.is_some() => None,
        Retrain::Due => {
            let today = context.timeline.as_of;
            let tried = registry.log()?.iter().filter_map(|entry| entry.as_of).filter(|day| *day <= today).max();
            model::due(champion, Staleness { drift: &drift(champion, context), last_tried: tried }, context, config)
        }
    })
}

/// How far the open deals have moved from what the model learnt from.
pub(crate) fn drift(model: &WinModel, context: &FeatureContext<'_>) -> Vec<FieldDrift> {
    let open: Vec<DealState> =
        context.snapshot.iter().filter(|s| s.kind == StageKind::Open && s.closed.is_none()).copied().collect();
    model.spec.drift(&open, model.training.deals, context)
}

/// Saves a trained model and, unless it is worse than the one in use, puts it to use; `force` does so anyway. A model of
/// a past day never takes the place of one from a later day.
pub(crate) fn admit(
    trained: &Trained,
    champion: Option<&WinModel>,
    registry: &Registry,
    context: &FeatureContext<'_>,
    force: bool,
) -> Result<Contest, CliError> {
    let (model, as_of) = (&trained.model, context.timeline.as_of);
    registry.save(model)?;
    let first =
        || Contest { deals: 0, log_loss: None, promoted: true, reason: "there is none to compare with".to_owned() };
    let mut contest = match champion {
        Some(champion) if champion.model_id != model.model_id => model::contest(champion, trained, context),
        _ => first(),
    };
    if force && !contest.promoted {
        contest = Contest { promoted: true, reason: format!("asked for, though {}", contest.reason), ..contest };
    }
    if !contest.promoted {
        registry.keep(&model.model_id, as_of, &contest.reason)?;
    } else if registry.current_day().is_none_or(|day: Day| day <= as_of) {
        registry.promote(&model.model_id, Some(as_of), &contest.reason)?;
    }
    Ok(contest)
}
