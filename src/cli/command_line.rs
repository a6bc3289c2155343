//! The command line as a whole: every command, and the flags of all of them.

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::commands::actions::ActionsArgs;
use super::commands::backtest::BacktestArgs;
use super::commands::check::CheckArgs;
use super::commands::compare::CompareArgs;
use super::commands::completions::CompletionsArgs;
use super::commands::explain::ExplainArgs;
use super::commands::features::FeaturesArgs;
use super::commands::forecast::ForecastArgs;
use super::commands::funnel::FunnelArgs;
use super::commands::gaps::GapsArgs;
use super::commands::help::{self, HelpArgs};
use super::commands::history::HistoryArgs;
use super::commands::init::InitArgs;
use super::commands::models::ModelsCommand;
use super::commands::push::PushCommand;
use super::commands::report::ReportArgs;
use super::commands::revise::ReviseArgs;
use super::commands::run::RunArgs;
use super::commands::schema::SchemaArgs;
use super::commands::score::ScoreArgs;
use super::commands::simulate::SimulateArgs;
use super::commands::snapshot::SnapshotArgs;
use super::commands::sources::SourcesArgs;
use super::commands::stagnation::StagnationArgs;
use super::commands::train::TrainArgs;
use super::commands::waterfall::WaterfallArgs;
use super::report_args::LocaleArgs;

/// Scores open deals, finds stuck ones, measures the funnel and the gap to quota, from a CRM export.
///
/// Exit codes: 0 done, 1 internal, 2 usage or configuration, 3 input rejected, 4 model refused,
/// 5 push incomplete, resumable, 6 another run holds the lock, 130 interrupted.
#[derive(Debug, Parser)]
#[command(
    name = "dealcast",
    bin_name = "dealcast",
    version,
    max_term_width = 110,
    propagate_version = true,
    disable_help_subcommand = true
)]
#[command(after_long_help = help::topics())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub shared: SharedArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Shared options")]
pub(crate) struct SharedArgs {
    /// Threads to compute with; all processors if not given. Results do not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log more: -v for what is done, -vv for details. DEALCAST_LOG takes a filter such as `dealcast=debug`
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// How log lines on standard error look
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// Draw no progress bar
    #[arg(long, global = true)]
    pub no_progress: bool,
    #[command(flatten)]
    pub locale: LocaleArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The nightly job: check, train, score, every report, one output folder
    Run(RunArgs),
    /// Recognise exported files, and write a dealcast.toml that maps them
    Init(InitArgs),
    /// Validate the inputs and print the data-quality report; or check a finished run with --outputs
    Check(CheckArgs),
    /// The page people open, from a finished run: one file that needs nothing
    Report(ReportArgs),
    /// What moved between two finished runs, and why: deals, amounts, chances, model
    Compare(CompareArgs),
    /// Feed scores back into a CRM: plan what changed, write it, go on after a crash, check it
    #[command(subcommand)]
    Push(PushCommand),
    /// Fit and evaluate the win model and save it
    Train(TrainArgs),
    /// What the model sees: every field with meaning, unit, source, and what is left out and why
    Features(FeaturesArgs),
    /// The saved models
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Score open deals with a saved model
    Score(ScoreArgs),
    /// Why one deal has its score
    Explain(ExplainArgs),
    /// One deal's whole story: stages, amounts, dates, owners, activities and scores over time
    History(HistoryArgs),
    /// What `history` was called before
    #[command(hide = true)]
    Trace(HistoryArgs),
    /// Days in stage against the stage's benchmark, deal by deal
    Stagnation(StagnationArgs),
    /// Stage-to-stage conversion and time, by cohort and segment
    Funnel(FunnelArgs),
    /// Leads, wins, revenue and cost by source and period
    Sources(SourcesArgs),
    /// Quota, won, gap, pipeline and expected by node and period
    Forecast(ForecastArgs),
    /// Keep a dated copy of what is new in the deals table: a history where the CRM has none
    Snapshot(SnapshotArgs),
    /// Append a forecast or an adjustment to the revisions
    Revise(ReviseArgs),
    /// How right the forecasts of past days were, each made with a model that knew nothing later
    Backtest(BacktestArgs),
    /// What became of the pipeline between two days, by node and period, or deal by deal
    Waterfall(WaterfallArgs),
    /// Who will miss the quota of the running periods, and why: the gap taken apart
    Gaps(GapsArgs),
    /// What to do, per owner, ranked by the money at stake
    Actions(ActionsArgs),
    /// What `gaps` was called before
    #[command(hide = true)]
    Lags(GapsArgs),
    /// Write a seeded synthetic sales world with its truth
    Simulate(SimulateArgs),
    /// JSON Schema of dealcast.toml, or the columns of the outputs
    Schema(SchemaArgs),
    /// A page to read, or the flags of a command
    Help(HelpArgs),
    /// Shell completions
    Completions(CompletionsArgs),
}
