//! How do deals go from stage to stage?

use crate::analyses::funnel::columns::{compare_table, flow_table, summary_table, table};
use crate::analyses::funnel::compare::Group;
use crate::books::deal_values::DealValues;
use crate::report::words::count;
use crate::run::answers::answer::Answer;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::questions::{AsOf, DealFilter, Selection};
use crate::run::watch::Watcher;

/// A group of deals to compare.
#[derive(Clone, Debug)]
pub struct DealGroup {
    /// As asked for.
    pub name: String,
    /// Its deals.
    pub filter: DealFilter,
    /// Only the process as it runs now.
    pub current: bool,
}

/// What a funnel is made of.
struct FunnelBasis {
    as_of: AsOf,
    selection: Selection,
    values: DealValues,
}

impl FunnelBasis {
    fn of(inputs: &Inputs, filter: &DealFilter, watcher: &dyn Watcher) -> Result<Self, RunError> {
        let as_of = inputs.load(watcher)?;
        let selection = as_of.select(filter)?;
        let values = as_of.values(&inputs.config, &selection.deals);
        Ok(Self { as_of, selection, values })
    }
}

/// One row per cohort, segment and stage.
///
/// # Errors
/// [`RunError`].
pub fn funnel(inputs: &Inputs, filter: &DealFilter, by: &[String], watcher: &dyn Watcher) -> Result<Answer, RunError> {
    let FunnelBasis { as_of, selection, values } = FunnelBasis::of(inputs, filter, watcher)?;
    let funnel = as_of.funnel(&inputs.config, &values, &selection, by)?;
    Ok(Answer::of_day(table(&funnel, &as_of.timeline.stages, &values)?, &as_of))
}

/// One row per cohort and segment.
///
/// # Errors
/// [`RunError`].
pub fn funnel_summary(
    inputs: &Inputs,
    filter: &DealFilter,
    by: &[String],
    watcher: &dyn Watcher,
) -> Result<Answer, RunError> {
    let FunnelBasis { as_of, selection, values } = FunnelBasis::of(inputs, filter, watcher)?;
    let funnel = as_of.funnel(&inputs.config, &values, &selection, by)?;
    Ok(Answer::of_day(summary_table(&funnel, &values)?, &as_of))
}

/// Transitions from stage to stage.
///
/// # Errors
/// [`RunError`].
pub fn funnel_flow(
    inputs: &Inputs,
    filter: &DealFilter,
    by: &[String],
    watcher: &dyn Watcher,
) -> Result<Answer, RunError> {
    let FunnelBasis { as_of, selection, values } = FunnelBasis::of(inputs, filter, watcher)?;
    let flow = as_of.flow(&inputs.config, &values, &selection, by)?;
    Ok(Answer::of_day(flow_table(&flow, &values)?, &as_of))
}

/// Two groups of deals side by side, with tests of no difference.
///
/// # Errors
/// [`RunError`]; [`RunError::GroupsOverlap`].
pub fn compare(
    inputs: &Inputs,
    filter: &DealFilter,
    groups: [&DealGroup; 2],
    watcher: &dyn Watcher,
) -> Result<Answer, RunError> {
    let as_of = inputs.load(watcher)?;
    let keep = as_of.keep(filter)?;
    let values = as_of.values(&inputs.config, &keep);
    let [first, second] = [groups[0].of(&keep, &as_of, inputs)?, groups[1].of(&keep, &as_of, inputs)?];
    let common = first.keep.iter().zip(&second.keep).filter(|(first, second)| **first && **second).count() as u64;
    if common > 0 {
        let (first, second, deals) = (first.name, second.name, count(common, "deal"));
        return Err(RunError::GroupsOverlap { first, second, deals });
    }
    let compared = as_of.compare(&values, [&first, &second]);
    Ok(Answer::of_day(compare_table(&compared, [&first.name, &second.name])?, &as_of))
}

impl DealGroup {
    fn of(&self, keep: &[bool], as_of: &AsOf, inputs: &Inputs) -> Result<Group, RunError> {
        let mut own = as_of.keep(&self.filter)?;
        own.iter_mut().zip(keep).for_each(|(own, keep)| *own &= keep);
        let from = self.current.then(|| as_of.current_from(&inputs.config));
        Ok(Group { name: self.name.clone(), keep: own, from })
    }
}
