//! The whole flow, spelled once: what every command is made of.
//!
//! [`AsOf::load`] reads the tables and reconstructs every deal as of a day; its methods ask one question each. Prints
//! nothing and writes nothing: commands decide what is shown and where it goes.

use std::collections::BTreeSet;
use std::path::Path;

use polars::prelude::PolarsError;
use thiserror::Error;
use tracing::info;

use crate::analyses::backtest::Spread;
use crate::analyses::forecast::{
    Forecast, ForecastDeals, ForecastError, ForecastInput, forecast, forecast_deals, stage_win_rates,
};
use crate::analyses::gaps::{LagHistory, Lags, LagsInput, lags};
use crate::analyses::history::{DealHistory, HistoryInput, PastScore, deal_history};
use crate::analyses::outlook::Outlook;
use crate::analyses::stagnation::benchmarks::StageBenchmarks;
use crate::analyses::stagnation::levels::USUAL;
use crate::analyses::stagnation::summary::StagnationSummary;
use crate::analyses::stagnation::{Stagnation, StagnationInput, stagnation};
use crate::analyses::waterfall::{Span, Waterfall, WaterfallDeals, WaterfallInput, waterfall, waterfall_deals};
use crate::books::currency::CurrencyConverter;
use crate::books::deal_values::DealValues;
use crate::books::filter::ForecastFilter;
use crate::books::filter::UnknownName;
use crate::books::hierarchy::Level;
use crate::books::segment::{NO_VALUE, Segment, SegmentError, deal_mask};
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::progress::Progress;
use crate::domain::spelling::nearest;
use crate::domain::stage::ForecastCategory;
use crate::features::FeatureContext;
use crate::ingest::tables::{Activities, Changes, Tables};
use crate::ingest::{self, IngestError, InputFile, Issues};
use crate::model::WinModel;
use crate::run::replay::{HistorySums, PastForecasts};
use crate::scoring::Scores;
use crate::snapshot::{DealState, Snapshot, Standings};
use crate::store::folder::OutputError;
use crate::store::forecasts::ForecastRecord;
use crate::timeline::{StageListError, Timeline};

/// Why the flow stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The input cannot be used.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The stages cannot be brought into a process.
    #[error(transparent)]
    Stages(#[from] StageListError),
    /// No deal was created before the day.
    #[error("no deal was created before {as_of}, the day to look from")]
    NothingYet {
        /// The day.
        as_of: Day,
    },
    /// The day lies outside the table of periods.
    #[error("{as_of}, the day to look from, lies outside `calendar.table`, which runs from {first} to {last}")]
    OutsideCalendar {
        /// The day.
        as_of: Day,
        /// First day of the table.
        first: Day,
        /// Last day of the table.
        last: Day,
    },
    /// A column cannot tell deals apart.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// No deal has the value asked for.
    #[error("no deal has the {column} {wanted:?}")]
    NoSuchValue {
        /// The column.
        column: String,
        /// What was asked for.
        wanted: String,
        /// A value there is that may be meant.
        guess: Option<String>,
    },
    /// A forecast is asked for what is not there.
    #[error("no deal, user or quota has the {column} {wanted:?}")]
    NoSuchNode {
        /// `owner`, `team`, `region` or `currency`.
        column: &'static str,
        /// What was asked for.
        wanted: String,
        /// A name there is that may be meant.
        guess: Option<String>,
    },
    /// The forecast cannot be made.
    #[error(transparent)]
    Forecast(#[from] ForecastError),
    /// A past forecast cannot be kept.
    #[error(transparent)]
    Record(#[from] OutputError),
    /// A grouping failed.
    #[error("grouping the deals failed: {0}")]
    Grouping(#[from] PolarsError),
}

/// Whether the calendar knows the day to look from.
pub(super) fn check_day(calendar: &FiscalCalendar, as_of: Day) -> Result<(), PipelineError> {
    match calendar.known().filter(|(first, last)| as_of < *first || *last < as_of) {
        Some((first, last)) => Err(PipelineError::OutsideCalendar { as_of, first, last }),
        None => Ok(()),
    }
}

/// Everything known of every deal on the morning of one day.
#[derive(Debug)]
pub struct AsOf {
    /// The tables; changes and activities have gone into the timeline.
    pub tables: Tables,
    /// The files they were read from.
    pub inputs: Vec<InputFile>,
    /// What was wrong with these.
    pub issues: Issues,
    /// Every deal's changes before the day.
    pub timeline: Timeline,
    /// Every deal as it stood.
    pub snapshot: Snapshot,
    /// The open deals of the earlier days asked for, by day.
    pub earlier: Vec<Standings>,
    /// Whether nobody named the day: it is the one after the newest event then.
    pub day_defaulted: bool,
    pub(super) calendar: FiscalCalendar,
    stage_win_rates: Vec<Option<f64>>,
    pub(super) history: HistorySums,
}

/// Which deals an analysis is about.
#[derive(Clone, Debug, Default)]
pub struct DealFilter {
    /// Column and admitted values; all must hold.
    pub columns: Vec<(String, Vec<String>)>,
    /// Forecast categories; any if empty.
    pub categories: Vec<ForecastCategory>,
    /// Periods a deal was created in; any if empty.
    pub created_in: Vec<Period>,
}

impl AsOf {
    /// Loads what `config` names (paths relative to `base`) and looks at it from the morning of `as_of`, or of the day
    /// after the newest event.
    ///
    /// # Errors
    /// [`PipelineError::Ingest`], [`PipelineError::Stages`], [`PipelineError::NothingYet`],
    /// [`PipelineError::OutsideCalendar`].
    pub fn load(
        config: &Config,
        base: &Path,
        as_of: Option<Day>,
        progress: &dyn Progress,
    ) -> Result<Self, PipelineError> {
        Self::load_with_earlier(config, base, as_of, |_| Vec::new(), progress)
    }

    /// The same, and the open deals of those of `days` (given the day) that lie before it. Each is reconstructed as if
    /// nothing dated on or after it existed.
    ///
    /// # Errors
    /// As [`AsOf::load`].
    pub fn load_with_earlier(
        config: &Config,
        base: &Path,
        as_of: Option<Day>,
        days: impl FnOnce(Day) -> Vec<Day>,
        progress: &dyn Progress,
    ) -> Result<Self, PipelineError> {
        let mut loaded = ingest::load(config, base, progress)?;
        for file in &loaded.inputs {
            let (rows, rejected) = (file.rows, file.rejected);
            info!(table = file.table, file = file.path, rows, rejected, blake3 = file.blake3, "table loaded");
        }
        progress.begin("reconstructing deals", 0);
        // A table without a single date is dated by nothing; the first deal then is after any day.
        let day = as_of.or_else(|| loaded.tables.day_after_newest_event()).unwrap_or(Day(0));
        let earlier: BTreeSet<Day> = days(day).into_iter().filter(|earlier| *earlier < day).collect();
        let calendar = config.fiscal_calendar();
        check_day(&calendar, day)?;
        // One after the other, and before the timeline that stays: only one is in memory at a time.
        let earlier =
            earlier.into_iter().map(|day| Ok(Standings::of(&Timeline::of_changes(&loaded.tables, config, day)?)));
        let earlier = earlier.collect::<Result<Vec<Standings>, StageListError>>()?;
        let timeline = Timeline::build(&loaded.tables, config, day)?;
        if timeline.deals.is_empty() {
            return Err(PipelineError::NothingYet { as_of: day });
        }
        let (deals, changes) = (timeline.deals.len(), timeline.steps.len());
        info!(as_of = %day, deals, changes, stages = timeline.stages.stages().len(), "deals reconstructed");
        let history = HistorySums::of(&loaded.tables, &timeline);
        // The timeline has what these say in time order; nothing reads them again.
        loaded.tables.changes = Changes::default();
        let kinds = std::mem::take(&mut loaded.tables.activities.kinds);
        loaded.tables.activities = Activities { kinds, ..Activities::default() };
        let snapshot = Snapshot::of(&timeline);
        let stage_win_rates = stage_win_rates(&timeline);
        Ok(Self {
            tables: loaded.tables,
            inputs: loaded.inputs,
            issues: loaded.issues,
            timeline,
            snapshot,
            earlier,
            day_defaulted: as_of.is_none(),
            calendar,
            stage_win_rates,
            history,
        })
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.snapshot.as_of
    }

    /// What training and scoring see.
    #[must_use]
    pub fn context(&self) -> FeatureContext<'_> {
        FeatureContext::new(&self.tables, &self.timeline, &self.snapshot.states, self.calendar.clone())
    }

    /// Whether some deal has each of the values asked for: an empty answer to a misspelt question helps nobody.
    ///
    /// # Errors
    /// [`PipelineError::NoSuchValue`], [`PipelineError::Segment`] for a column that cannot tell deals apart.
    pub fn check_values(&self, columns: &[(String, Vec<String>)]) -> Result<(), PipelineError> {
        for (column, wanted) in columns {
            let values = Segment::by(column, &self.tables, &self.timeline, &self.snapshot)?.values;
            if let Some(unknown) = wanted.iter().find(|value| !values.contains(value)) {
                let guess = nearest(unknown, values.iter().map(String::as_str)).map(str::to_owned);
                return Err(PipelineError::NoSuchValue { column: column.clone(), wanted: unknown.clone(), guess });
            }
        }
        Ok(())
    }

    /// Whether there is anything of the names a forecast or waterfall is asked for.
    ///
    /// # Errors
    /// [`PipelineError::NoSuchNode`].
    pub fn check_names(&self, filter: &ForecastFilter) -> Result<(), PipelineError> {
        filter.unknown_name(&self.tables, &self.snapshot).map_or(Ok(()), |unknown| {
            let UnknownName { column, wanted, guess } = unknown;
            Err(PipelineError::NoSuchNode { column, wanted, guess })
        })
    }

    /// One flag per deal of the timeline: whether `filter` admits it.
    ///
    /// # Errors
    /// [`PipelineError::NoSuchValue`], [`PipelineError::Segment`].
    pub fn keep(&self, filter: &DealFilter) -> Result<Vec<bool>, PipelineError> {
        self.check_values(&filter.columns)?;
        let mut keep = deal_mask(&filter.columns, &self.tables, &self.timeline, &self.snapshot)?;
        if !filter.categories.is_empty() {
            let category = |state: &DealState| state.forecast_category(&self.timeline.stages);
            let admitted = self.snapshot.states.iter().map(|state| filter.categories.contains(&category(state)));
            keep.iter_mut().zip(admitted).for_each(|(keep, admitted)| *keep &= admitted);
        }
        if !filter.created_in.is_empty() {
            let created_in = |day: Day| filter.created_in.iter().any(|period| period.contains(day));
            keep.iter_mut().zip(&self.timeline.deals).for_each(|(keep, deal)| *keep &= created_in(deal.created));
        }
        Ok(keep)
    }

    /// What the kept deals are worth in one currency.
    #[must_use]
    pub fn values(&self, config: &Config, keep: &[bool]) -> DealValues {
        DealValues::of(&self.tables, &config.money, &self.snapshot, keep)
    }

    /// Where open deals stand still, and what changed since the morning of `previous`.
    ///
    /// # Errors
    /// [`PipelineError::Segment`] where `[stagnation] by` names a column that cannot tell deals apart.
    pub fn stagnation(
        &self,
        config: &Config,
        keep: &[bool],
        previous: Option<Day>,
    ) -> Result<Stagnation, PipelineError> {
        let (timeline, snapshot, stays) = (&self.timeline, &self.snapshot, &self.timeline.stays());
        let (candidates, config) =
            (&stagnation_candidates(config, &self.tables, timeline, snapshot)?, &config.stagnation);
        Ok(stagnation(&StagnationInput { timeline, stays, snapshot, config, candidates, keep, previous }))
    }

    /// The story of deal `deal` of the timeline: what happened to it, the scores `published` of it, and what `model` makes
    /// of it after every event.
    ///
    /// # Errors
    /// [`PipelineError::Segment`] where `[stagnation] by` names a column that cannot tell deals apart.
    pub fn trace(
        &self,
        config: &Config,
        deal: usize,
        published: &[PastScore],
        model: Option<&WinModel>,
    ) -> Result<DealHistory, PipelineError> {
        let (tables, timeline, snapshot) = (&self.tables, &self.timeline, &self.snapshot);
        let candidates = stagnation_candidates(config, tables, timeline, snapshot)?;
        let benchmarks = &StageBenchmarks::learn(timeline, &timeline.stays(), &config.stagnation, &candidates);
        let mut story = deal_history(&HistoryInput { tables, timeline, snapshot, benchmarks }, deal, published);
        if let Some(model) = model {
            story.ask(model, &self.context());
        }
        Ok(story)
    }

    /// `stagnation` in a few numbers, by stage and each of `columns`.
    ///
    /// # Errors
    /// [`PipelineError::Segment`] for a column that cannot tell deals apart.
    pub fn stagnation_summary(
        &self,
        stagnation: &Stagnation,
        values: &DealValues,
        columns: &[String],
    ) -> Result<StagnationSummary, PipelineError> {
        let segments = self.segments(columns.iter().filter(|column| *column != "stage"))?;
        Ok(StagnationSummary::of(stagnation, &self.timeline, values, &segments))
    }

    /// What the past says of what will be won, for the deals of `filter`'s currencies; with a model and its scores also
    /// at what pace open deals close. `spread` is that of [`AsOf::past_forecasts`].
    #[must_use]
    pub fn outlook(
        &self,
        config: &Config,
        scored: Option<(&WinModel, &Scores)>,
        spread: Spread,
        filter: &ForecastFilter,
    ) -> Outlook {
        let converter = CurrencyConverter::new(&self.tables, &config.money.base_currency, self.day());
        let admits: Vec<bool> =
            self.snapshot.states.iter().map(|state| filter.admits_currency(state.currency, &self.tables)).collect();
        let outlook = Outlook::learn(&self.timeline, &self.snapshot, &converter, &self.tables.owners, &admits);
        let outlook = Outlook { spread, ..outlook };
        match scored {
            Some((model, scores)) => outlook.paced(model, &self.context(), &scores.periods, &admits),
            None => outlook,
        }
    }

    /// What the record tells about the forecasts of past days.
    #[must_use]
    pub fn past_forecasts(&self, config: &Config, record: &ForecastRecord) -> PastForecasts {
        PastForecasts::read(self, config, record)
    }

    /// `spans` with the deals of their mornings; those that were not asked for when loading are left out.
    #[must_use]
    pub fn spans(&self, spans: &[Span<Day>]) -> Vec<Span<&Standings>> {
        let known = |span: &Span<Day>| {
            let from = self.earlier.iter().find(|standings| standings.day == span.from)?;
            Some(Span { from, kinds: span.kinds.clone() })
        };
        spans.iter().filter_map(known).collect()
    }

    /// What became of the pipeline since the mornings of `spans`, for nodes of `levels` (all if empty).
    ///
    /// # Errors
    /// [`PipelineError::Forecast`].
    pub fn waterfall(
        &self,
        config: &Config,
        spans: &[Span<&Standings>],
        levels: &[Level],
        filter: &ForecastFilter,
    ) -> Result<Waterfall, PipelineError> {
        Ok(waterfall(&self.waterfall_input(config, spans, filter), levels)?)
    }

    /// The deals behind its bars.
    ///
    /// # Errors
    /// [`PipelineError::Forecast`].
    pub fn waterfall_deals<'a>(
        &'a self,
        config: &'a Config,
        spans: &'a [Span<&'a Standings>],
        filter: &'a ForecastFilter,
    ) -> Result<WaterfallDeals<'a>, PipelineError> {
        Ok(waterfall_deals(&self.waterfall_input(config, spans, filter))?)
    }

    fn waterfall_input<'a>(
        &'a self,
        config: &'a Config,
        spans: &'a [Span<&'a Standings>],
        filter: &'a ForecastFilter,
    ) -> WaterfallInput<'a> {
        let (tables, timeline, snapshot) = (&self.tables, &self.timeline, &self.snapshot);
        WaterfallInput { tables, timeline, snapshot, spans, config, filter }
    }

    /// The deals by each of `columns`.
    ///
    /// # Errors
    /// [`PipelineError::Segment`] for a column that cannot tell deals apart.
    pub fn segments<'c>(&self, columns: impl Iterator<Item = &'c String>) -> Result<Vec<Segment>, PipelineError> {
        let by = |column: &String| Segment::by(column, &self.tables, &self.timeline, &self.snapshot);
        Ok(columns.map(by).collect::<Result<_, _>>()?)
    }

    /// The deals by product and source, where any has one.
    #[must_use]
    pub fn usual_segments(&self) -> Vec<Segment> {
        let by = |column| Segment::by(column, &self.tables, &self.timeline, &self.snapshot).ok();
        let is_filled = |segment: &Segment| segment.values.iter().any(|value| value != NO_VALUE);
        ["product", "source"].into_iter().filter_map(by).filter(is_filled).collect()
    }

    /// What the lags need of the history, and the deals by column.
    #[must_use]
    pub fn lag_history(&self, config: &Config, segments: Vec<Segment>) -> LagHistory {
        LagHistory::gather(&self.timeline, &self.snapshot, config, segments)
    }

    /// Frees what happened to every deal and what the deals table says beside, the larger part of the memory. How deals
    /// stand now remains, and with it the forecast and the lags behind it, the questions that may still be asked. Training and replays of
    /// past days would miss the steps they start from.
    pub fn release_history(&mut self) {
        let tables = &mut self.tables;
        (tables.deals, tables.leads, tables.touches) = Default::default();
        self.earlier = Vec::new();
        let timeline = &mut self.timeline;
        (timeline.steps, timeline.activities) = (Vec::new(), Vec::new());
        let deals = timeline.deals.len();
        (timeline.step_offsets, timeline.activity_offsets) = (vec![0; deals + 1], vec![0; deals + 1]);
    }

    /// Quota, won, gap and pipeline; with scores, what is expected from the open deals.
    ///
    /// # Errors
    /// [`PipelineError::Forecast`].
    pub fn forecast(
        &self,
        config: &Config,
        scores: Option<&Scores>,
        outlook: Option<&Outlook>,
        filter: &ForecastFilter,
    ) -> Result<Forecast, PipelineError> {
        Ok(forecast(&self.forecast_input(config, scores, outlook, filter))?)
    }

    /// The open deals behind the rows of `levels`.
    ///
    /// # Errors
    /// [`PipelineError::Forecast`].
    pub fn forecast_deals<'a>(
        &'a self,
        config: &'a Config,
        scores: Option<&'a Scores>,
        outlook: Option<&'a Outlook>,
        levels: &[Level],
        filter: &'a ForecastFilter,
    ) -> Result<ForecastDeals<'a>, PipelineError> {
        Ok(forecast_deals(&self.forecast_input(config, scores, outlook, filter), levels)?)
    }

    fn forecast_input<'a>(
        &'a self,
        config: &'a Config,
        scores: Option<&'a Scores>,
        outlook: Option<&'a Outlook>,
        filter: &'a ForecastFilter,
    ) -> ForecastInput<'a> {
        ForecastInput {
            tables: &self.tables,
            timeline: &self.timeline,
            snapshot: &self.snapshot,
            scores,
            outlook,
            config,
            stage_win_rates: &self.stage_win_rates,
            mask: None,
            filter,
        }
    }

    /// Who falls behind the target of the running periods, and why; `forecast` was made under the same filter.
    #[must_use]
    pub fn lags(
        &self,
        scores: Option<&Scores>,
        outlook: &Outlook,
        forecast: &Forecast,
        history: &LagHistory,
        values: &DealValues,
        filter: &ForecastFilter,
    ) -> Lags {
        let (tables, snapshot, calendar) = (&self.tables, &self.snapshot, &self.calendar);
        lags(&LagsInput { tables, snapshot, calendar, scores, outlook, forecast, history, values, filter })
    }
}

/// The columns that may tell stays in a stage apart: those the configuration names, else the usual ones there are.
pub(super) fn stagnation_candidates(
    config: &Config,
    tables: &Tables,
    timeline: &Timeline,
    snapshot: &Snapshot,
) -> Result<Vec<Segment>, PipelineError> {
    let by = |column: &str| Segment::by(column, tables, timeline, snapshot);
    match &config.stagnation.by {
        Some(columns) => Ok(columns.iter().map(|column| by(column)).collect::<Result<_, _>>()?),
        None => Ok(USUAL.into_iter().filter_map(|column| by(column).ok()).collect()),
    }
}
