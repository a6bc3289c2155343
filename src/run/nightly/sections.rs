//! What a run has to say, section by section: the findings of every analysis, put together in one place.
//!
//! [`NightResults`] in, one [`Document`] out: the terminal, `findings.json` and the reports show the same one. Words no
//! sentence itself; each analysis does, in its `findings`.

use crate::analyses::{backtest, forecast, funnel, gaps, sources, stagnation, waterfall};
use crate::books::deal_values::DealValues;
use crate::config::Config;
use crate::domain::period::PeriodKind;
use crate::model::findings as model_findings;
use crate::report::document::Document;
use crate::report::finding::{Finding, Section};
use crate::report::money_unit::MoneyUnit;
use crate::run::nightly::result::{NightResults, ScoredModel};
use crate::scoring;

/// Everything a run has to say of its input and its results, as `findings.json` has it.
pub(super) fn document(results: &NightResults, config: &Config) -> Document {
    let model_id = results.model.as_ref().map(|scored| scored.chosen.model.model_id.clone());
    Document::new(results.present.day(), model_id, sections(results, config.calendar.score_period))
}

fn sections(results: &NightResults, kind: PeriodKind) -> Vec<Section> {
    let scores = results.model.as_ref().map(|scored| scoring::findings::open_deals(&scored.scores));
    vec![
        Section::new("Input", results.about_input.clone()),
        Section::new("Model", of_model(results)),
        Section::new("Scores", scores.unwrap_or_default()),
        Section::new("Stagnation", of_stagnation(results)),
        Section::new("Funnel", funnel::findings::findings(&results.funnel)),
        Section::new("Sources", of_sources(results, kind)),
        Section::new("Forecast", of_forecast(results, kind)),
        Section::new("Gaps", gaps::findings::largest_gaps(&results.gaps, kind)),
    ]
}

fn of_model(results: &NightResults) -> Vec<Finding> {
    let mut found = results.about_model.clone();
    if let Some(ScoredModel { chosen, monitoring, .. }) = &results.model {
        found.extend(model_findings::quality(&chosen.model));
        found.extend(model_findings::standing(&chosen.decision, &chosen.model, monitoring));
    }
    found
}

fn of_stagnation(results: &NightResults) -> Vec<Finding> {
    let (stuck, unit) = (&results.stuck, unit_of(&results.values));
    let benchmark_by = stuck.benchmark_by.as_deref();
    let setting = stagnation::findings::Setting { reference_day: stuck.reference_day, benchmark_by, unit };
    stagnation::findings::findings(&stuck.summary, setting)
}

fn of_sources(results: &NightResults, kind: PeriodKind) -> Vec<Finding> {
    let Some(unit) = unit_of(&results.values) else { return Vec::new() };
    let mut found = sources::findings::earners(&results.sources, unit);
    if !found.is_empty() {
        found.extend(sources::findings::costs(&results.sources, kind));
    }
    found
}

fn of_forecast(results: &NightResults, kind: PeriodKind) -> Vec<Finding> {
    let NightResults { forecast: of, backtest: judged, past, present, .. } = results;
    let mut found = forecast::findings::running_period(of, kind);
    found.extend(backtest::findings::past_forecasts(judged, past.days, past.missing));
    found.extend(present.contradictions(of));
    found.extend(waterfall::findings::without_base(&results.without_base));
    found.extend(results.about_actions.clone());
    found
}

fn unit_of(values: &DealValues) -> Option<MoneyUnit<'_>> {
    values.currency.as_ref().map(|currency| MoneyUnit::new(&currency.name, currency.decimals))
}
