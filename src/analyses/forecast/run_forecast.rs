//! What each run forecast of the running period: [`RunForecast`], as it is kept, and the `forecast_runs` table.
//!
//! A [`Forecast`] in, one row per node out, so that a report can show how a chance moved from run to run.

use std::slice;

use arrow::error::ArrowError;
use serde::{Deserialize, Serialize};

use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::rows::{Forecast, ForecastRow, RowBasis};
use crate::books::hierarchy::Level;
use crate::books::node_columns::{OfNode, level, node};
use crate::domain::day::Day;
use crate::domain::period::PeriodKind;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// Why a cell of the range is empty.
const NO_RANGE: &str = "the run had no scores, or nothing says how the period may end";

/// What one run forecast, of every node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunForecast {
    /// The morning of the run.
    pub as_of: Day,
    /// The running period.
    pub period: String,
    /// In the base currency; per currency where there are no rates.
    pub nodes: Vec<NodeForecast>,
}

/// What was forecast of one node, in minor units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeForecast {
    level: Level,
    node: String,
    currency: String,
    decimals: u32,
    quota: Option<i64>,
    won: i64,
    expected: Option<i64>,
    /// p10, p50, p90.
    range: Option<[i64; 3]>,
    hits_quota: Option<f64>,
}

impl RunForecast {
    /// What `forecast` says of the running period of `kind`.
    #[must_use]
    pub fn of(forecast: &Forecast, kind: PeriodKind) -> Self {
        let no_rates = forecast.quality.base_rows == BaseRows::NoRates;
        let basis = if no_rates { RowBasis::Native } else { RowBasis::Base };
        let running =
            |row: &&ForecastRow| row.basis == basis && row.period.kind == kind && row.period.contains(forecast.as_of);
        let rows: Vec<&ForecastRow> = forecast.rows.iter().filter(running).collect();
        let period = rows.first().map(|row| row.period.to_string()).unwrap_or_default();
        let nodes = rows.iter().map(|row| NodeForecast::of(forecast, row)).collect();
        Self { as_of: forecast.as_of, period, nodes }
    }
}

impl NodeForecast {
    fn of(forecast: &Forecast, row: &ForecastRow) -> Self {
        let (node, currency) = (&forecast.nodes[row.node], &forecast.currencies[row.currency]);
        let end = row.final_sum.as_deref();
        Self {
            level: node.level,
            node: node.key.clone(),
            currency: currency.code.clone(),
            decimals: currency.decimals,
            quota: row.quota,
            won: row.won,
            expected: row.expected(),
            range: end.map(|end| end.quantiles),
            hits_quota: end.and_then(|end| end.hits_quota),
        }
    }
}

/// One row of `forecast_runs`.
pub struct RunLine<'a> {
    run: &'a RunForecast,
    of: &'a NodeForecast,
}

impl RunLine<'_> {
    fn money(&self, minor: Option<i64>) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor?, self.of.decimals))
    }

    fn quantile(&self, which: usize) -> Option<MoneyCell> {
        self.money(self.of.range.map(|range| range[which]))
    }
}

impl OfNode for RunLine<'_> {
    fn level(&self) -> &str {
        self.of.level.name()
    }

    fn node(&self) -> &str {
        &self.of.node
    }
}

/// The columns of `forecast_runs`.
#[must_use]
pub fn runs_spec<'a>() -> TableSpec<RunLine<'a>> {
    type Line<'a> = RunLine<'a>;
    let columns = vec![
        Column::date("run_as_of", "the morning of the run; today's is the last", |line: &Line<'_>| {
            Some(line.run.as_of)
        }),
        Column::text("period", "the running fiscal period", |line: &Line<'_>| Some(line.run.period.as_str().into())),
        level(),
        node(),
        Column::text("currency", "currency of every amount in the row", |line: &Line<'_>| {
            Some(line.of.currency.as_str().into())
        })
        .unit("ISO 4217"),
        Column::money("quota", "quota as that run knew it", |line: &Line<'_>| line.money(line.of.quota))
            .unit("currency")
            .empty("without a quota"),
        Column::money("won", "won in the period by then", |line: &Line<'_>| line.money(Some(line.of.won)))
            .unit("currency"),
        Column::money("expected", "what was expected to be won at the period's end", |line: &Line<'_>| {
            line.money(line.of.expected)
        })
        .unit("currency")
        .empty("the run had no scores"),
        Column::money("p10", "low end of the 80 % range", |line: &Line<'_>| line.quantile(0))
            .unit("currency")
            .empty(NO_RANGE),
        Column::money("p50", "median of what will have been won", |line: &Line<'_>| line.quantile(1))
            .unit("currency")
            .empty(NO_RANGE),
        Column::money("p90", "high end of the 80 % range", |line: &Line<'_>| line.quantile(2))
            .unit("currency")
            .empty(NO_RANGE),
        Column::number("p_hit_quota", "probability that the quota is reached", |line: &Line<'_>| line.of.hits_quota)
            .between(0, 1)
            .empty("without a range or a quota"),
    ];
    TableSpec::new("forecast_runs", "run x node, of the running period and the same folder of models", columns).holds([
        Invariant::Key(&["run_as_of", "level", "node", "currency"]),
        Invariant::Ordered(&["p10", "p50", "p90"]),
    ])
}

/// `forecast_runs`: the `earlier` runs within the period of `today`, then today.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn runs_table(earlier: &[RunForecast], today: &RunForecast) -> Result<Table, ArrowError> {
    let same_period = earlier.iter().filter(|run| run.period == today.period);
    let runs = same_period.chain(slice::from_ref(today));
    let lines: Vec<RunLine<'_>> = runs.flat_map(|run| run.nodes.iter().map(move |of| RunLine { run, of })).collect();
    let decimals = lines.iter().map(|line| line.of.decimals).max().unwrap_or(2);
    runs_spec().table(&lines, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::assert_row;

    fn run(day: i32, period: &str) -> RunForecast {
        let node = NodeForecast {
            level: Level::Team,
            node: "North".to_owned(),
            currency: "USD".to_owned(),
            decimals: 2,
            quota: Some(90_000),
            won: 1_000,
            expected: Some(70_000),
            range: Some([50_000, 69_000, 95_000]),
            hits_quota: Some(0.125),
        };
        RunForecast { as_of: Day(day), period: period.to_owned(), nodes: vec![node] }
    }

    #[test]
    fn every_column_shows_its_own_field_and_other_periods_are_left_out() {
        let table = runs_table(&[run(1, "1969-Q4"), run(2, "1970-Q1")], &run(9, "1970-Q1")).expect("a table");
        let expected = [
            ("run_as_of", "1970-01-03"),
            ("period", "1970-Q1"),
            ("level", "team"),
            ("node", "North"),
            ("currency", "USD"),
            ("quota", "900.00"),
            ("won", "10.00"),
            ("expected", "700.00"),
            ("p10", "500.00"),
            ("p50", "690.00"),
            ("p90", "950.00"),
            ("p_hit_quota", "0.125"),
        ];
        assert_row(&table, 0, &expected);
        assert_eq!(table.rows(), 2);
    }
}
