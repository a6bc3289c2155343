//! What to know before trusting a result, as findings, where no analysis says it itself.

use crate::analyses::gaps::{Lags, NoLags};
use crate::analyses::quality::{ForecastDoubts, UnlikeQuota};
use crate::analyses::sources::Sources;
use crate::books::deal_values::DealValues;
use crate::domain::day::Day;
use crate::domain::period::PeriodKind;
use crate::features::{Field, Measure};
use crate::model::WinModel;
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::count;
use crate::run::questions::AsOf;

/// From which day everything is seen, and what is missing from it.
#[must_use]
pub fn loaded(as_of: &AsOf) -> Vec<Finding> {
    let source = if as_of.day_defaulted { " (the day after the newest event)" } else { "" };
    let deals = as_of.timeline.deals.len() as u64;
    let day = format!("as of {}{source}: {}", as_of.day(), count(deals, "deal"));
    let day = Finding::info("input.as_of", Subject::the("input"), day)
        .with("as_of", Quantity::Date(as_of.day()))
        .with("deals", Quantity::Count(deals));
    let rejected = as_of.issues.rejects() - as_of.issues.filtered();
    let missing = (rejected > 0).then(|| {
        let sentence = format!("{} set aside; `dealcast check` says why", count(rejected, "row"));
        Finding::warning("input.rejected", Subject::the("input"), sentence).with("rows", Quantity::Count(rejected))
    });
    [day].into_iter().chain(missing).collect()
}

/// Columns that a saved model knows and this input lacks: it may have learnt from other tables.
#[must_use]
pub fn unknown_columns(model: &WinModel, as_of: &AsOf) -> Option<Finding> {
    // These three are never absent: history may have them where the deals table has not.
    let always = ["stage", "currency", "forecast_category"];
    let read = model.spec.fields.iter().filter_map(column_read);
    let unknown: Vec<&str> = read.filter(|name| !as_of.tables.deals.has(name) && !always.contains(name)).collect();
    (!unknown.is_empty()).then(|| {
        let sentence = format!(
            "model {} knows columns the deals do not have (they count as unknown): {}",
            model.model_id,
            unknown.join(", ")
        );
        let subject = Subject::named("model", &model.model_id);
        Finding::warning("model.unknown_columns", subject, sentence)
            .with("columns", Quantity::Count(unknown.len() as u64))
    })
}

/// The column of the deals table a field reads, if it reads one.
fn column_read(field: &Field) -> Option<&str> {
    match &field.measure {
        Measure::Number { column, .. }
        | Measure::Date { column }
        | Measure::Level { column, .. }
        | Measure::Rate { column, .. } => Some(column),
        _ => None,
    }
}

/// What in a forecast contradicts itself.
#[must_use]
pub fn doubts(doubts: &ForecastDoubts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unlike = &doubts.quotas_unlike_those_below;
    if let Some(UnlikeQuota { level, node, period, currency, quota, quota_below }) = unlike.first() {
        let name = if level == node { (*node).to_owned() } else { format!("{level} {node}") };
        let what = count(unlike.len() as u64, "quota");
        let sentence = format!(
            "{what} of running and coming periods unlike the sum of those below, such as {name} in {period}: {quota} \
             {currency}, below it {quota_below} {currency}; the forecast has `quota_below`"
        );
        let subject = Subject::named(level, *node).in_period(period);
        let finding = Finding::info("forecast.quota_differs", subject, sentence);
        findings.push(finding.with("quotas", Quantity::Count(unlike.len() as u64)));
    }
    if !doubts.revisions_of_unknown_owners.is_empty() {
        let owners = doubts.revisions_of_unknown_owners.join(", ");
        let sentence = format!("revisions for owners no deal, user or quota has: {owners}");
        findings.push(Finding::warning("forecast.unknown_owners", Subject::the("revisions"), sentence));
    }
    findings
}

/// Why no gap is taken apart.
#[must_use]
pub fn no_gaps(gaps: &Lags) -> Option<Finding> {
    let why = match gaps.absence? {
        NoLags::NoScores => "no lags: nothing is expected of open deals without a model",
        NoLags::NoRates => "no lags: several currencies and no rates",
    };
    Some(Finding::warning("gaps.none", Subject::the("gaps"), why))
}

/// Where a waterfall has no base amounts.
#[must_use]
pub fn without_base(mornings: &[Day]) -> Vec<Finding> {
    let warning = |from: &Day| {
        let sentence = format!("waterfall from {from}: rates are missing, no amounts in the base currency");
        Finding::warning("waterfall.no_rates", Subject::the("waterfall"), sentence).with("from", Quantity::Date(*from))
    };
    mornings.iter().map(warning).collect()
}

/// Which costs are not counted, and why periods are longer than `asked`.
#[must_use]
pub fn costs(sources: &Sources, asked: PeriodKind) -> Vec<Finding> {
    let without_rate = sources.costs_without_rate.iter().map(|(currency, rows)| {
        let what = count(*rows, "campaign cost");
        let sentence = format!("{what} in {currency} without a rate: no cost and no return where they belong");
        Finding::warning("sources.no_rate", Subject::named("currency", currency), sentence)
            .with("costs", Quantity::Count(*rows))
    });
    let longer = (sources.kind > asked).then(|| {
        let sentence = format!("campaign costs are per {}, and so are the rows", sources.kind.name());
        Finding::info("sources.longer_periods", Subject::the("costs"), sentence)
    });
    without_rate.chain(longer).collect()
}

/// Why there are no amounts.
#[must_use]
pub fn no_common_currency(as_of: &AsOf, values: &DealValues) -> Option<Finding> {
    if values.currency.is_some() {
        return None;
    }
    let currencies = as_of.tables.currencies.names().collect::<Vec<_>>().join(", ");
    let sentence =
        format!("no amounts: deals in {currencies}, and not for all there are rates; --currency asks for one");
    Some(Finding::warning("input.no_common_currency", Subject::the("input"), sentence))
}
