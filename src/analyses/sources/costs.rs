//! What was spent on each source?
//!
//! The costs that exist on the as-of day in, added to the rows of their source and period.

use std::collections::BTreeMap;

use super::group::{GroupNames, Grouping, SumsByGroup};
use super::input::SourcesInput;
use crate::books::segment::NO_VALUE;
use crate::domain::day::Day;
use crate::ingest::tables::CampaignCost;

/// The costs of the deals and leads that count, of periods that have begun.
pub(super) fn known_costs<'a>(input: &SourcesInput<'a>) -> Vec<&'a CampaignCost> {
    let costs = input.tables.campaign_costs.iter();
    costs.filter(|cost| input.with_costs && cost.period.first < input.timeline.as_of).collect()
}

/// Adds costs to the period they lie in; returns how many had no rate, by currency. Where a part is not known, nor is the
/// whole.
pub(super) fn add_costs(
    rows: &mut SumsByGroup,
    costs: &[&CampaignCost],
    input: &SourcesInput<'_>,
    grouping: Grouping<'_>,
) -> BTreeMap<String, u64> {
    let mut without_rate = BTreeMap::new();
    for cost in costs {
        let day: Day = cost.period.first;
        let converted = input.values.currency.as_ref().and_then(|to| to.convert(cost.cost_minor, cost.currency, day));
        let campaign = || cost.campaign.clone().unwrap_or_else(|| NO_VALUE.to_owned());
        let (source, campaign) = (cost.source.clone(), grouping.by_campaign.then(campaign));
        let sums = rows.entry(GroupNames { source, campaign, period: grouping.period(day) }).or_default();
        match converted {
            Some(minor) => sums.cost_minor = Some(sums.cost_minor.unwrap_or(0) + i128::from(minor)),
            None => {
                sums.cost_without_rate = true;
                let currency = input.tables.currencies.name(cost.currency).unwrap_or_default();
                *without_rate.entry(currency.to_owned()).or_default() += 1;
            }
        }
    }
    rows.values_mut().filter(|sums| sums.cost_without_rate).for_each(|sums| sums.cost_minor = None);
    without_rate
}
