//! `dealcast score`, `explain` and `forecast`: what a saved model makes of the open deals.

use std::collections::BTreeSet;

use dealcast::analyses::outlook::Outlook;
use dealcast::analyses::scores::columns::{ScoreTable, ranked_factors};
use dealcast::books::filter::ForecastFilter;
use dealcast::books::hierarchy::Level;
use dealcast::domain::ids::DealIx;
use dealcast::domain::probability::{logistic, logit};
use dealcast::domain::stage::StageKind;
use dealcast::model::WinModel;
use dealcast::report::table::{Table, TableBuilder};
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
    let position = scores.rows.iter().position(|row| row.deal == index);
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
    let result = if fields {
        contributions(&model, &scores, position, index, &as_of)?
    } else {
        path(&model, &scores, position, index, &as_of)?
    };
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
fn find_open(id: &str, as_of: &AsOf) -> Result<DealIx, CliError> {
    let index = find(id, as_of)?;
    let ended = match as_of.snapshot.state(index).kind {
        StageKind::Open => return Ok(index),
        StageKind::Won => "won",
        StageKind::Lost => "lost",
    };
    Err(CliError::usage(format!("deal {id:?} is {ended}; only open deals have a score")).hint(format!(
        "`dealcast trace {id}` tells its story; or name an earlier day with --as-of, and a model from before it"
    )))
}

/// The way from the base rate to the score: the average deal, then one reason after the other, the strongest first. All
/// contributions add up to the log-odds of the score.
fn path(model: &WinModel, scores: &Scores, position: usize, index: DealIx, as_of: &AsOf) -> Result<Table, CliError> {
    let (context, state) = (as_of.context(), as_of.snapshot.state(index));
    let base = logit(model.base_rate);
    let mut steps = vec![
        (
            "base rate".to_owned(),
            format!("{} of past deals were won within {} days", percent(model.base_rate), model.horizon_days),
            base,
        ),
        (
            "average deal".to_owned(),
            format!("the reasons below are against a deal at {}", percent(logistic(scores.intercept))),
            scores.intercept - base,
        ),
    ];
    let factors = model.spec.factors();
    let reasons = ranked_factors(&factors, scores.contributions_of(position));
    steps.extend(
        reasons.into_iter().map(|(factor, contribution)| {
            (factor.name.clone(), model.spec.phrase(factor, state, &context), contribution)
        }),
    );
    let sums = steps.iter().scan(0.0, |sum, step| {
        *sum += step.2;
        Some(Some(logistic(*sum)))
    });
    Ok(TableBuilder::default()
        .text("reason", steps.iter().map(|step| Some(&step.0)))
        .text("value", steps.iter().map(|step| Some(&step.1)))
        .number("contribution", steps.iter().map(|step| Some(step.2)))
        .number("chance", sums)
        .finish("explanation")?)
}

/// One row per field, the strongest first.
fn contributions(
    model: &WinModel,
    scores: &Scores,
    position: usize,
    index: DealIx,
    as_of: &AsOf,
) -> Result<Table, CliError> {
    let (context, state) = (as_of.context(), as_of.snapshot.state(index));
    let mut rows: Vec<(usize, f64)> = scores.contributions_of(position).iter().copied().enumerate().collect();
    rows.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| scores.fields[a.0].cmp(&scores.fields[b.0])));
    let field = |&(field, _): &(usize, f64)| model.spec.fields.get(field);
    Ok(TableBuilder::default()
        .text("field", rows.iter().map(|row| field(row).map(|field| &field.name)))
        .text("value", rows.iter().map(|row| Some(model.spec.describe(row.0, state, &context))))
        .number("contribution", rows.iter().map(|row| Some(row.1)))
        .text("meaning", rows.iter().map(|row| field(row).map(|field| &field.meaning)))
        .text("known_from", rows.iter().map(|row| field(row).map(|field| &field.source)))
        .finish("explanation")?)
}
