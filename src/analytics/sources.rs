//! What does each marketing source bring in, period by period, and at what cost?
//!
//! [`Timeline`], [`Snapshot`], the deals frame and the campaign costs in, [`Sources`] out: a row per source and created
//! period. All measures of a row are of the deals *created* in its period, whenever they closed. The grouping is
//! polars' work; money is summed as integers in two halves, because an integer sum in polars wraps silently.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame, DataType, IntoLazy, LazyFrame, NamedFrom, PolarsResult, Series, col, lit};

use super::deal_values::DealValues;
use super::funnel::Cohorts;
use super::segment::NO_VALUE;
use crate::domain::code::{NO_CODE, NO_DAY};
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::domain::stage::StageKind;
use crate::ingest::tables::{CampaignCost, Tables};
#[cfg(doc)]
use crate::snapshot::Snapshot;
use crate::timeline::{DealHead, Timeline};

/// Bits of the lower half of an amount: room for two thousand million deals.
const HALF: u32 = 32;

/// One source and created period.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// The source, `(none)` for deals without one.
    pub source: String,
    /// Period the deals were created in and the money was spent in.
    pub period: Period,
    /// Deals created.
    pub created: u64,
    /// Of these, won by now.
    pub won: u64,
    /// Of these, lost by now.
    pub lost: u64,
    /// won / (won + lost).
    pub win_rate: Option<f64>,
    /// Value of the won deals, minor units; `None` without a common currency.
    pub revenue_minor: Option<i128>,
    /// Median days from creation to win of the deals won so far. Young periods have only their fast deals.
    pub median_cycle_days: Option<f64>,
    /// Money spent, minor units; `None` where no cost is known.
    pub cost_minor: Option<i128>,
    /// (revenue - cost) / cost: 0.5 is half the money again on top of what was spent.
    pub return_on_cost: Option<f64>,
}

/// All sources and periods with deals or costs, ordered by source name and period.
#[derive(Clone, Debug, PartialEq)]
pub struct Sources {
    /// One per source and period.
    pub rows: Vec<SourceRow>,
    /// Cost rows left out because no rate brings them into the report currency.
    pub costs_without_rate: u64,
}

/// Sums up the deals `keep` marks by source and created period of `kind`.
///
/// Where costs are given for longer periods than `kind`, all rows are for periods of that length, because a cost cannot
/// be told apart within its period. Costs of periods that begin on or after the as-of day do not exist yet.
///
/// # Errors
/// A polars error where the frame of deals is not laid out as documented.
pub fn sources(
    tables: &Tables,
    timeline: &Timeline,
    values: &DealValues,
    keep: &[bool],
    calendar: &FiscalCalendar,
    kind: PeriodKind,
) -> PolarsResult<Sources> {
    let costs: Vec<&CampaignCost> =
        tables.campaign_costs.iter().filter(|cost| cost.period.first < timeline.as_of).collect();
    let kind = costs.iter().map(|cost| cost.period.kind).max().map_or(kind, |longest| longest.max(kind));
    let cohorts = Cohorts::of(timeline, calendar, kind);
    let facts =
        facts(timeline, values, keep, &cohorts)?.lazy().left_join(source_column(tables)?, col("row"), col("row"));
    let mut rows = read(&group(facts).collect()?, tables, &cohorts)?;
    let costs_without_rate = add_costs(&mut rows, &costs, values, calendar, kind);
    let rows = rows.into_iter().map(|((source, period), sums)| sums.row(source, period, values)).collect();
    Ok(Sources { rows, costs_without_rate })
}

/// One row per kept deal: its row in the deals table, its cohort and what became of it.
fn facts(timeline: &Timeline, values: &DealValues, keep: &[bool], cohorts: &Cohorts) -> PolarsResult<DataFrame> {
    let kept: Vec<usize> = (0..timeline.deals.len()).filter(|&deal| keep[deal]).collect();
    let deals = || kept.iter().map(|&deal| &timeline.deals[deal]);
    let is = |kind: StageKind| deals().map(|deal| i64::from(deal.kind == kind)).collect::<Vec<_>>();
    let cycle = |deal: &DealHead| {
        (deal.kind == StageKind::Won && deal.closed != NO_DAY).then(|| deal.closed.saturating_sub(deal.created.0))
    };
    let revenue = |&deal: &usize| {
        if timeline.deals[deal].kind == StageKind::Won { values.get(deal).unwrap_or(0) } else { 0 }
    };
    let column = |name: &str, cells: Vec<i64>| Column::from(Series::new(name.into(), cells));
    DataFrame::new_infer_height(vec![
        Series::new("row".into(), deals().map(|deal| deal.row).collect::<Vec<_>>()).into(),
        Series::new("cohort".into(), kept.iter().map(|&deal| cohorts.of_deal[deal]).collect::<Vec<_>>()).into(),
        Series::new("cycle".into(), deals().map(cycle).collect::<Vec<_>>()).into(),
        column("won", is(StageKind::Won)),
        column("lost", is(StageKind::Lost)),
        column("revenue_high", kept.iter().map(|deal| revenue(deal) >> HALF).collect()),
        column("revenue_low", kept.iter().map(|deal| revenue(deal) & ((1 << HALF) - 1)).collect()),
    ])
}

/// `row`, `source`: the source code of every row of the deals table; where it has none, that of the name that stands
/// for none, or null.
fn source_column(tables: &Tables) -> PolarsResult<LazyFrame> {
    let rows: Vec<u32> = (0..tables.deals.len() as u32).collect();
    let source = tables.deals.frame().column("source").cloned();
    let source = source.unwrap_or_else(|_| Column::full_null("source".into(), rows.len(), &DataType::UInt32));
    let frame = DataFrame::new_infer_height(vec![Series::new("row".into(), rows).into(), source])?.lazy();
    let none = tables.deals.dictionary("source").and_then(|names| names.code(NO_VALUE));
    Ok(none.map_or(frame.clone(), |none| frame.with_column(col("source").fill_null(lit(none)))))
}

fn group(facts: LazyFrame) -> LazyFrame {
    facts.group_by([col("source"), col("cohort")]).agg([
        col("row").len().alias("created"),
        col("won").sum(),
        col("lost").sum(),
        col("revenue_high").sum(),
        col("revenue_low").sum(),
        col("cycle").median(),
    ])
}

/// Exact sums of one row.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    created: u64,
    won: u64,
    lost: u64,
    revenue_minor: i128,
    median_cycle_days: Option<f64>,
    cost_minor: Option<i128>,
}

impl Sums {
    fn row(self, source: String, period: Period, values: &DealValues) -> SourceRow {
        let closed = self.won + self.lost;
        let revenue_minor = values.stated(self.revenue_minor);
        let paid = self.cost_minor.filter(|&cost| cost > 0);
        SourceRow {
            source,
            period,
            created: self.created,
            won: self.won,
            lost: self.lost,
            win_rate: (closed > 0).then(|| self.won as f64 / closed as f64),
            revenue_minor,
            median_cycle_days: self.median_cycle_days,
            cost_minor: self.cost_minor,
            return_on_cost: revenue_minor.zip(paid).map(|(revenue, cost)| (revenue - cost) as f64 / cost as f64),
        }
    }
}

type Rows = BTreeMap<(String, Period), Sums>;

/// The grouped frame, by name instead of code.
fn read(grouped: &DataFrame, tables: &Tables, cohorts: &Cohorts) -> PolarsResult<Rows> {
    let names = tables.deals.dictionary("source");
    let (sources, periods) = (grouped.column("source")?.u32()?, grouped.column("cohort")?.u32()?);
    let created = grouped.column("created")?.u32()?;
    let integers = |name| grouped.column(name)?.i64();
    let (won, lost) = (integers("won")?, integers("lost")?);
    let (high, low) = (integers("revenue_high")?, integers("revenue_low")?);
    let cycle = grouped.column("cycle")?.f64()?;
    let count = |value: Option<i64>| value.unwrap_or(0).unsigned_abs();
    let mut rows = Rows::new();
    for i in 0..grouped.height() {
        let name = names.and_then(|names| names.name(sources.get(i).unwrap_or(NO_CODE))).unwrap_or(NO_VALUE);
        let Some(&period) = periods.get(i).and_then(|cohort| cohorts.periods.get(cohort as usize)) else { continue };
        let sums = Sums {
            created: u64::from(created.get(i).unwrap_or(0)),
            won: count(won.get(i)),
            lost: count(lost.get(i)),
            revenue_minor: (i128::from(high.get(i).unwrap_or(0)) << HALF) + i128::from(low.get(i).unwrap_or(0)),
            median_cycle_days: cycle.get(i),
            cost_minor: None,
        };
        rows.insert((name.to_owned(), period), sums);
    }
    Ok(rows)
}

/// Adds costs to the period of `kind` they lie in; returns how many had no rate.
fn add_costs(
    rows: &mut Rows,
    costs: &[&CampaignCost],
    values: &DealValues,
    calendar: &FiscalCalendar,
    kind: PeriodKind,
) -> u64 {
    let mut without_rate = 0;
    for cost in costs {
        let day: Day = cost.period.first;
        let converted = values.currency.as_ref().and_then(|to| to.convert(cost.cost_minor, cost.currency, day));
        let sums = rows.entry((cost.source.clone(), calendar.period_of(kind, day))).or_default();
        match converted {
            Some(minor) => sums.cost_minor = Some(sums.cost_minor.unwrap_or(0) + i128::from(minor)),
            None => without_rate += 1,
        }
    }
    without_rate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::day::MICROS_PER_DAY;
    use crate::ingest::tables::DealRow;
    use crate::snapshot::Snapshot;

    const AS_OF: Day = Day(20_180);

    fn won(id: &str, source: Option<&str>, amount_minor: i64) -> DealRow {
        // Day 20,100 is 2025-01-12.
        DealRow {
            deal_id: id.to_owned(),
            stage: "Won".to_owned(),
            status: Some(StageKind::Won),
            created_at: 20_100 * MICROS_PER_DAY,
            closed_at: Some(20_110 * MICROS_PER_DAY),
            amount_minor: Some(amount_minor),
            source: source.map(str::to_owned),
            ..DealRow::default()
        }
    }

    fn run(rows: &[DealRow], costs: &[(&str, &str, i64, &str)]) -> Sources {
        let mut tables = Tables::from_deals(rows).expect("a frame");
        let calendar = FiscalCalendar::default();
        for &(source, period, cost_minor, currency) in costs {
            let period = calendar.parse(period).expect("a period");
            let currency = tables.currency(currency);
            tables.campaign_costs.push(CampaignCost { source: source.to_owned(), period, cost_minor, currency });
        }
        let timeline = Timeline::build(&tables, &Config::default(), AS_OF).expect("a timeline");
        let keep = vec![true; timeline.deals.len()];
        let values = DealValues::of(&tables, &Config::default().money, &Snapshot::of(&timeline), &keep);
        sources(&tables, &timeline, &values, &keep, &calendar, PeriodKind::Quarter).expect("a frame")
    }

    fn labels(sources: &Sources) -> Vec<(String, String)> {
        sources.rows.iter().map(|row| (row.source.clone(), row.period.to_string())).collect()
    }

    #[test]
    fn sums_beyond_64_bits_stay_exact() {
        const HUGE: i64 = 999_999_999_999_999_999;
        let rows: Vec<DealRow> = (0..12).map(|i| won(&format!("d{i}"), Some("web"), HUGE - i)).collect();
        let result = run(&rows, &[]);
        assert_eq!(result.rows[0].revenue_minor, Some(12 * i128::from(HUGE) - 66));
        let refund = run(&[won("d1", None, -5), won("d2", None, 3)], &[]);
        assert_eq!(refund.rows[0].revenue_minor, Some(-2));
    }

    #[test]
    fn costs_meet_their_source_and_period() {
        let deals = [won("d1", Some("web"), 30_000), won("d2", Some("web"), 0), won("d3", None, 100)];
        let costs = [
            ("web", "2025-01", 8_000, "USD"),
            ("web", "2025-02", 4_000, "USD"),
            ("fair", "2025-01", 500, "USD"),
            ("web", "2025-03", 700, "JPY"),
            ("web", "2025-06", 9_999, "USD"),
        ];
        let result = run(&deals, &costs);
        let quarter = |source: &str| (source.to_owned(), "2025-Q1".to_owned());
        assert_eq!(labels(&result), [quarter("(none)"), quarter("fair"), quarter("web")]);
        let web = &result.rows[2];
        assert_eq!((web.created, web.won, web.cost_minor), (2, 2, Some(12_000)));
        assert_eq!((web.revenue_minor, web.return_on_cost), (Some(30_000), Some(1.5)));
        assert_eq!((result.rows[1].created, result.rows[1].return_on_cost), (0, Some(-1.0)));
        assert_eq!(result.rows[0].cost_minor, None);
        // The yen have no rate; June begins after the as-of day, 2025-04-02.
        assert_eq!(result.costs_without_rate, 1);
    }

    #[test]
    fn a_yearly_budget_makes_yearly_rows() {
        let result = run(&[won("d1", Some("(none)"), 1), won("d2", None, 2)], &[("fair", "2025", 500, "USD")]);
        let year = |source: &str| (source.to_owned(), "2025".to_owned());
        assert_eq!(labels(&result), [year("(none)"), year("fair")]);
        assert_eq!(result.rows[0].created, 2);
    }
}
