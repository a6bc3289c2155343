//! The `backtest` table, and the forecasts it rests on.

use arrow::error::ArrowError;

use crate::analyses::backtest::{BacktestLine, Replayed};
use crate::report::table::{Table, TableBuilder};

/// One row per cutoff (or weeks left, or all), level and forecaster.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(lines: &[BacktestLine]) -> Result<Table, ArrowError> {
    TableBuilder::default()
        .text("level", lines.iter().map(|line| Some(line.level.name())))
        .integer("weeks_left", lines.iter().map(|line| line.weeks_left.map(i64::from)))
        .date("cutoff", lines.iter().map(|line| line.cutoff.map(|day| day.0)))
        .text("forecaster", lines.iter().map(|line| Some(line.forecaster.name())))
        .integer("cases", lines.iter().map(|line| i64::try_from(line.cases).ok()))
        .number("wape", lines.iter().map(|line| line.wape))
        .number("bias", lines.iter().map(|line| line.bias))
        .number("pinball", lines.iter().map(|line| line.pinball))
        .number("crps", lines.iter().map(|line| line.crps))
        .number("coverage", lines.iter().map(|line| line.coverage))
        .number("hit_share", lines.iter().map(|line| line.hit))
        .number("hit_chance", lines.iter().map(|line| line.hit_chance))
        .number("hit_brier", lines.iter().map(|line| line.hit_brier))
        .number("hit_slope", lines.iter().map(|line| line.hit_slope))
        .finish("backtest")
}

/// One row per forecast. `decimals` are those of the base currency.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn cases_table(cases: &[Replayed], decimals: u32) -> Result<Table, ArrowError> {
    let mut table = TableBuilder::default()
        .date("cutoff", cases.iter().map(|case| Some(case.cutoff.0)))
        .text("period", cases.iter().map(|case| Some(case.period.to_string())))
        .integer("weeks_left", cases.iter().map(|case| Some(case.weeks_left().into())))
        .text("level", cases.iter().map(|case| Some(case.level.name())))
        .text("node", cases.iter().map(|case| Some(&case.node)))
        .text("forecaster", cases.iter().map(|case| Some(case.forecaster.name())));
    let money = |table: TableBuilder, name: &str, value: &dyn Fn(&Replayed) -> Option<i64>| {
        table.money(name, decimals, cases.iter().map(|case| value(case).map(|minor| (minor.into(), decimals))))
    };
    table = money(table, "forecast", &|case| Some(case.forecast));
    table = money(table, "actual", &|case| Some(case.actual));
    for (i, name) in ["p10", "p50", "p90"].into_iter().enumerate() {
        table = money(table, name, &|case| case.deciles.map(|deciles| deciles[4 * i]));
    }
    table = money(table, "quota", &|case| case.quota);
    table.number("p_hit_quota", cases.iter().map(|case| case.hits_quota)).finish("backtest_cases")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::dictionary::assert_documents;

    #[test]
    fn the_dictionary_lists_every_column() {
        assert_documents(&table(&[]).expect("a table"));
        assert_documents(&cases_table(&[], 2).expect("a table"));
    }
}
