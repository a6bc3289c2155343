//! What a saved model, and the past, say of what is to come.

use crate::analyses::outlook::Outlook;
use crate::books::filter::ForecastFilter;
use crate::model::{ModelError, WinModel};
use crate::run::answers::model::ModelWanted;
use crate::run::error::RunError;
use crate::run::morning::{Foreseen, Morning, Scored};
use crate::run::questions::AsOf;
use crate::run::watch::Watcher;
use crate::scoring::Scores;
use crate::scoring::findings::nothing_expected;
use crate::store::forecasts::ForecastRecord;

/// A model with its scores, where there is one, and the outlook.
pub(super) struct Ahead {
    scored: Option<(WinModel, Scores)>,
    pub outlook: Outlook,
}

impl Ahead {
    /// As of the morning. Without a model nothing is expected from open deals, and the watcher is told why; a model that
    /// is named must be there, and one that is there must be read: a disk that fails is no reason to answer without it.
    pub(super) fn of(
        as_of: &AsOf,
        morning: &Morning<'_>,
        model: &ModelWanted,
        filter: &ForecastFilter,
        watcher: &dyn Watcher,
    ) -> Result<Self, RunError> {
        let scored = match model.load(as_of, watcher) {
            Ok(model) => {
                let scores = morning.score(&model, watcher)?;
                Some((model, scores))
            }
            Err(error @ RunError::Model(ModelError::Io { .. })) => return Err(error),
            Err(error) if model.named.is_some() => return Err(error),
            Err(error) => {
                watcher.tell(&nothing_expected(&error.to_string()));
                None
            }
        };
        let record = ForecastRecord::open(model.registry.forecasts_folder());
        let spread = as_of.past_forecasts(morning.config, &record).spread;
        let by_model = scored.as_ref().map(|(model, scores)| Scored { model, scores });
        let outlook = morning.outlook(by_model, spread, filter);
        Ok(Self { scored, outlook })
    }

    pub(super) fn scores(&self) -> Option<&Scores> {
        self.scored.as_ref().map(|(_, scores)| scores)
    }

    pub(super) fn model_id(&self) -> Option<&str> {
        self.scored.as_ref().map(|(model, _)| model.model_id.as_str())
    }

    pub(super) fn foreseen(&self) -> Foreseen<'_> {
        Foreseen { scores: self.scores(), outlook: Some(&self.outlook) }
    }
}
