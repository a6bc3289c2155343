//! What does each marketing source bring in, period by period, and at what cost?
//!
//! [`Timeline`], the deals' and leads' tables and the campaign costs in, [`Sources`] out: a row per source (and campaign) and
//! period. All measures of a row are of the deals and leads *created* in its period, whenever they closed. A deal counts
//! for its own source or, by a model of [`Attribution`], for the touches before it closed. What is still open counts in the
//! expected columns for what deals of its age and source became in the past, so that young periods can be compared with
//! old ones.
//!
//! The grouping is polars' work. Counts are whole parts of [`WHOLE`] and money is summed in two halves, because
//! float sums depend on their order and an integer sum in polars wraps silently.

mod chance;
pub mod columns;
mod credit;
mod group;
mod outlook;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;

use crate::analyses::funnel::ALL;
use crate::books::deal_values::DealValues;
use crate::books::leads::LeadLives;
use crate::books::segment::NO_VALUE;
use crate::domain::code::NO_DAY;
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::domain::stage::StageKind;
use crate::ingest::tables::{CampaignCost, LeadEnd, Tables};
use crate::stats::survival::{Share, wilson};
use crate::timeline::Timeline;

pub use chance::WHOLE;
pub use credit::{Attribution, NO_TOUCH};

use credit::{Credit, Credits, Origins};
use group::{DealFact, Grouping, LeadFact};
use outlook::Outlook;

/// What the sources are summed up from.
#[derive(Clone, Copy, Debug)]
pub struct SourcesInput<'a> {
    /// Names, touches and costs.
    pub tables: &'a Tables,
    /// The deals.
    pub timeline: &'a Timeline,
    /// What they are worth.
    pub values: &'a DealValues,
    /// One flag per deal: whether it counts.
    pub keep: &'a [bool],
    /// The leads.
    pub leads: &'a LeadLives,
    /// One flag per lead: whether it counts.
    pub keep_leads: &'a [bool],
    /// Whether the costs are those of the deals and leads that count.
    pub with_costs: bool,
    /// The periods.
    pub calendar: &'a FiscalCalendar,
    /// Their length.
    pub kind: PeriodKind,
}

/// One source (and campaign) and period. Counts are in parts of [`WHOLE`].
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// The source, [`NO_VALUE`] for deals without one, [`NO_TOUCH`] for those no touch is known of.
    pub source: String,
    /// The campaign, where campaigns are told apart.
    pub campaign: Option<String>,
    /// Period the deals and leads were created in and the money was spent in; `None` for all together.
    pub period: Option<Period>,
    /// What is in it.
    pub sums: Sums,
    /// Value of the won deals, minor units; `None` without a common currency.
    pub revenue_minor: Option<i128>,
    /// The same with what is to be expected of the open deals.
    pub expected_revenue_minor: Option<i128>,
    /// Value of the open deals.
    pub open_value_minor: Option<i128>,
    /// Mean value of a won deal of known value.
    pub mean_won_minor: Option<f64>,
    /// Share of the deals that is won in the long run, with its 95 % interval.
    pub win_rate: Option<Share>,
    /// Share of the leads that becomes a deal in the long run.
    pub lead_conversion: Option<Share>,
    /// Median days from creation to win among all deals of the source that are won in the long run, whatever their period.
    pub expected_cycle_days: Option<u32>,
}

impl SourceRow {
    /// The period as printed; [`ALL`] for all together.
    #[must_use]
    pub fn period_name(&self) -> String {
        self.period.map_or_else(|| ALL.to_owned(), |period| period.to_string())
    }

    /// won / (won + lost).
    #[must_use]
    pub fn win_rate_so_far(&self) -> Option<f64> {
        let Sums { won, lost, .. } = self.sums;
        (won + lost > 0).then(|| won as f64 / (won + lost) as f64)
    }

    /// (`revenue` - cost) / cost: 0.5 is half the money again on top of what was spent.
    #[must_use]
    pub fn return_of(&self, revenue_minor: Option<i128>) -> Option<f64> {
        let cost = self.sums.cost_minor.filter(|&cost| cost > 0)?;
        revenue_minor.map(|revenue| (revenue - cost) as f64 / cost as f64)
    }

    /// Cost, in minor units, per one of `count`, which is in parts of [`WHOLE`].
    #[must_use]
    pub fn cost_per(&self, count: i64) -> Option<f64> {
        let cost = self.sums.cost_minor?;
        (count > 0).then(|| cost as f64 / (count as f64 / WHOLE as f64))
    }
}

/// Exact sums of one row. Counts are in parts of [`WHOLE`], money in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Leads created.
    pub leads: i64,
    /// Of these, became a deal.
    pub lead_deals: i64,
    /// Became one, or are expected to.
    pub expected_lead_deals: i64,
    /// Sum of chance x (1 - chance) over the open leads.
    pub lead_spread: i64,
    /// Deals created: records of the deals table that are, or were, more than leads.
    pub created: i64,
    /// Won by now.
    pub won: i64,
    /// Lost by now.
    pub lost: i64,
    /// Won, or expected to be.
    pub expected_won: i64,
    /// Sum of chance x (1 - chance) over the open deals.
    pub spread: i64,
    /// Won deals of known value.
    pub won_valued: i64,
    /// Value of the won deals.
    pub revenue_minor: i128,
    /// Value expected of the open ones.
    pub to_come_minor: i128,
    /// Value of the open deals.
    pub open_value_minor: i128,
    /// Median days from creation to win of the deals won so far; young periods have only their fast deals.
    pub median_cycle_days: Option<f64>,
    /// Money spent; `None` where no cost is known, or not all of it.
    pub cost_minor: Option<i128>,
    /// Whether some of it has no rate into the report currency.
    pub cost_without_rate: bool,
}

impl Sums {
    /// Deals neither won nor lost.
    #[must_use]
    pub fn open(&self) -> i64 {
        self.created - self.won - self.lost
    }
}

/// All sources and periods with deals, leads or costs, ordered by source name, campaign name and period.
#[derive(Clone, Debug, PartialEq)]
pub struct Sources {
    /// The model of attribution; `None` where every deal counts for its own source.
    pub attribution: Option<Attribution>,
    /// Whether there are leads at all, in a table of their own or among the deals.
    pub has_leads: bool,
    /// One per source, campaign and period.
    pub rows: Vec<SourceRow>,
    /// Length of the periods: that asked for, or a longer one for which there are costs.
    pub kind: PeriodKind,
    /// Cost rows that no rate brings into the report currency, by currency.
    pub costs_without_rate: BTreeMap<String, u64>,
}

/// How the deals are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourcesBy {
    /// By campaign too.
    pub campaign: bool,
    /// All periods together.
    pub total: bool,
    /// By the touches of a deal, which share in it by this model; by its own source if `None`.
    pub attribution: Option<Attribution>,
}

/// Sums up deals, leads and costs by source in each of the ways `wanted`.
///
/// Where costs are given for longer periods than asked for, all rows are for periods of that length, because a cost cannot
/// be told apart within its period. Costs of periods that begin on or after the as-of day do not exist yet. Leads count for
/// their own source under any model of attribution.
///
/// # Errors
/// A polars error where the frame of deals is not laid out as documented.
pub fn sources(input: &SourcesInput<'_>, wanted: &[SourcesBy]) -> PolarsResult<Vec<Sources>> {
    let SourcesInput { tables, timeline, .. } = *input;
    let costs: Vec<&CampaignCost> =
        tables.campaign_costs.iter().filter(|cost| input.with_costs && cost.period.first < timeline.as_of).collect();
    let kind = costs.iter().map(|cost| cost.period.kind).max().map_or(input.kind, |longest| longest.max(input.kind));
    let mut origins = Origins::of(tables);
    let no_touch = origins.sources.intern(NO_TOUCH);
    let own = credit::own(tables, timeline, &origins);
    let since = &input.leads.deal_since;
    let keep: Vec<bool> = input.keep.iter().zip(since).map(|(keep, since)| *keep && since.is_some()).collect();
    let is_shared = wanted.iter().any(|by| by.attribution.is_some());
    let touches = if is_shared { credit::touches_by_deal(tables, timeline, &origins) } else { Vec::new() };
    let deals = Outlook::of_deals(timeline, &own, since, origins.sources.len());
    let leads = Outlook::of_leads(input, &origins);
    let sums = |by: &SourcesBy| -> PolarsResult<Sources> {
        let (calendar, by_period) = (input.calendar, (!by.total).then_some(kind));
        let grouping = Grouping { origins: &origins, calendar, by_period, by_campaign: by.campaign };
        let credits = match by.attribution {
            None => Credits::Own(&own),
            Some(model) => Credits::Shared(&touches, model, no_touch),
        };
        let credits = credits.of(&keep);
        let mut rows = Rows::new();
        group::deals(credits.map(|credit| deal_fact(input, &deals, &credit, grouping)), grouping, &mut rows)?;
        group::leads(lead_facts(input, &leads, grouping), grouping, &mut rows)?;
        let costs_without_rate = add_costs(&mut rows, &costs, input, grouping);
        let finished = |(key, sums): (Key, Sums)| {
            let days = origins.sources.code(&key.0).and_then(|source| deals.prospects.median_days(source));
            finish(sums, key, days, input.values)
        };
        let rows = rows.into_iter().map(finished).collect();
        let has_leads = !input.leads.lives.is_empty();
        Ok(Sources { attribution: by.attribution, has_leads, rows, kind, costs_without_rate })
    };
    wanted.iter().map(sums).collect()
}

/// Chance x (1 - chance), in parts of [`WHOLE`].
fn spread(chance: i64) -> i64 {
    ((i128::from(chance) * i128::from(WHOLE - chance)) / i128::from(WHOLE)) as i64
}

fn deal_fact(input: &SourcesInput<'_>, outlook: &Outlook, credit: &Credit, grouping: Grouping<'_>) -> DealFact {
    let index = credit.deal as usize;
    let (head, chance) = (&input.timeline.deals[index], outlook.chances[index]);
    let value = input.values.get(index);
    let share = credit.end - credit.begin;
    let only = |so: bool| if so { share } else { 0 };
    let is = |kind| head.kind == kind;
    let to_come = (value.unwrap_or(0) as f64 * (chance as f64 / WHOLE as f64)).round() as i64;
    DealFact {
        place: grouping.place((credit.source, credit.campaign), head.created),
        created: share,
        won: only(is(StageKind::Won)),
        lost: only(is(StageKind::Lost)),
        expected_won: if is(StageKind::Won) { share } else { credit.part(chance) },
        spread: credit.part(spread(chance)),
        won_valued: only(is(StageKind::Won) && value.is_some()),
        revenue_minor: if is(StageKind::Won) { credit.part(value.unwrap_or(0)) } else { 0 },
        to_come_minor: credit.part(to_come),
        open_value_minor: if is(StageKind::Open) { credit.part(value.unwrap_or(0)) } else { 0 },
        cycle: (is(StageKind::Won) && head.closed != NO_DAY).then(|| head.closed.saturating_sub(head.created.0)),
    }
}

fn lead_facts<'a>(
    input: &'a SourcesInput<'_>,
    outlook: &'a Outlook,
    grouping: Grouping<'a>,
) -> impl Iterator<Item = LeadFact> + 'a {
    let kept = (0..input.keep_leads.len()).filter(|&lead| input.keep_leads[lead]);
    kept.map(move |lead| {
        let (life, chance) = (&input.leads.lives[lead], outlook.chances[lead]);
        let converted = if life.end == LeadEnd::Converted { WHOLE } else { 0 };
        LeadFact {
            place: grouping.place(outlook.origins[lead], life.created),
            converted,
            expected: converted + chance,
            spread: spread(chance),
        }
    })
}

/// Source, campaign and period; the campaign is `None` where campaigns are not told apart.
type Key = (String, Option<String>, Option<Period>);
type Rows = BTreeMap<Key, Sums>;

/// Adds costs to the period they lie in; returns how many had no rate, by
/// currency. Where a part is not known, nor is the whole.
fn add_costs(
    rows: &mut Rows,
    costs: &[&CampaignCost],
    input: &SourcesInput<'_>,
    grouping: Grouping<'_>,
) -> BTreeMap<String, u64> {
    let mut without_rate = BTreeMap::new();
    for cost in costs {
        let day: Day = cost.period.first;
        let converted = input.values.currency.as_ref().and_then(|to| to.convert(cost.cost_minor, cost.currency, day));
        let campaign = || cost.campaign.clone().unwrap_or_else(|| NO_VALUE.to_owned());
        let period = grouping.period(day);
        let sums = rows.entry((cost.source.clone(), grouping.by_campaign.then(campaign), period)).or_default();
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

fn finish(sums: Sums, (source, campaign, period): Key, days: Option<u32>, values: &DealValues) -> SourceRow {
    let mean = values.stated(sums.revenue_minor).filter(|_| sums.won_valued > 0);
    SourceRow {
        source,
        campaign,
        period,
        revenue_minor: values.stated(sums.revenue_minor),
        expected_revenue_minor: values.stated(sums.revenue_minor + sums.to_come_minor),
        open_value_minor: values.stated(sums.open_value_minor),
        mean_won_minor: mean.map(|sum| sum as f64 / (sums.won_valued as f64 / WHOLE as f64)),
        win_rate: in_the_end(sums.expected_won, sums.created, sums.spread),
        lead_conversion: in_the_end(sums.expected_lead_deals, sums.leads, sums.lead_spread),
        expected_cycle_days: days.filter(|_| sums.created > 0),
        sums,
    }
}

/// The share `expected` of `all` with its interval, all in parts of [`WHOLE`]: Wilson's at the number of closed deals that
/// would tell as much, all deals less what is not known of the open ones (`spread`, the sum of their chance x (1 - chance)).
///
/// Reference: the missing information principle, Louis (1982), J. R. Stat. Soc. B 44.
fn in_the_end(expected: i64, all: i64, spread: i64) -> Option<Share> {
    let whole = WHOLE as f64;
    let (n, share) = (all as f64 / whole, expected as f64 / all as f64);
    let of_one = share * (1.0 - share);
    let missing = if of_one > 0.0 { spread as f64 / whole / of_one } else { 0.0 };
    (all > 0).then(|| wilson(share, (n - missing).max(1e-6)))
}
