//! `dealcast sources`: leads, wins, revenue and cost by source and period.

use clap::{Args, ValueEnum};
use dealcast::domain::inputs::InputTable;
use dealcast::run::answers::{self, Attribution, SourcesQuestion};

use crate::cli::args::{DealFilterArgs, InputArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

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

impl From<AttributionModel> for Attribution {
    fn from(model: AttributionModel) -> Self {
        match model {
            AttributionModel::First => Self::First,
            AttributionModel::Last => Self::Last,
            AttributionModel::Linear => Self::Linear,
        }
    }
}

pub(crate) fn sources(args: SourcesArgs, console: &Console) -> Result<(), CliError> {
    let SourcesArgs { inputs, table, filter, period, campaigns, total, attribution } = args;
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), None)?;
    if !attribution.is_empty() && !inputs.config.sources.has(InputTable::Touches) {
        return Err(CliError::usage("--attribution needs touches").hint("name their table with --touches FILE"));
    }
    let filter = filter.deals(&inputs, &period)?;
    let attribution = attribution.into_iter().map(Attribution::from).collect();
    let asked = SourcesQuestion { filter, campaigns, total, attribution };
    emit(&answers::sources(&inputs, &asked, console)?, &table, console)
}
