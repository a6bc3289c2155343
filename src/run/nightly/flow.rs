//! The nightly run, spelled once.

use crate::analyses::backtest::{self, BacktestLine, judge};
use crate::analyses::forecast::{self, Forecast, RunForecast};
use crate::analyses::funnel::Funnel;
use crate::analyses::gaps::{self, GapHistory, Gaps};
use crate::analyses::outlook::Outlook;
use crate::analyses::sources::Sources;
use crate::books::deal_values::DealValues;
use crate::books::filter::ForecastFilter;
use crate::books::segment::Segment;
use crate::config::Config;
use crate::domain::day::Day;
use crate::model::findings::{Monitoring, unknown_columns};
use crate::model::{ModelError, WinModel};
use crate::report::finding::Finding;
use crate::report::sinks::Stamp;
use crate::run::champion::{Choice, Chosen, Retrain, choose};
use crate::run::error::RunError;
use crate::run::input_quality::InputQuality;
use crate::run::inputs::Inputs;
use crate::run::morning::{Foreseen, Morning, Scored};
use crate::run::nightly::loading::load;
use crate::run::nightly::manifest::manifest;
use crate::run::nightly::quality::write_quality;
use crate::run::nightly::reports::{Reports, write_reports};
use crate::run::nightly::result::{NightResults, RunResult, ScoredModel, Stuck};
use crate::run::nightly::sections::document;
use crate::run::nightly::since::write_since;
use crate::run::nightly::tables::{DealsSeen, Night, write_model};
use crate::run::questions::{ActionsBasis, AsOf, DealFilter, GapsBasis, Present};
use crate::run::replay::PastForecasts;
use crate::run::sections;
use crate::run::watch::Watcher;
use crate::scoring::Scores;
use crate::store::forecasts::ForecastRecord;
use crate::store::models::Registry;
use crate::store::outputs::Outputs;
use crate::store::quality::QualityHistory;
use crate::store::run_forecasts::RunForecastRecord;
use crate::store::scores::ScoreHistory;

/// What the run has to say.
const FINDINGS: &str = "findings.json";

/// What the gaps are told apart by anyway.
const USUALLY_BY: [&str; 7] = ["owner", "manager", "team", "region", "company", "product", "source"];

/// Which model scores the day.
#[derive(Clone, Debug)]
pub enum ModelChoice {
    /// This one, by id or file, whatever is in use.
    Named(String),
    /// The one in use, or a new one.
    Champion(Retrain),
}

/// What a nightly run is asked for.
#[derive(Clone, Debug)]
pub struct Nightly {
    /// What is read.
    pub inputs: Inputs,
    /// The model.
    pub model: ModelChoice,
    /// Columns to split the funnel, stagnation and the gaps by too.
    pub by: Vec<String>,
    /// The reports written beside the tables.
    pub reports: Reports,
}

/// Reads, chooses the model, scores, answers every question and puts all of it into `outputs`, which appear whole at the
/// end. Models, scores and past forecasts are kept in `registry`.
///
/// # Errors
/// [`RunError`]; what was in the place of `outputs` is then still there.
pub fn nightly(
    asked: &Nightly,
    registry: &Registry,
    mut outputs: Outputs,
    watcher: &dyn Watcher,
) -> Result<RunResult, RunError> {
    let Nightly { inputs, model, by, reports } = asked;
    let config = &inputs.config;
    // Before the long work: is the model there?
    let named = model.find(registry)?;
    let as_of = load(inputs, Some(&ScoreHistory::open(registry.scores_folder())), watcher)?;
    let morning = as_of.morning(config);
    let mut about_input = [sections::loaded(&as_of), sections::input(&as_of, config)].concat();
    let Choice { chosen, findings: about_model } = choose_model(named, model, &as_of, &morning, registry, watcher)?;
    let scores = chosen.as_ref().map(|chosen| morning.score(&chosen.model, watcher)).transpose()?;
    let scored = scored(chosen.as_ref(), scores.as_ref());
    let model_id = scored.map(|scored| scored.model.model_id.clone());
    outputs.set_stamp(Stamp { as_of: Some(as_of.day().to_string()), model_id });
    let values = as_of.values(config, &as_of.keep_all());
    let quality_history = QualityHistory::open(registry.quality_folder());
    let previous = quality_history.last_before(as_of.day());
    let quality = InputQuality::of(&as_of, config, &values, previous.as_ref(), None);
    quality.tables(&as_of)?.iter().try_for_each(|table| outputs.table(table))?;
    about_input.extend(quality.worse().cloned());
    let night = Night { as_of: &as_of, morning: &morning, config, values: &values, by };
    let found = of_the_past(night, scored, registry, &mut outputs, watcher)?;
    // From here on nothing needs the past: most of the memory is free.
    drop(morning);
    let present = as_of.present();
    let (forecast, gaps, about_actions) =
        of_the_present(&present, config, scores.as_ref(), &found, &values, &mut outputs, watcher)?;
    if let Some(chosen) = &chosen {
        write_model(&chosen.model, &mut outputs)?;
    }
    write_quality(&present, config, &forecast, &mut outputs)?;
    quality_history.keep(&quality.record)?;
    let today = RunForecast::of(&forecast, config.calendar.score_period);
    RunForecastRecord::open(registry.run_forecasts_folder()).keep(&today)?;
    let FoundInThePast { stuck, monitoring, funnel, sources, without_base, past, backtest, .. } = found;
    let model = chosen.zip(scores.zip(monitoring));
    let model = model.map(|(chosen, (scores, monitoring))| ScoredModel { chosen, scores, monitoring });
    let results = NightResults {
        present,
        values,
        about_input,
        about_model,
        model,
        stuck,
        funnel,
        sources,
        forecast,
        past,
        backtest,
        without_base,
        gaps,
        about_actions,
    };
    let document = document(&results, config);
    outputs.text(FINDINGS, &document.to_json()?)?;
    watcher.begin("reports", 0);
    let so_far = |since, outputs: &Outputs| manifest(&results, config, since, outputs.written(), &watcher.timings());
    let (since, mut unreported) = write_since(reports, &so_far(None, &outputs), &mut outputs)?;
    unreported.extend(write_reports(reports, &so_far(since, &outputs), &mut outputs));
    watcher.end();
    let manifest = so_far(since, &outputs);
    let (files, folder) = outputs.commit(&format!("{manifest:#}\n"))?;
    Ok(RunResult { results, document, files, folder, unreported })
}

impl ModelChoice {
    /// The model that is named, if one is.
    pub(crate) fn find(&self, registry: &Registry) -> Result<Option<WinModel>, ModelError> {
        match self {
            Self::Named(wanted) => registry.find(wanted).map(Some),
            Self::Champion(_) => Ok(None),
        }
    }

    /// When a new model is trained: never where one is named.
    pub(super) fn retrain(&self) -> Retrain {
        match self {
            Self::Named(_) => Retrain::Never,
            Self::Champion(retrain) => *retrain,
        }
    }
}

/// The named model, else the champion of the day.
fn choose_model(
    named: Option<WinModel>,
    choice: &ModelChoice,
    as_of: &AsOf,
    morning: &Morning<'_>,
    registry: &Registry,
    watcher: &dyn Watcher,
) -> Result<Choice, RunError> {
    let Some(model) = named else {
        let mut choice = choose(choice.retrain(), registry, morning, watcher)?;
        let kept = choice.chosen.as_ref().and_then(|chosen| unknown_columns(&chosen.model, &as_of.tables.deals));
        choice.findings.extend(kept);
        return Ok(choice);
    };
    model.check_knows(&as_of.tables, &as_of.timeline)?;
    let findings = unknown_columns(&model, &as_of.tables.deals).into_iter().collect();
    Ok(Choice { chosen: Some(Chosen { model, decision: "named".to_owned() }), findings })
}

fn scored<'a>(chosen: Option<&'a Chosen>, scores: Option<&'a Scores>) -> Option<Scored<'a>> {
    chosen.zip(scores).map(|(chosen, scores)| Scored { model: &chosen.model, scores })
}

/// What only the past tells.
pub(super) struct FoundInThePast {
    stuck: Stuck,
    monitoring: Option<Monitoring>,
    funnel: Funnel,
    sources: Sources,
    without_base: Vec<Day>,
    past: PastForecasts,
    backtest: Vec<BacktestLine>,
    outlook: Outlook,
    gap_history: GapHistory,
    earlier_runs: Vec<RunForecast>,
    seen: DealsSeen,
}

/// Every question that needs the past.
pub(super) fn of_the_past(
    night: Night<'_, '_>,
    scored: Option<Scored<'_>>,
    registry: &Registry,
    outputs: &mut Outputs,
    watcher: &dyn Watcher,
) -> Result<FoundInThePast, RunError> {
    let Night { as_of, config, .. } = night;
    let history = ScoreHistory::open(registry.scores_folder());
    watcher.begin("stagnation and scores", 0);
    let (stuck, seen) = night.stuck(scored, &history, outputs)?;
    let monitoring = scored.map(|scored| night.monitoring(scored, &history, outputs)).transpose()?;
    watcher.begin("funnel and sources", 0);
    let all = as_of.select(&DealFilter::default())?;
    let funnel = night.funnel(&all, outputs)?;
    let sources = night.sources(&all, outputs)?;
    watcher.begin("waterfall", 0);
    let without_base = night.waterfall(&history, outputs)?;
    watcher.begin("forecast", 0);
    let past = as_of.past_forecasts(config, &ForecastRecord::open(registry.forecasts_folder()));
    let backtest = judge(&past.cases);
    outputs.table(&backtest::columns::table(&backtest)?)?;
    outputs.table(&backtest::columns::cases_table(&past.cases, night.values.decimals())?)?;
    let earlier_runs = RunForecastRecord::open(registry.run_forecasts_folder()).before(as_of.day());
    let outlook = night.morning.outlook(scored, past.spread, &ForecastFilter::default());
    let gap_history = as_of.gap_history(config, gap_segments(night)?);
    Ok(FoundInThePast {
        stuck,
        monitoring,
        funnel,
        sources,
        without_base,
        past,
        backtest,
        outlook,
        gap_history,
        earlier_runs,
        seen,
    })
}

/// The columns the gaps are told apart by, beside the levels.
fn gap_segments(night: Night<'_, '_>) -> Result<Vec<Segment>, RunError> {
    let mut segments = night.as_of.usual_segments();
    let more = night.by.iter().filter(|column| !USUALLY_BY.contains(&column.as_str()));
    segments.extend(night.as_of.segments(more)?);
    Ok(segments)
}

/// `forecast`, `revisions`, `gaps`, `actions` and `period_deals`.
pub(super) fn of_the_present(
    present: &Present,
    config: &Config,
    scores: Option<&Scores>,
    found: &FoundInThePast,
    values: &DealValues,
    outputs: &mut Outputs,
    watcher: &dyn Watcher,
) -> Result<(Forecast, Gaps, Option<Finding>), RunError> {
    let (outlook, history, filter) = (&found.outlook, &found.gap_history, ForecastFilter::default());
    let forecast = present.forecast(config, Foreseen { scores, outlook: Some(outlook) }, &filter)?;
    outputs.parts("forecast", forecast::columns::forecast_parts(&forecast))?;
    outputs.table(&present.revisions_table(config, &forecast)?)?;
    let today = RunForecast::of(&forecast, config.calendar.score_period);
    outputs.table(&forecast::runs_table(&found.earlier_runs, &today)?)?;
    watcher.begin("gaps", 0);
    let gaps = present.gaps(GapsBasis { scores, outlook, forecast: &forecast, history, values }, &filter);
    outputs.table(&gaps::columns::table(&gaps)?)?;
    let basis = ActionsBasis { scores, outlook, forecast: &forecast, facts: &found.seen.facts };
    let (actions, about_actions) = present.actions_table(config, basis, &[])?;
    outputs.table(&actions)?;
    outputs.parts("period_deals", present.period_deals_parts(config, basis, &found.seen.names))?;
    Ok((forecast, gaps, about_actions))
}
