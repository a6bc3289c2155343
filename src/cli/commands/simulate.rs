//! `dealcast simulate`: a seeded sales world, written aside and put in place whole.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use dealcast::domain::day::Day;
use dealcast::report::words::count;
use dealcast::simulate::{
    CrmForm, FileFormat, SimulateError, WORLD_FILE, WorldConfig, earlier_world, simulate as make_world,
};
use dealcast::store::folder::OutputFolder;

use crate::cli::console::Console;
use crate::cli::destination::reserved_places;
use crate::cli::error::CliError;
use crate::cli::interrupt;

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Folder to write; an earlier world there is replaced, unless a file of it was changed
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Deals to create
    #[arg(long, value_name = "N", default_value_t = 3_000)]
    pub deals: u64,
    /// Seed: the same seed gives the same bytes
    #[arg(long, value_name = "S", default_value_t = 7)]
    pub seed: u64,
    /// First day deals are created; three years before 2026-02-14 if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub first_day: Option<Day>,
    /// Day the export is taken (2026-02-14 if not given); later events go to the truth only
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Day>,
    /// Format of the tables
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub format: WorldFormat,
    /// People who own deals; one per hundred deals if not given
    #[arg(long, value_name = "N")]
    pub owners: Option<u32>,
    /// Dollars only
    #[arg(long)]
    pub one_currency: bool,
    /// Share of deals, 0 to 1, whose outcome follows from how they are going
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    pub signal: f64,
    /// How fast the effect of a source moves over the years
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub drift: f64,
    /// Share of cells left blank in columns people forget, 0 to 0.5
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    pub missing: f64,
    /// Activities relative to about eight a deal, 0 to 10
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub activity: f64,
    /// Pace of decisions in the last days of a quarter relative to other days, 1 to 10
    #[arg(long, value_name = "X", default_value_t = 3.0)]
    pub rush: f64,
    /// Chance that a lost deal is opened again, 0 to 0.5
    #[arg(long, value_name = "CHANCE", default_value_t = 0.01)]
    pub reopen: f64,
    /// Leave out `loss_reason`, a column filled at closing that no honest model may use
    #[arg(long)]
    pub no_loss_reason: bool,
    /// Write the export of a CRM instead of the canonical tables; `dealcast help presets` says what each shape cannot carry
    #[arg(long = "as", value_name = "SHAPE", value_parser = PossibleValuesParser::new(CrmForm::shapes()))]
    pub shape: Option<String>,
    /// With --as: write what the shape carries under canonical names, to compare a reading of the export with
    #[arg(long, requires = "shape")]
    pub canonical: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WorldFormat {
    Csv,
    Parquet,
}

pub(crate) fn simulate(args: SimulateArgs, console: &Console) -> Result<(), CliError> {
    let SimulateArgs {
        deals,
        seed,
        first_day,
        as_of,
        format,
        owners,
        one_currency,
        signal,
        drift,
        missing,
        activity,
        rush,
        reopen,
        no_loss_reason,
        shape,
        canonical,
        out,
    } = args;
    let default = WorldConfig::default();
    let config = WorldConfig {
        deals,
        seed,
        first_day: first_day.unwrap_or(default.first_day),
        as_of: as_of.unwrap_or(default.as_of),
        format: match format {
            WorldFormat::Csv => FileFormat::Csv,
            WorldFormat::Parquet => FileFormat::Parquet,
        },
        owners,
        multi_currency: !one_currency,
        signal,
        drift,
        missing,
        activity,
        rush,
        reopen,
        loss_reason: !no_loss_reason,
        crm: shape.map(|shape| CrmForm { shape, canonical }),
    };
    let in_shape = config.crm.as_ref().filter(|form| !form.canonical).is_some();
    config.check()?;
    let folder = OutputFolder::open_for(&out, earlier_world, &reserved_places(None, None))?;
    interrupt::guard(folder.abandon_handle());
    let made = make_world(&config, folder.staging(), &console.progress);
    let summary = made.map_err(|error| named_as_typed(error, folder.staging(), &out))?;
    console.progress.finish();
    folder.commit()?;
    console.printer.say(format!(
        "{}: {} won, {} lost, {} open on {}",
        count(summary.deals, "deal"),
        count(summary.won, "deal"),
        summary.lost,
        summary.open,
        config.as_of
    ));
    let history = summary.files.iter().map(|file| file.rows).sum();
    let next = if in_shape {
        format!("dealcast init {}, then dealcast run", out.display())
    } else {
        format!("dealcast run --config {}", out.join(WORLD_FILE).display())
    };
    console.printer.say(format!("{} in {} files; try: {next}", count(history, "row"), summary.files.len()));
    Ok(())
}

/// The error with the place the user knows, not the hidden folder beside it.
fn named_as_typed(error: SimulateError, staging: &Path, out: &Path) -> SimulateError {
    let typed = |path: PathBuf| path.strip_prefix(staging).map_or_else(|_| path.clone(), |file| out.join(file));
    match error {
        SimulateError::Io { path, source } => SimulateError::Io { path: typed(path), source },
        SimulateError::Parquet { path, source } => SimulateError::Parquet { path: typed(path), source },
        other => other,
    }
}
