//! `dealcast run`: the nightly job. Check, train, score, every report, one folder that appears whole.

use std::io::Write;
use std::iter;
use std::path::Path;

use arrow::error::ArrowError;
use dealcast::analyses::backtest::judge;
use dealcast::analyses::forecast::Forecast;
use dealcast::analyses::quality::{ForecastDoubts, Quality};
use dealcast::analyses::scores::ScoreTable;
use dealcast::analyses::sources::{Attribution, Sources, SourcesBy};
use dealcast::analyses::waterfall::running_spans;
use dealcast::books::deal_values::DealValues;
use dealcast::books::filter::ForecastFilter;
use dealcast::config::Config;
use dealcast::domain::money;
use dealcast::domain::progress::Progress;
use dealcast::features::FeatureContext;
use dealcast::model::{self, WinModel};
use dealcast::report::format::{self, Format, SCHEMA_VERSION, Stamp};
use dealcast::report::table::Table;
use dealcast::run::Selection;
use dealcast::run::questions::{AsOf, DealFilter};
use dealcast::scoring;
use dealcast::store::folder::{MANIFEST, OutputFolder, WrittenFile};
use dealcast::store::forecasts::ForecastRecord;
use dealcast::store::scores::ScoreHistory;
use serde_json::json;

use crate::cli::Session;
use crate::cli::args::RunArgs;
use crate::cli::commands::champion::{self, Chosen};
use crate::cli::commands::check::balance;
use crate::cli::commands::tables::LAST_LOOK_DAYS;
use crate::cli::error::CliError;
use crate::cli::inputs::{load_with_earlier, registry, stamp};
use crate::cli::interrupt;
use crate::cli::settings::Inputs;
use crate::cli::summary::{self, Worn};
use dealcast::report::words::count;

/// What `lags` tells apart anyway.
const USUALLY_BY: [&str; 7] = ["owner", "manager", "team", "region", "company", "product", "source"];

/// Whose stalled deals are counted, beside the stages'.
const STUCK_BY: [&str; 3] = ["owner", "team", "region"];

pub(crate) fn run(args: RunArgs, session: &Session) -> Result<(), CliError> {
    let RunArgs { inputs, out, models, model, retrain, by } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    // Before the long work: can the outputs be written, is the model there?
    let folder = OutputFolder::open(&out)?;
    interrupt::guard(folder.abandon_handle());
    let registry = registry(&models)?;
    let named = model.map(|wanted| registry.find(&wanted)).transpose()?;
    let config = &inputs.config;
    let days = |day| running_spans(config, day).into_iter().map(|span| span.from).collect();
    let mut as_of = load_with_earlier(&inputs, days, session)?;
    let context = as_of.context();
    if let Some(model) = &named {
        summary::unknown_columns(model, &as_of, session.printer);
    }
    let chosen = match named {
        Some(model) => Some(Chosen { model, decision: "named".to_owned() }),
        None => champion::choose(retrain, &registry, &context, config, session)?,
    };
    let model = chosen.as_ref().map(|chosen| &chosen.model);
    let scores = model.map(|model| scoring::score(model, &context, config, &session.progress)).transpose()?;
    let scores = scores.as_ref();
    let history = ScoreHistory::open(registry.scores_folder());

    let stamp = stamp(&as_of, model.map(|model| model.model_id.as_str()));
    let mut files = Files { folder: &folder, stamp: &stamp, written: Vec::new() };
    let keep = vec![true; as_of.timeline.deals.len()];
    let values = as_of.values(config, &keep);

    // Each result is written as soon as it is there, and its table is gone before the next is made.
    session.progress.begin("stagnation and scores", 0);
    let last_look = history.last_before(as_of.day()).unwrap_or_else(|| as_of.day().plus(-LAST_LOOK_DAYS));
    let stagnation = as_of.stagnation(config, &keep, Some(last_look))?;
    let mut columns = STUCK_BY.map(str::to_owned).to_vec();
    columns.extend(by.iter().filter(|column| !STUCK_BY.contains(&column.as_str()) && *column != "stage").cloned());
    let stagnation_summary = as_of.stagnation_summary(&stagnation, &values, &columns)?;
    files.table(&dealcast::analyses::scores::columns::table(&ScoreTable {
        context: &context,
        model,
        scores,
        stagnation: &stagnation,
        previous: &history.previous(as_of.day()),
        period: config.calendar.score_period,
    })?)?;
    files.table(&dealcast::analyses::stagnation::columns::table(
        &stagnation,
        &as_of.tables,
        &as_of.timeline,
        &as_of.snapshot,
    )?)?;
    files.table(&dealcast::analyses::stagnation::columns::summary_table(&stagnation_summary, &values)?)?;
    let benchmarks_by = stagnation.benchmarks.levels.as_ref().map(|levels| levels.column.clone());
    drop(stagnation);
    let worn = match model.zip(scores) {
        Some((model, scores)) => {
            let worn = files.evidence(model, &history, &context, config)?;
            history.keep(scores, model, &context)?;
            Some(worn)
        }
        None => None,
    };
    session.progress.begin("funnel and sources", 0);
    let all = as_of.select(&DealFilter::default())?;
    let funnel = as_of.funnel(config, &values, &all, &by)?;
    files.table(&dealcast::analyses::funnel::columns::table(&funnel, &as_of.timeline.stages, &values)?)?;
    files.table(&dealcast::analyses::funnel::columns::summary_table(&funnel, &values)?)?;
    files
        .table(&dealcast::analyses::funnel::columns::flow_table(&as_of.flow(config, &values, &all, &by)?, &values)?)?;
    let sources = files.sources(&as_of, config, &values, &all)?;
    session.progress.begin("waterfall", 0);
    let spans = as_of.spans(&running_spans(config, as_of.day()));
    let waterfall = as_of.waterfall(config, &spans, &[], &ForecastFilter::default())?;
    files.parts("waterfall", || dealcast::analyses::waterfall::columns::waterfall_parts(&waterfall))?;
    let without_base = waterfall.without_base;
    drop(waterfall.rows);
    session.progress.begin("forecast", 0);
    let past = as_of.past_forecasts(config, &ForecastRecord::open(registry.forecasts_folder()));
    let judged = judge(&past.cases);
    files.table(&dealcast::analyses::backtest::columns::table(&judged)?)?;
    let outlook = as_of.outlook(config, model.zip(scores), past.spread, &ForecastFilter::default());
    let mut segments = as_of.usual_segments();
    segments.extend(as_of.segments(by.iter().filter(|column| !USUALLY_BY.contains(&column.as_str())))?);
    let history = as_of.lag_history(config, segments);
    as_of.release_history();
    let forecast = as_of.forecast(config, scores, Some(&outlook), &ForecastFilter::default())?;
    files.parts("forecast", || dealcast::analyses::forecast::columns::forecast_parts(&forecast))?;
    let base_decimals = money::exponent(&config.money.base_currency.to_uppercase());
    files.table(&dealcast::analyses::revisions::columns::table(&forecast.revisions, &as_of.tables, base_decimals)?)?;
    session.progress.begin("lags", 0);
    let lags = as_of.lags(scores, &outlook, &forecast, &history, &values, &ForecastFilter::default());
    files.table(&dealcast::analyses::gaps::columns::table(&lags)?)?;
    if let Some(model) = model {
        files.model(model)?;
    }
    files.quality(&as_of, config, &forecast)?;
    session.progress.finish();
    let manifest = manifest(&as_of, config, chosen.as_ref(), &files.written, session);
    files.text(MANIFEST, &format!("{manifest:#}\n"))?;
    let written = files.written.len();
    let target = folder.commit()?;
    tracing::info!(folder = %target.display(), files = written, "outputs in place");

    let printer = session.printer;
    printer.heading("Input");
    as_of.inputs.iter().for_each(|input| printer.say(balance(input)));
    summary::assumptions(&as_of, printer);
    summary::absences(config, &as_of, printer);
    if let Some((chosen, (scores, worn))) = chosen.as_ref().zip(scores.zip(worn.as_ref())) {
        summary::model(&chosen.model, printer);
        summary::standing(&chosen.decision, &chosen.model, worn, printer);
        summary::scores(scores, printer);
    }
    summary::stagnation(&stagnation_summary, last_look, benchmarks_by.as_deref(), &values, printer);
    summary::funnel(&funnel, printer);
    summary::sources(&sources, config.calendar.score_period, &values, printer);
    summary::forecast(&forecast, config, printer);
    summary::past_forecasts(&judged, &past, printer);
    summary::doubts(&forecast, &as_of.tables, printer);
    summary::without_base(&without_base, printer);
    summary::lags(&lags, config, printer);
    printer.heading("Output");
    let (_, seconds) = session.progress.timings();
    printer.say(format!("{} in {} after {seconds:.1} s", count(written as u64, "file"), shown(&target, &out)));
    Ok(())
}

/// The folder as it was typed where that names it, else where it really is.
fn shown<'p>(target: &'p Path, typed: &'p Path) -> std::path::Display<'p> {
    if typed.is_dir() { typed.display() } else { target.display() }
}

/// The files of the run, as they are written.
struct Files<'a> {
    folder: &'a OutputFolder,
    stamp: &'a Stamp,
    written: Vec<WrittenFile>,
}

impl Files<'_> {
    /// A table as CSV and as Parquet.
    fn table(&mut self, table: &Table) -> Result<(), CliError> {
        self.parts(table.name(), || iter::once(Ok(table.clone())))
    }

    /// The same for a table that is too large to be in memory whole: both files are written side by side, each from
    /// its own parts.
    fn parts<I>(&mut self, name: &str, parts: impl Fn() -> I + Sync) -> Result<(), CliError>
    where
        I: Iterator<Item = Result<Table, ArrowError>>,
    {
        let write = |format: Format| {
            let content =
                |out: &mut (dyn Write + Send)| format::write_parts(parts(), format, self.stamp, out).map(Some);
            self.folder.write(&format!("{name}.{}", format.extension()), content)
        };
        let (csv, parquet) = rayon::join(|| write(Format::Csv), || write(Format::Parquet));
        self.written.extend([csv?, parquet?]);
        Ok(())
    }

    fn text(&mut self, name: &str, text: &str) -> Result<(), CliError> {
        self.written.push(self.folder.write(name, |out| out.write_all(text.as_bytes()).map(|()| None))?);
        Ok(())
    }

    /// The model with its cards.
    fn model(&mut self, model: &WinModel) -> Result<(), CliError> {
        self.text("model.json", &model.to_json()?)?;
        self.text("model_card.json", &model::card_json(model))?;
        self.text("model_card.md", &model::card(model))
    }

    /// What marketing sources and campaigns brought, and what they did by their touches.
    fn sources(
        &mut self,
        as_of: &AsOf,
        config: &Config,
        values: &DealValues,
        all: &Selection,
    ) -> Result<Sources, CliError> {
        let by_touches = Attribution::ALL.into_iter().filter(|_| !as_of.tables.touches.at.is_empty());
        let by_touches = by_touches.map(|model| SourcesBy { attribution: Some(model), ..SourcesBy::default() });
        let mut wanted = vec![SourcesBy::default(), SourcesBy { campaign: true, ..SourcesBy::default() }];
        wanted.extend(by_touches);
        let mut models = as_of.sources(values, all, (config.calendar.score_period, &wanted))?;
        let (sources, mut campaigns) = (models.remove(0), models.remove(0));
        if !as_of.has_campaigns() {
            campaigns.rows.clear();
        }
        self.table(&dealcast::analyses::sources::columns::table(&sources, false, values)?)?;
        self.table(&dealcast::analyses::sources::columns::table(&campaigns, true, values)?)?;
        self.table(&dealcast::analyses::sources::columns::attribution_table(&models, values)?)?;
        Ok(sources)
    }

    /// How good the model was on days it had not seen, how its published scores came true, and whether today's deals
    /// are those it learnt from.
    fn evidence(
        &mut self,
        model: &WinModel,
        history: &ScoreHistory,
        context: &FeatureContext<'_>,
        config: &Config,
    ) -> Result<Worn, CliError> {
        let matured = model::judge_published(&history.matured(context), context.timeline);
        let drift = champion::drift(model, context);
        let limit = config.training.retrain.drift_psi;
        self.table(&dealcast::model::columns::evaluation_table(model.evaluation.rows.iter().chain(&matured))?)?;
        self.table(&dealcast::model::columns::reliability_table(model)?)?;
        self.table(&dealcast::model::columns::drift_table(model, &drift, limit)?)?;
        Ok(Worn { drift, limit, matured })
    }

    /// What was wrong with the input, and what had to be assumed.
    fn quality(&mut self, as_of: &AsOf, config: &Config, forecast: &Forecast) -> Result<(), CliError> {
        let issues = &as_of.issues;
        let rejects = |out: &mut (dyn Write + Send)| issues.write_rejects(out).map(|()| Some(issues.rejects()));
        self.written.push(self.folder.write("rejects.csv", rejects)?);
        let absent = summary::absent(config).collect();
        let quality = Quality::of(&as_of.timeline, issues, absent, ForecastDoubts::of(forecast, &as_of.tables));
        self.text("quality.json", &format!("{}\n", serde_json::to_string_pretty(&quality)?))
    }
}

/// What was read, with what and as of when, and what was written.
fn manifest(
    as_of: &AsOf,
    config: &Config,
    chosen: Option<&Chosen>,
    files: &[WrittenFile],
    session: &Session,
) -> serde_json::Value {
    let (steps, seconds) = session.progress.timings();
    let total = |of: fn(&dealcast::ingest::InputFile) -> u64| as_of.inputs.iter().map(of).sum::<u64>();
    let config = serde_json::to_vec(config).unwrap_or_default();
    json!({
        "dealcast": env!("CARGO_PKG_VERSION"),
        "schema_version": SCHEMA_VERSION,
        "as_of": as_of.day(),
        "as_of_is_day_after_newest_event": as_of.day_defaulted,
        "deals_created_later": as_of.timeline.quality.deals_in_the_future,
        "changes_made_later": as_of.timeline.quality.change_rows_in_the_future,
        "model_id": chosen.map(|chosen| &chosen.model.model_id),
        "model_decision": chosen.map(|chosen| &chosen.decision),
        "signal": chosen.map(|chosen| chosen.model.signal),
        "config_blake3": blake3::hash(&config).to_hex().as_str(),
        "inputs": as_of.inputs,
        "row_balance": {
            "rows": total(|input| input.rows),
            "used": total(|input| input.used),
            "rejected": total(|input| input.rejected),
        },
        "files": files,
        "timings": steps,
        "seconds": seconds,
    })
}
