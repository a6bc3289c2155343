//! What a run found: [`RunResult`], for whoever shows it.

use std::path::PathBuf;

use crate::analyses::backtest::BacktestLine;
use crate::analyses::forecast::Forecast;
use crate::analyses::funnel::Funnel;
use crate::analyses::gaps::Gaps;
use crate::analyses::sources::Sources;
use crate::analyses::stagnation::summary::StagnationSummary;
use crate::books::deal_values::DealValues;
use crate::domain::day::Day;
use crate::model::findings::Monitoring;
use crate::report::document::Document;
use crate::report::finding::Finding;
use crate::run::champion::Chosen;
use crate::run::questions::Present;
use crate::run::replay::PastForecasts;
use crate::scoring::Scores;
use crate::store::file::OutputFile;

/// The model of the day, what it said and how it holds up.
#[derive(Debug)]
pub struct ScoredModel {
    /// The model, and why it is this one.
    pub chosen: Chosen,
    /// Its scores.
    pub scores: Scores,
    /// How it has held up since it was trained.
    pub monitoring: Monitoring,
}

/// Where deals stand still.
#[derive(Debug)]
pub struct Stuck {
    /// In a few numbers.
    pub summary: StagnationSummary,
    /// The reference day, with which today is compared.
    pub reference_day: Day,
    /// The column whose values have benchmarks of their own.
    pub benchmark_by: Option<String>,
}

/// Everything a run found, but for the rows of its large tables.
#[derive(Debug)]
pub struct NightResults {
    /// Deals as they stand, with the files they came from.
    pub present: Present,
    /// What every deal is worth.
    pub values: DealValues,
    /// What there is to say of the input.
    pub about_input: Vec<Finding>,
    /// What was found on the way to the model.
    pub about_model: Vec<Finding>,
    /// The model of the day; none where none could be trained.
    pub model: Option<ScoredModel>,
    /// Where deals stand still.
    pub stuck: Stuck,
    /// The funnel of all deals.
    pub funnel: Funnel,
    /// What marketing sources brought.
    pub sources: Sources,
    /// The forecast.
    pub forecast: Forecast,
    /// What the record tells about past forecasts.
    pub past: PastForecasts,
    /// How right these were.
    pub backtest: Vec<BacktestLine>,
    /// The mornings from which the waterfall has no base amounts.
    pub without_base: Vec<Day>,
    /// Who will miss a quota, and why.
    pub gaps: Gaps,
    /// What there is to say of the order of the actions.
    pub about_actions: Option<Finding>,
}

/// What a run found and wrote.
#[derive(Debug)]
pub struct RunResult {
    /// What it found.
    pub results: NightResults,
    /// What there is to say of that, as `findings.json` has it.
    pub document: Document,
    /// The files written, the manifest last.
    pub files: Vec<OutputFile>,
    /// Where they are.
    pub folder: PathBuf,
    /// The reports that could not be made, and why.
    pub unreported: Vec<Finding>,
}
