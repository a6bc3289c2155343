//! Arguments of `dealcast waterfall`.

use clap::Args;
use dealcast::domain::day::Day;

use super::{DealFilterArgs, InputArgs, NodeLevel, TableArgs};

#[derive(Debug, Args)]
pub(crate) struct WaterfallArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    /// Start from the morning of this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Day,
    /// End on the morning of this day; the day of --as-of if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Option<Day>,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Only this period
    #[arg(long, value_name = "PERIOD")]
    pub period: Vec<String>,
    /// Only nodes of this level
    #[arg(long, value_name = "LEVEL", conflicts_with = "by_deal")]
    pub level: Vec<NodeLevel>,
    /// The deals behind each bar: one row per deal, period and bar of its owner
    #[arg(long)]
    pub by_deal: bool,
}
