//! What a run has to say, section by section: the findings of every analysis, put together in one place.
//!
//! The results of a run in, [`Section`]s out: the terminal, `findings.json` and the reports show the same ones. Words no
//! sentence itself; each analysis does, in its `findings`.

use crate::analyses::backtest::BacktestLine;
use crate::analyses::forecast::Forecast;
use crate::analyses::funnel::Funnel;
use crate::analyses::gaps::Lags;
use crate::analyses::sources::Sources;
use crate::analyses::stagnation::summary::StagnationSummary;
use crate::analyses::{backtest, forecast, funnel, gaps, sources, stagnation, waterfall};
use crate::books::deal_values::DealValues;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::ingest::findings as ingest_findings;
use crate::model::WinModel;
use crate::model::findings::{self as model_findings, Monitoring};
use crate::report::document::Document;
use crate::report::finding::{Finding, Quantity, Section, Subject};
use crate::report::money_unit::MoneyUnit;
use crate::report::words::count;
use crate::run::questions::AsOf;
use crate::run::replay::PastForecasts;
use crate::scoring::{self, Scores};
use crate::timeline::findings as timeline_findings;

/// The results a run speaks of.
#[derive(Clone, Copy, Debug)]
pub struct RunResults<'a> {
    /// Input and timeline.
    pub as_of: &'a AsOf,
    /// Configuration.
    pub config: &'a Config,
    /// The model that scores, and its scores; none where none could be trained.
    pub scored: Option<ScoredBy<'a>>,
    /// What was found on the way to the model.
    pub about_model: &'a [Finding],
    /// Deals that stand still.
    pub stagnation: &'a StagnationSummary,
    /// The morning changes in stagnation are counted from.
    pub last_look: Day,
    /// The column with benchmark days of its own, where one has.
    pub benchmark_by: Option<&'a str>,
    /// What deals are worth.
    pub values: &'a DealValues,
    /// Stages.
    pub funnel: &'a Funnel,
    /// Marketing sources.
    pub sources: &'a Sources,
    /// Quota, won, expected.
    pub forecast: &'a Forecast,
    /// How right past forecasts were.
    pub judged: &'a [BacktestLine],
    /// What is on record of them.
    pub past: &'a PastForecasts,
    /// Mornings from which the waterfall has no base currency.
    pub waterfall_without_base: &'a [Day],
    /// Gaps, taken apart.
    pub gaps: &'a Lags,
}

/// A model with its scores and how it came to score.
#[derive(Clone, Copy, Debug)]
pub struct ScoredBy<'a> {
    /// The model.
    pub model: &'a WinModel,
    /// Why it is the one, in words.
    pub decision: &'a str,
    /// How it has held up.
    pub monitoring: &'a Monitoring,
    /// The scores of the open deals.
    pub scores: &'a Scores,
}

/// Everything a run has to say of its input and its results, as `findings.json` has it.
#[must_use]
pub fn document(results: &RunResults<'_>) -> Document {
    let model_id = results.scored.map(|by| by.model.model_id.clone());
    Document::new(results.as_of.day(), model_id, sections(results))
}

fn sections(results: &RunResults<'_>) -> Vec<Section> {
    let mut of_input = loaded(results.as_of);
    of_input.extend(input(results.as_of, results.config));
    let scores = results.scored.map(|by| scoring::findings::open_deals(by.scores)).unwrap_or_default();
    vec![
        Section::new("Input", of_input),
        Section::new("Model", of_model(results)),
        Section::new("Scores", scores),
        Section::new("Stagnation", of_stagnation(results)),
        Section::new("Funnel", funnel::findings::findings(results.funnel)),
        Section::new("Sources", of_sources(results)),
        Section::new("Forecast", of_forecast(results)),
        Section::new("Gaps", gaps::findings::largest_gaps(results.gaps, results.config.calendar.score_period)),
    ]
}

/// From which day the tables are seen, how many deals there are, and how many rows were rejected.
#[must_use]
pub fn loaded(as_of: &AsOf) -> Vec<Finding> {
    let day = ingest_findings::as_of(as_of.day(), as_of.day_defaulted, as_of.timeline.deals.len() as u64);
    [Some(day), ingest_findings::rejected_rows(&as_of.issues)].into_iter().flatten().collect()
}

/// The files with their rows, what had to be assumed, and what is not given: rates only where there is something to
/// convert.
#[must_use]
pub fn input(as_of: &AsOf, config: &Config) -> Vec<Finding> {
    let base = config.money.base_currency.to_uppercase();
    let one_currency = as_of.tables.currencies.names().all(|code| code == base);
    let absent = config.sources.absent().filter(|(table, _)| !(one_currency && *table == InputTable::FxRates));
    let absent = absent.map(|(table, cost)| (table.name(), cost));
    let mut found = ingest_findings::row_balance(&as_of.inputs);
    found.extend(timeline_findings::assumptions(&as_of.timeline.quality, as_of.timeline.stages.names()));
    found.extend(ingest_findings::absences(absent));
    found
}

fn of_model(results: &RunResults<'_>) -> Vec<Finding> {
    let mut found = results.about_model.to_vec();
    if let Some(ScoredBy { model, decision, monitoring, .. }) = results.scored {
        found.extend(model_findings::quality(model));
        found.extend(model_findings::standing(decision, model, monitoring));
    }
    found
}

fn of_stagnation(results: &RunResults<'_>) -> Vec<Finding> {
    let RunResults { stagnation: summary, last_look, benchmark_by, values, .. } = *results;
    stagnation::findings::findings(
        summary,
        stagnation::findings::Setting { last_look, benchmark_by, unit: unit_of(values) },
    )
}

fn of_sources(results: &RunResults<'_>) -> Vec<Finding> {
    let Some(unit) = unit_of(results.values) else { return Vec::new() };
    let mut found = sources::findings::earners(results.sources, unit);
    if !found.is_empty() {
        found.extend(sources::findings::costs(results.sources, results.config.calendar.score_period));
    }
    found
}

fn of_forecast(results: &RunResults<'_>) -> Vec<Finding> {
    let RunResults { forecast: of, judged, past, .. } = *results;
    let mut found = forecast::findings::running_period(of, results.config.calendar.score_period);
    found.extend(backtest::findings::past_forecasts(judged, past.days, past.missing));
    found.extend(forecast::findings::contradictions(of, &results.as_of.tables));
    found.extend(waterfall::findings::without_base(results.waterfall_without_base));
    found
}

fn unit_of(values: &DealValues) -> Option<MoneyUnit<'_>> {
    values.currency.as_ref().map(|currency| MoneyUnit::new(&currency.name, currency.decimals))
}

/// Where the outputs are; not part of the document, which is one of them.
#[must_use]
pub fn output(files: usize, folder: &str, seconds: f64) -> Section {
    let sentence = format!("{} in {folder} after {seconds:.1} s", count(files as u64, "file"));
    let finding = Finding::info("output.files", Subject::named("folder", folder), sentence)
        .with("files", Quantity::count(files))
        .with("seconds", Quantity::Number(seconds));
    Section::new("Output", vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_counted() {
        let said = output(1, "out", 0.25);
        assert_eq!((said.title, said.findings[0].sentence.as_str()), ("Output", "1 file in out after 0.2 s"));
        assert_eq!(output(41, "out", 1.0).findings[0].number("files"), Some(&Quantity::Count(41)));
    }
}
