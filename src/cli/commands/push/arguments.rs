//! What `dealcast push` takes. Only declares.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::TableArgs;

/// Feed scores back into a CRM: plan what changed, write it, go on after a crash, check it
///
/// The targets salesforce, hubspot, zoho, odoo, pipedrive and template were tried against doubles of ours only, made from
/// public documentation; espocrm and vtiger against doubles made from recordings of real servers, never against a server
/// itself: begin with `push apply --limit 10`. `dealcast help push-targets` says of each what it was tried against.
#[derive(Debug, Subcommand)]
pub(crate) enum PushCommand {
    /// The custom fields a target needs, how to make them, and whether they are there
    Setup(SetupArgs),
    /// Compare the scores of a run with what the target holds, and save what is to be written. Writes nothing there
    Plan(PlanArgs),
    /// Write one record of the saved plan, and compare its fields with what the target answers and holds
    Probe(ProbeArgs),
    /// Write the saved plan: only what differs, by id only
    Apply(ApplyArgs),
    /// Go on where a push stopped or was killed; what may have arrived is read again first
    Resume(ApplyArgs),
    /// Go on, and try again what was refused
    Retry(ApplyArgs),
    /// Read again what was written, and compare
    Verify(VerifyArgs),
    /// The books of the saved plan
    Status(StatusArgs),
}

/// Which target is meant.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// NAME of a [push.NAME] section; the only one if there is one
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Configuration; ./dealcast.toml is used where it exists and this is not given
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of plans, ledgers and files, one folder a target; `push` beside the configuration if not given
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Ask no server: print what is needed
    #[arg(long)]
    pub offline: bool,
    #[command(flatten)]
    pub table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Folder of the finished run whose scores are pushed
    #[arg(long, value_name = "DIR", default_value = "dealcast-out")]
    pub run: PathBuf,
    /// Plan although more deals change by much than `max_large_share` allows
    #[arg(long)]
    pub allow_large_changes: bool,
    /// For files: write everything again, not only what differs from earlier files
    #[arg(long)]
    pub full: bool,
    #[command(flatten)]
    pub table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Send at most so many deals: a first few to look at
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Send the saved plan although a newer one was begun after it, and refused
    #[arg(long)]
    pub allow_older_plan: bool,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    /// Read so many deals, chosen by chance but always the same ones; all if not given
    #[arg(long, value_name = "N")]
    pub sample: Option<usize>,
    #[command(flatten)]
    pub table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub table: TableArgs,
}
