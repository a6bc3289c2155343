//! One morning, from what was known to what is expected: train, score, outlook, forecast, stagnation.
//!
//! Spelled here once. The nightly run and the single questions ask it of today, the backtests of past days; nobody knows
//! anything later than the morning.

use std::sync::OnceLock;

use crate::analyses::backtest::Spread;
use crate::analyses::forecast::{Forecast, ForecastInput, forecast};
use crate::analyses::outlook::Outlook;
use crate::analyses::stagnation::levels::USUAL;
use crate::analyses::stagnation::{Stagnation, StagnationInput, stagnation};
use crate::books::currency::CurrencyConverter;
use crate::books::filter::ForecastFilter;
use crate::books::segment::Segment;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;
use crate::domain::progress::Progress;
use crate::features::FeatureContext;
use crate::ingest::tables::Tables;
use crate::model::{self, ModelError, Trained, WinModel};
use crate::run::error::RunError;
use crate::scoring::{self, Scores};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

/// Everything known on the morning of one day, and the configuration it is looked at with.
#[derive(Debug)]
pub struct Morning<'a> {
    pub(super) tables: &'a Tables,
    pub(super) timeline: &'a Timeline,
    pub(super) snapshot: &'a Snapshot,
    pub(super) calendar: &'a FiscalCalendar,
    pub(super) config: &'a Config,
    context: OnceLock<FeatureContext<'a>>,
}

/// A model and what it makes of the open deals.
#[derive(Clone, Copy, Debug)]
pub struct Scored<'a> {
    /// The model.
    pub model: &'a WinModel,
    /// Its scores of the morning.
    pub scores: &'a Scores,
}

/// What is known of the open deals' future.
#[derive(Clone, Copy, Debug, Default)]
pub struct Foreseen<'a> {
    /// The model's view; nothing is expected of open deals without.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come.
    pub outlook: Option<&'a Outlook>,
}

impl<'a> Morning<'a> {
    pub(super) fn new(
        tables: &'a Tables,
        timeline: &'a Timeline,
        snapshot: &'a Snapshot,
        calendar: &'a FiscalCalendar,
        config: &'a Config,
    ) -> Self {
        Self { tables, timeline, snapshot, calendar, config, context: OnceLock::new() }
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.snapshot.as_of
    }

    /// What training and scoring see.
    pub fn context(&self) -> &FeatureContext<'a> {
        self.context.get_or_init(|| {
            FeatureContext::new(self.tables, self.timeline, &self.snapshot.states, self.calendar.clone())
        })
    }

    /// A model of the past before the morning, with its evaluation.
    ///
    /// # Errors
    /// [`ModelError`] where the past is too short or the fit fails.
    pub fn train(&self, progress: &dyn Progress) -> Result<Trained, ModelError> {
        model::train(self.context(), self.config, progress)
    }

    /// What `model` makes of the open deals.
    ///
    /// # Errors
    /// [`ModelError::FromTheFuture`] where it knows more than the morning.
    pub fn score(&self, model: &WinModel, progress: &dyn Progress) -> Result<Scores, ModelError> {
        scoring::score(model, self.context(), self.config, progress)
    }

    /// What the past says of what will be won, for the deals of `filter`'s currencies; with a model and its scores also
    /// at what pace open deals close. `spread` is how far past forecasts were off.
    #[must_use]
    pub fn outlook(&self, scored: Option<Scored<'_>>, spread: Spread, filter: &ForecastFilter) -> Outlook {
        let converter = CurrencyConverter::new(self.tables, &self.config.money.base_currency, self.day());
        let states = &self.snapshot.states;
        let admits: Vec<bool> =
            states.iter().map(|state| filter.admits_currency(state.currency, self.tables)).collect();
        let outlook = Outlook::learn(self.timeline, self.snapshot, &converter, &self.tables.owners, &admits);
        let outlook = Outlook { spread, ..outlook };
        match scored.filter(|scored| scored.model.training.dated) {
            Some(Scored { model, scores }) => outlook.paced(model, self.context(), &scores.periods, &admits),
            None => outlook,
        }
    }

    /// Quota, won, gap and pipeline; with scores, what is expected from the open deals. `rates` are the win rates of the
    /// stages.
    ///
    /// # Errors
    /// [`RunError::Forecast`].
    pub fn forecast(
        &self,
        rates: &[Option<f64>],
        foreseen: Foreseen<'_>,
        filter: &ForecastFilter,
    ) -> Result<Forecast, RunError> {
        Ok(forecast(&self.forecast_input(rates, foreseen, filter))?)
    }

    pub(super) fn forecast_input<'i>(
        &'i self,
        rates: &'i [Option<f64>],
        foreseen: Foreseen<'i>,
        filter: &'i ForecastFilter,
    ) -> ForecastInput<'i> {
        let Foreseen { scores, outlook } = foreseen;
        ForecastInput {
            tables: self.tables,
            timeline: self.timeline,
            snapshot: self.snapshot,
            scores,
            outlook,
            config: self.config,
            stage_win_rates: rates,
            mask: None,
            filter,
        }
    }

    /// Where open deals stand still, and what changed since the morning of `previous`; `keep` has one flag per deal.
    ///
    /// # Errors
    /// [`RunError::Segment`] where `[stagnation] by` names a column that cannot tell deals apart.
    pub fn stagnation(&self, keep: &[bool], previous: Option<Day>) -> Result<Stagnation, RunError> {
        Ok(stagnation(&StagnationInput {
            timeline: self.timeline,
            stays: &self.timeline.stays(),
            snapshot: self.snapshot,
            config: &self.config.stagnation,
            candidates: &self.stagnation_candidates()?,
            keep,
            previous,
        }))
    }

    /// The columns that may tell stays in a stage apart: those the configuration names, else the usual ones there are.
    pub(super) fn stagnation_candidates(&self) -> Result<Vec<Segment>, RunError> {
        match &self.config.stagnation.by {
            Some(columns) => columns.iter().map(|column| self.segment(column)).collect(),
            None => Ok(USUAL.into_iter().filter_map(|column| self.segment(column).ok()).collect()),
        }
    }

    fn segment(&self, column: &str) -> Result<Segment, RunError> {
        Ok(Segment::by(column, self.tables, self.timeline, self.snapshot)?)
    }
}
