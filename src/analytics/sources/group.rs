//! Facts of deals and leads to sums by source, campaign and period, in polars.

use polars::prelude::{Column, DataFrame, IntoLazy, NamedFrom, PolarsResult, Series, col};

use super::credit::Origins;
use super::{Key, Rows, Sums, WHOLE};
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};

/// Bits of the lower half of an amount: room for two thousand million deals.
const HALF: u32 = 32;

/// What one credit of a deal adds to a row. Counts and chances are in parts of [`WHOLE`], money in minor units.
pub(super) struct DealFact {
    pub source: u32,
    pub campaign: u32,
    /// First day of the period.
    pub period: i32,
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
    pub source: u32,
    pub campaign: u32,
    /// First day of the period.
    pub period: i32,
    pub converted: i64,
    pub expected: i64,
    pub spread: i64,
}

type Read = fn(&DealFact) -> i64;

const COUNTS: [(&str, Read); 6] = [
    ("created", |fact| fact.created),
    ("won", |fact| fact.won),
    ("lost", |fact| fact.lost),
    ("expected_won", |fact| fact.expected_won),
    ("spread", |fact| fact.spread),
    ("won_valued", |fact| fact.won_valued),
];

const MONEY: [(&str, &str, Read); 3] = [
    ("revenue_high", "revenue_low", |fact| fact.revenue_minor),
    ("to_come_high", "to_come_low", |fact| fact.to_come_minor),
    ("open_high", "open_low", |fact| fact.open_value_minor),
];

const KEY: [&str; 3] = ["source", "campaign", "period"];

fn integers(name: &str, cells: impl Iterator<Item = i64>) -> Column {
    Series::new(name.into(), cells.collect::<Vec<_>>()).into()
}

fn codes(name: &str, cells: impl Iterator<Item = u32>) -> Column {
    Series::new(name.into(), cells.collect::<Vec<_>>()).into()
}

fn days(name: &str, cells: impl Iterator<Item = i32>) -> Column {
    Series::new(name.into(), cells.collect::<Vec<_>>()).into()
}

/// Sums of the facts of deals, all campaigns as one unless `by_campaign`.
pub(super) fn deals(facts: impl Iterator<Item = DealFact>, by_campaign: bool) -> PolarsResult<DataFrame> {
    let facts: Vec<DealFact> = facts.collect();
    let campaign = |fact: &DealFact| if by_campaign { fact.campaign } else { 0 };
    let mut columns = vec![
        codes(KEY[0], facts.iter().map(|fact| fact.source)),
        codes(KEY[1], facts.iter().map(campaign)),
        days(KEY[2], facts.iter().map(|fact| fact.period)),
        Series::new("cycle".into(), facts.iter().map(|fact| fact.cycle).collect::<Vec<_>>()).into(),
    ];
    columns.extend(COUNTS.iter().map(|(name, read)| integers(name, facts.iter().map(read))));
    for (high, low, read) in MONEY {
        columns.push(integers(high, facts.iter().map(|fact| read(fact) >> HALF)));
        columns.push(integers(low, facts.iter().map(|fact| read(fact) & ((1 << HALF) - 1))));
    }
    let rows = facts.len();
    drop(facts);
    let counts = COUNTS.iter().map(|(name, _)| *name);
    let sums = counts.chain(MONEY.iter().flat_map(|(high, low, _)| [*high, *low])).map(|name| col(name).sum());
    let measures: Vec<_> = sums.chain([col("cycle").median()]).collect();
    DataFrame::new(rows, columns)?.lazy().group_by(KEY.map(col)).agg(measures).collect()
}

/// Sums of the facts of leads, all campaigns as one unless `by_campaign`.
pub(super) fn leads(facts: impl Iterator<Item = LeadFact>, by_campaign: bool) -> PolarsResult<DataFrame> {
    let facts: Vec<LeadFact> = facts.collect();
    let columns = vec![
        codes(KEY[0], facts.iter().map(|fact| fact.source)),
        codes(KEY[1], facts.iter().map(|fact| if by_campaign { fact.campaign } else { 0 })),
        days(KEY[2], facts.iter().map(|fact| fact.period)),
        integers("leads", facts.iter().map(|_| WHOLE)),
        integers("converted", facts.iter().map(|fact| fact.converted)),
        integers("expected", facts.iter().map(|fact| fact.expected)),
        integers("spread", facts.iter().map(|fact| fact.spread)),
    ];
    let measures = ["leads", "converted", "expected", "spread"].map(|name| col(name).sum());
    DataFrame::new(facts.len(), columns)?.lazy().group_by(KEY.map(col)).agg(measures).collect()
}

/// How rows are told apart, and what their codes mean.
#[derive(Clone, Copy)]
pub(super) struct Grouping<'a> {
    pub origins: &'a Origins,
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

    /// Its first day; 0 where all periods are one.
    pub fn first_day(self, day: Day) -> i32 {
        self.period(day).map_or(0, |period| period.first.0)
    }

    /// The place of row `i` of a grouped frame.
    fn key(self, grouped: &DataFrame, i: usize) -> PolarsResult<Key> {
        let name = |column: &str, names: &Dictionary| -> PolarsResult<String> {
            let code = grouped.column(column)?.u32()?.get(i);
            Ok(code.and_then(|code| names.name(code)).unwrap_or_default().to_owned())
        };
        let campaign = name(KEY[1], &self.origins.campaigns)?;
        let day = grouped.column(KEY[2])?.i32()?.get(i).unwrap_or_default();
        let period = self.period(Day(day));
        Ok((name(KEY[0], &self.origins.sources)?, self.by_campaign.then_some(campaign), period))
    }
}

fn integer(grouped: &DataFrame, column: &str, i: usize) -> PolarsResult<i64> {
    Ok(grouped.column(column)?.i64()?.get(i).unwrap_or(0))
}

/// The grouped deals by name.
pub(super) fn read_deals(grouped: &DataFrame, grouping: Grouping<'_>) -> PolarsResult<Rows> {
    let mut rows = Rows::new();
    for i in 0..grouped.height() {
        let count = |column: &str| integer(grouped, column, i);
        let money = |(high, low, _): (&str, &str, _)| -> PolarsResult<i128> {
            Ok((i128::from(count(high)?) << HALF) + i128::from(count(low)?))
        };
        let [revenue, to_come, open] = MONEY;
        let sums = Sums {
            created: count("created")?,
            won: count("won")?,
            lost: count("lost")?,
            expected_won: count("expected_won")?,
            spread: count("spread")?,
            won_valued: count("won_valued")?,
            revenue_minor: money(revenue)?,
            to_come_minor: money(to_come)?,
            open_value_minor: money(open)?,
            median_cycle_days: grouped.column("cycle")?.f64()?.get(i),
            ..Sums::default()
        };
        rows.insert(grouping.key(grouped, i)?, sums);
    }
    Ok(rows)
}

/// The grouped leads by name, into `rows`.
pub(super) fn read_leads(grouped: &DataFrame, rows: &mut Rows, grouping: Grouping<'_>) -> PolarsResult<()> {
    for i in 0..grouped.height() {
        let count = |column: &str| integer(grouped, column, i);
        let sums = rows.entry(grouping.key(grouped, i)?).or_default();
        (sums.leads, sums.lead_deals) = (count("leads")?, count("converted")?);
        (sums.expected_lead_deals, sums.lead_spread) = (count("expected")?, count("spread")?);
    }
    Ok(())
}
