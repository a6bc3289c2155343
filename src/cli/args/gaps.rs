//! Arguments of `dealcast gaps`.

use clap::Args;
use dealcast::domain::period::PeriodKind;

use super::{DealFilterArgs, InputArgs, ModelArgs, TableArgs};

#[derive(Debug, Args)]
pub(crate) struct GapsArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Only this running period
    #[arg(long, value_name = "PERIOD")]
    pub period: Vec<String>,
    /// Only running periods of this length
    #[arg(long, value_name = "KIND", value_parser = PeriodKind::ALL.map(PeriodKind::name))]
    pub kind: Vec<String>,
    /// Only by this: owner, manager, team, region, company, or any text column of the deals; all five levels, product and
    /// source if not given
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
}
