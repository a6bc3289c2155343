//! Arguments of `dealcast history`.

use clap::Args;

use super::{InputArgs, ModelArgs, TableArgs};

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The deal's id, or that of a lead it came from
    pub deal: String,
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
}
