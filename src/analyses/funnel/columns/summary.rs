//! The `funnel_summary` table: one row per cohort and segment.

use arrow::error::ArrowError;

use crate::analyses::funnel::rows::{Funnel, FunnelSummary};
use crate::books::deal_values::DealValues;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::{AddsUp, Invariant, PartRows};
use crate::report::table::Table;

/// A summary of the funnel with the names behind its positions.
pub struct FunnelSummaryLine<'a> {
    row: &'a FunnelSummary,
    funnel: &'a Funnel,
    values: &'a DealValues,
}

fn count(deals: u64) -> Option<i64> {
    i64::try_from(deals).ok()
}

/// When money is empty.
const NO_CURRENCY: &str = "the deals have no common currency";

/// What always holds of `funnel_summary`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["cohort", "segment"]),
    Invariant::Ordered(&["median_cycle_days", "p90_cycle_days"]),
    Invariant::AddsUp(AddsUp {
        over: "cohort",
        whole: "all",
        parts: PartRows::AllOthers(&["current"]),
        but: None,
        per: &["segment"],
        columns: &["deals", "won", "lost", "open", "won_value", "open_value"],
    }),
    Invariant::AddsUp(AddsUp {
        over: "segment",
        whole: "all",
        parts: PartRows::EachColumn,
        but: None,
        per: &["cohort"],
        columns: &["deals", "won", "lost", "open", "won_value", "open_value"],
    }),
];

/// The columns of `funnel_summary`.
#[must_use]
pub fn summary_spec<'a>() -> TableSpec<FunnelSummaryLine<'a>> {
    type Line<'a> = FunnelSummaryLine<'a>;
    TableSpec::new(
        "funnel_summary",
        "cohort x segment",
        vec![
            Column::text(
                "cohort",
                "`all`; `current`, what deals did in the last `[funnel] current_days`; or the period they were \
                 created in",
                |line: &Line<'_>| line.funnel.cohort(line.row.cohort).map(Into::into),
            ),
            Column::text("segment", "`all`, or `column=value`", |line: &Line<'_>| {
                line.funnel.segment(line.row.segment).map(Into::into)
            }),
            Column::integer("deals", "deals created; of `current`, open or closed in its days", |line: &Line<'_>| {
                count(line.row.deals)
            })
            .unit("deals")
            .formula("won + lost + open"),
            Column::integer("won", "deals won by now; of `current`, in its days", |line: &Line<'_>| {
                count(line.row.won)
            })
            .unit("deals"),
            Column::integer("lost", "deals lost by now; of `current`, in its days", |line: &Line<'_>| {
                count(line.row.lost)
            })
            .unit("deals"),
            Column::integer("open", "deals that are open", |line: &Line<'_>| count(line.row.open)).unit("deals"),
            Column::number("win_rate", "share of the closed deals that was won", |line: &Line<'_>| line.row.win_rate)
                .between(0, 1)
                .formula("won / (won + lost)")
                .empty("no deal has closed"),
            Column::integer("median_cycle_days", "median days from creation to the win", |line: &Line<'_>| {
                line.row.median_cycle_days.map(i64::from)
            })
            .unit("days")
            .empty("no deal is won"),
            Column::money("mean_won", "mean amount of a won deal", |line: &Line<'_>| {
                line.values.cell(line.row.mean_won_minor?)
            })
            .empty("no won deal has an amount, or the deals have no common currency"),
            Column::number(
                "velocity_per_day",
                "sales velocity: money the open deals bring in a day",
                |line: &Line<'_>| Some(line.values.units(line.row.velocity_minor?)),
            )
            .unit("currency per day")
            .formula("open x win_rate x mean_won / median_cycle_days")
            .empty("one of these is not known"),
            Column::text("currency", "currency of the money", |line: &Line<'_>| {
                line.values.currency_name().map(Into::into)
            })
            .unit("ISO 4217")
            .empty(NO_CURRENCY),
            Column::integer("p90_cycle_days", "days within which nine in ten wins come", |line: &Line<'_>| {
                line.row.p90_cycle_days.map(i64::from)
            })
            .unit("days")
            .empty("no deal is won"),
            Column::money("won_value", "amount of the won deals", |line: &Line<'_>| {
                line.values.cell(line.row.won_value_minor?)
            })
            .empty(NO_CURRENCY),
            Column::money("open_value", "amount of the open deals", |line: &Line<'_>| {
                line.values.cell(line.row.open_value_minor?)
            })
            .empty(NO_CURRENCY),
        ],
    )
    .holds(INVARIANTS)
}

/// The summaries of `funnel` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn summary_table(funnel: &Funnel, values: &DealValues) -> Result<Table, ArrowError> {
    let lines: Vec<FunnelSummaryLine<'_>> =
        funnel.summaries.iter().map(|row| FunnelSummaryLine { row, funnel, values }).collect();
    summary_spec().table(&lines, values.decimals())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::deal_values::fixtures::in_dollars;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let summary = FunnelSummary {
            cohort: 1,
            segment: 1,
            deals: 60,
            won: 20,
            lost: 30,
            open: 10,
            win_rate: Some(0.4),
            median_cycle_days: Some(45),
            p90_cycle_days: Some(90),
            won_value_minor: Some(2_000_003),
            open_value_minor: Some(1_000_004),
            mean_won_minor: Some(100_005),
            velocity_minor: Some(12_350.0),
        };
        let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
        let (cohorts, segments) = (words(["all", "current"]), words(["all", "region=North"]));
        let funnel = Funnel { cohorts, segments, stages: Vec::new(), rows: Vec::new(), summaries: vec![summary] };
        let table = summary_table(&funnel, &in_dollars(&[])).expect("a table");
        let expected = [
            ("cohort", "current"),
            ("segment", "region=North"),
            ("deals", "60"),
            ("won", "20"),
            ("lost", "30"),
            ("open", "10"),
            ("win_rate", "0.4"),
            ("median_cycle_days", "45"),
            ("mean_won", "1000.05"),
            ("velocity_per_day", "123.5"),
            ("currency", "USD"),
            ("p90_cycle_days", "90"),
            ("won_value", "20000.03"),
            ("open_value", "10000.04"),
        ];
        assert_row(&table, 0, &expected);
    }
}
