//! Facts of deals and leads to sums by source, campaign and period, in polars.
//!
//! Facts are grouped some at a time and the sums merged, so that memory does not grow with their number.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame, IntoLazy, NamedFrom, PolarsResult, Series, UInt32Chunked, col};

use super::chance::WHOLE;
use super::credit::{NOT_GIVEN, Origin, OriginCodes};
use super::rows::SourceSums;
use crate::domain::day::Day;
use crate::domain::ids::OriginId;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};

/// Bits of the lower half of an amount: room for two thousand million deals.
const HALF: u32 = 32;

/// Facts grouped at a time.
const FACTS: usize = 1 << 20;

/// A group of deals and leads, by code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupCodes {
    pub source: OriginId,
    /// [`NOT_GIVEN`] where campaigns are one.
    pub campaign: OriginId,
    /// First day of the period, 0 where periods are one.
    pub period: i32,
}

/// The same by name. The campaign is `None` where campaigns are one, the period where periods are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupNames {
    pub source: String,
    pub campaign: Option<String>,
    pub period: Option<Period>,
}

/// The sums of every group.
pub(super) type SumsByGroup = BTreeMap<GroupNames, SourceSums>;

/// What one credit of a deal adds to a row. Counts and chances are in parts of [`WHOLE`], money in minor units.
pub(super) struct DealFact {
    pub group: GroupCodes,
    pub created: i64,
    pub won: i64,
    pub lost: i64,
    pub expected_won: i64,
    pub spread: i64,
    pub won_valued: i64,
    pub revenue_minor: i64,
    pub to_come_minor: i64,
    pub open_value_minor: i64,
    /// Days from creation to win.
    pub cycle: Option<i32>,
}

/// What a lead adds to a row.
pub(super) struct LeadFact {
    pub group: GroupCodes,
    pub converted: i64,
    pub expected: i64,
    pub spread: i64,
}

/// How rows are told apart, and what their ids mean.
#[derive(Clone, Copy)]
pub(super) struct Grouping<'a> {
    pub origins: &'a OriginCodes,
    pub calendar: &'a FiscalCalendar,
    /// Length of the periods; `None` where all are one.
    pub by_period: Option<PeriodKind>,
    pub by_campaign: bool,
}

impl Grouping<'_> {
    /// The period of `day`.
    pub fn period(self, day: Day) -> Option<Period> {
        self.by_period.map(|kind| self.calendar.period_of(kind, day))
    }

    /// The group of `origin` on `day`.
    pub fn codes(self, origin: Origin, day: Day) -> GroupCodes {
        let period = self.period(day).map_or(0, |period| period.first.0);
        let campaign = if self.by_campaign { origin.campaign } else { NOT_GIVEN };
        GroupCodes { source: origin.source, campaign, period }
    }

    /// The same by name.
    fn names(self, group: GroupCodes) -> GroupNames {
        let source = self.origins.sources.name(group.source).unwrap_or_default().to_owned();
        let campaign = self.origins.campaigns.name(group.campaign).unwrap_or_default().to_owned();
        let campaign = self.by_campaign.then_some(campaign);
        GroupNames { source, campaign, period: self.period(Day(group.period)) }
    }
}

/// Adds the deals to `rows`.
pub(super) fn deals(
    facts: impl Iterator<Item = DealFact>,
    grouping: Grouping<'_>,
    rows: &mut SumsByGroup,
) -> PolarsResult<()> {
    let mut cycles: BTreeMap<GroupCodes, Vec<i32>> = BTreeMap::new();
    let measured = facts.map(|fact| {
        if let Some(days) = fact.cycle {
            cycles.entry(fact.group).or_default().push(days);
        }
        let [revenue, to_come, open] = [fact.revenue_minor, fact.to_come_minor, fact.open_value_minor];
        let measures = [
            fact.created,
            fact.won,
            fact.lost,
            fact.expected_won,
            fact.spread,
            fact.won_valued,
            high(revenue),
            low(revenue),
            high(to_come),
            low(to_come),
            high(open),
            low(open),
        ];
        (fact.group, measures)
    });
    grouped(measured, |group, sums: [i64; 12]| {
        let [created, won, lost, expected_won, spread, won_valued, money @ ..] = sums;
        let money = |high: usize| (i128::from(money[high]) << HALF) + i128::from(money[high + 1]);
        let row = rows.entry(grouping.names(group)).or_default();
        row.created += created;
        row.won += won;
        row.lost += lost;
        row.expected_won += expected_won;
        row.spread += spread;
        row.won_valued += won_valued;
        row.revenue_minor += money(0);
        row.to_come_minor += money(2);
        row.open_value_minor += money(4);
    })?;
    for (group, mut days) in cycles {
        rows.entry(grouping.names(group)).or_default().median_cycle_days = median(&mut days);
    }
    Ok(())
}

/// The upper half of an amount.
fn high(minor: i64) -> i64 {
    minor >> HALF
}

/// The lower half of an amount; never negative.
fn low(minor: i64) -> i64 {
    minor & ((1 << HALF) - 1)
}

/// Adds the leads to `rows`.
pub(super) fn leads(
    facts: impl Iterator<Item = LeadFact>,
    grouping: Grouping<'_>,
    rows: &mut SumsByGroup,
) -> PolarsResult<()> {
    let measured = facts.map(|fact| (fact.group, [WHOLE, fact.converted, fact.expected, fact.spread]));
    grouped(measured, |group, [leads, converted, expected, spread]: [i64; 4]| {
        let row: &mut SourceSums = rows.entry(grouping.names(group)).or_default();
        row.leads += leads;
        row.lead_deals += converted;
        row.expected_lead_deals += expected;
        row.lead_spread += spread;
    })
}

/// Calls `take` with sums by group, more than once for a group if there are many facts.
fn grouped<const N: usize>(
    mut facts: impl Iterator<Item = (GroupCodes, [i64; N])>,
    mut take: impl FnMut(GroupCodes, [i64; N]),
) -> PolarsResult<()> {
    const KEY: [&str; 3] = ["source", "campaign", "period"];
    let name = |measure: usize| format!("measure {measure}");
    loop {
        let (mut sources, mut campaigns, mut periods) = (Vec::new(), Vec::new(), Vec::new());
        let mut measures: [Vec<i64>; N] = std::array::from_fn(|_| Vec::new());
        for (group, values) in facts.by_ref().take(FACTS) {
            sources.push(group.source.index() as u32);
            campaigns.push(group.campaign.index() as u32);
            periods.push(group.period);
            measures.iter_mut().zip(values).for_each(|(measure, value)| measure.push(value));
        }
        let rows = sources.len();
        if rows == 0 {
            return Ok(());
        }
        let mut columns: Vec<Column> = vec![
            Series::new(KEY[0].into(), sources).into(),
            Series::new(KEY[1].into(), campaigns).into(),
            Series::new(KEY[2].into(), periods).into(),
        ];
        columns.extend(measures.into_iter().enumerate().map(|(i, values)| Series::new(name(i).into(), values).into()));
        let sums: Vec<_> = (0..N).map(|measure| col(name(measure)).sum()).collect();
        let frame = DataFrame::new(rows, columns)?.lazy().group_by(KEY.map(col)).agg(sums).collect()?;
        let (sources, campaigns) = (frame.column(KEY[0])?.u32()?, frame.column(KEY[1])?.u32()?);
        let periods = frame.column(KEY[2])?.i32()?;
        let measures = (0..N).map(|measure| frame.column(&name(measure))?.i64()).collect::<PolarsResult<Vec<_>>>()?;
        for i in 0..frame.height() {
            let origin = |ids: &UInt32Chunked| ids.get(i).map_or(NOT_GIVEN, |id| OriginId::at(id as usize));
            let (source, campaign) = (origin(sources), origin(campaigns));
            let group = GroupCodes { source, campaign, period: periods.get(i).unwrap_or(0) };
            take(group, std::array::from_fn(|measure| measures[measure].get(i).unwrap_or(0)));
        }
    }
}

/// The middle one, or the mean of the two in the middle.
fn median(days: &mut [i32]) -> Option<f64> {
    let middle = days.len().checked_sub(1)? / 2;
    let (_, &mut low, above) = days.select_nth_unstable(middle);
    let next = above.iter().min().filter(|_| above.len() > middle);
    Some((f64::from(low) + f64::from(*next.unwrap_or(&low))) / 2.0)
}
