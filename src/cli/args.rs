//! What can be typed. Only declares; [`settings`](super::settings) checks and resolves.

mod gaps;
mod history;
mod models;
mod waterfall;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use dealcast::domain::day::Day;
use dealcast::domain::period::PeriodKind;

use super::commands::help;

pub(crate) use gaps::GapsArgs;
pub(crate) use history::HistoryArgs;
pub(crate) use models::{
    ModelsCommand, ModelsCompareArgs, ModelsFolderArgs, ModelsListArgs, ModelsPromoteArgs, ModelsShowArgs,
};
pub(crate) use waterfall::WaterfallArgs;

/// Scores open deals, finds stuck ones, measures the funnel and the gap to quota, from a CRM export.
///
/// Exit codes: 0 done, 1 internal, 2 usage or configuration, 3 input rejected, 4 model refused,
/// 6 another run holds the lock, 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "dealcast", version, max_term_width = 110, propagate_version = true, disable_help_subcommand = true)]
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
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
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
    /// Validate the inputs and print the data-quality report
    Check(CheckArgs),
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
    /// Append a forecast or an adjustment to the revisions
    Revise(ReviseArgs),
    /// How right the forecasts of past days were, each made with a model that knew nothing later
    Backtest(BacktestArgs),
    /// What became of the pipeline between two days, by node and period, or deal by deal
    Waterfall(WaterfallArgs),
    /// Who will miss the quota of the running periods, and why: the gap taken apart
    Gaps(GapsArgs),
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

/// Where the tables come from, and the day to look from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inputs")]
pub(crate) struct InputArgs {
    /// Configuration; ./dealcast.toml is used where it exists and this is not given
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder the paths in the configuration are relative to; its own folder if not given
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Deals: file, folder of parts, glob, or `-` (CSV or Parquet; .gz and .zst CSV)
    #[arg(long, value_name = "FILE")]
    pub deals: Option<String>,
    /// What changed on a deal and when
    #[arg(long, value_name = "FILE")]
    pub stage_history: Option<String>,
    /// Calls, mails, meetings
    #[arg(long, value_name = "FILE")]
    pub activities: Option<String>,
    /// Leads, with the deals they became
    #[arg(long, value_name = "FILE")]
    pub leads: Option<String>,
    /// Marketing touches of leads and deals
    #[arg(long, value_name = "FILE")]
    pub touches: Option<String>,
    /// Targets per owner, team, region or company and period
    #[arg(long, value_name = "FILE")]
    pub quotas: Option<String>,
    /// Owners with manager, team and region
    #[arg(long, value_name = "FILE")]
    pub users: Option<String>,
    /// Dated rates to the base currency
    #[arg(long, value_name = "FILE")]
    pub fx_rates: Option<String>,
    /// Marketing spend per source and period
    #[arg(long, value_name = "FILE")]
    pub campaign_costs: Option<String>,
    /// Submitted forecasts and adjustments
    #[arg(long, value_name = "FILE")]
    pub revisions: Option<String>,
    /// Look from the morning of this day; the day after the newest event if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Day>,
}

/// Where a table goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct TableArgs {
    /// How the table is printed
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: TableFormat,
    /// Write the table to a file in this folder instead of printing it (CSV unless --format says otherwise)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// For eyes, cut to fit
    Table,
    Csv,
    /// One array of objects
    Json,
    Parquet,
}

/// Which deals an analysis is about. Repeated flags of one kind widen it, different kinds narrow it.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Filters (repeatable)")]
pub(crate) struct DealFilterArgs {
    /// Only deals of this owner
    #[arg(long, value_name = "ID")]
    pub owner: Vec<String>,
    /// Only deals of owners in this team
    #[arg(long, value_name = "NAME")]
    pub team: Vec<String>,
    /// Only deals of owners in this region
    #[arg(long, value_name = "NAME")]
    pub region: Vec<String>,
    /// Only deals in this currency
    #[arg(long, value_name = "CODE")]
    pub currency: Vec<String>,
    /// Only deals of this forecast category (pipeline, best-case, commit, closed, omitted)
    #[arg(long, value_name = "NAME")]
    pub category: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    /// Folder to write; an earlier run there is replaced once everything is written
    #[arg(long, value_name = "DIR", default_value = "dealcast-out")]
    pub out: PathBuf,
    /// Folder of saved models
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
    /// Score with this saved model (id or file), whatever is in use
    #[arg(long, value_name = "ID|FILE", conflicts_with = "retrain")]
    pub model: Option<String>,
    /// Whether to train a new model; it is put to use unless it is worse than the present one
    #[arg(long, value_name = "WHEN", default_value = "due")]
    pub retrain: Retrain,
    /// Split the funnel and the gaps by this column too
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Retrain {
    /// By the age of the model in use, new closed deals, drift, another configuration ([training.retrain])
    Due,
    Always,
    /// Unless there is no model
    Never,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    /// List the rules and what each does with a row, and read nothing
    #[arg(long)]
    pub rules: bool,
}

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
    /// Folder of saved models
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct FeaturesArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    /// One row per deal and past day instead: the label and every field's value before any encoding
    #[arg(long)]
    pub rows: bool,
}

/// Which saved model to use.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// Folder of saved models
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
    /// Id or file; the newest usable one in the folder if not given
    #[arg(long, value_name = "ID|FILE")]
    pub model: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The deal's id
    pub deal: String,
    /// Every field with its contribution instead of the reasons they make up
    #[arg(long)]
    pub fields: bool,
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StagnationArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Count and value per group instead of one row per deal: stage, owner, team, region, any text column
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
    /// What changed since the morning of this day; a week before if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub since: Option<Day>,
    /// Replay twelve past mornings instead: do stalled deals end lost or slip more often than deals in a stage for long?
    #[arg(long, conflicts_with_all = ["by", "since"])]
    pub backtest: bool,
    /// What `--backtest` was called before
    #[arg(long, hide = true, conflicts_with_all = ["by", "since"])]
    pub judged: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FunnelArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Only deals created in this period
    #[arg(long, value_name = "PERIOD")]
    pub period: Vec<String>,
    /// A segment per value of this column too
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
    /// One line per cohort and segment: deals, win rate, cycle, velocity
    #[arg(long, conflicts_with_all = ["flow", "compare"])]
    pub summary: bool,
    /// Moves from stage to stage, as a Sankey diagram needs them
    #[arg(long, conflicts_with = "compare")]
    pub flow: bool,
    /// Two groups side by side with tests of no difference. A group: column=value, a period, `current`, or several of
    /// them with commas between
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = ["by", "period"])]
    pub compare: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SourcesArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Only deals and leads created, and money spent, in this period
    #[arg(long, value_name = "PERIOD")]
    pub period: Vec<String>,
    /// By campaign too
    #[arg(long)]
    pub campaigns: bool,
    /// All periods together
    #[arg(long, conflicts_with = "period")]
    pub total: bool,
    /// Share deals among the touches that reached them, by this model
    #[arg(long, value_name = "MODEL")]
    pub attribution: Vec<AttributionModel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AttributionModel {
    /// All to the earliest touch
    First,
    /// All to the latest touch before the deal closed
    Last,
    /// To all touches alike
    Linear,
}

#[derive(Debug, Args)]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Only this period
    #[arg(long, value_name = "PERIOD")]
    pub period: Vec<String>,
    /// Only nodes of this level
    #[arg(long, value_name = "LEVEL")]
    pub level: Vec<NodeLevel>,
    /// The open deals behind each row, those that close its gap first; rows of the company, of all that is asked for, unless
    /// --level names others
    #[arg(long)]
    pub by_deal: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReviseArgs {
    /// Configuration; `dealcast.toml` in this folder if there is one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// CSV file to append to; `sources.revisions` of the configuration, else revisions.csv, if not given
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Who makes it; the owner if not given. By anybody else it is an adjustment
    #[arg(long)]
    pub author: Option<String>,
    /// Whose forecast it is
    #[arg(long)]
    pub owner: String,
    /// The period, such as 2026-Q1
    #[arg(long)]
    pub period: String,
    /// What the amount stands for: forecast, commit, best case...
    #[arg(long, default_value = "forecast")]
    pub category: String,
    /// With a decimal point, without thousands marks
    #[arg(long, allow_negative_numbers = true)]
    pub amount: String,
    /// The base currency if not given
    #[arg(long)]
    pub currency: Option<String>,
    /// Free text
    #[arg(long)]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct BacktestArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    /// Length of the periods; calendar.score_period if not given
    #[arg(long, value_name = "KIND", value_parser = PeriodKind::ALL.map(PeriodKind::name))]
    pub kind: Option<String>,
    /// The last so many periods that are over
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub periods: u32,
    /// Weeks into the period forecasts are made after; 1 is its first morning. 1, 5 and 9 if not given, of months 1, 2 and 3
    #[arg(long, value_name = "WEEK", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=53))]
    pub weeks: Vec<u32>,
    /// Print every forecast beside what was won instead of how right they were
    #[arg(long)]
    pub cases: bool,
    /// Folder of saved models; past forecasts are kept in it, and only days that are new are replayed
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NodeLevel {
    Owner,
    Manager,
    Team,
    Region,
    Company,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Folder to write; an earlier world there is replaced
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WorldFormat {
    Csv,
    Parquet,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Of what
    pub of: SchemaOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// JSON Schema of dealcast.toml
    Config,
    /// Every output table: column, type, unit, meaning
    Outputs,
}

#[derive(Debug, Args)]
pub(crate) struct HelpArgs {
    /// A topic or a command; both are listed if none is named
    #[arg(value_name = "TOPIC|COMMAND")]
    pub about: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// For this shell
    pub shell: clap_complete::Shell,
}
