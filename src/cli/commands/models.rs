//! `dealcast train`, `models list`, `models show`: the win model and the folder it is kept in.

use dealcast::model::{self, EvaluationRow, SavedModel, Trained, WinModel};
use dealcast::report;
use dealcast::report::format::Stamp;
use dealcast::report::table::{Table, TableBuilder};

use crate::cli::Session;
use crate::cli::args::{FeaturesArgs, ModelsCommand, ModelsListArgs, ModelsShowArgs, TrainArgs};
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, load, registry, stamp};
use crate::cli::settings::Inputs;
use crate::cli::summary;

pub(crate) fn train(args: TrainArgs, session: &Session) -> Result<(), CliError> {
    let TrainArgs { inputs, table, judged, models } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let registry = registry(&models)?;
    let as_of = load(&inputs, session)?;
    let context = as_of.context();
    let Trained { model, judged: rows } = model::train(&context, &inputs.config, &session.progress)?;
    session.progress.finish();
    let path = registry.save(&model, &model::card(&model))?;
    summary::model(&model, session.printer);
    session.printer.say(format!("saved {}, the card beside it", path.display()));
    let evidence = if judged {
        report::evaluation::judged_table(&rows, &context)?
    } else {
        report::evaluation::table(&model)?
    };
    emit(&evidence, &table, &stamp(&as_of, Some(&model.model_id)), session)
}

pub(crate) fn features(args: FeaturesArgs, session: &Session) -> Result<(), CliError> {
    let FeaturesArgs { inputs, table, rows } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let as_of = load(&inputs, session)?;
    let context = as_of.context();
    let (training, spec) = model::training_rows(&context, &inputs.config, &session.progress)?;
    let result = if rows {
        report::features::rows_table(&training, &spec, &context)?
    } else {
        report::features::table(&spec)?
    };
    emit(&result, &table, &stamp(&as_of, None), session)
}

pub(crate) fn models(command: ModelsCommand, session: &Session) -> Result<(), CliError> {
    match command {
        ModelsCommand::List(ModelsListArgs { models, table }) => {
            let saved = registry(&models)?.list()?;
            emit(&list_table(&saved)?, &table, &Stamp::default(), session)
        }
        ModelsCommand::Show(ModelsShowArgs { model, models }) => {
            let model = registry(&models)?.find(&model)?;
            session.printer.text(&model::card(&model))
        }
    }
}

fn list_table(saved: &[SavedModel]) -> Result<Table, CliError> {
    let model = |saved: &SavedModel| saved.model.as_ref().ok().cloned();
    let log_loss = |saved: &SavedModel, name: &str| {
        let model: &WinModel = saved.model.as_ref().ok()?;
        let overall = |row: &&EvaluationRow| row.cutoff.is_none() && row.scope == "all" && row.model == name;
        model.evaluation.rows.iter().find(overall).map(|row| row.log_loss)
    };
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
