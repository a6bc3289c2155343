//! `dealcast train`, `features`, `models …`: the win model and the folder it is kept in.

use dealcast::model::{self, EvaluationRow, ModelError, Trained, WinModel};
use dealcast::report::format::Stamp;
use dealcast::report::table::{Table, TableBuilder};
use dealcast::store::models::LogEntry;
use dealcast::store::models::SavedModel;

use crate::cli::Session;
use crate::cli::args::{
    FeaturesArgs, ModelsCommand, ModelsCompareArgs, ModelsFolderArgs, ModelsListArgs, ModelsPromoteArgs,
    ModelsShowArgs, TrainArgs,
};
use crate::cli::commands::champion;
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, load, registry, stamp};
use crate::cli::settings::Inputs;
use crate::cli::summary;
use dealcast::report::words::{count, percent};

pub(crate) fn train(args: TrainArgs, session: &Session) -> Result<(), CliError> {
    let TrainArgs { inputs, table, judged, promote, models } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let registry = registry(&models)?;
    let as_of = load(&inputs, session)?;
    let context = as_of.context();
    let champion = registry.usable(as_of.day()).ok();
    let trained = model::train(&context, &inputs.config, &session.progress)?;
    session.progress.finish();
    let contest = champion::admit(&trained, champion.as_ref(), &registry, &context, promote)?;
    let Trained { model, predictions: rows } = trained;
    summary::model(&model, session.printer);
    let decision = if contest.promoted { "put to use" } else { "not put to use" };
    session.printer.say(format!("saved in {} and {decision}: {}", models.display(), contest.reason));
    let evidence = if judged {
        dealcast::model::evaluation_columns::judged_table(&rows, &context)?
    } else {
        dealcast::model::evaluation_columns::table(&model.evaluation.rows)?
    };
    emit(&evidence, &table, &stamp(&as_of, Some(&model.model_id)), session)?;
    if contest.promoted {
        Ok(())
    } else {
        Err(ModelError::NotPromoted { model_id: model.model_id, reason: contest.reason }.into())
    }
}

pub(crate) fn features(args: FeaturesArgs, session: &Session) -> Result<(), CliError> {
    let FeaturesArgs { inputs, table, rows } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let as_of = load(&inputs, session)?;
    let context = as_of.context();
    let (training, spec) = model::training_rows(&context, &inputs.config, &session.progress)?;
    let result = if rows {
        dealcast::model::feature_columns::rows_table(&training, &spec, &context)?
    } else {
        dealcast::model::feature_columns::table(&spec)?
    };
    emit(&result, &table, &stamp(&as_of, None), session)
}

pub(crate) fn models(command: ModelsCommand, session: &Session) -> Result<(), CliError> {
    match command {
        ModelsCommand::List(ModelsListArgs { models, table }) => {
            let saved = registry(&models)?.list()?;
            emit(&list_table(&saved)?, &table, &Stamp::default(), session)
        }
        ModelsCommand::Show(ModelsShowArgs { model, json, models }) => {
            let model = registry(&models)?.find(&model)?;
            session.printer.text(&if json { model::card_json(&model) } else { model::card(&model) })
        }
        ModelsCommand::Compare(args) => compare(*args, session),
        ModelsCommand::Promote(ModelsPromoteArgs { model, models, pin }) => {
            let registry = registry(&models)?;
            let id = registry.find(&model)?.model_id;
            registry.promote(&id, None, "by hand")?;
            if pin {
                registry.pin(&format!("{id} was promoted by hand"))?;
            }
            session.printer.say(format!("{id} is in use{}", if pin { ", pinned" } else { "" }));
            Ok(())
        }
        ModelsCommand::Rollback(ModelsFolderArgs { models }) => {
            let registry = registry(&models)?;
            let id = registry.roll_back()?;
            registry.pin(&format!("rolled back to {id}"))?;
            session.printer.say(format!("{id} is in use again and stays so: `dealcast models unpin` lets runs train"));
            Ok(())
        }
        ModelsCommand::Unpin(ModelsFolderArgs { models }) => {
            let was = registry(&models)?.unpin()?;
            session.printer.say(if was { "runs train again when it is due" } else { "nothing was pinned" });
            Ok(())
        }
        ModelsCommand::Log(ModelsListArgs { models, table }) => {
            emit(&log_table(&registry(&models)?.log()?)?, &table, &Stamp::default(), session)
        }
    }
}

fn log_table(log: &[LogEntry]) -> Result<Table, CliError> {
    Ok(TableBuilder::default()
        .date("as_of", log.iter().map(|entry| entry.as_of.map(|day| day.0)))
        .text("action", log.iter().map(|entry| Some(&entry.action)))
        .text("model_id", log.iter().map(|entry| Some(&entry.model_id)))
        .text("previous", log.iter().map(|entry| entry.previous.as_ref()))
        .text("reason", log.iter().map(|entry| Some(&entry.reason)))
        .finish("models_log")?)
}

/// Two models side by side, and, where inputs are named, on the same deals.
fn compare(args: ModelsCompareArgs, session: &Session) -> Result<(), CliError> {
    let ModelsCompareArgs { first, second, models, inputs, table } = args;
    let registry = registry(&models)?;
    let pair = [registry.find(&first)?, registry.find(&second)?];
    let mut rows = facts_side_by_side(&pair);
    if inputs.config.is_some() || inputs.deals.is_some() {
        let inputs = Inputs::resolve(inputs, session.printer)?;
        let as_of = load(&inputs, session)?;
        match model::duel(&pair[0], &pair[1], &as_of.context(), &inputs.config) {
            Some(duel) => {
                let on = format!("log loss on {} new to both", count(duel.deals, "deal"));
                rows.push((on, duel.log_loss.map(|loss| Some(format!("{loss:.4}")))));
                let how = if duel.worse > 0.0 { "worse" } else { "better" };
                let worse = format!("{how} by {:.4} (standard error {:.4})", duel.worse.abs(), duel.worse_se);
                rows.push(("difference there".to_owned(), [None, Some(worse)]));
            }
            None => {
                session.printer.warn("no deal with an outcome is new to both: they cannot be judged on these inputs");
            }
        }
    }
    let of = |k: usize| rows.iter().map(move |row| row.1[k].as_ref());
    let names = pair.each_ref().map(|model| model.model_id.as_str());
    let second = if names[0] == names[1] { "(the same)" } else { names[1] };
    let table_of = TableBuilder::default()
        .text("what", rows.iter().map(|row| Some(&row.0)))
        .text(names[0], of(0))
        .text(second, of(1))
        .finish("models_compared")?;
    emit(&table_of, &table, &Stamp::default(), session)
}

type SideBySide = Vec<(String, [Option<String>; 2])>;

fn facts_side_by_side(pair: &[WinModel; 2]) -> SideBySide {
    let digits = |value: f64| format!("{value:.4}");
    let own = |read: fn(&EvaluationRow) -> Option<f64>| {
        pair.each_ref().map(|model| model.overall("model").and_then(read).map(digits))
    };
    let fact = |read: fn(&WinModel) -> String| pair.each_ref().map(|model| Some(read(model)));
    let mut rows: SideBySide = [
        ("as of", fact(|m| m.as_of.to_string())),
        ("signal", fact(|m| m.signal.to_string())),
        ("horizon, days", fact(|m| m.horizon_days.to_string())),
        ("training rows", fact(|m| m.training.rows.to_string())),
        ("training deals", fact(|m| m.training.deals.to_string())),
        ("base rate", fact(|m| percent(m.base_rate))),
        ("fields", fact(|m| m.spec.fields.len().to_string())),
        ("columns", fact(|m| m.spec.features.len().to_string())),
        ("penalty per row", fact(|m| m.win.alpha.to_string())),
        ("log loss, own evaluation", own(|row| Some(row.log_loss))),
        ("  of its base rate", pair.each_ref().map(|m| m.overall("base rate").map(|row| digits(row.log_loss)))),
        ("Brier", own(|row| Some(row.brier))),
        ("AUC", own(|row| row.auc)),
        ("calibration slope", own(|row| row.slope)),
        ("calibration error", own(|row| row.ece)),
    ]
    .into_iter()
    .map(|(what, values)| (what.to_owned(), values))
    .collect();
    let mut factors: Vec<&str> = pair.iter().flat_map(|m| &m.importance).map(|i| i.factor.as_str()).collect();
    factors.sort_unstable();
    factors.dedup();
    let share = |factor: &str| {
        let of = |m: &WinModel| m.importance.iter().find(|i| i.factor == factor).map(|i| percent(i.share));
        (format!("share of {factor}"), pair.each_ref().map(of))
    };
    rows.extend(factors.into_iter().map(share));
    rows
}

fn list_table(saved: &[SavedModel]) -> Result<Table, CliError> {
    let model = |saved: &SavedModel| saved.model.as_ref().ok().cloned();
    let log_loss = |saved: &SavedModel, name: &str| saved.model.as_ref().ok()?.overall(name).map(|row| row.log_loss);
    Ok(TableBuilder::default()
        .text("model_id", saved.iter().map(|saved| Some(&saved.id)))
        .flag("current", saved.iter().map(|saved| Some(saved.current)))
        .date("as_of", saved.iter().map(|saved| model(saved).map(|model| model.as_of.0)))
        .flag("signal", saved.iter().map(|saved| model(saved).map(|model| model.signal)))
        .integer("rows", saved.iter().map(|saved| i64::try_from(model(saved)?.training.rows).ok()))
        .integer("horizon_days", saved.iter().map(|saved| model(saved).map(|model| i64::from(model.horizon_days))))
        .number("log_loss", saved.iter().map(|saved| log_loss(saved, "model")))
        .number("log_loss_base_rate", saved.iter().map(|saved| log_loss(saved, "base rate")))
        .text("problem", saved.iter().map(|saved| saved.model.as_ref().err().map(ToString::to_string)))
        .finish("models")?)
}
