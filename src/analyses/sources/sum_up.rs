//! Deals, leads and costs to [`Sources`].

use polars::prelude::PolarsResult;

use super::chance::WHOLE;
use super::costs::{add_costs, known_costs};
use super::credit::{self, Credit, Credits, DealTouch, NO_TOUCH, OriginCodes};
use super::expectations::Expectations;
use super::facts::{deal_fact, lead_facts};
use super::group::{self, GroupNames, Grouping, SumsByGroup};
use super::input::{SourcesBy, SourcesInput};
use super::rows::{SourceRow, SourceSums, Sources};
use crate::books::deal_values::DealValues;
use crate::domain::ids::OriginId;
use crate::domain::period::PeriodKind;
use crate::ingest::tables::CampaignCost;
use crate::stats::survival::{Share, wilson};

/// Sums up deals, leads and costs by source in each of the ways `wanted`.
///
/// Where costs are given for longer periods than asked for, all rows are for periods of that length, because a cost
/// cannot be told apart within its period. Costs of periods that begin on or after the as-of day do not exist yet. Leads
/// count for their own source under any model of attribution.
///
/// # Errors
/// A polars error where the frame of deals is not laid out as documented.
pub fn sources(input: &SourcesInput<'_>, wanted: &[SourcesBy]) -> PolarsResult<Vec<Sources>> {
    let SourcesInput { tables, timeline, .. } = *input;
    let costs = known_costs(input);
    let longest = costs.iter().map(|cost| cost.period.kind).max();
    let mut origins = OriginCodes::of(tables);
    let no_touch = origins.sources.intern(NO_TOUCH);
    let own = credit::own(tables, timeline, &origins);
    let since = &input.leads.deal_since;
    let is_shared = wanted.iter().any(|by| by.attribution.is_some());
    let all = Credited {
        kind: longest.map_or(input.kind, |longest| longest.max(input.kind)),
        costs,
        keep: input.keep.iter().zip(since).map(|(keep, since)| *keep && since.is_some()).collect(),
        touches: if is_shared { credit::touches_by_deal(tables, timeline, &origins) } else { Vec::new() },
        deals: Expectations::of_deals(timeline, &own, since, origins.sources.len()),
        leads: Expectations::of_leads(input, &origins),
        own,
        no_touch,
        origins,
    };
    wanted.iter().map(|by| all.sum_up(input, by)).collect()
}

/// Everything the sources are summed up from, whichever way.
struct Credited<'a> {
    /// Length of the periods.
    kind: PeriodKind,
    costs: Vec<&'a CampaignCost>,
    /// One flag per deal: whether it counts.
    keep: Vec<bool>,
    touches: Vec<DealTouch>,
    deals: Expectations,
    leads: Expectations,
    own: Vec<Credit>,
    /// The source of deals without any touch.
    no_touch: OriginId,
    origins: OriginCodes,
}

impl Credited<'_> {
    fn sum_up(&self, input: &SourcesInput<'_>, by: &SourcesBy) -> PolarsResult<Sources> {
        let (calendar, by_period) = (input.calendar, (!by.total).then_some(self.kind));
        let grouping = Grouping { origins: &self.origins, calendar, by_period, by_campaign: by.campaign };
        let credits = match by.attribution {
            None => Credits::Own(&self.own),
            Some(model) => Credits::Shared { touches: &self.touches, model, no_touch: self.no_touch },
        };
        let mut rows = SumsByGroup::new();
        let facts = credits.of(&self.keep).map(|credit| deal_fact(input, &self.deals, &credit, grouping));
        group::deals(facts, grouping, &mut rows)?;
        group::leads(lead_facts(input, &self.leads, grouping), grouping, &mut rows)?;
        let costs_without_rate = add_costs(&mut rows, &self.costs, input, grouping);
        if by.total && !by.campaign && !self.costs.is_empty() {
            self.forget_unknown_costs(input, by, &mut rows)?;
        }
        let row = |(group, sums): (GroupNames, SourceSums)| {
            let cycle_days = self.median_cycle_days(&group.source);
            finish(sums, group, cycle_days, input.values)
        };
        let rows = rows.into_iter().map(row).collect();
        let has_leads = !input.leads.lives.is_empty();
        Ok(Sources { attribution: by.attribution, has_leads, rows, kind: self.kind, costs_without_rate })
    }

    /// Of all periods together no cost of a source is known where none is of one with revenue: what is known was not spent
    /// on all of it. A campaign is paid once and brings revenue later: what is known of it is all there was.
    fn forget_unknown_costs(
        &self,
        input: &SourcesInput<'_>,
        by: &SourcesBy,
        rows: &mut SumsByGroup,
    ) -> PolarsResult<()> {
        let apart = self.sum_up(input, &SourcesBy { total: false, ..*by })?.rows.into_iter();
        for row in apart.filter(|row| row.sums.cost_minor.is_none() && row.sums.revenue_minor != 0) {
            let whole = GroupNames { source: row.source, campaign: row.campaign, period: None };
            rows.entry(whole).and_modify(|sums| sums.cost_minor = None);
        }
        Ok(())
    }

    /// Median days from creation to the win of the source's deals in the long run.
    fn median_cycle_days(&self, source: &str) -> Option<u32> {
        self.deals.chances_by_source.median_days(self.origins.sources.code(source)?)
    }
}

/// The row of a group whose source has a median of `cycle_days` from creation to the win.
fn finish(sums: SourceSums, group: GroupNames, cycle_days: Option<u32>, values: &DealValues) -> SourceRow {
    let GroupNames { source, campaign, period } = group;
    let mean = values.stated(sums.revenue_minor).filter(|_| sums.won_valued > 0);
    SourceRow {
        source,
        campaign,
        period,
        revenue_minor: values.stated(sums.revenue_minor),
        expected_revenue_minor: values.stated(sums.revenue_minor + sums.to_come_minor),
        open_value_minor: values.stated(sums.open_value_minor),
        mean_won_minor: mean.map(|sum| sum as f64 / (sums.won_valued as f64 / WHOLE as f64)),
        win_rate: long_run_share(sums.expected_won, sums.created, sums.spread),
        lead_conversion: long_run_share(sums.expected_lead_deals, sums.leads, sums.lead_spread),
        expected_cycle_days: cycle_days.filter(|_| sums.created > 0),
        sums,
    }
}

/// The share `expected` of `all` with its interval, all in parts of [`WHOLE`]: Wilson's at the number of closed deals that
/// would tell as much, all deals less what is not known of the open ones (`spread`, the sum of their chance x (1 - chance)).
///
/// Reference: the missing information principle, Louis (1982), J. R. Stat. Soc. B 44.
fn long_run_share(expected: i64, all: i64, spread: i64) -> Option<Share> {
    let whole = WHOLE as f64;
    let (n, share) = (all as f64 / whole, expected as f64 / all as f64);
    let of_one = share * (1.0 - share);
    let missing = if of_one > 0.0 { spread as f64 / whole / of_one } else { 0.0 };
    (all > 0).then(|| wilson(share, (n - missing).max(1e-6)))
}
