//! The `flow` table: one row per cohort, segment and move from one stage to another, the links of a Sankey diagram.

use arrow::error::ArrowError;

use crate::analyses::funnel::flow::{Flow, FlowRow};
use crate::books::deal_values::DealValues;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// A row of the flow with the names behind its positions.
pub struct FlowLine<'a> {
    row: &'a FlowRow,
    flow: &'a Flow,
    values: &'a DealValues,
}

/// What always holds of `flow`.
const INVARIANTS: &[Invariant] =
    &[Invariant::Key(&["cohort", "segment", "from", "to", "kind"]), Invariant::Ordered(&["deals", "moves"])];

/// The columns of `flow`.
#[must_use]
pub fn flow_spec<'a>() -> TableSpec<FlowLine<'a>> {
    type Line<'a> = FlowLine<'a>;
    TableSpec::new(
        "flow",
        "cohort x segment x move from one stage to another: the links of a Sankey diagram",
        vec![
            Column::text(
                "cohort",
                "`all`; `current`, moves of the last `[funnel] current_days`; or the period the deals were \
                 created in",
                |line: &Line<'_>| Some(line.flow.cohorts.get(line.row.cohort as usize)?.as_str().into()),
            ),
            Column::text("segment", "`all`, or `column=value`", |line: &Line<'_>| {
                Some(line.flow.segments.get(line.row.segment as usize)?.as_str().into())
            }),
            Column::text(
                "from",
                "a stage, or where deals come from: `(created)`; `(before)`, there when `current` begins; \
                 `(unknown)`, before the history; `(leads)`",
                |line: &Line<'_>| line.flow.node(line.row.from).map(Into::into),
            ),
            Column::text(
                "to",
                "a stage, or where deals are: `(open)`, still in `from`; `(disqualified)` and `(other deals)` \
                 of leads. What flows into an open stage flows out of it",
                |line: &Line<'_>| line.flow.node(line.row.to).map(Into::into),
            ),
            Column::text("kind", "what the move is", |line: &Line<'_>| Some(line.row.kind.into())).one_of(&[
                "created",
                "before",
                "converted",
                "disqualified",
                "forward",
                "back",
                "won",
                "lost",
                "reopened",
                "after sale",
                "open",
            ]),
            Column::integer("moves", "moves, every one of a deal that goes back and on again", |line: &Line<'_>| {
                i64::try_from(line.row.moves).ok()
            })
            .unit("moves"),
            Column::integer("deals", "deals that made the move at least once", |line: &Line<'_>| {
                i64::try_from(line.row.deals).ok()
            })
            .unit("deals"),
            Column::money("value", "amount of these deals", |line: &Line<'_>| line.values.cell(line.row.value_minor?))
                .empty("the deals have no common currency"),
            Column::text("currency", "currency of the value", |line: &Line<'_>| {
                line.values.currency_name().map(Into::into)
            })
            .unit("ISO 4217")
            .empty("the deals have no common currency"),
            Column::integer(
                "median_days",
                "median days in `from` before the move; of `(open)`, until now",
                |line: &Line<'_>| line.row.median_days.map(i64::from),
            )
            .unit("days")
            .empty("`from` is no stage"),
        ],
    )
    .holds(INVARIANTS)
}

/// `flow` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn flow_table(flow: &Flow, values: &DealValues) -> Result<Table, ArrowError> {
    let lines: Vec<FlowLine<'_>> = flow.rows.iter().map(|row| FlowLine { row, flow, values }).collect();
    flow_spec().table(&lines, values.decimals())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::deal_values::fixtures::in_dollars;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let row = FlowRow {
            cohort: 1,
            segment: 1,
            from: 0,
            to: 1,
            kind: "forward",
            moves: 12,
            deals: 9,
            value_minor: Some(4_321),
            median_days: Some(6),
        };
        let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
        let flow = Flow {
            cohorts: words(["all", "current"]),
            segments: words(["all", "region=North"]),
            nodes: words(["New", "Demo"]),
            rows: vec![row],
        };
        let expected = [
            ("cohort", "current"),
            ("segment", "region=North"),
            ("from", "New"),
            ("to", "Demo"),
            ("kind", "forward"),
            ("moves", "12"),
            ("deals", "9"),
            ("value", "43.21"),
            ("currency", "USD"),
            ("median_days", "6"),
        ];
        assert_row(&flow_table(&flow, &in_dollars(&[])).expect("a table"), 0, &expected);
    }
}
