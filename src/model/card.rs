//! The model card: what the model is, how good it is and where it ends, for people. Same model, same bytes.

use std::fmt::{self, Display, Write};

use crate::domain::day::Day;
use crate::features::Feature;
use crate::model::evaluation::{Evaluation, EvaluationRow, Sees, Validation};
use crate::model::leak_findings::{leaks_by_worth, without_suspects};
use crate::model::limits::limits_of;
use crate::model::newton::Line;
use crate::model::period::of_late::PaceOfLate;
use crate::model::period::pace::PaceStep;
use crate::model::period::terms::PeriodTerm;
use crate::model::stage_outcomes::log_odds_of_columns;
use crate::model::win_head::HeadKind;
use crate::model::win_model::WinModel;

/// Columns whose weights are listed.
const STRONGEST: usize = 25;

/// The card of `model` in Markdown.
#[must_use]
pub fn card(model: &WinModel) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_card(&mut text, model);
    text
}

fn write_card(out: &mut String, model: &WinModel) -> fmt::Result {
    verdict(out, model)?;
    reading(out, model)?;
    data(out, model)?;
    metrics(out, model)?;
    choices(out, model)?;
    fields(out, model)?;
    importance(out, model)?;
    weights(out, model)?;
    suspects(out, model)?;
    excluded(out, model)?;
    period(out, model)?;
    limits(out, model)
}

fn verdict(out: &mut String, model: &WinModel) -> fmt::Result {
    writeln!(out, "# Win model {}\n", model.model_id)?;
    writeln!(out, "**{}**\n", sentence(&model.verdict))?;
    let use_of = if model.signal {
        "Every open deal gets a chance of its own, with what speaks for and against it."
    } else {
        "Every open deal gets the base rate: the columns of this export do not tell who wins."
    };
    writeln!(out, "{use_of}\n")?;
    let doubts = model.suspicion().into_iter().chain(model.contradiction.clone());
    doubts.into_iter().try_for_each(|doubt| writeln!(out, "Beware: {}.\n", cell(&doubt)))
}

fn reading(out: &mut String, model: &WinModel) -> fmt::Result {
    writeln!(out, "## How to read a score\n")?;
    writeln!(
        out,
        "A score of 30 means: of 100 open deals like this one, about 30 are won {}. The base rate is {}.",
        model.within(),
        percent(model.base_rate)
    )?;
    if model.signal {
        let [c, b, a] = model.grade_cuts.map(percent);
        writeln!(
            out,
            "Grades are quarters of the training rows: A from {a}, B from {b}, C from {c}, D below. A factor's contribution \
             is in log-odds against the average training row: +0.7 doubles the odds, -0.7 halves them, and all of them \
             together make the score."
        )?;
    }
    writeln!(out)
}

fn data(out: &mut String, model: &WinModel) -> fmt::Result {
    let facts = &model.training;
    writeln!(out, "## What it was trained on\n")?;
    writeln!(out, "| | |\n|---|---|")?;
    row(out, "known", format!("everything dated before {}", model.as_of))?;
    row(out, "training rows", format!("{} ({} won)", facts.rows, facts.won_rows))?;
    row(out, "deals", format!("{} ({} won)", facts.deals, facts.won_deals))?;
    if facts.dated {
        let (first, last) = (day_or_none(facts.first_landmark), day_or_none(facts.last_landmark));
        row(out, "landmark days", format!("{}, {first} to {last} ({})", facts.landmarks, facts.landmarks_reason))?;
        row(out, "label", format!("won {} of the landmark ({})", model.within(), model.horizon_source))?;
        row(out, "excluded", format!("{} rows younger than that, with what is known of them", facts.rows_too_young))?;
    } else {
        row(out, "landmark days", format!("none ({})", facts.landmarks_reason))?;
        row(out, "label", format!("won {} ({})", model.within(), model.horizon_source))?;
    }
    let sampling = if facts.sampled {
        format!("a seeded draw of whole deals out of {} rows", facts.rows_before_sampling)
    } else {
        "none: every row was used".to_owned()
    };
    row(out, "sampling", sampling)?;
    row(out, "base rate", percent(model.base_rate))?;
    let a_row = if facts.dated {
        "A row is one deal on one past day with what was known that morning."
    } else {
        "A row is one closed deal as it stands in the export. Nothing is claimed of what was known on a past day."
    };
    writeln!(out, "\n{a_row} Scores use every open deal.\n")
}

fn metrics(out: &mut String, model: &WinModel) -> fmt::Result {
    writeln!(out, "## How good it is on rows it had not seen\n")?;
    let Evaluation { validation, validation_reason, folds, .. } = &model.evaluation;
    if folds.is_empty() {
        return writeln!(out, "The history is too short to hold anything back, so there is no evidence either way.\n");
    }
    let how = match validation {
        Validation::RollingOrigin => "Trained on what was known before a cutoff, evaluated on other deals after it",
        Validation::GroupedCrossValidation => {
            "Grouped cross-validation: trained on some deals, evaluated on others of the same time. It says nothing of how \
             well the model holds in days to come"
        }
    };
    writeln!(out, "{how} ({}).\n", cell(validation_reason))?;
    if model.contradiction.is_some() {
        writeln!(out, "**The lines of the model are withdrawn: open deals contradict them.**\n")?;
    }
    writeln!(out, "| cutoff | training rows | test rows | excluded (deal in training) |\n|---|--:|--:|--:|")?;
    for fold in &model.evaluation.folds {
        let cutoff = day_or_none(fold.cutoff);
        writeln!(out, "| {cutoff} | {} | {} | {} |", fold.train_rows, fold.test_rows, fold.overlapping_rows)?;
    }
    writeln!(out, "\n| cutoff | scope | | rows | log loss | ± | Brier | AUC | slope | intercept | cal. error |")?;
    writeln!(out, "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for line in &model.evaluation.rows {
        metric_line(out, line)?;
    }
    writeln!(
        out,
        "\nLog loss and Brier: lower is better. ± is one standard error, rows of one deal counting as dependent. Slope 1 \
         and intercept 0 mean that deals are won as often as the chances say.\n"
    )?;
    writeln!(out, "| predicted | won | 95 % interval | rows |\n|--:|--:|---|--:|")?;
    for bin in &model.evaluation.reliability {
        let interval = format!("{} to {}", percent(bin.observed_low), percent(bin.observed_high));
        writeln!(out, "| {} | {} | {interval} | {} |", percent(bin.predicted), percent(bin.observed), bin.rows)?;
    }
    writeln!(
        out,
        "\nTenths of the test rows by predicted chance. Intervals count rows of one deal as alike: read them as the widest.\n"
    )
}

fn metric_line(out: &mut String, line: &EvaluationRow) -> fmt::Result {
    let cutoff = line.cutoff.map_or_else(|| "all".to_owned(), |day| day.to_string());
    writeln!(
        out,
        "| {cutoff} | {} | {} | {} | {:.4} | {} | {:.4} | {} | {} | {} | {} |",
        cell(&line.scope),
        line.model,
        line.rows,
        line.log_loss,
        optional(line.log_loss_se, 4),
        line.brier,
        optional(line.auc, 3),
        optional(line.slope, 2),
        optional(line.intercept, 2),
        optional(line.ece, 3),
    )
}

fn choices(out: &mut String, model: &WinModel) -> fmt::Result {
    writeln!(out, "## What was chosen\n")?;
    writeln!(out, "| sees | penalty | log loss | above the best | ± | |\n|---|--:|--:|--:|--:|---|")?;
    for trial in &model.evaluation.alphas {
        let chosen = if trial.chosen { "chosen" } else { "" };
        let sees = match trial.sees {
            Sees::Everything => "everything",
            Sees::Stage => "the stage alone",
            Sees::StageTable => "the table of stages",
        };
        writeln!(
            out,
            "| {sees} | {} | {:.4} | {:.4} | {:.4} | {chosen} |",
            trial.alpha, trial.log_loss, trial.excess, trial.excess_se
        )?;
    }
    writeln!(
        out,
        "\nThe ridge penalty (per row) with the least log loss; the largest within one standard error of it where that rule \
         did better fold after fold. The stage alone, or the table of stages (the share won in each; penalty: rows at the base \
         rate added to every stage), where that is better or the only one sure to beat the base rate. Recalibration: {}.\n",
        model.win.calibration.reason
    )
}

fn fields(out: &mut String, model: &WinModel) -> fmt::Result {
    writeln!(out, "## What it sees\n")?;
    writeln!(
        out,
        "| field | meaning | unit | from | known | missing | columns | strength |\n|---|---|---|---|---|--:|--:|--:|"
    )?;
    for (i, field) in model.spec.fields.iter().enumerate() {
        let columns = model.spec.features.iter().zip(&model.win.weights).filter(|(feature, _)| feature.field == i);
        let weights: Vec<f64> = columns.map(|(_, weight)| *weight).collect();
        let strength = weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt();
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {strength:.2} |",
            cell(&field.name),
            cell(&field.meaning),
            field.measure.unit(),
            cell(&field.source),
            field.known,
            percent(field.missing_share),
            weights.len()
        )?;
    }
    writeln!(
        out,
        "\nStrength: root of the sum of squared standardised weights. \"As exported\": the column has no history, so past \
         days are given the value that stands there now.\n"
    )
}

fn importance(out: &mut String, model: &WinModel) -> fmt::Result {
    if model.importance.is_empty() {
        return Ok(());
    }
    writeln!(out, "## What the scores go by\n")?;
    writeln!(out, "| factor | mean contribution | share |\n|---|--:|--:|")?;
    for factor in &model.importance {
        writeln!(out, "| {} | {:.3} | {} |", cell(&factor.factor), factor.mean_contribution, percent(factor.share))?;
    }
    writeln!(out, "\nMean size of a factor's contribution over the training rows, in log-odds.\n")
}

fn weights(out: &mut String, model: &WinModel) -> fmt::Result {
    if !model.signal {
        return Ok(());
    }
    if model.win.kind == HeadKind::StageTable {
        return stages(out, model);
    }
    let mut columns: Vec<WeightedColumn<'_>> = weighted_columns(model).collect();
    columns.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then_with(|| a.feature.name.cmp(&b.feature.name)));
    writeln!(out, "## Strongest columns\n")?;
    writeln!(out, "| column | log-odds per standard deviation | standard error |\n|---|--:|--:|")?;
    for column in columns.iter().take(STRONGEST) {
        let error = column.error.map_or_else(|| "not known".to_owned(), |error| format!("{error:.3}"));
        writeln!(out, "| {} | {:+.3} | {error} |", cell(&column.feature.name), column.weight)?;
    }
    writeln!(
        out,
        "\nStandard errors are those at the penalised optimum and count rows as independent: read them as lower bounds.\n"
    )
}

/// The table of stages, where that is the model.
fn stages(out: &mut String, model: &WinModel) -> fmt::Result {
    let line = Line { intercept: model.win.intercept, weights: model.win.weights.clone() };
    writeln!(out, "## The table of stages\n\n| stage | chance |\n|---|--:|")?;
    for (feature, log_odds) in model.spec.features.iter().zip(log_odds_of_columns(&model.spec.features, &line)) {
        writeln!(out, "| {} | {} |", cell(&feature.name), percent(model.win.chance(log_odds)))?;
    }
    writeln!(out, "\nThe share won of past rows in each stage, {} rows at the base rate added.\n", model.win.alpha)
}

/// What knows the outcome and what may know it, by what it is worth.
fn suspects(out: &mut String, model: &WinModel) -> fmt::Result {
    let leaks = leaks_by_worth(model);
    if leaks.is_empty() && model.spec.suspects.is_empty() {
        return Ok(());
    }
    writeln!(out, "## What knows the outcome, or may know it\n")?;
    writeln!(out, "| column | | evidence | worth alone | worth in the model |\n|---|---|---|--:|--:|")?;
    for leak in leaks {
        writeln!(out, "| {} | excluded | {} | {} | |", cell(&leak.name), cell(&leak.reason), optional(leak.worth, 3))?;
    }
    for suspect in &model.spec.suspects {
        let (name, reason) = (cell(&suspect.field), cell(&suspect.reason));
        writeln!(out, "| {name} | suspect | {reason} | {:.3} | {} |", suspect.alone, optional(suspect.worth, 3))?;
    }
    writeln!(
        out,
        "\nWorth alone: what the column takes off the log loss of closed deals by itself. Worth in the model: about how much \
         higher the log loss of the evaluation is without the column, by main effects.\n"
    )?;
    without_suspects(model).map_or(Ok(()), |words| writeln!(out, "{}\n", sentence(&words)))
}

fn excluded(out: &mut String, model: &WinModel) -> fmt::Result {
    writeln!(out, "## What it does not see\n")?;
    if model.spec.excluded.is_empty() {
        return writeln!(out, "Nothing was excluded.\n");
    }
    writeln!(out, "| field or column | why | what to do |\n|---|---|---|")?;
    for excluded in &model.spec.excluded {
        let remedy = excluded.remedy.as_deref().map(cell).unwrap_or_default();
        writeln!(out, "| {} | {} | {remedy} |", cell(&excluded.name), cell(&excluded.reason))?;
    }
    writeln!(
        out,
        "\n`features.force` in the configuration takes a column in anyway, `features.exclude` excludes one.\n"
    )
}

fn period(out: &mut String, model: &WinModel) -> fmt::Result {
    let head = &model.period;
    writeln!(out, "## Win, lose or slip by a day\n")?;
    if !model.training.dated {
        return writeln!(out, "Nothing is said of when: the closing days are not known.\n");
    }
    writeln!(
        out,
        "Two regressions, of the wins and of the losses per day, on {} rows (deal x landmark day x span of the {} days after \
         it). The chances follow from them; within the horizon the chance to be won is the win probability.\n",
        head.rows, head.longest_days
    )?;
    if !head.columns.iter().any(|column| column.name == PeriodTerm::Win) {
        writeln!(out, "They see the days ahead alone: seeing the deal did not help on days they had not seen.\n")?;
    }
    writeln!(out, "| column | log wins per day | log losses per day |\n|---|--:|--:|")?;
    for ((column, win), lose) in head.columns.iter().zip(&head.win_weights).zip(&head.lose_weights) {
        writeln!(out, "| {} | {win:+.3} | {lose:+.3} |", column.name)?;
    }
    pace(out, "days ahead, from", &head.pace)?;
    pace(out, "age by then, from", &head.by_age)?;
    let PaceOfLate { win, lose } = head.of_late;
    writeln!(out, "\nOf late deals are won {win:.2} and lost {lose:.2} times as fast as in the whole history.")?;
    if !head.left_out.is_empty() {
        let names: Vec<String> = head.left_out.iter().map(PeriodTerm::to_string).collect();
        writeln!(out, "\nLeft out, as the training has seen too little of them: {}.", names.join("; "))?;
    }
    writeln!(out, "\n\"Closed soon\" means within {} days.\n", head.soon_days)
}

/// How closings are spread over the days ahead or the age of deals, beside what the regressions say.
fn pace(out: &mut String, days: &str, steps: &[PaceStep]) -> fmt::Result {
    writeln!(out, "\n| {days} | wins per day, times | losses per day, times |\n|--:|--:|--:|")?;
    steps.iter().try_for_each(|step| writeln!(out, "| {} | {:.2} | {:.2} |", step.from_day, step.win, step.lose))
}

fn limits(out: &mut String, model: &WinModel) -> fmt::Result {
    writeln!(out, "## Limits\n")?;
    limits_of(model).iter().try_for_each(|limit| writeln!(out, "- {limit}"))
}

/// A column of the win regression.
pub(super) struct WeightedColumn<'a> {
    pub feature: &'a Feature,
    pub weight: f64,
    /// None where the curvature at the optimum cannot be inverted.
    pub error: Option<f64>,
}

pub(super) fn weighted_columns(model: &WinModel) -> impl Iterator<Item = WeightedColumn<'_>> {
    let errors = model.win.std_errors.iter().copied().map(Some).chain(std::iter::repeat(None));
    let columns = model.spec.features.iter().zip(&model.win.weights).zip(errors);
    columns.map(|((feature, &weight), error)| WeightedColumn { feature, weight, error })
}

fn day_or_none(day: Option<Day>) -> String {
    day.map_or_else(|| "none".to_owned(), |day| day.to_string())
}

/// The number, or nothing.
fn optional(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.digits$}"))
}

fn row(out: &mut String, name: &str, value: impl Display) -> fmt::Result {
    writeln!(out, "| {name} | {value} |")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// The first letter large, a full stop at the end.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str())
}

/// Text of the data inside a table: one line, nothing of it read as Markdown.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '~' | '&' | '<' | '>' | '[' | ']' => safe.extend(['\\', c]),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
