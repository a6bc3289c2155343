//! How deals stand on a day, their past forgotten: [`Present`] makes the forecast and takes its gaps apart.
//!
//! Made by [`AsOf::present`](crate::run::questions::AsOf::present), which takes the day by value: what needs the past
//! cannot be asked afterwards.

use std::collections::BTreeMap;

use arrow::error::ArrowError;

use crate::analyses::actions::{self, ActionFacts, ActionsInput};
use crate::analyses::forecast::Forecast;
use crate::analyses::forecast::findings::contradictions;
use crate::analyses::gaps::{GapHistory, Gaps, GapsInput, gaps};
use crate::analyses::outlook::Outlook;
use crate::analyses::period_deals::{self, DealNames, PeriodDealsInput};
use crate::analyses::quality::{ForecastDoubts, Quality};
use crate::analyses::revisions;
use crate::books::deal_values::DealValues;
use crate::books::filter::ForecastFilter;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::money;
use crate::domain::period::FiscalCalendar;
use crate::ingest::tables::Tables;
use crate::ingest::{InputFile, Issues};
use crate::report::finding::Finding;
use crate::report::table::Table;
use crate::run::error::RunError;
use crate::run::morning::{Foreseen, Morning};
use crate::scoring::Scores;
use crate::snapshot::Snapshot;
use crate::timeline::{Timeline, TimelineQuality};

/// Every deal as it stands, without its past.
#[derive(Debug)]
pub struct Present {
    /// Without deals, leads, touches, changes and activities.
    tables: Tables,
    /// Without steps and activities.
    timeline: Timeline,
    snapshot: Snapshot,
    calendar: FiscalCalendar,
    stage_win_rates: Vec<Option<f64>>,
    inputs: Vec<InputFile>,
    issues: Issues,
    day_defaulted: bool,
}

/// What the gaps are taken apart with, beside the present.
#[derive(Clone, Copy, Debug)]
pub struct GapsBasis<'a> {
    /// The model's view of the open deals.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come.
    pub outlook: &'a Outlook,
    /// The forecast made of these, under the same filter.
    pub forecast: &'a Forecast,
    /// How past periods went.
    pub history: &'a GapHistory,
    /// What every deal is worth.
    pub values: &'a DealValues,
}

/// What actions are found from, beside the present.
#[derive(Clone, Copy, Debug)]
pub struct ActionsBasis<'a> {
    /// The model's view of the open deals.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come.
    pub outlook: &'a Outlook,
    /// The forecast made of these, of all deals.
    pub forecast: &'a Forecast,
    /// What the past tells of the open deals.
    pub facts: &'a ActionFacts,
}

impl Present {
    pub(super) fn new(
        mut tables: Tables,
        mut timeline: Timeline,
        snapshot: Snapshot,
        calendar: FiscalCalendar,
        stage_win_rates: Vec<Option<f64>>,
    ) -> Self {
        (tables.deals, tables.leads, tables.touches) = Default::default();
        (timeline.steps, timeline.activities) = (Vec::new(), Vec::new());
        let deals = timeline.deals.len();
        (timeline.step_offsets, timeline.activity_offsets) = (vec![0; deals + 1], vec![0; deals + 1]);
        let (inputs, issues, day_defaulted) = (Vec::new(), Issues::default(), false);
        Self { tables, timeline, snapshot, calendar, stage_win_rates, inputs, issues, day_defaulted }
    }

    pub(super) fn read_from(self, inputs: Vec<InputFile>, issues: Issues, day_defaulted: bool) -> Self {
        Self { inputs, issues, day_defaulted, ..self }
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.snapshot.as_of
    }

    /// Whether nobody named the day: it is the one after the newest event then.
    #[must_use]
    pub fn day_defaulted(&self) -> bool {
        self.day_defaulted
    }

    /// The files everything was read from.
    #[must_use]
    pub fn inputs(&self) -> &[InputFile] {
        &self.inputs
    }

    /// What was wrong with these.
    #[must_use]
    pub fn issues(&self) -> &Issues {
        &self.issues
    }

    /// What had to be assumed about the past.
    #[must_use]
    pub fn assumed(&self) -> &TimelineQuality {
        &self.timeline.quality
    }

    /// Quota, won, gap and pipeline; with scores, what is expected from the open deals.
    ///
    /// # Errors
    /// [`RunError::Forecast`].
    pub fn forecast(
        &self,
        config: &Config,
        foreseen: Foreseen<'_>,
        filter: &ForecastFilter,
    ) -> Result<Forecast, RunError> {
        Morning::new(&self.tables, &self.timeline, &self.snapshot, &self.calendar, config).forecast(
            &self.stage_win_rates,
            foreseen,
            filter,
        )
    }

    /// Who will miss the target of the running periods, and why; the forecast was made under the same filter.
    #[must_use]
    pub fn gaps(&self, basis: GapsBasis<'_>, filter: &ForecastFilter) -> Gaps {
        let GapsBasis { scores, outlook, forecast, history, values } = basis;
        let (tables, snapshot, calendar) = (&self.tables, &self.snapshot, &self.calendar);
        gaps(&GapsInput { tables, snapshot, calendar, scores, outlook, forecast, history, values, filter })
    }

    /// The `actions` table, and what there is to say of it: what is to be done, the most worth first; only by `people` and
    /// those under them, if any are named.
    ///
    /// # Errors
    /// An arrow error where columns differ in length.
    pub fn actions_table(
        &self,
        config: &Config,
        basis: ActionsBasis<'_>,
        people: &[String],
    ) -> Result<(Table, Option<Finding>), ArrowError> {
        let ActionsBasis { scores, outlook, forecast, facts } = basis;
        let (tables, timeline, snapshot, calendar) = (&self.tables, &self.timeline, &self.snapshot, &self.calendar);
        let mut found = actions::actions(&ActionsInput {
            tables,
            timeline,
            snapshot,
            calendar,
            config,
            scores,
            outlook,
            forecast,
            facts,
        });
        found.rows.retain(|row| people.is_empty() || people.iter().any(|person| row.concerns(person)));
        let said = actions::findings::without_rate(&found, tables);
        Ok((actions::columns::table(&found, facts, tables, timeline)?, said))
    }

    /// The `period_deals` table, part by part: the deals behind the running period, those of `names`.
    pub fn period_deals_parts<'p>(
        &'p self,
        config: &'p Config,
        basis: ActionsBasis<'p>,
        names: &'p DealNames,
    ) -> impl Iterator<Item = Result<Table, ArrowError>> + use<'p> {
        let ActionsBasis { scores, outlook, forecast, .. } = basis;
        let (tables, timeline, snapshot, calendar) = (&self.tables, &self.timeline, &self.snapshot, &self.calendar);
        let (stages, base_rows) = (&timeline.stages, forecast.quality.base_rows);
        let input = PeriodDealsInput { tables, stages, snapshot, calendar, config, scores, outlook, base_rows };
        period_deals::columns::parts(input, names, timeline)
    }

    /// What in `forecast` contradicts itself.
    #[must_use]
    pub fn contradictions(&self, forecast: &Forecast) -> Vec<Finding> {
        contradictions(forecast, &self.tables)
    }

    /// What was wrong with the input and what had to be assumed; `absent` are the tables that were not given.
    #[must_use]
    pub fn quality<'q>(&'q self, absent: BTreeMap<&'q str, &'q str>, forecast: &'q Forecast) -> Quality<'q> {
        Quality::of(&self.timeline, &self.issues, absent, ForecastDoubts::of(forecast, &self.tables))
    }

    /// The `revisions` table of `forecast`.
    ///
    /// # Errors
    /// An arrow error where columns differ in length.
    pub fn revisions_table(&self, config: &Config, forecast: &Forecast) -> Result<Table, ArrowError> {
        let base_decimals = money::exponent(&self.tables.base_currency(&config.money.base_currency));
        revisions::columns::table(&forecast.revisions, &self.tables, base_decimals)
    }
}
