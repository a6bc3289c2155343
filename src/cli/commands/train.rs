//! `dealcast train`: fit and evaluate the win model and save it.

use clap::Args;
use dealcast::model::{ModelError, findings};
use dealcast::report::finding::Section;
use dealcast::run::answers::{self, TrainedModel};

use crate::cli::args::{InputArgs, ModelsBesideArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::filters::writable_registry;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    /// Print every row the model was evaluated on, with every contender's probability, instead of the evaluation
    #[arg(long)]
    pub predictions: bool,
    /// What `--predictions` was called before
    #[arg(long, hide = true)]
    pub judged: bool,
    /// Put the model to use even if it is worse than the present one
    #[arg(long)]
    pub promote: bool,
    #[command(flatten)]
    pub models: ModelsBesideArgs,
}

pub(crate) fn train(args: TrainArgs, console: &Console) -> Result<(), CliError> {
    let TrainArgs { inputs, table, predictions, judged, promote, models } = args;
    if judged {
        console.printer.renamed("--judged", "--predictions");
    }
    let inputs = resolve(inputs, console.printer)?;
    let models = models.of(&inputs);
    let table = destination(table, Some(&inputs), Some(&models))?;
    let registry = writable_registry(&models)?;
    let TrainedModel { model, contest, evidence } =
        answers::train(&inputs, &registry, predictions || judged, promote, console)?;
    console.printer.sections(&[Section::new("Model", findings::quality(&model))]);
    let folder = models.display().to_string();
    console.printer.finding(&findings::saved(&model, &folder, &contest));
    emit(&evidence, &table, console)?;
    if !contest.promoted {
        return Err(ModelError::NotPromoted { model_id: model.model_id, reason: contest.reason }.into());
    }
    if !model.signal {
        return Err(ModelError::NoSignal { verdict: model.verdict }.into());
    }
    Ok(())
}
