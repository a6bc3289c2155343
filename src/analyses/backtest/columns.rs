//! The columns of `backtest` and of the cases it rests on, and the tables made of them.

use arrow::error::ArrowError;

use crate::analyses::backtest::rows::{BacktestLine, Replayed};
use crate::books::node_columns::{OfNode, OfPeriod, level, node, period};
use crate::domain::money;
use crate::domain::period::Period;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// Names of the forecasters.
const FORECASTERS: &[&str] =
    &["dealcast", "stage weighted", "crm probability", "last period", "same period last year", "run rate"];
/// When there is nothing to divide by.
const NOTHING_WON: &str = "nothing was won";
/// When a forecaster gives no range.
const NO_RANGE: &str = "except for dealcast, and nothing was won";
/// When a forecaster gives no probability.
const NO_QUOTA: &str = "except for dealcast, and without a quota";

/// When no currency is named.
const ALL_DEALS: &str =
    "all deals, in the base currency; named are the currencies it leaves something out of for want of rates";

type LineColumn = Column<BacktestLine>;

/// What always holds of `backtest`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["currency", "level", "weeks_left", "cutoff", "forecaster"]),
    Invariant::Together(&["pinball", "crps"]),
    Invariant::Together(&["hit_share", "hit_chance", "hit_brier"]),
];

/// The columns of `backtest`.
#[must_use]
pub fn spec() -> TableSpec<BacktestLine> {
    let mut columns = vec![
        LineColumn::text("level", "level of the hierarchy", |line| Some(line.level.name().into()))
            .one_of(&["owner", "manager", "team", "region", "company"]),
        LineColumn::integer("weeks_left", "whole weeks of the period left on the cutoff's morning", |line| {
            line.weeks_left.map(i64::from)
        })
        .unit("weeks")
        .empty("of all and of one cutoff"),
        LineColumn::date("cutoff", "the first day that was not known", |line| line.cutoff)
            .empty("of all and of one number of weeks left"),
        LineColumn::text("forecaster", "who or what made the forecasts", |line| Some(line.forecaster.name().into()))
            .one_of(FORECASTERS),
        LineColumn::integer("cases", "forecasts evaluated: one per node and past day", |line| {
            i64::try_from(line.cases).ok()
        })
        .unit("forecasts"),
    ];
    columns.extend(error_columns());
    columns.extend(quota_columns());
    columns.push(
        LineColumn::text("currency", "whose deals these are, in it; never added up over currencies", |line| {
            line.currency.as_deref().map(Into::into)
        })
        .unit("ISO 4217")
        .empty(ALL_DEALS),
    );
    TableSpec::new(
        "backtest",
        "level x forecaster x currency, over all past forecasts on record, by weeks left and by cutoff",
        columns,
    )
    .holds(INVARIANTS)
}

fn error_columns() -> Vec<LineColumn> {
    vec![
        LineColumn::number("wape", "sum of absolute errors over what was won", |line| line.wape)
            .at_least(0)
            .formula("sum of |forecast - actual| / sum of actual")
            .empty(NOTHING_WON),
        LineColumn::number("bias", "sum of errors over what was won; above 0 the forecasts are too high", |line| {
            line.bias
        })
        .unit("ratio")
        .formula("sum of (forecast - actual) / sum of actual")
        .empty(NOTHING_WON),
        LineColumn::number(
            "pinball",
            "mean pinball loss of p10, p50 and p90 over the mean of what was won; lower is better",
            |line| line.pinball,
        )
        .at_least(0)
        .empty(NO_RANGE),
        LineColumn::number(
            "crps",
            "continuous ranked probability score, from nine deciles, over the mean of what was won; lower is better",
            |line| line.crps,
        )
        .at_least(0)
        .empty(NO_RANGE),
        LineColumn::number("coverage", "share of the actuals within the 80 % range; 0.8 is right", |line| {
            line.coverage
        })
        .between(0, 1)
        .formula("share of p10 <= actual <= p90")
        .empty("except for dealcast"),
    ]
}

fn quota_columns() -> Vec<LineColumn> {
    vec![
        LineColumn::number("hit_share", "share of the quotas that were reached", |line| line.hit)
            .between(0, 1)
            .empty(NO_QUOTA),
        LineColumn::number("hit_chance", "mean probability given to that", |line| line.hit_chance)
            .between(0, 1)
            .empty(NO_QUOTA),
        LineColumn::number("hit_brier", "mean squared error of that probability; lower is better", |line| {
            line.hit_brier
        })
        .between(0, 1)
        .empty(NO_QUOTA),
        LineColumn::number(
            "hit_slope",
            "calibration slope of that probability: 1 is right, below 1 too sure",
            |line| line.hit_slope,
        )
        .unit("ratio")
        .empty("except for dealcast, and where all quotas or none were reached"),
    ]
}

/// The `backtest` table: one row per cutoff (or weeks left, or all), level and forecaster.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn table(lines: &[BacktestLine]) -> Result<Table, ArrowError> {
    spec().table(lines, 2)
}

/// One row of `backtest_cases`, with the decimals of its currency.
pub struct CaseLine<'a> {
    case: &'a Replayed,
    decimals: u32,
}

impl CaseLine<'_> {
    fn money(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.decimals))
    }
}

impl OfNode for CaseLine<'_> {
    fn level(&self) -> &str {
        self.case.level.name()
    }

    fn node(&self) -> &str {
        &self.case.node
    }
}

impl OfPeriod for CaseLine<'_> {
    fn period(&self) -> Period {
        self.case.period
    }
}

type CaseColumn<'a> = Column<CaseLine<'a>>;

/// What always holds of `backtest_cases`.
const CASE_INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["cutoff", "period", "currency", "level", "node", "forecaster"]),
    Invariant::Ordered(&["p10", "p50", "p90"]),
    Invariant::Together(&["p10", "p50", "p90"]),
];

/// The columns of `backtest_cases`.
#[must_use]
pub fn cases_spec<'a>() -> TableSpec<CaseLine<'a>> {
    let columns = vec![
        CaseColumn::date("cutoff", "the first day that was not known", |line| Some(line.case.cutoff)),
        period(),
        CaseColumn::integer("weeks_left", "whole weeks of the period left on the cutoff's morning", |line| {
            Some(line.case.weeks_left().into())
        })
        .unit("weeks"),
        level(),
        node(),
        CaseColumn::text("forecaster", "who or what made the forecast", |line| {
            Some(line.case.forecaster.name().into())
        })
        .one_of(FORECASTERS),
        CaseColumn::money("forecast", "what was forecast to be won at the period's end", |line| {
            line.money(line.case.forecast)
        })
        .unit("currency"),
        CaseColumn::money("actual", "what was won in the period", |line| line.money(line.case.actual)).unit("currency"),
        CaseColumn::money("p10", "low end of the 80 % range of the forecast", |line| line.money(line.case.p10()?))
            .unit("currency")
            .empty("except for dealcast"),
        CaseColumn::money("p50", "median of the forecast", |line| line.money(line.case.p50()?))
            .unit("currency")
            .empty("except for dealcast"),
        CaseColumn::money("p90", "high end of the 80 % range of the forecast", |line| line.money(line.case.p90()?))
            .unit("currency")
            .empty("except for dealcast"),
        CaseColumn::money("quota", "quota of the node", |line| line.money(line.case.quota?))
            .unit("currency")
            .empty("without a quota"),
        CaseColumn::number("p_hit_quota", "probability that the quota is reached", |line| line.case.hits_quota)
            .between(0, 1)
            .empty("except for dealcast, and without a quota"),
        CaseColumn::text("currency", "currency of the money and of the deals", |line| {
            line.case.currency.as_deref().map(Into::into)
        })
        .unit("ISO 4217")
        .empty(ALL_DEALS),
    ];
    TableSpec::new("backtest_cases", "past day x node x forecaster x currency", columns).holds(CASE_INVARIANTS)
}

/// The `backtest_cases` table: one row per forecast. `decimals` are those of the base currency.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn cases_table(cases: &[Replayed], decimals: u32) -> Result<Table, ArrowError> {
    let of = |case: &Replayed| case.currency.as_deref().map_or(decimals, money::exponent);
    let lines: Vec<CaseLine<'_>> = cases.iter().map(|case| CaseLine { case, decimals: of(case) }).collect();
    cases_spec().table(&lines, lines.iter().map(|line| line.decimals).max().unwrap_or(decimals))
}

#[cfg(test)]
mod tests;
