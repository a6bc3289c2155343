//! `dealcast stagnation`, `funnel` and `sources`: one analysis each, no model needed.

use dealcast::analytics::deal_values::DealValues;
use dealcast::analytics::stagnation::StagnationStatus;
use dealcast::analytics::stagnation_summary::{StagnationSummary, StatusTally};
use dealcast::report;
use dealcast::report::table::{Table, TableBuilder};

use crate::cli::Session;
use crate::cli::args::{FunnelArgs, SourcesArgs, StagnationArgs, StagnationBy};
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, load, stamp};
use crate::cli::settings::Inputs;

pub(crate) fn stagnation(args: StagnationArgs, session: &Session) -> Result<(), CliError> {
    let StagnationArgs { inputs, table, filter, by } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let filter = filter.deals(&inputs, &[])?;
    let as_of = load(&inputs, session)?;
    let keep = as_of.keep(&filter)?;
    let stagnation = as_of.stagnation(&inputs.config, &keep);
    let result = match by {
        None => report::stagnation::table(&stagnation, &as_of.tables, &as_of.timeline)?,
        Some(by) => {
            let values = as_of.values(&inputs.config, &keep);
            tallies(&as_of.stagnation_summary(&stagnation, &values)?, by, &values)?
        }
    };
    emit(&result, &table, &stamp(&as_of, None), session)
}

/// Count and value by status, one row per group.
fn tallies(summary: &StagnationSummary, by: StagnationBy, values: &DealValues) -> Result<Table, CliError> {
    let (name, groups) = match by {
        StagnationBy::Stage => ("stage", &summary.by_stage),
        StagnationBy::Owner => ("owner", &summary.by_owner),
        StagnationBy::Team => ("team", &summary.by_team),
    };
    let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
    let mut table = TableBuilder::default().text(name, groups.iter().map(|group| Some(&group.name)));
    for status in StagnationStatus::ALL {
        let column = status.name().replace(' ', "_");
        let of = |group: &StatusTally| group.of(status);
        table = table.integer(&column, groups.iter().map(|group| i64::try_from(of(group).deals).ok())).money(
            &format!("{column}_value"),
            decimals,
            groups.iter().map(|group| values.stated(of(group).value_minor).map(|minor| (minor, decimals))),
        );
    }
    let currency = values.currency.as_ref().map(|currency| currency.name.as_str());
    Ok(table.text("currency", groups.iter().map(|_| currency)).finish("stagnation_summary")?)
}

pub(crate) fn funnel(args: FunnelArgs, session: &Session) -> Result<(), CliError> {
    let FunnelArgs { inputs, table, filter, period, by, summary } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let filter = filter.deals(&inputs, &period)?;
    let as_of = load(&inputs, session)?;
    let keep = as_of.keep(&filter)?;
    let values = as_of.values(&inputs.config, &keep);
    let funnel = as_of.funnel(&inputs.config, &values, &keep, &by)?;
    let result = if summary {
        report::funnel::summary_table(&funnel, &values)?
    } else {
        report::funnel::table(&funnel, &values)?
    };
    emit(&result, &table, &stamp(&as_of, None), session)
}

pub(crate) fn sources(args: SourcesArgs, session: &Session) -> Result<(), CliError> {
    let SourcesArgs { inputs, table, filter, period } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let filter = filter.deals(&inputs, &period)?;
    let as_of = load(&inputs, session)?;
    let keep = as_of.keep(&filter)?;
    let values = as_of.values(&inputs.config, &keep);
    let mut sources = as_of.sources(&inputs.config, &values, &keep)?;
    if !filter.created_in.is_empty() {
        // Money spent in other periods is no answer either.
        sources.rows.retain(|row| filter.created_in.iter().any(|period| period.contains(row.period.first)));
    }
    emit(&report::sources::table(&sources, &values)?, &table, &stamp(&as_of, None), session)
}
