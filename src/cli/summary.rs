//! What a run found, in words, on standard error. Every number is also in an output.

mod sources;

use dealcast::analyses::backtest::{BacktestLine, Forecaster};
use dealcast::analyses::forecast::{BaseRows, Forecast};
use dealcast::analyses::funnel::{Funnel, LEADS};
use dealcast::analyses::gaps::{LagRow, Lags, NoLags};
use dealcast::analyses::quality::{ForecastDoubts, UnlikeQuota};
use dealcast::analyses::stagnation::StagnationStatus;
use dealcast::analyses::stagnation::summary::{DealTotal, StagnationSummary};
use dealcast::books::deal_values::DealValues;
use dealcast::books::hierarchy::Level;
use dealcast::config::Config;
use dealcast::domain::day::Day;
use dealcast::domain::stage::{Place, StageKind};
use dealcast::features::{Field, FieldDrift, Measure};
use dealcast::ingest::tables::Tables;
use dealcast::model::{self, EvaluationRow, WinModel};
use dealcast::run::questions::AsOf;
use dealcast::run::replay::PastForecasts;
use dealcast::scoring::Scores;
use dealcast::timeline::StageOrder;

pub(crate) use sources::{about_costs, sources, without_common_currency};

use super::printer::Printer;
use dealcast::report::words::{count, money, percent, thousands};

/// What had to be assumed about the deals' past.
pub(crate) fn assumptions(as_of: &AsOf, printer: Printer) {
    let quality = &as_of.timeline.quality;
    let stages = as_of.timeline.stages.names();
    let guessed = match quality.stage_order {
        StageOrder::Configured => None,
        StageOrder::History => Some("proposed from the history"),
        StageOrder::Name => Some("in alphabetical order, as no history tells it"),
    };
    if let Some(guessed) = guessed {
        printer.warn(format!("stages {guessed}: {}; list them under [[stages]] to be sure", stages.join(" > ")));
    }
    for (unknown, guess) in &quality.unknown_pipelines {
        let guess = guess.as_ref().map(|guess| format!("; did you mean {guess:?}?")).unwrap_or_default();
        printer.warn(format!("no deal is in pipeline {unknown:?}, of which there are stages under [[stages]]{guess}"));
    }
    for found in &quality.unlisted_stages {
        let of = found.pipeline.as_ref().map(|pipeline| format!(" of pipeline {pipeline}")).unwrap_or_default();
        let after = found.after.as_ref().map_or_else(|| "first".to_owned(), |stage| format!("after {stage}"));
        let kind = match (found.kind, found.place) {
            (_, Place::PostSale) => "after-sales",
            (StageKind::Open, _) => "open",
            (StageKind::Won, _) => "won",
            (StageKind::Lost, _) => "lost",
        };
        let (stage, deals) = (&found.stage, count(found.deals, "deal"));
        printer.warn(format!("stage {stage}{of} of {deals} is not under [[stages]]: taken as {kind}, {after}"));
    }
    if quality.change_rows_in_the_future > 0 {
        let changes = count(quality.change_rows_in_the_future, "change");
        printer.say(format!("{changes} dated on or after the day: not used"));
    }
    let notes = [
        (quality.deals_in_the_future, "created on or after the day: not used"),
        (quality.without_history, "without history: rebuilt from created and closed dates and the present stage"),
        (quality.closed_without_date, "closed on an unknown day: in no period, kept out of training"),
        (
            quality.history_disagrees_with_table,
            "closed in the table but not in the log (or otherwise): the table counts",
        ),
    ];
    for (deals, what) in notes.into_iter().filter(|(deals, _)| *deals > 0) {
        printer.say(format!("{} {what}", count(deals, "deal")));
    }
    if !quality.untracked_fields.is_empty() {
        printer.say(format!(
            "no history of {}: taken as they stand in the deals table",
            quality.untracked_fields.join(", ")
        ));
    }
}

/// What the absence of each optional table costs.
pub(crate) const COST_OF_ABSENCE: [(&str, &str); 9] = [
    ("stage_history", "no days in stage, no moves, no pushed dates: scores and stagnation rest on age alone"),
    ("activities", "scores do not see who is in touch with the customer"),
    ("leads", "the funnel begins with the deal, no cost per lead"),
    ("touches", "no attribution: a deal counts for its own source alone"),
    ("quotas", "no gap, attainment or coverage"),
    ("users", "no managers, teams or regions"),
    ("fx_rates", "amounts stay in their own currencies"),
    ("campaign_costs", "no cost and no return per source"),
    ("revisions", "no submitted forecasts"),
];

/// The optional tables that are not given, with what that costs.
pub(crate) fn absent(config: &Config) -> impl Iterator<Item = (&'static str, &'static str)> {
    let sources = &config.sources;
    let given = [
        sources.stage_history.is_some(),
        sources.activities.is_some(),
        sources.leads.is_some(),
        sources.touches.is_some(),
        sources.quotas.is_some(),
        sources.users.is_some(),
        sources.fx_rates.is_some(),
        sources.campaign_costs.is_some(),
        sources.revisions.is_some(),
    ];
    COST_OF_ABSENCE.into_iter().zip(given).filter(|(_, given)| !given).map(|(table, _)| table)
}

/// Says what is not given, rates only where there is something to convert.
pub(crate) fn absences(config: &Config, as_of: &AsOf, printer: Printer) {
    let base = config.money.base_currency.to_uppercase();
    let one_currency = as_of.tables.currencies.names().all(|code| code == base);
    for (table, cost) in absent(config).filter(|(table, _)| !(one_currency && *table == "fx_rates")) {
        printer.say(format!("without {table}: {cost}"));
    }
}

/// Warns where a saved model knows columns that this input lacks: it may have learnt from other tables.
pub(crate) fn unknown_columns(model: &WinModel, as_of: &AsOf, printer: Printer) {
    let column = |field: &'_ Field| match &field.measure {
        Measure::Number { column, .. }
        | Measure::Date { column }
        | Measure::Level { column, .. }
        | Measure::Rate { column, .. } => Some(column.clone()),
        _ => None,
    };
    // These three are never absent: history may have them where the deals table has not.
    let is_known =
        |column: &str| as_of.tables.deals.has(column) || ["stage", "currency", "forecast_category"].contains(&column);
    let unknown: Vec<String> = model.spec.fields.iter().filter_map(column).filter(|name| !is_known(name)).collect();
    if !unknown.is_empty() {
        printer.warn(format!(
            "model {} knows columns the deals do not have (they count as unknown): {}",
            model.model_id,
            unknown.join(", ")
        ));
    }
}

/// How good the model is.
pub(crate) fn model(model: &WinModel, printer: Printer) {
    printer.heading("Model");
    let facts = &model.training;
    printer.say(format!(
        "{}: {} of {} (horizon {} days)",
        model.model_id,
        count(facts.rows, "training row"),
        count(facts.deals, "deal"),
        model.horizon_days
    ));
    printer.say(&model.verdict);
    if let Some(suspicion) = model.suspicion() {
        printer.warn(suspicion);
    }
    for row in model.evaluation.rows.iter().filter(|row| row.cutoff.is_none() && row.scope == "all") {
        let auc = row.auc.map(|auc| format!(", AUC {auc:.3}")).unwrap_or_default();
        printer.say(format!("  {:<16} log loss {:.4}, Brier {:.4}{auc}", row.model, row.log_loss, row.brier));
    }
    if !model.spec.excluded.is_empty() {
        printer.say(format!("{} left out; the model card says why", count(model.spec.excluded.len() as u64, "field")));
    }
}

/// How a model has held up since it was trained.
pub(crate) struct Worn {
    pub drift: Vec<FieldDrift>,
    /// The index from which a field counts as drifted.
    pub limit: f64,
    /// How published scores came true; the last line is over all days.
    pub matured: Vec<EvaluationRow>,
}

/// Why this model scores, what it goes by, and how it has held up.
pub(crate) fn standing(decision: &str, model: &WinModel, worn: &Worn, printer: Printer) {
    printer.say(format!("this model was {decision}"));
    let strongest = model.importance.iter().take(5);
    let strongest: Vec<String> = strongest.map(|i| format!("{} {}", i.factor, percent(i.share))).collect();
    if !strongest.is_empty() {
        printer.say(format!("scores go by {}", strongest.join(", ")));
    }
    let drifted = model::drifted(model, &worn.drift, worn.limit);
    let drifted: Vec<&str> = drifted.map(|drift| model.spec.fields[drift.field].name.as_str()).collect();
    if !drifted.is_empty() {
        printer.say(format!("open deals have drifted from the training rows in {}", drifted.join(", ")));
    }
    if let Some(all) = worn.matured.last() {
        let slope = all.slope.map(|slope| format!(", calibration slope {slope:.2}")).unwrap_or_default();
        printer.say(format!(
            "published scores come of age: {} of {}, log loss {:.4}{slope}",
            count(all.rows, "score"),
            count(all.deals, "deal"),
            all.log_loss
        ));
    }
}

/// How the open deals are scored.
pub(crate) fn scores(scores: &Scores, printer: Printer) {
    printer.heading("Scores");
    if !scores.signal {
        printer.say(format!("{} at the base rate", count(scores.rows.len() as u64, "open deal")));
        return;
    }
    let graded = |grade| scores.rows.iter().filter(|row| row.grade == Some(grade)).count();
    let grades: Vec<String> =
        ['A', 'B', 'C', 'D'].iter().map(|&grade| format!("{} {grade}", thousands(graded(grade) as i128))).collect();
    printer.say(format!("{}: {}", count(scores.rows.len() as u64, "open deal"), grades.join(", ")));
}

/// Where deals stand still.
pub(crate) fn stagnation(
    summary: &StagnationSummary,
    last_look: Day,
    norms_by: Option<&str>,
    values: &DealValues,
    printer: Printer,
) {
    printer.heading("Stagnation");
    let worth = |tally: DealTotal| {
        let currency = values.currency.as_ref().filter(|_| tally.deals > 0);
        currency.map(|c| format!(" ({})", money(tally.value_minor, c.decimals, &c.name))).unwrap_or_default()
    };
    let (stalled, slow) = (summary.total.of(StagnationStatus::Stalled), summary.total.of(StagnationStatus::Slow));
    printer.say(format!(
        "{} of {} stalled{}, {} slow{}",
        thousands(stalled.deals.into()),
        count(summary.total.deals(), "open deal"),
        worth(stalled),
        thousands(slow.deals.into()),
        worth(slow)
    ));
    let since = &summary.total;
    let left = [(since.moved, "moved on"), (since.won, "won"), (since.lost, "lost")];
    let left: Vec<String> =
        left.iter().map(|(tally, how)| format!("{} {how}", thousands(tally.deals.into()))).collect();
    printer.say(format!(
        "since {last_look}: {} newly stalled{}; of those stalled then {}",
        thousands(since.newly_stalled.deals.into()),
        worth(since.newly_stalled),
        left.join(", ")
    ));
    if let Some(column) = norms_by {
        printer.say(format!("stays differ by {column}: deals are compared with those of their own {column}"));
    }
    let worst = summary.by("stage").iter().max_by_key(|stage| stage.of(StagnationStatus::Stalled).deals);
    if let Some(stage) = worst.filter(|stage| stage.of(StagnationStatus::Stalled).deals > 0) {
        let tally = stage.of(StagnationStatus::Stalled);
        printer.say(format!("most in {}: {}{}", stage.name, thousands(tally.deals.into()), worth(tally)));
    }
    if let Some(days) = summary.longest_closing_days.filter(|_| summary.older_than_any_closed > 0) {
        printer.say(format!(
            "{} of {} are older than any deal that ever closed (longest: {days} days)",
            thousands(summary.older_than_any_closed.into()),
            count(summary.total.deals(), "open deal")
        ));
    }
}

/// The funnel of all deals, stage by stage.
pub(crate) fn funnel(funnel: &Funnel, printer: Printer) {
    printer.heading("Funnel");
    let all = || funnel.rows.iter().filter(|row| row.cohort == 0 && row.segment == 0);
    let name = |stage: u32| funnel.stages.get(stage as usize).map_or("", String::as_str);
    let width = all().map(|row| name(row.stage).chars().count()).max().unwrap_or(0);
    for row in all() {
        let conversion = row.conversion.map(|share| format!(", {} go on", percent(share.value))).unwrap_or_default();
        let median = row.median_days.map(|days| format!(", median {days} days")).unwrap_or_default();
        let open = if row.open > 0 { format!(", {} open", thousands(row.open.into())) } else { String::new() };
        let what = if name(row.stage) == LEADS { "lead" } else { "deal" };
        printer.say(format!("{:<width$} {:>9}{conversion}{median}{open}", name(row.stage), count(row.entered, what)));
    }
}

/// Says where a waterfall has no base amounts.
pub(crate) fn without_base(mornings: &[Day], printer: Printer) {
    for from in mornings {
        printer.warn(format!("waterfall from {from}: rates are missing, no amounts in the base currency"));
    }
}

/// What in the forecast contradicts itself.
pub(crate) fn doubts(forecast: &Forecast, tables: &Tables, printer: Printer) {
    let doubts = ForecastDoubts::of(forecast, tables);
    let unlike = &doubts.quotas_unlike_those_below;
    if let Some(UnlikeQuota { level, node, period, currency, quota, quota_below }) = unlike.first() {
        let node = if level == node { (*node).to_owned() } else { format!("{level} {node}") };
        let what = count(unlike.len() as u64, "quota");
        printer.say(format!(
            "{what} of running and coming periods unlike the sum of those below, such as {node} in {period}: {quota} \
             {currency}, below it {quota_below} {currency}; the forecast has `quota_below`"
        ));
    }
    if !doubts.revisions_of_unknown_owners.is_empty() {
        let owners = doubts.revisions_of_unknown_owners.join(", ");
        printer.warn(format!("revisions for owners no deal, user or quota has: {owners}"));
    }
}

/// How right past forecasts were.
pub(crate) fn past_forecasts(judged: &[BacktestLine], past: &PastForecasts, printer: Printer) {
    let of = |level: Level, forecaster: Forecaster| {
        let all = |line: &&BacktestLine| line.cutoff.is_none() && line.weeks_left.is_none();
        judged.iter().filter(all).find(|line| (line.level, line.forecaster) == (level, forecaster))
    };
    if let Some(company) = of(Level::Company, Forecaster::Dealcast) {
        let error = |line: &BacktestLine| line.wape.map(percent);
        let simpler = [Forecaster::StageWeighted, Forecaster::LastPeriod].map(|who| of(Level::Company, who));
        let [weighted, last] = simpler.map(|line| line.and_then(error).unwrap_or_else(|| "unknown".to_owned()));
        let held = of(Level::Owner, Forecaster::Dealcast).and_then(|line| line.coverage).map(percent);
        printer.say(format!(
            "  of {} the company's sums were missed by {} (stage-weighted pipeline {weighted}, last period {last}); 80 % ranges \
             held {} of the owners' sums",
            count(past.days as u64, "past forecast"),
            error(company).unwrap_or_else(|| "an unknown share".to_owned()),
            held.unwrap_or_else(|| "none".to_owned()),
        ));
    }
    if past.missing > 0 {
        let what = if past.days == 0 {
            "how right past forecasts were is not known".to_owned()
        } else {
            format!("{} not on record", count(past.missing as u64, "past day"))
        };
        printer.say(format!("  {what}: `dealcast backtest` replays past days, later runs use what it found"));
    }
}

/// Says why nothing is known of lags.
pub(crate) fn no_lags(lags: &Lags, printer: Printer) {
    match lags.absence {
        Some(NoLags::NoScores) => printer.warn("no lags: nothing is expected of open deals without a model"),
        Some(NoLags::NoRates) => printer.warn("no lags: several currencies and no rates"),
        None => {}
    }
}

/// Who falls behind most in the running period, and why.
pub(crate) fn lags(lags: &Lags, config: &Config, printer: Printer) {
    printer.heading("Lags");
    no_lags(lags, printer);
    let of_period = lags.rows.iter().filter(|row| row.period.kind == config.calendar.score_period);
    let rows: Vec<&LagRow> = of_period.collect();
    for of_level in rows.chunk_by(|a, b| a.level == b.level) {
        let behind = of_level.iter().filter(|row| row.behind).count();
        let Some(worst) = of_level.iter().find(|row| row.behind && row.gap() > 0) else { continue };
        let most = match of_level.len() {
            1 => String::new(),
            all => format!("{behind} of {} behind, {} most: ", thousands(all as i128), worst.name),
        };
        let say = |minor: i64| money(minor.into(), lags.currency.decimals, &lags.currency.code);
        let short = format!("{} short of {}", say(worst.gap()), say(worst.target));
        printer.say(format!("{}: {most}{short}{}", worst.level, why(worst, &say)));
    }
}

/// The main cause of a gap, in words.
fn why(row: &LagRow, say: &impl Fn(i64) -> String) -> String {
    let Some(reasons) = &row.reasons else { return String::new() };
    match reasons.main_cause() {
        Some(cause) => format!(", mainly by {} ({})", cause.words(), say(reasons.parts[cause as usize])),
        None => ", no cause beyond chance".to_owned(),
    }
}

/// The company's running period.
pub(crate) fn forecast(forecast: &Forecast, config: &Config, printer: Printer) {
    printer.heading("Forecast");
    if forecast.quality.base_rows == BaseRows::NoRates {
        printer.warn("several currencies and no rates: no totals in the base currency");
    }
    for row in forecast.summary(config.calendar.score_period) {
        let Some(currency) = forecast.currencies.get(row.currency) else { continue };
        let say = |minor: i64| money(minor.into(), currency.decimals, &currency.code);
        let mut parts = vec![format!("won {}", say(row.won))];
        if let (Some(quota), Some(gap)) = (row.quota, row.gap()) {
            let attainment = row.attainment().map(|share| format!(" ({})", percent(share))).unwrap_or_default();
            parts = vec![
                format!("quota {}", say(quota)),
                format!("won {}{attainment}", say(row.won)),
                format!("gap {}", say(gap)),
            ];
        }
        parts.push(format!("pipeline {}", say(row.pipeline)));
        parts.extend(row.expected_from_open.map(|minor| format!("expected from open deals {}", say(minor))));
        printer.say(format!("{}: {}", row.period, parts.join(", ")));
        if let Some(sum) = &row.final_sum {
            let [low, middle, high] = sum.quantiles.map(say);
            let hits = sum.hits_quota.map(|chance| format!(", chance of the quota {}", percent(chance)));
            printer.say(format!(
                "  at its end: {} from deals not yet created; as likely above as below {middle}, 80 % from {low} to {high}{}",
                say(sum.expected_from_new),
                hits.unwrap_or_default()
            ));
        }
    }
}
