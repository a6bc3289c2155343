//! The `stagnation_backtest` table: one row per rule by which deals of past mornings are named.

use arrow::error::ArrowError;

use crate::analyses::stagnation::backtest::BacktestRule;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// When the precision of a rule is empty.
const NO_ALERT: &str = "the rule names no deal";

/// What always holds of `stagnation_backtest`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["rule"]),
    Invariant::Ordered(&["deals", "alerts"]),
    Invariant::Ordered(&["lost", "alerts"]),
    Invariant::Ordered(&["slipped", "alerts"]),
    Invariant::Ordered(&["precision_low", "precision", "precision_high"]),
];

/// The columns of `stagnation_backtest`.
#[must_use]
pub fn backtest_spec() -> TableSpec<BacktestRule> {
    TableSpec::new(
        "stagnation_backtest",
        "rule by which deals of past mornings are named",
        vec![
            Column::text(
                "rule",
                "all open deals; stalled ones; as many that had been in their stage the longest",
                |rule: &BacktestRule| Some(rule.rule.as_str().into()),
            ),
            Column::integer("alerts", "deals the rule names, once per morning", |rule: &BacktestRule| {
                i64::try_from(rule.alerts).ok()
            })
            .unit("deals x days"),
            Column::integer("deals", "different deals among the alerts", |rule: &BacktestRule| {
                i64::try_from(rule.deals).ok()
            })
            .unit("deals"),
            Column::integer("lost", "alerts whose deal ended lost", |rule: &BacktestRule| {
                i64::try_from(rule.lost).ok()
            })
            .unit("deals x days"),
            Column::integer(
                "slipped",
                "alerts whose deal did not close by the day expected then (90 days where there was none to come)",
                |rule: &BacktestRule| i64::try_from(rule.slipped).ok(),
            )
            .unit("deals x days"),
            Column::number("precision", "share of the alerts that ended lost or slipped", |rule: &BacktestRule| {
                Some(rule.precision?.value)
            })
            .between(0, 1)
            .formula("(lost + slipped) / alerts")
            .empty(NO_ALERT),
            Column::number(
                "precision_low",
                "lower end of the precision's 95 % interval (Wilson)",
                |rule: &BacktestRule| Some(rule.precision?.low),
            )
            .between(0, 1)
            .empty(NO_ALERT),
            Column::number(
                "precision_high",
                "upper end of the precision's 95 % interval (Wilson)",
                |rule: &BacktestRule| Some(rule.precision?.high),
            )
            .between(0, 1)
            .empty(NO_ALERT),
            Column::number(
                "recall",
                "share of all that ended lost or slipped which the rule names",
                |rule: &BacktestRule| rule.recall,
            )
            .between(0, 1)
            .empty("no deal ended lost or slipped"),
        ],
    )
    .holds(INVARIANTS)
}

/// The rules side by side.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn backtest_table(rules: &[BacktestRule]) -> Result<Table, ArrowError> {
    backtest_spec().table(rules, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::{assert_row, cells};
    use crate::stats::survival::Share;

    #[test]
    fn every_column_shows_its_own_field() {
        let rule = BacktestRule {
            rule: "stalled".to_owned(),
            alerts: 10,
            deals: 9,
            lost: 4,
            slipped: 3,
            precision: Some(Share { value: 0.7, low: 0.375, high: 0.875 }),
            recall: Some(0.25),
        };
        let none = BacktestRule { precision: None, recall: None, ..rule.clone() };
        let table = backtest_table(&[rule, none]).expect("a table");
        let expected = [
            ("rule", "stalled"),
            ("alerts", "10"),
            ("deals", "9"),
            ("lost", "4"),
            ("slipped", "3"),
            ("precision", "0.7"),
            ("precision_low", "0.375"),
            ("precision_high", "0.875"),
            ("recall", "0.25"),
        ];
        assert_row(&table, 0, &expected);
        assert!(cells(&table, 1)[5..].iter().all(|(_, cell)| cell.is_empty()));
    }
}
