//! `dealcast train`, `features`, `models …`: the win model and the folder it is kept in.

use dealcast::model::columns::{evaluation_table, features_table, predictions_table, training_rows_table};
use dealcast::model::{self, ModelError, Trained, side_by_side, side_by_side_table};
use dealcast::report::format::Stamp;
use dealcast::store::models::{log_table, models_table};

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
    let Trained { model, judged: rows } = trained;
    summary::model(&model, session.printer);
    let decision = if contest.promoted { "put to use" } else { "not put to use" };
    session.printer.say(format!("saved in {} and {decision}: {}", models.display(), contest.reason));
    let evidence = if judged { predictions_table(&rows, &context)? } else { evaluation_table(&model.evaluation.rows)? };
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
    let result = if rows { training_rows_table(&training, &spec, &context)? } else { features_table(&spec)? };
    emit(&result, &table, &stamp(&as_of, None), session)
}

pub(crate) fn models(command: ModelsCommand, session: &Session) -> Result<(), CliError> {
    match command {
        ModelsCommand::List(ModelsListArgs { models, table }) => {
            let saved = registry(&models)?.list()?;
            emit(&models_table(&saved)?, &table, &Stamp::default(), session)
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

/// Two models side by side, and, where inputs are named, on the same deals.
fn compare(args: ModelsCompareArgs, session: &Session) -> Result<(), CliError> {
    let ModelsCompareArgs { first, second, models, inputs, table } = args;
    let registry = registry(&models)?;
    let pair = [registry.find(&first)?, registry.find(&second)?];
    let mut duel = None;
    if inputs.config.is_some() || inputs.deals.is_some() {
        let inputs = Inputs::resolve(inputs, session.printer)?;
        let as_of = load(&inputs, session)?;
        duel = model::duel(&pair[0], &pair[1], &as_of.context(), &inputs.config);
        if duel.is_none() {
            session.printer.warn("no deal with an outcome is new to both: they cannot be judged on these inputs");
        }
    }
    let facts = side_by_side(&pair, duel.as_ref());
    emit(&side_by_side_table(&facts, &pair)?, &table, &Stamp::default(), session)
}
