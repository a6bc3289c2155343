//! `dealcast score`, `explain` and `forecast`: what a saved model makes of the open deals.

use std::collections::BTreeSet;

use dealcast::analyses::outlook::Outlook;
use dealcast::analyses::scores::ScoreTable;
use dealcast::analyses::scores::explanation::{self, Explained, fields_table};
use dealcast::books::filter::ForecastFilter;
use dealcast::books::hierarchy::Level;
use dealcast::domain::probability::logit;
use dealcast::domain::stage::StageKind;
use dealcast::model::WinModel;
use dealcast::run::questions::AsOf;
use dealcast::scoring::{self, Score, Scores};
use dealcast::store::forecasts::ForecastRecord;
use dealcast::store::scores::ScoreHistory;

use crate::cli::Session;
use crate::cli::args::{ExplainArgs, ForecastArgs, ModelArgs, NodeLevel, ScoreArgs, TableFormat};
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, find, load, registry, stamp};
use crate::cli::printer::Printer;
use crate::cli::settings::Inputs;
use crate::cli::summary;
use dealcast::report::words::percent;

impl ModelArgs {
    /// The model named, else the current or newest one that may score the day.
    pub(super) fn load(&self, as_of: &AsOf, printer: Printer) -> Result<WinModel, CliError> {
        let registry = registry(&self.models)?;
        let model = match &self.model {
            Some(wanted) => registry.find(wanted)?,
            None => registry.usable(as_of.day())?,
        };
        summary::unknown_columns(&model, as_of, printer);
        Ok(model)
    }
}

pub(crate) fn score(args: ScoreArgs, session: &Session) -> Result<(), CliError> {
    let ScoreArgs { inputs, table, model, filter } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let filter = filter.deals(&inputs, &[])?;
    let as_of = load(&inputs, session)?;
    let registry = registry(&model.models)?;
    let model = model.load(&as_of, session.printer)?;
    let keep = as_of.keep(&filter)?;
    let context = as_of.context();
    let scores = scoring::score(&model, &context, &inputs.config, &session.progress)?;
    if !model.signal {
        session.printer.warn(format!("every deal has the base rate: {}", model.verdict));
    }
    let result = dealcast::analyses::scores::columns::table(&ScoreTable {
        context: &context,
        model: Some(&model),
        scores: Some(&scores),
        stagnation: &as_of.stagnation(&inputs.config, &keep, None)?,
        previous: &ScoreHistory::open(registry.scores_folder()).previous(as_of.day()),
        period: inputs.config.calendar.score_period,
    })?;
    emit(&result, &table, &stamp(&as_of, Some(&model.model_id)), session)
}

pub(crate) fn forecast(args: ForecastArgs, session: &Session) -> Result<(), CliError> {
    let ForecastArgs { inputs, table, model, filter, period, level, by_deal } = args;
    let mut inputs = Inputs::resolve(inputs, session.printer)?;
    let filter = filter.forecast(&inputs, &period)?;
    inputs.report(&filter.periods);
    let as_of = load(&inputs, session)?;
    as_of.check_names(&filter)?;
    let (model, scores, outlook) = foreseen(&model, &as_of, &inputs, &filter, session)?;
    let mut levels: Vec<Level> = level.into_iter().map(Level::from).collect();
    let model_id = model.as_ref().map(|model| model.model_id.as_str());
    if by_deal {
        levels.extend(Some(Level::Company).filter(|_| levels.is_empty()));
        let listed = as_of.forecast_deals(&inputs.config, scores.as_ref(), Some(&outlook), &levels, &filter)?;
        let deals = dealcast::analyses::forecast::columns::forecast_deals_table(&listed, &as_of.tables)?;
        return emit(&deals, &table, &stamp(&as_of, model_id), session);
    }
    let mut forecast = as_of.forecast(&inputs.config, scores.as_ref(), Some(&outlook), &filter)?;
    summary::doubts(&forecast, &as_of.tables, session.printer);
    let nodes = &forecast.nodes;
    forecast.rows.retain(|row| levels.is_empty() || nodes.get(row.node).is_some_and(|n| levels.contains(&n.level)));
    emit(&dealcast::analyses::forecast::columns::forecast_table(&forecast)?, &table, &stamp(&as_of, model_id), session)
}

/// What a saved model, and the past, say of what is to come; without a model nothing is expected from open deals.
pub(super) fn foreseen(
    model: &ModelArgs,
    as_of: &AsOf,
    inputs: &Inputs,
    filter: &ForecastFilter,
    session: &Session,
) -> Result<(Option<WinModel>, Option<Scores>, Outlook), CliError> {
    let record = ForecastRecord::open(registry(&model.models)?.forecasts_folder());
    let (model, scores) = match model.load(as_of, session.printer) {
        Ok(model) => {
            let scores = scoring::score(&model, &as_of.context(), &inputs.config, &session.progress)?;
            (Some(model), Some(scores))
        }
        Err(error) if model.model.is_some() => return Err(error),
        Err(error) => {
            session.printer.warn(format!("nothing is expected from open deals: {}", error.message()));
            (None, None)
        }
    };
    let spread = as_of.past_forecasts(&inputs.config, &record).spread;
    let outlook = as_of.outlook(&inputs.config, model.as_ref().zip(scores.as_ref()), spread, filter);
    Ok((model, scores, outlook))
}

impl From<NodeLevel> for Level {
    fn from(level: NodeLevel) -> Self {
        match level {
            NodeLevel::Owner => Self::Owner,
            NodeLevel::Manager => Self::Manager,
            NodeLevel::Team => Self::Team,
            NodeLevel::Region => Self::Region,
            NodeLevel::Company => Self::Company,
        }
    }
}

pub(crate) fn explain(args: ExplainArgs, session: &Session) -> Result<(), CliError> {
    let ExplainArgs { deal, fields, inputs, table, model } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let as_of = load(&inputs, session)?;
    let index = find_open(&deal, &as_of)?;
    let model = model.load(&as_of, session.printer)?;
    let context = as_of.context();
    let scores = scoring::score(&model, &context, &inputs.config, &session.progress)?;
    session.progress.finish();
    let position = scores.rows.iter().position(|row| row.deal as usize == index);
    let position = position.ok_or_else(|| CliError::internal(format!("deal {deal} has no score")))?;
    let score = &scores.rows[position];
    if !model.signal {
        session.printer.warn(format!("this is the base rate: {}", model.verdict));
    }
    let words = in_words(&deal, &model, &scores, position, score);
    if table.format == TableFormat::Table && table.out.is_none() {
        session.printer.text(&format!("{words}\n"))?;
    } else {
        session.printer.say(words);
    }
    let explained = Explained { context: &context, model: &model, scores: &scores, position };
    let result = if fields { fields_table(&explained)? } else { explanation::table(&explained)? };
    emit(&result, &table, &stamp(&as_of, Some(&model.model_id)), session)
}

/// The chance, by when, and how it comes about.
fn in_words(deal: &str, model: &WinModel, scores: &Scores, position: usize, score: &Score) -> String {
    let grade = score.grade.map(|grade| format!(", grade {grade}")).unwrap_or_default();
    let chance = percent(score.win_probability);
    let mut lines = vec![format!("{deal}: {chance} to be won within {} days{grade}", model.horizon_days)];
    let mut said = BTreeSet::new();
    let ends = scores.periods.iter().zip(&score.by_period).filter(|(period, _)| said.insert(period.last));
    lines.extend(ends.map(|(period, outcome)| {
        let [win, lose, slip] = [outcome.win, outcome.lose, outcome.slip].map(percent);
        format!("by the end of {period}: won {win}, lost {lose}, open {slip}")
    }));
    lines.extend(score.predicted_close.map(|[low, median, high]| {
        format!("if it is won, as likely before {median} as after; with a chance of 80 % from {low} to {high}")
    }));
    let sum = scores.intercept + scores.contributions_of(position).iter().sum::<f64>();
    lines.push(format!(
        "from the base rate {} to {chance}, strongest reasons first (log-odds {:+.4} to {sum:+.4}):",
        percent(model.base_rate),
        logit(model.base_rate)
    ));
    lines.join("\n")
}

/// Where the deal stands in the timeline, if it is open.
fn find_open(id: &str, as_of: &AsOf) -> Result<usize, CliError> {
    let index = find(id, as_of)?;
    let ended = match as_of.snapshot.states[index].kind {
        StageKind::Open => return Ok(index),
        StageKind::Won => "won",
        StageKind::Lost => "lost",
    };
    Err(CliError::usage(format!("deal {id:?} is {ended}; only open deals have a score")).hint(format!(
        "`dealcast trace {id}` tells its story; or name an earlier day with --as-of, and a model from before it"
    )))
}
