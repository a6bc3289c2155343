//! `dealcast run`: the nightly job.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use dealcast::run::champion::Retrain;
use dealcast::run::inputs::Inputs;
use dealcast::run::nightly::{ModelChoice, Nightly, Reports, nightly};
use dealcast::run::sections::output;
use dealcast::store::outputs::Outputs;

use crate::cli::args::{InputArgs, ModelsBesideArgs};
use crate::cli::commands::push::NightPush;
use crate::cli::commands::snapshot::keep_copy;
use crate::cli::console::Console;
use crate::cli::destination::reserved_places;
use crate::cli::error::CliError;
use crate::cli::exports::unmapped;
use crate::cli::filters::writable_registry;
use crate::cli::interrupt;
use crate::cli::report_args::WantedReports;
use crate::cli::settings::resolve_export;

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Exported files without a configuration: used where everything about them is certain
    #[arg(value_name = "FOLDER", conflicts_with_all = ["config", "data"])]
    pub exports: Option<PathBuf>,
    #[command(flatten)]
    pub inputs: InputArgs,
    /// Folder to write; an earlier run there is replaced once everything is written
    #[arg(long, value_name = "DIR", default_value = "dealcast-out")]
    pub out: PathBuf,
    #[command(flatten)]
    pub models: ModelsBesideArgs,
    /// Score with this saved model (id or file), whatever is in use
    #[arg(long, value_name = "ID|FILE", conflicts_with = "retrain")]
    pub model: Option<String>,
    /// Whether to train a new model; it is put to use unless it is worse than the present one
    #[arg(long, value_name = "WHEN", default_value = "due")]
    pub retrain: RetrainWhen,
    /// Split the funnel and the gaps by this column too
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
    /// Which reports to write beside the tables
    #[arg(long, value_name = "WHICH", default_value = "all")]
    pub reports: WantedReports,
    /// Once the outputs are in place, feed the scores to these targets of [push.NAME]: all if none is named
    #[arg(long, value_name = "NAME", num_args = 0.., conflicts_with = "exports", help_heading = "Push")]
    pub push: Option<Vec<String>>,
    /// With --push: make the plans, and write nothing to the targets
    #[arg(long, requires = "push", help_heading = "Push")]
    pub dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RetrainWhen {
    /// By the age of the model in use, new closed deals, drift, another configuration ([training.retrain])
    Due,
    Always,
    /// Unless there is no model
    Never,
}

impl From<RetrainWhen> for Retrain {
    fn from(when: RetrainWhen) -> Self {
        match when {
            RetrainWhen::Due => Self::Due,
            RetrainWhen::Always => Self::Always,
            RetrainWhen::Never => Self::Never,
        }
    }
}

/// What a run reads: exported files without a configuration, or what the configuration and the flags name.
pub(crate) fn of_run(exports: Option<PathBuf>, inputs: InputArgs, console: &Console) -> Result<Inputs, CliError> {
    match exports {
        Some(exports) => Ok(Inputs { as_of: inputs.as_of, ..unmapped(&exports, console)? }),
        None => resolve_export(inputs, console.printer),
    }
}

pub(crate) fn run(args: RunArgs, console: &Console) -> Result<(), CliError> {
    let RunArgs { exports, inputs, out, models, model, retrain, by, reports, push, dry_run } = args;
    let reports = Reports::Of(reports.kinds(), Box::new(console.language.clone()));
    let inputs = of_run(exports, inputs, console)?;
    let push = push.map(|names| NightPush::of(&names, dry_run, &inputs)).transpose()?;
    let models = models.of(&inputs);
    // Before the long work: can the outputs be written, and nothing else be lost by that?
    let mut reserved = reserved_places(Some(&inputs), Some(&models));
    model.iter().for_each(|model| reserved.reserve("the model", Path::new(model)));
    let outputs = Outputs::open(&out, &reserved)?;
    let registry = writable_registry(&models)?;
    outputs.abandon_handle().into_iter().for_each(interrupt::guard);
    // A run as of a past day adds nothing to what was known.
    if let Some(folder) = inputs.copies_folder().filter(|_| inputs.as_of.is_none()) {
        keep_copy(&inputs, &folder, None, console)?;
    }
    let inputs = inputs.from_copies()?;
    let model = model.map_or_else(|| ModelChoice::Champion(retrain.into()), ModelChoice::Named);
    let asked = Nightly { inputs, model, by, reports };
    let found = nightly(&asked, &registry, outputs, console)?;
    console.printer.sections(&found.document.sections);
    // The folder as it was typed where that names it, else where it really is.
    let folder = if out.is_dir() { &out } else { &found.folder };
    let seconds = console.progress.timings().seconds;
    let mut about = output(found.files.len(), &folder.display().to_string(), seconds);
    about.findings.extend(found.unreported);
    console.printer.sections(&[about]);
    push.map_or(Ok(()), |push| push.carry_out(folder, console))
}
