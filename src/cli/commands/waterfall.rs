//! `dealcast waterfall`: what became of the pipeline between two days.

use dealcast::analyses::waterfall::Span;
use dealcast::analyses::waterfall::findings::without_base;
use dealcast::books::hierarchy::Level;
use dealcast::domain::day::Day;
use dealcast::run::sections;

use crate::cli::Session;
use crate::cli::args::WaterfallArgs;
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, load_with_earlier, stamp};
use crate::cli::settings::Inputs;

pub(crate) fn waterfall(args: WaterfallArgs, session: &Session) -> Result<(), CliError> {
    let WaterfallArgs { inputs, from, to, table, filter, period, level, by_deal } = args;
    let mut inputs = Inputs::resolve(inputs, session.printer)?;
    if let Some((to, as_of)) = to.zip(inputs.as_of).filter(|(to, as_of)| to > as_of) {
        let error = CliError::usage(format!("--to is {to}, expected a day up to --as-of {as_of}"));
        return Err(error.hint("nothing dated on or after --as-of is known"));
    }
    // What happened from `to` on changes nothing: it is looked at from there.
    inputs.as_of = to.or(inputs.as_of);
    inputs.as_of.map_or(Ok(()), |to| in_order(from, to))?;
    let filter = filter.forecast(&inputs, &period)?;
    inputs.report(&filter.periods);
    let as_of = load_with_earlier(&inputs, |_| vec![from], session)?;
    session.printer.findings(&sections::loaded(&as_of));
    in_order(from, as_of.day())?;
    as_of.check_names(&filter)?;
    let spans = as_of.spans(&[Span { from, kinds: inputs.config.calendar.periods.clone() }]);
    let stamp = stamp(&as_of, None);
    if by_deal {
        let listed = as_of.waterfall_deals(&inputs.config, &spans, &filter)?;
        session.printer.findings(&without_base(&listed.without_base));
        return emit(
            &dealcast::analyses::waterfall::columns::waterfall_deals_table(&listed, &as_of.tables)?,
            &table,
            &stamp,
            session,
        );
    }
    let levels: Vec<Level> = level.into_iter().map(Level::from).collect();
    let waterfall = as_of.waterfall(&inputs.config, &spans, &levels, &filter)?;
    session.printer.findings(&without_base(&waterfall.without_base));
    emit(&dealcast::analyses::waterfall::columns::waterfall_table(&waterfall)?, &table, &stamp, session)
}

fn in_order(from: Day, to: Day) -> Result<(), CliError> {
    if from < to {
        return Ok(());
    }
    let error = CliError::usage(format!("--from is {from}, expected a day before {to}, the day to compare it with"));
    Err(error.hint("name an earlier --from, or a later --to"))
}
