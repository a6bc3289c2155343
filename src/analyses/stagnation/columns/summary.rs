//! The `stagnation_summary` table: all open deals, then each group of each column.

use std::iter;

use arrow::error::ArrowError;

use crate::analyses::stagnation::status::StagnationStatus;
use crate::analyses::stagnation::summary::{DealTotal, StagnationSummary, StatusTally};
use crate::books::deal_values::DealValues;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::{AddsUp, Invariant, PartRows};
use crate::report::table::Table;

/// A group of open deals with the column it is a value of.
pub struct StagnationSummaryLine<'a> {
    by: &'a str,
    group: &'a StatusTally,
    values: &'a DealValues,
}

impl StagnationSummaryLine<'_> {
    fn status(&self, status: StagnationStatus) -> DealTotal {
        self.group.of(status)
    }

    /// The money of `tally`, where the deals have a common currency.
    fn money(&self, tally: DealTotal) -> Option<MoneyCell> {
        self.values.cell(tally.value_minor)
    }
}

fn deals(tally: DealTotal) -> Option<i64> {
    i64::try_from(tally.deals).ok()
}

/// When the money of a group is empty.
const NO_CURRENCY: &str = "the deals have no common currency";

/// What always holds of `stagnation_summary`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["by", "group"]),
    Invariant::AddsUp(AddsUp {
        over: "by",
        whole: "all",
        parts: PartRows::EachValue(&[]),
        but: None,
        per: &[],
        columns: &[
            "on_pace",
            "on_pace_value",
            "slow",
            "slow_value",
            "stalled",
            "stalled_value",
            "previously_stalled",
            "previously_stalled_value",
            "won_since",
            "won_since_value",
            "lost_since",
            "lost_since_value",
        ],
    }),
];

/// The columns of `stagnation_summary`.
#[must_use]
pub fn summary_spec<'a>() -> TableSpec<StagnationSummaryLine<'a>> {
    type Line<'a> = StagnationSummaryLine<'a>;
    use StagnationStatus::{OnPace, Slow, Stalled};
    TableSpec::new(
        "stagnation_summary",
        "stage, owner, team, region or value of a column; `all` first",
        vec![
            Column::text(
                "by",
                "column the deals are grouped by: all, stage, owner, team, region or the one asked for",
                |line: &Line<'_>| Some(line.by.into()),
            ),
            Column::text("group", "the stage, the owner and so on", |line: &Line<'_>| {
                Some(line.group.name.as_str().into())
            }),
            Column::integer("on_pace", "open deals on pace", |line: &Line<'_>| deals(line.status(OnPace)))
                .unit("deals"),
            Column::money("on_pace_value", "amount of the deals on pace", |line: &Line<'_>| {
                line.money(line.status(OnPace))
            })
            .empty(NO_CURRENCY),
            Column::integer("slow", "open deals that are slow", |line: &Line<'_>| deals(line.status(Slow)))
                .unit("deals"),
            Column::money("slow_value", "amount of the slow deals", |line: &Line<'_>| line.money(line.status(Slow)))
                .empty(NO_CURRENCY),
            Column::integer("stalled", "open deals that are stalled", |line: &Line<'_>| deals(line.status(Stalled)))
                .unit("deals")
                .formula("previously_stalled + newly_stalled - moved_on - won_since - lost_since"),
            Column::money("stalled_value", "amount of the stalled deals", |line: &Line<'_>| {
                line.money(line.status(Stalled))
            })
            .empty(NO_CURRENCY),
            Column::integer(
                "previously_stalled",
                "deals stalled on the reference day, in the group of that day",
                |line: &Line<'_>| deals(line.group.previously_stalled),
            )
            .unit("deals"),
            Column::money(
                "previously_stalled_value",
                "amount of the deals stalled on the reference day",
                |line: &Line<'_>| line.money(line.group.previously_stalled),
            )
            .empty(NO_CURRENCY),
            Column::integer(
                "newly_stalled",
                "deals stalled now and not on the reference day, or not in this stay",
                |line: &Line<'_>| deals(line.group.newly_stalled),
            )
            .unit("deals"),
            Column::money("newly_stalled_value", "amount of the newly stalled deals", |line: &Line<'_>| {
                line.money(line.group.newly_stalled)
            })
            .empty(NO_CURRENCY),
            Column::integer(
                "moved_on",
                "deals stalled on the reference day that are open and have left that stay",
                |line: &Line<'_>| deals(line.group.moved),
            )
            .unit("deals"),
            Column::money("moved_on_value", "amount of the deals that moved on", |line: &Line<'_>| {
                line.money(line.group.moved)
            })
            .empty(NO_CURRENCY),
            Column::integer(
                "won_since",
                "deals stalled on the reference day that have been won since",
                |line: &Line<'_>| deals(line.group.won),
            )
            .unit("deals"),
            Column::money("won_since_value", "amount of the deals won since", |line: &Line<'_>| {
                line.money(line.group.won)
            })
            .empty(NO_CURRENCY),
            Column::integer(
                "lost_since",
                "deals stalled on the reference day that have been lost since",
                |line: &Line<'_>| deals(line.group.lost),
            )
            .unit("deals"),
            Column::money("lost_since_value", "amount of the deals lost since", |line: &Line<'_>| {
                line.money(line.group.lost)
            })
            .empty(NO_CURRENCY),
            Column::text("currency", "currency of the money", |line: &Line<'_>| {
                line.values.currency_name().map(Into::into)
            })
            .unit("ISO 4217")
            .empty(NO_CURRENCY),
        ],
    )
    .holds(INVARIANTS)
}

/// `stagnation_summary` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn summary_table(summary: &StagnationSummary, values: &DealValues) -> Result<Table, ArrowError> {
    let all = iter::once(("all", &summary.total));
    let groups = summary.groups.iter().flat_map(|(by, groups)| iter::repeat(by.as_str()).zip(groups));
    let lines: Vec<StagnationSummaryLine<'_>> =
        all.chain(groups).map(|(by, group)| StagnationSummaryLine { by, group, values }).collect();
    summary_spec().table(&lines, values.decimals())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::deal_values::fixtures::in_dollars;
    use crate::report::fixtures::{assert_row, cells};

    fn tally(deals: u64) -> DealTotal {
        DealTotal { deals, value_minor: i128::from(deals) * 10_000 + 1 }
    }

    fn summary() -> StagnationSummary {
        let group = StatusTally {
            name: "Ann".to_owned(),
            by_status: [11, 12, 13].map(tally),
            previously_stalled: tally(14),
            newly_stalled: tally(15),
            moved: tally(16),
            won: tally(17),
            lost: tally(18),
        };
        StagnationSummary {
            total: StatusTally { name: "all".to_owned(), ..StatusTally::default() },
            groups: vec![("owner".to_owned(), vec![group])],
            older_than_any_closed: 0,
            longest_closing_days: None,
            without_history: 0,
            pooled_stages: Vec::new(),
        }
    }

    #[test]
    fn every_column_shows_its_own_tally() {
        let table = summary_table(&summary(), &in_dollars(&[])).expect("a table");
        assert_eq!(cells(&table, 0)[..2], [("by".into(), "all".into()), ("group".into(), "all".into())]);
        let expected = [
            ("by", "owner"),
            ("group", "Ann"),
            ("on_pace", "11"),
            ("on_pace_value", "1100.01"),
            ("slow", "12"),
            ("slow_value", "1200.01"),
            ("stalled", "13"),
            ("stalled_value", "1300.01"),
            ("previously_stalled", "14"),
            ("previously_stalled_value", "1400.01"),
            ("newly_stalled", "15"),
            ("newly_stalled_value", "1500.01"),
            ("moved_on", "16"),
            ("moved_on_value", "1600.01"),
            ("won_since", "17"),
            ("won_since_value", "1700.01"),
            ("lost_since", "18"),
            ("lost_since_value", "1800.01"),
            ("currency", "USD"),
        ];
        assert_row(&table, 1, &expected);
    }
}
