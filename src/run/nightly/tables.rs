//! Results to files of the run, one kind of question after the other. Each table is written as soon as its result is
//! there, and gone before the next is made.

use crate::analyses::actions::ActionFacts;
use crate::analyses::history::{HistoryInput, changes_table, deal_changes};
use crate::analyses::period_deals::DealNames;
use crate::analyses::scores::ScoreTable;
use crate::analyses::scores::columns as scores;
use crate::analyses::sources::{Attribution, Sources, SourcesBy};
use crate::analyses::stagnation::Stagnation;
use crate::analyses::waterfall::{Span, running_spans};
use crate::analyses::{funnel, positions, sources, stagnation, waterfall};
use crate::books::deal_values::DealValues;
use crate::books::filter::ForecastFilter;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::model::findings::Monitoring;
use crate::model::{self, WinModel};
use crate::run::error::RunError;
use crate::run::morning::{Morning, Scored};
use crate::run::nightly::evidence::{self, monitoring};
use crate::run::nightly::result::Stuck;
use crate::run::questions::{AsOf, REFERENCE_DAYS, Selection};
use crate::store::outputs::Outputs;
use crate::store::scores::{RecentScores, ScoreHistory};

/// Deals whose changes are in memory at once.
const DEALS_PER_PART: usize = 5_000;

/// Whose stalled deals are counted, beside the stages'.
const STUCK_BY: [&str; 3] = ["owner", "team", "region"];

/// What every part of a run is made from.
#[derive(Clone, Copy)]
pub(super) struct Night<'n, 'a> {
    pub as_of: &'n AsOf,
    pub morning: &'n Morning<'a>,
    pub config: &'n Config,
    pub values: &'n DealValues,
    /// Columns asked for beside the usual ones.
    pub by: &'n [String],
}

/// What is kept of single deals before their past and their names are released.
pub(super) struct DealsSeen {
    pub facts: ActionFacts,
    pub names: DealNames,
}

impl Night<'_, '_> {
    /// `scores`, `stagnation` and `stagnation_summary`; and what actions need to know of the open deals' past.
    pub(super) fn stuck(
        self,
        scored: Option<Scored<'_>>,
        history: &ScoreHistory,
        outputs: &mut Outputs,
    ) -> Result<(Stuck, DealsSeen), RunError> {
        let (as_of, day) = (self.as_of, self.as_of.day());
        let reference_day = history.last_before(day).unwrap_or_else(|| day.plus(-REFERENCE_DAYS));
        let found = self.morning.stagnation(&as_of.keep_all(), Some(reference_day))?;
        let mut columns = STUCK_BY.map(str::to_owned).to_vec();
        let more = self.by.iter().filter(|column| !STUCK_BY.contains(&column.as_str()) && *column != "stage");
        columns.extend(more.cloned());
        let summary = as_of.stagnation_summary(&found, self.values, &columns)?;
        outputs.table(&scores::table(&ScoreTable {
            context: self.morning.context(),
            model: scored.map(|scored| scored.model),
            scores: scored.map(|scored| scored.scores),
            stagnation: &found,
            previous: &history.previous(day),
            period: self.config.calendar.score_period,
            values: self.values,
        })?)?;
        self.changes(&found, &history.recent(day), outputs)?;
        let AsOf { tables, timeline, snapshot, .. } = as_of;
        outputs.table(&positions::columns::table(&positions::positions(tables, snapshot))?)?;
        outputs.table(&stagnation::columns::table(&found, tables, timeline, snapshot)?)?;
        outputs.table(&stagnation::columns::summary_table(&summary, self.values)?)?;
        let benchmark_by = found.benchmarks.levels.as_ref().map(|levels| levels.column.clone());
        let seen = DealsSeen {
            facts: ActionFacts::gather(tables, timeline, snapshot, &found),
            names: DealNames::gather(tables, snapshot),
        };
        Ok((Stuck { summary, reference_day, benchmark_by }, seen))
    }

    /// `deal_changes`: what happened to every open deal, with the scores `published` of it.
    fn changes(self, found: &Stagnation, published: &RecentScores, outputs: &mut Outputs) -> Result<(), RunError> {
        let AsOf { tables, timeline, snapshot, .. } = self.as_of;
        let input = HistoryInput { tables, timeline, snapshot, benchmarks: &found.benchmarks };
        let open: Vec<DealIx> = found.rows.iter().map(|row| row.deal).collect();
        let part = |deals: &[DealIx]| {
            let id = |deal: DealIx| tables.deals.id(timeline.head(deal).row).unwrap_or_default();
            let scores = |deal: DealIx| published.get(id(deal)).map_or(&[][..], Vec::as_slice);
            changes_table(deals.iter().map(|&deal| (id(deal), deal_changes(&input, deal, scores(deal)))))
        };
        let first_deals = (0..open.len().max(1)).step_by(DEALS_PER_PART);
        let parts = first_deals.map(|first| part(&open[first..open.len().min(first + DEALS_PER_PART)]));
        Ok(outputs.parts("deal_changes", parts)?)
    }

    /// `evaluation`, `reliability` and `drift`; keeps the scores as published.
    pub(super) fn monitoring(
        self,
        scored: Scored<'_>,
        history: &ScoreHistory,
        outputs: &mut Outputs,
    ) -> Result<Monitoring, RunError> {
        let (Scored { model, scores }, context) = (scored, self.morning.context());
        let monitoring = monitoring(model, history, context, self.config);
        for table in evidence::tables(model, &monitoring)? {
            outputs.table(&table)?;
        }
        history.keep(scores, model, context)?;
        Ok(monitoring)
    }

    /// `funnel`, `funnel_summary` and `funnel_flow`.
    pub(super) fn funnel(self, all: &Selection, outputs: &mut Outputs) -> Result<funnel::Funnel, RunError> {
        let Self { as_of, config, values, by, .. } = self;
        let funnel = as_of.funnel(config, values, all, by)?;
        outputs.table(&funnel::columns::table(&funnel, &as_of.timeline.stages, values)?)?;
        outputs.table(&funnel::columns::summary_table(&funnel, values)?)?;
        outputs.table(&funnel::columns::flow_table(&as_of.flow(config, values, all, by)?, values)?)?;
        Ok(funnel)
    }

    /// What marketing sources and campaigns brought, and what they did by their touches.
    pub(super) fn sources(self, all: &Selection, outputs: &mut Outputs) -> Result<Sources, RunError> {
        let Self { as_of, config, values, .. } = self;
        let by_touches = Attribution::ALL.into_iter().filter(|_| !as_of.tables.touches.at.is_empty());
        let by_touches = by_touches.map(|model| SourcesBy { attribution: Some(model), ..SourcesBy::default() });
        let mut wanted = vec![SourcesBy::default(), SourcesBy { campaign: true, ..SourcesBy::default() }];
        wanted.extend(by_touches);
        let mut models = as_of.sources(values, all, config.calendar.score_period, &wanted)?;
        let (own, mut campaigns) = (models.remove(0), models.remove(0));
        if !as_of.has_campaigns() {
            campaigns.rows.clear();
        }
        outputs.table(&sources::columns::table(&own, false, values)?)?;
        outputs.table(&sources::columns::table(&campaigns, true, values)?)?;
        outputs.table(&sources::columns::attribution_table(&models, values)?)?;
        Ok(own)
    }

    /// `waterfall`, and `waterfall_since_run` from the morning of the run before; returns the mornings without base amounts.
    pub(super) fn waterfall(self, history: &ScoreHistory, outputs: &mut Outputs) -> Result<Vec<Day>, RunError> {
        let spans = self.as_of.spans(&running_spans(self.config, self.as_of.day()));
        let found = self.as_of.waterfall(self.config, &spans, &[], &ForecastFilter::default())?;
        outputs.parts("waterfall", waterfall::columns::waterfall_parts(&found))?;
        let last = history.last_before(self.as_of.day());
        let since = last.map(|from| Span { from, kinds: vec![self.config.calendar.score_period] });
        let spans = self.as_of.spans(since.as_slice());
        let since = self.as_of.waterfall(self.config, &spans, &[], &ForecastFilter::default())?;
        outputs.parts("waterfall_since_run", waterfall::columns::since_parts(&since))?;
        Ok(found.without_base)
    }
}

/// The model with its cards.
pub(super) fn write_model(model: &WinModel, outputs: &mut Outputs) -> Result<(), RunError> {
    outputs.text("model.json", &model.to_json()?)?;
    outputs.text("model_card.json", &model::card_json(model))?;
    outputs.text("model_card.md", &model::card(model))?;
    Ok(())
}
