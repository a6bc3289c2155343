//! `dealcast check`: are the inputs fit for use, what is wrong with them, what does that cost, and would a run stop; with
//! `--outputs` the same of a finished run.

use std::path::{Path, PathBuf};

use clap::Args;
use dealcast::config::{RuleConfig, rules_table};
use dealcast::ingest::findings::no_issues;
use dealcast::run::answers::{self, CheckedInputs, CheckedOutputs};
use dealcast::run::champion::Retrain;
use dealcast::run::copies::{self, RehearsedCopy};
use dealcast::run::inputs::Inputs;
use dealcast::run::nightly::{ModelChoice, Nightly, Reports};
use dealcast::store::models::Registry;
use dealcast::store::outputs::Outputs;

use crate::cli::args::{InputArgs, ModelsBesideArgs, TableArgs, TableFormat};
use crate::cli::clock::today;
use crate::cli::commands::run::{RetrainWhen, of_run};
use crate::cli::console::Console;
use crate::cli::destination::{Destination, destination, reserved_places};
use crate::cli::emit::{emit, emit_plain, emit_report};
use crate::cli::error::CliError;
use crate::cli::printer::print_error;

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Exported files without a configuration, as `dealcast run FOLDER` reads them
    #[arg(value_name = "FOLDER", conflicts_with_all = ["config", "data"])]
    pub exports: Option<PathBuf>,
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    /// List the rules and what each does with a row, and read nothing
    #[arg(long)]
    pub rules: bool,
    /// One row per table and column: filled, missing, invalid, days, samples, and the same of the last run
    #[arg(long, conflicts_with = "costs")]
    pub columns: bool,
    /// One row per gap of the input: what it takes from the results
    #[arg(long)]
    pub costs: bool,
    #[command(flatten)]
    pub rehearsed: RehearsedArgs,
    /// Check the outputs of a finished run instead: every file, sum, range and identity; 3 where something cannot be
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "data", "as_of", "rules", "exports", "columns", "costs"])]
    pub outputs: Option<PathBuf>,
}

/// What the run is asked for that is rehearsed: the arguments of `dealcast run`.
#[derive(Debug, Args)]
#[command(next_help_heading = "The run that is rehearsed")]
pub(crate) struct RehearsedArgs {
    /// Folder the run will write
    #[arg(long, value_name = "DIR", default_value = "dealcast-out")]
    pub run_out: PathBuf,
    #[command(flatten)]
    pub models: ModelsBesideArgs,
    /// The model the run will name
    #[arg(long, value_name = "ID|FILE")]
    pub model: Option<String>,
    /// When the run will train a new model
    #[arg(long, value_name = "WHEN", default_value = "due", conflicts_with = "model")]
    pub retrain: RetrainWhen,
    /// Columns the run will split the funnel and the gaps by
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
}

/// What of the report is printed, and where to.
struct Asked {
    table: Destination,
    wanted: Wanted,
}

/// Which table is asked for.
#[derive(Clone, Copy)]
enum Wanted {
    Everything,
    Columns,
    Costs,
}

pub(crate) fn check(args: CheckArgs, console: &Console) -> Result<(), CliError> {
    let CheckArgs { exports, inputs, table, rules, columns, costs, rehearsed, outputs } = args;
    if let Some(folder) = outputs {
        if !inputs.sources.tables.0.is_empty() {
            return Err(CliError::usage("--outputs reads no input").hint("name either a finished run or input files"));
        }
        return check_outputs(&folder, &destination(table, None, None)?, console);
    }
    if rules {
        let table = destination(table, None, None)?;
        return emit_plain(&rules_table(&RuleConfig::default())?, &table, console);
    }
    let wanted = match (columns, costs) {
        (true, _) => Wanted::Columns,
        (_, true) => Wanted::Costs,
        _ => Wanted::Everything,
    };
    let inputs = of_run(exports, inputs, console)?;
    let models = rehearsed.models.of(&inputs);
    let table = destination(table, Some(&inputs), Some(&models))?;
    check_inputs(inputs, &models, rehearsed, &Asked { table, wanted }, console)
}

/// Prints the report and every reason why a run would stop; the first of them decides the exit code.
fn check_inputs(
    inputs: Inputs,
    models: &Path,
    rehearsed: RehearsedArgs,
    report: &Asked,
    console: &Console,
) -> Result<(), CliError> {
    let RehearsedArgs { run_out, models: _, model, retrain, by } = rehearsed;
    let mut stops = before_the_work(&inputs, models, &run_out, model.as_deref());
    let registry = Registry::open(models);
    let model = model.map_or_else(|| ModelChoice::Champion(Retrain::from(retrain)), ModelChoice::Named);
    let (inputs, kept) = match with_copy(&inputs, console) {
        Ok(read) => read,
        Err(error) => {
            stops.push(error);
            (inputs.clone().from_copies().unwrap_or(inputs), None)
        }
    };
    let asked = Nightly { inputs, model, by, reports: Reports::None };
    stops.extend(answers::named_model(&asked, &registry).err().map(CliError::from));
    match answers::check(&asked, &registry, console) {
        Ok(mut checked) => {
            let stop = checked.stops.take().map(CliError::from);
            stops.extend(stop.filter(|stop| stops.iter().all(|other| other.message() != stop.message())));
            report.print(&checked, &stops, console)?;
        }
        Err(error) => stops.push(error.into()),
    }
    drop(kept);
    console.progress.finish();
    match stops.len() {
        0 | 1 => stops.pop().map_or(Ok(()), Err),
        several => {
            stops.iter().for_each(print_error);
            Err(stops.swap_remove(0).with_message(format!("a run would stop here, for {several} reasons")))
        }
    }
}

/// What a run looks at before it reads anything: the folders it writes into.
fn before_the_work(inputs: &Inputs, models: &Path, out: &Path, model: Option<&str>) -> Vec<CliError> {
    let mut reserved = reserved_places(Some(inputs), Some(models));
    model.iter().for_each(|model| reserved.reserve("the model", Path::new(model)));
    let named = |error| CliError::from(error).hint("a run is rehearsed: name the folder it will write with --run-out");
    let outputs = Outputs::rehearse(out, &reserved).map_err(named);
    let models = Registry::open_to_rehearse(models).map(drop).map_err(CliError::from);
    [outputs, models].into_iter().filter_map(Result::err).collect()
}

/// What the run would read: after it has kept its copy of the deals table, if it keeps one.
fn with_copy(inputs: &Inputs, console: &Console) -> Result<(Inputs, Option<RehearsedCopy>), CliError> {
    match inputs.copies_folder().filter(|_| inputs.as_of.is_none()) {
        Some(folder) => {
            let kept = copies::rehearse(inputs, &folder, today(&inputs.config)?, console)?;
            Ok((kept.inputs.clone(), Some(kept)))
        }
        None => Ok((inputs.clone().from_copies()?, None)),
    }
}

impl Asked {
    fn print(&self, checked: &CheckedInputs, stops: &[CliError], console: &Console) -> Result<(), CliError> {
        let Self { table, wanted } = self;
        let CheckedInputs { findings, columns, costs, issues, .. } = checked;
        console.printer.findings(findings);
        match wanted {
            Wanted::Columns => emit(columns, table, console),
            Wanted::Costs => emit(costs, table, console),
            Wanted::Everything if table.folder.is_some() => {
                [columns, costs, issues].into_iter().try_for_each(|answer| emit(answer, table, console))
            }
            Wanted::Everything if table.format == TableFormat::Json => {
                let messages: Vec<String> = stops.iter().map(|stop| stop.message().to_owned()).collect();
                emit_report(&checked.report(&messages)?, console)
            }
            Wanted::Everything if table.is_for_eyes() => {
                emit(columns, table, console)?;
                if issues.table.rows() == 0 {
                    console.printer.finding(&no_issues());
                    return Ok(());
                }
                emit(issues, table, console)
            }
            Wanted::Everything => emit(issues, table, console),
        }
    }
}

/// Prints what a finished run says that cannot be; an error where there is anything.
fn check_outputs(folder: &Path, table: &Destination, console: &Console) -> Result<(), CliError> {
    let CheckedOutputs { finding, violations } = answers::check_outputs(folder)?;
    console.printer.finding(&finding);
    let wrong = violations.rows() > 0;
    if wrong || !table.is_for_eyes() {
        emit_plain(&violations, table, console)?;
    }
    if wrong { Err(CliError::input(format!("{} is not what a run wrote", folder.display()))) } else { Ok(()) }
}
