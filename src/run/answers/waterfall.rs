//! What became of the pipeline between two days?

use crate::analyses::waterfall::columns::{waterfall_deals_table, waterfall_table};
use crate::analyses::waterfall::{Span, findings};
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::run::answers::answer::Answer;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::sections;
use crate::run::watch::Watcher;

/// Which waterfall is asked for; it ends on the as-of day.
#[derive(Clone, Debug)]
pub struct WaterfallQuestion {
    /// The morning it starts from.
    pub from: Day,
    /// Which deals, owners and periods.
    pub filter: ForecastFilter,
    /// Only nodes of these levels; all if empty.
    pub levels: Vec<Level>,
    /// The deals behind each bar instead.
    pub by_deal: bool,
}

impl WaterfallQuestion {
    /// Whether it starts before `to`.
    ///
    /// # Errors
    /// [`RunError::NotBefore`].
    pub fn check_order(&self, to: Day) -> Result<(), RunError> {
        if self.from < to {
            return Ok(());
        }
        Err(RunError::NotBefore { flag: "from", day: self.from, as_of: to, what: "the day to compare it with" })
    }
}

/// One row per node, period and basis, or per deal, period and bar.
///
/// # Errors
/// [`RunError`].
pub fn waterfall(inputs: &Inputs, asked: &WaterfallQuestion, watcher: &dyn Watcher) -> Result<Answer, RunError> {
    let (config, filter, from) = (&inputs.config, &asked.filter, asked.from);
    inputs.as_of.map_or(Ok(()), |to| asked.check_order(to))?;
    let as_of = inputs.load_with_earlier(|_| vec![from], watcher)?;
    sections::loaded(&as_of).iter().for_each(|finding| watcher.tell(finding));
    asked.check_order(as_of.day())?;
    as_of.check_names(filter)?;
    let spans = as_of.spans(&[Span { from, kinds: config.calendar.periods.clone() }]);
    let (table, without_base) = if asked.by_deal {
        let listed = as_of.waterfall_deals(config, &spans, filter)?;
        (waterfall_deals_table(&listed, &as_of.tables)?, listed.without_base)
    } else {
        let waterfall = as_of.waterfall(config, &spans, &asked.levels, filter)?;
        (waterfall_table(&waterfall)?, waterfall.without_base)
    };
    findings::without_base(&without_base).iter().for_each(|finding| watcher.tell(finding));
    Ok(Answer::of_day(table, &as_of))
}
