//! The `funnel` table: one row per cohort, segment and stage.

use arrow::error::ArrowError;

use crate::analyses::funnel::rows::{Funnel, FunnelRow};
use crate::books::deal_values::DealValues;
use crate::domain::stage::StageList;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::{AddsUp, Invariant, PartRows};
use crate::report::table::Table;

/// A row of the funnel with the names behind its positions.
pub struct StageLine<'a> {
    row: &'a FunnelRow,
    funnel: &'a Funnel,
    stages: &'a StageList,
    values: &'a DealValues,
}

fn count(deals: u64) -> Option<i64> {
    i64::try_from(deals).ok()
}

/// When shares and times of a stage are empty.
const NOBODY_LEFT: &str = "no stay in the stage has ended";

/// What adds up over cohorts and over segments.
const COUNTS: &[&str] =
    &["entered", "advanced", "lost", "back", "skipped", "open", "value", "won", "still_there", "moves_back"];

/// What always holds of `funnel`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["cohort", "segment", "stage", "pipeline"]),
    Invariant::Ordered(&["conversion_low", "conversion", "conversion_high"]),
    Invariant::Ordered(&["median_days", "p90_days"]),
    Invariant::Ordered(&["open", "still_there"]),
    Invariant::Ordered(&["won", "entered"]),
    Invariant::Ordered(&["back", "moves_back"]),
    Invariant::Together(&["conversion", "conversion_low", "conversion_high"]),
    Invariant::AddsUp(AddsUp {
        over: "cohort",
        whole: "all",
        parts: PartRows::AllOthers(&["current"]),
        but: None,
        per: &["segment", "stage", "pipeline"],
        columns: COUNTS,
    }),
    Invariant::AddsUp(AddsUp {
        over: "segment",
        whole: "all",
        parts: PartRows::EachColumn,
        but: Some(("stage", "(leads)")),
        per: &["cohort", "stage", "pipeline"],
        columns: COUNTS,
    }),
];

/// The columns of `funnel`.
#[must_use]
pub fn spec<'a>() -> TableSpec<StageLine<'a>> {
    type Line<'a> = StageLine<'a>;
    TableSpec::new(
        "funnel",
        "cohort x segment x stage",
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
            Column::text("stage", "the stage", |line: &Line<'_>| line.funnel.stage(line.row.stage).map(Into::into)),
            Column::integer(
                "entered",
                "deals that were ever in the stage; of a lost stage, that ended there",
                |line: &Line<'_>| count(line.row.entered),
            )
            .unit("deals")
            .formula("advanced + lost + back + still_there"),
            Column::integer(
                "advanced",
                "of the deals that entered: last left it for a later stage or the win",
                |line: &Line<'_>| count(line.row.advanced),
            )
            .unit("deals"),
            Column::integer("lost", "of the deals that entered: lost from it", |line: &Line<'_>| count(line.row.lost))
                .unit("deals"),
            Column::integer(
                "back",
                "of the deals that entered: last left it for an earlier stage",
                |line: &Line<'_>| count(line.row.back),
            )
            .unit("deals"),
            Column::integer(
                "skipped",
                "deals that went past the stage without a stay in it; they did not enter",
                |line: &Line<'_>| count(line.row.skipped),
            )
            .unit("deals"),
            Column::integer("open", "deals still in the stage and open; 0 for closed stages", |line: &Line<'_>| {
                count(line.row.open)
            })
            .unit("deals"),
            Column::number(
                "conversion",
                "long-run share that advances, deals still in the stage taken into account",
                |line: &Line<'_>| Some(line.row.conversion?.value),
            )
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::number("conversion_low", "lower end of the conversion's 95 % interval", |line: &Line<'_>| {
                Some(line.row.conversion?.low)
            })
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::number("conversion_high", "upper end of the conversion's 95 % interval", |line: &Line<'_>| {
                Some(line.row.conversion?.high)
            })
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::integer("median_days", "days within which half of the deals leave the stage", |line: &Line<'_>| {
                line.row.median_days.map(i64::from)
            })
            .unit("days")
            .empty("fewer than half have left"),
            Column::integer("p90_days", "days within which nine in ten deals leave the stage", |line: &Line<'_>| {
                line.row.p90_days.map(i64::from)
            })
            .unit("days")
            .empty("fewer than nine in ten have left"),
            Column::money("value", "amount of the deals that entered", |line: &Line<'_>| {
                line.values.cell(line.row.value_minor?)
            })
            .empty("the deals have no common currency; always of leads"),
            Column::text("currency", "currency of the value", |line: &Line<'_>| {
                line.values.currency_name().map(Into::into)
            })
            .unit("ISO 4217")
            .empty("the deals have no common currency"),
            Column::integer("won", "deals that entered and are won by now", |line: &Line<'_>| count(line.row.won))
                .unit("deals"),
            Column::number(
                "conversion_to_won",
                "long-run share of the deals that entered which is won",
                |line: &Line<'_>| Some(line.row.conversion_to_won?.value),
            )
            .between(0, 1)
            .empty("none of them has closed"),
            Column::integer("still_there", "deals that are in the stage now, open or closed", |line: &Line<'_>| {
                count(line.row.still_there)
            })
            .unit("deals"),
            Column::integer(
                "moves_back",
                "moves from the stage to an earlier one, every one of them",
                |line: &Line<'_>| count(line.row.moves_back),
            )
            .unit("moves"),
            Column::integer(
                "stage_order",
                "position of the stage in the process, from 1; 0 for leads; deals whose stage has no name come last",
                |line: &Line<'_>| Some(line.funnel.order_of(line.row.stage).into()),
            ),
            Column::text("pipeline", "pipeline the stage belongs to", |line: &Line<'_>| {
                line.stages.stages().get(line.row.stage as usize)?.pipeline.as_deref().map(Into::into)
            })
            .empty("the stage is of all pipelines"),
        ],
    )
    .holds(INVARIANTS)
}

/// `funnel` as a table. `value` is in the currency of `values`.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(funnel: &Funnel, stages: &StageList, values: &DealValues) -> Result<Table, ArrowError> {
    let lines: Vec<StageLine<'_>> = funnel.rows.iter().map(|row| StageLine { row, funnel, stages, values }).collect();
    spec().table(&lines, values.decimals())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::funnel::rows::LEADS;
    use crate::books::deal_values::fixtures::{in_dollars, without_currency};
    use crate::domain::code::Dictionary;
    use crate::domain::stage::Stage;
    use crate::report::fixtures::{assert_row, cells};
    use crate::stats::survival::Share;

    /// New, a stage of the pipeline Direct alone.
    fn stages() -> StageList {
        let new = Stage { name: "New".to_owned(), pipeline: Some("Direct".to_owned()), ..Stage::default() };
        StageList::of(vec![new], &Dictionary::default(), &Dictionary::default())
    }

    fn row(stage: u32) -> FunnelRow {
        FunnelRow {
            cohort: 1,
            segment: 1,
            stage,
            entered: 100,
            advanced: 40,
            lost: 30,
            back: 12,
            open: 17,
            still_there: 18,
            moves_back: 13,
            skipped: 9,
            conversion: Some(Share { value: 0.5, low: 0.375, high: 0.625 }),
            median_days: Some(14),
            p90_days: Some(60),
            value_minor: Some(1_234_567),
            won: 35,
            conversion_to_won: Some(Share { value: 0.4375, low: 0.0, high: 1.0 }),
        }
    }

    fn funnel(rows: Vec<FunnelRow>) -> Funnel {
        let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
        let (cohorts, segments) = (words(["all", "2025-Q1"]), words(["all", "region=North"]));
        let stages = ["New", "Won", LEADS].map(str::to_owned).to_vec();
        Funnel { cohorts, segments, stages, rows, summaries: Vec::new() }
    }

    #[test]
    fn every_column_shows_its_own_field() {
        let table = table(&funnel(vec![row(0)]), &stages(), &in_dollars(&[])).expect("a table");
        let expected = [
            ("cohort", "2025-Q1"),
            ("segment", "region=North"),
            ("stage", "New"),
            ("entered", "100"),
            ("advanced", "40"),
            ("lost", "30"),
            ("back", "12"),
            ("skipped", "9"),
            ("open", "17"),
            ("conversion", "0.5"),
            ("conversion_low", "0.375"),
            ("conversion_high", "0.625"),
            ("median_days", "14"),
            ("p90_days", "60"),
            ("value", "12345.67"),
            ("currency", "USD"),
            ("won", "35"),
            ("conversion_to_won", "0.4375"),
            ("still_there", "18"),
            ("moves_back", "13"),
            ("stage_order", "1"),
            ("pipeline", "Direct"),
        ];
        assert_row(&table, 0, &expected);
    }

    #[test]
    fn leads_come_first_and_money_needs_a_currency() {
        let table = table(&funnel(vec![row(2)]), &stages(), &without_currency()).expect("a table");
        let cells: std::collections::BTreeMap<String, String> = cells(&table, 0).into_iter().collect();
        let shown = ["stage", "stage_order", "value", "currency", "pipeline"].map(|column| cells[column].as_str());
        assert_eq!(shown, [LEADS, "0", "", "", ""]);
    }
}
