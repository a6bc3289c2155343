//! `dealcast funnel`: stage-to-stage conversion and time.

use clap::Args;
use dealcast::run::answers::{self, CURRENT_PROCESS, DealGroup};
use dealcast::run::inputs::Inputs;
use dealcast::run::questions::DealFilter;

use crate::cli::args::{DealFilterArgs, InputArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

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

pub(crate) fn funnel(args: FunnelArgs, console: &Console) -> Result<(), CliError> {
    let FunnelArgs { inputs, table, filter, period, by, summary, flow, compare } = args;
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), None)?;
    let filter = filter.deals(&inputs, &period)?;
    let groups = compare.iter().map(|text| parse_group(text, &inputs)).collect::<Result<Vec<_>, _>>()?;
    let answer = match &groups[..] {
        [first, second] => answers::compare(&inputs, &filter, [first, second], console)?,
        _ if flow => answers::funnel_flow(&inputs, &filter, &by, console)?,
        _ if summary => answers::funnel_summary(&inputs, &filter, &by, console)?,
        _ => answers::funnel(&inputs, &filter, &by, console)?,
    };
    emit(&answer, &table, console)
}

/// A group of deals as it is typed: conditions that must all hold.
fn parse_group(text: &str, inputs: &Inputs) -> Result<DealGroup, CliError> {
    let calendar = inputs.config.fiscal_calendar();
    let mut group = DealGroup { name: text.to_owned(), filter: DealFilter::default(), current: false };
    for part in text.split(',') {
        if part == CURRENT_PROCESS {
            group.current = true;
        } else if let Some(period) = calendar.parse(part) {
            group.filter.created_in.push(period);
        } else if let Some((column, value)) = part.split_once('=') {
            group.filter.columns.push((column.to_owned(), vec![value.to_owned()]));
        } else if let Some((_, values)) = group.filter.columns.last_mut() {
            // The comma belongs to the value.
            values.iter_mut().for_each(|value| *value = format!("{value},{part}"));
        } else {
            let message = format!("--compare is {text:?}, expected a group of deals");
            let hint = format!("write column=value, {CURRENT_PROCESS}, or a period: {}", calendar.labels());
            return Err(CliError::usage(message).hint(hint));
        }
    }
    Ok(group)
}
