//! The `funnel_compare` table: two groups of deals side by side, one row per open stage.

use arrow::error::ArrowError;

use crate::analyses::funnel::compare::Compared;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// A stage of both groups, and what the groups are called.
pub struct CompareLine<'a> {
    row: &'a Compared,
    names: [&'a str; 2],
}

/// When shares and times of a stage are empty.
const NOBODY_LEFT: &str = "no stay in the stage has ended";
/// When the columns about two shares are empty.
const NO_TWO_SHARES: &str = "one of the conversions is empty";
/// When a test of two shares is empty.
const ALL_ALIKE: &str = "one of the conversions is empty, or all deals went the same way";
/// When a test of two times is empty.
const NO_TWO_TIMES: &str = "at no time could deals of both groups leave";

/// What always holds of `funnel_compare`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["stage"]),
    Invariant::Ordered(&["conversion_low_a", "conversion_a", "conversion_high_a"]),
    Invariant::Ordered(&["conversion_low_b", "conversion_b", "conversion_high_b"]),
    Invariant::Ordered(&["difference_low", "difference", "difference_high"]),
    Invariant::Ordered(&["p_conversion", "p_conversion_adjusted"]),
    Invariant::Ordered(&["p_time", "p_time_adjusted"]),
];

/// The columns of `funnel_compare`.
#[must_use]
pub fn compare_spec<'a>() -> TableSpec<CompareLine<'a>> {
    type Line<'a> = CompareLine<'a>;
    TableSpec::new(
        "funnel_compare",
        "open stage, and `(all)` for deals as a whole",
        vec![
            Column::text("stage", "the stage, or `(all)`", |line: &Line<'_>| {
                Some(line.row.stage.as_deref().unwrap_or("(all)").into())
            }),
            Column::text(
                "verdict",
                "what differs significantly (adjusted p below 0.05), in words",
                |line: &Line<'_>| Some(line.row.verdict(line.names).into()),
            ),
            Column::text("a", "the first group", |line: &Line<'_>| Some(line.names[0].into())),
            Column::integer(
                "entered_a",
                "deals of the first group that entered the stage; of `(all)`, its deals",
                |line: &Line<'_>| i64::try_from(line.row.sides[0].entered).ok(),
            )
            .unit("deals"),
            Column::number(
                "conversion_a",
                "long-run share of them that advances; of `(all)`, that is won",
                |line: &Line<'_>| Some(line.row.sides[0].conversion?.value),
            )
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::number("conversion_low_a", "lower end of the 95 % interval of conversion_a", |line: &Line<'_>| {
                Some(line.row.sides[0].conversion?.low)
            })
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::number("conversion_high_a", "upper end of the 95 % interval of conversion_a", |line: &Line<'_>| {
                Some(line.row.sides[0].conversion?.high)
            })
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::integer(
                "median_days_a",
                "days within which half of the first group leave the stage; of `(all)`, close",
                |line: &Line<'_>| line.row.sides[0].median_days.map(i64::from),
            )
            .unit("days")
            .empty("fewer than half have left"),
            Column::text("b", "the second group", |line: &Line<'_>| Some(line.names[1].into())),
            Column::integer(
                "entered_b",
                "deals of the second group that entered the stage; of `(all)`, its deals",
                |line: &Line<'_>| i64::try_from(line.row.sides[1].entered).ok(),
            )
            .unit("deals"),
            Column::number(
                "conversion_b",
                "long-run share of them that advances; of `(all)`, that is won",
                |line: &Line<'_>| Some(line.row.sides[1].conversion?.value),
            )
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::number("conversion_low_b", "lower end of the 95 % interval of conversion_b", |line: &Line<'_>| {
                Some(line.row.sides[1].conversion?.low)
            })
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::number("conversion_high_b", "upper end of the 95 % interval of conversion_b", |line: &Line<'_>| {
                Some(line.row.sides[1].conversion?.high)
            })
            .between(0, 1)
            .empty(NOBODY_LEFT),
            Column::integer(
                "median_days_b",
                "days within which half of the second group leave the stage; of `(all)`, close",
                |line: &Line<'_>| line.row.sides[1].median_days.map(i64::from),
            )
            .unit("days")
            .empty("fewer than half have left"),
            Column::number("difference", "difference of the conversions", |line: &Line<'_>| {
                line.row.conversion_difference()
            })
            .between(-1, 1)
            .formula("conversion_a - conversion_b")
            .empty(NO_TWO_SHARES),
            Column::number(
                "difference_low",
                "lower end of the difference's 95 % interval (Newcombe)",
                |line: &Line<'_>| line.row.difference.map(|[low, _]| low),
            )
            .between(-1, 1)
            .empty(NO_TWO_SHARES),
            Column::number(
                "difference_high",
                "upper end of the difference's 95 % interval (Newcombe)",
                |line: &Line<'_>| line.row.difference.map(|[_, high]| high),
            )
            .between(-1, 1)
            .empty(NO_TWO_SHARES),
            Column::number("z", "z-test of the difference, with the pooled variance", |line: &Line<'_>| {
                Some(line.row.conversion?.test.statistic)
            })
            .empty(ALL_ALIKE),
            Column::number("p_conversion", "two-sided p-value of z", |line: &Line<'_>| {
                Some(line.row.conversion?.test.p)
            })
            .between(0, 1)
            .empty(ALL_ALIKE),
            Column::number(
                "p_conversion_adjusted",
                "p_conversion as it counts among all tests of the table (Holm)",
                |line: &Line<'_>| Some(line.row.conversion?.p_adjusted),
            )
            .between(0, 1)
            .empty(ALL_ALIKE),
            Column::number("log_rank", "chi-squared of the log-rank test of the times", |line: &Line<'_>| {
                Some(line.row.time?.test.statistic)
            })
            .empty(NO_TWO_TIMES),
            Column::number("p_time", "p-value of log_rank", |line: &Line<'_>| Some(line.row.time?.test.p))
                .between(0, 1)
                .empty(NO_TWO_TIMES),
            Column::number(
                "p_time_adjusted",
                "p_time as it counts among all tests of the table (Holm)",
                |line: &Line<'_>| Some(line.row.time?.p_adjusted),
            )
            .between(0, 1)
            .empty(NO_TWO_TIMES),
        ],
    )
    .holds(INVARIANTS)
}

/// Two groups side by side, named `names`.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn compare_table(rows: &[Compared], names: [&str; 2]) -> Result<Table, ArrowError> {
    let lines: Vec<CompareLine<'_>> = rows.iter().map(|row| CompareLine { row, names }).collect();
    compare_spec().table(&lines, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::funnel::compare::{AdjustedTest, ComparedGroup};
    use crate::report::fixtures::{assert_row, cells};
    use crate::stats::survival::Share;
    use crate::stats::two_samples::SignificanceTest;

    fn compared() -> Compared {
        let side = |entered, value, median_days| ComparedGroup {
            entered,
            conversion: Some(Share { value, low: value - 0.125, high: value + 0.0625 }),
            median_days: Some(median_days),
        };
        let test = |statistic, p, p_adjusted| AdjustedTest { test: SignificanceTest { statistic, p }, p_adjusted };
        Compared {
            stage: Some("Demo".to_owned()),
            sides: [side(80, 0.75, 11), side(90, 0.25, 22)],
            difference: Some([0.375, 0.625]),
            conversion: Some(test(5.5, 0.0001, 0.0002)),
            time: Some(test(7.25, 0.003, 0.006)),
        }
    }

    #[test]
    fn every_column_shows_its_own_field() {
        let table = compare_table(&[compared()], ["north", "south"]).expect("a table");
        let expected = [
            ("stage", "Demo"),
            ("verdict", "north converts more; north is faster"),
            ("a", "north"),
            ("entered_a", "80"),
            ("conversion_a", "0.75"),
            ("conversion_low_a", "0.625"),
            ("conversion_high_a", "0.8125"),
            ("median_days_a", "11"),
            ("b", "south"),
            ("entered_b", "90"),
            ("conversion_b", "0.25"),
            ("conversion_low_b", "0.125"),
            ("conversion_high_b", "0.3125"),
            ("median_days_b", "22"),
            ("difference", "0.5"),
            ("difference_low", "0.375"),
            ("difference_high", "0.625"),
            ("z", "5.5"),
            ("p_conversion", "0.0001"),
            ("p_conversion_adjusted", "0.0002"),
            ("log_rank", "7.25"),
            ("p_time", "0.003"),
            ("p_time_adjusted", "0.006"),
        ];
        assert_row(&table, 0, &expected);
    }

    #[test]
    fn without_shares_and_tests_the_cells_are_empty() {
        let mut row = Compared { stage: None, difference: None, conversion: None, time: None, ..compared() };
        (row.sides[0].conversion, row.sides[1].median_days) = (None, None);
        let table = compare_table(&[row], ["north", "south"]).expect("a table");
        let empty: Vec<String> =
            cells(&table, 0).into_iter().filter(|(_, cell)| cell.is_empty()).map(|(column, _)| column).collect();
        let expected = "conversion_a conversion_low_a conversion_high_a median_days_b difference difference_low \
                        difference_high z p_conversion p_conversion_adjusted log_rank p_time p_time_adjusted";
        assert_eq!(empty.join(" "), expected);
    }
}
