//! The `reliability` table: predicted beside observed, one row per tenth of the rows evaluated.

use arrow::error::ArrowError;

use crate::model::evaluation::ReliabilityBin;
use crate::model::win_model::WinModel;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// A tenth of the rows, numbered from 1.
pub struct BinLine<'a> {
    number: i64,
    bin: &'a ReliabilityBin,
}

/// What always holds of `reliability`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["bin"]),
    Invariant::Ordered(&["won", "rows"]),
    Invariant::Ordered(&["observed_low", "observed", "observed_high"]),
];

/// The columns of `reliability`.
#[must_use]
pub fn reliability_spec<'a>() -> TableSpec<BinLine<'a>> {
    type Line<'a> = BinLine<'a>;
    TableSpec::new(
        "reliability",
        "tenth of the rows evaluated, by predicted chance",
        vec![
            Column::integer("bin", "number of the tenth; 1 has the lowest chances", |line: &Line<'_>| {
                Some(line.number)
            })
            .between(1, 10),
            Column::integer("rows", "rows in it", |line: &Line<'_>| i64::try_from(line.bin.rows).ok())
                .unit("deals x days"),
            Column::integer("won", "rows won within the horizon", |line: &Line<'_>| i64::try_from(line.bin.won).ok())
                .unit("deals x days"),
            Column::number("predicted", "mean chance", |line: &Line<'_>| Some(line.bin.predicted)).between(0, 1),
            Column::number("observed", "share won", |line: &Line<'_>| Some(line.bin.observed))
                .between(0, 1)
                .formula("won / rows"),
            Column::number(
                "observed_low",
                "lower end of the observed share's 95 % interval (Wilson)",
                |line: &Line<'_>| Some(line.bin.observed_low),
            )
            .between(0, 1),
            Column::number(
                "observed_high",
                "upper end of the observed share's 95 % interval (Wilson)",
                |line: &Line<'_>| Some(line.bin.observed_high),
            )
            .between(0, 1),
        ],
    )
    .holds(INVARIANTS)
}

/// The reliability of `model` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn reliability_table(model: &WinModel) -> Result<Table, ArrowError> {
    let numbered = (1..).zip(&model.evaluation.reliability);
    let lines: Vec<BinLine<'_>> = numbered.map(|(number, bin)| BinLine { number, bin }).collect();
    reliability_spec().table(&lines, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stored_fixtures::model;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field_and_bins_are_counted_from_one() {
        let mut model = model();
        let second = ReliabilityBin {
            rows: 60,
            won: 15,
            predicted: 0.2,
            observed: 0.25,
            observed_low: 0.125,
            observed_high: 0.375,
        };
        model.evaluation.reliability.push(second);
        let expected = [
            ("bin", "2"),
            ("rows", "60"),
            ("won", "15"),
            ("predicted", "0.2"),
            ("observed", "0.25"),
            ("observed_low", "0.125"),
            ("observed_high", "0.375"),
        ];
        assert_row(&reliability_table(&model).expect("a table"), 1, &expected);
    }
}
