//! The columns of `forecast`, and the table made of a [`Forecast`], whole or in parts.

use arrow::error::ArrowError;

use crate::analyses::forecast::final_sum::FinalSum;
use crate::analyses::forecast::rows::{Forecast, ForecastRow};
use crate::books::currency_axis::RowCurrency;
use crate::books::node_axis::NamedNode;
use crate::books::node_columns::{
    OfNamedNode, OfNode, OfPeriod, level, node, node_name, period, period_end, period_kind, period_start,
};
use crate::domain::period::Period;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::{AddsUp, Invariant, PartRows, SignOf};
use crate::report::table::Table;

/// Rows of one of the [`forecast_parts`].
const ROWS_PER_PART: usize = 65_536;

/// When a period's end is not known.
const NO_RANGE: &str =
    "without scores, for past periods and those the scores do not cover, and under a category filter";
/// When nothing was submitted.
const NO_SUBMISSION: &str = "nothing was submitted; always in native rows unless every amount is in the base currency";

/// One row of `forecast`, with the node and currency it is about.
pub struct ForecastLine<'a> {
    row: &'a ForecastRow,
    node: &'a NamedNode,
    currency: &'a RowCurrency,
}

impl<'a> ForecastLine<'a> {
    fn of(forecast: &'a Forecast, row: &'a ForecastRow) -> Self {
        Self { row, node: &forecast.nodes[row.node], currency: &forecast.currencies[row.currency] }
    }

    fn money(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.currency.decimals))
    }

    fn end(&self) -> Option<&FinalSum> {
        self.row.final_sum.as_deref()
    }
}

impl OfNode for ForecastLine<'_> {
    fn level(&self) -> &str {
        self.node.level.name()
    }

    fn node(&self) -> &str {
        &self.node.key
    }
}

impl OfNamedNode for ForecastLine<'_> {
    fn node_name(&self) -> &str {
        &self.node.name
    }
}

impl OfPeriod for ForecastLine<'_> {
    fn period(&self) -> Period {
        self.row.period
    }
}

type ForecastColumn<'a> = Column<ForecastLine<'a>>;

/// What always holds of `forecast`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["level", "node", "period", "currency", "basis"]),
    Invariant::Ordered(&["p10", "p50", "p90"]),
    Invariant::Together(&["p10", "p50", "p90"]),
    Invariant::Ordered(&["period_start", "period_end"]),
    Invariant::AddsUp(AddsUp {
        over: "level",
        whole: "company",
        parts: PartRows::EachValue(&["manager"]),
        but: None,
        per: &["period", "currency", "basis"],
        columns: &[
            "won",
            "lost",
            "pipeline",
            "best_case",
            "commit",
            "weighted",
            "expected_from_open",
            "expected_from_new",
            "expected",
            "overdue",
            "won_deals",
            "lost_deals",
            "open_deals",
            "overdue_deals",
            "deals_without_amount",
            "omitted",
            "submitted",
            "adjusted",
        ],
    }),
    Invariant::SignOf(SignOf {
        columns: &["pipeline", "best_case", "commit", "weighted", "expected_from_open", "overdue", "omitted"],
        table: "scores",
        amount: "amount",
    }),
];

/// The columns of `forecast`: those of the contract, then our own.
#[must_use]
pub fn spec<'a>() -> TableSpec<ForecastLine<'a>> {
    let mut columns = vec![level(), node(), period()];
    columns.extend(contract_columns());
    columns.extend([node_name(), period_kind(), period_start(), period_end()]);
    columns.extend(own_columns());
    columns.extend(category_columns());
    TableSpec::new("forecast", "node x period x currency x basis", columns).holds(INVARIANTS)
}

fn contract_columns<'a>() -> Vec<ForecastColumn<'a>> {
    vec![
        ForecastColumn::text("currency", "currency of every amount in the row", |line| {
            Some(line.currency.code.as_str().into())
        })
        .unit("ISO 4217"),
        ForecastColumn::text(
            "basis",
            "native: the deals in that currency; base: all deals, converted to the base currency",
            |line| Some(line.row.basis.name().into()),
        )
        .one_of(&["native", "base"]),
        ForecastColumn::money("quota", "quota of the node: its own, else the roll-up", |line| {
            line.money(line.row.quota?)
        })
        .empty("without a quota"),
        ForecastColumn::money("won", "amount won in the period so far", |line| line.money(line.row.won)),
        ForecastColumn::money("gap", "what is missing to the quota; below zero beyond it", |line| {
            line.money(line.row.gap()?)
        })
        .formula("quota - won")
        .empty("without a quota"),
        ForecastColumn::money("lost", "amount lost in the period so far", |line| line.money(line.row.lost)),
        ForecastColumn::money("pipeline", "open deals expected to close in the period, without omitted ones", |line| {
            line.money(line.row.pipeline)
        }),
        ForecastColumn::money("best_case", "part of `pipeline` in the category best case", |line| {
            line.money(line.row.best_case)
        }),
        ForecastColumn::money(
            "commit",
            "part of `pipeline` in the category commit, or in closed while still open",
            |line| line.money(line.row.commit),
        ),
        ForecastColumn::money(
            "weighted",
            "`pipeline` by the CRM's probability: the deal's, else its stage's, else the stage's past win rate",
            |line| line.money(line.row.weighted?),
        )
        .formula("sum of amount x probability")
        .empty("no deal of the pipeline has a probability"),
        ForecastColumn::money(
            "expected_from_open",
            "what the open deals are expected to bring in the period; those without an amount what such deals brought",
            |line| line.money(line.row.expected_from_open?),
        )
        .formula("sum of amount x probability to be won in the period x what amounts become")
        .empty("without scores, and for periods the scores do not cover; 0 for past periods"),
        ForecastColumn::money(
            "expected_from_new",
            "what deals not yet created are expected to bring in the period",
            |line| line.money(line.row.expected_from_new()?),
        )
        .empty("where `p50` is; but 0 for past periods with scores"),
        ForecastColumn::money(
            "p10",
            "low end of the 80 % range of what will have been won at the period's end",
            |line| line.money(line.end()?.p10()),
        )
        .empty(NO_RANGE),
        ForecastColumn::money("p50", "median of what will have been won at the period's end", |line| {
            line.money(line.end()?.p50())
        })
        .empty(NO_RANGE),
        ForecastColumn::money(
            "p90",
            "high end of the 80 % range of what will have been won at the period's end",
            |line| line.money(line.end()?.p90()),
        )
        .empty(NO_RANGE),
        ForecastColumn::number("attainment", "how much of the quota is won", |line| line.row.attainment())
            .unit("share; 1 is the quota")
            .formula("won / quota")
            .empty("without a quota above 0"),
        ForecastColumn::number("coverage", "pipeline for each unit of money still missing to the quota", |line| {
            line.row.coverage()
        })
        .unit("ratio")
        .formula("pipeline / (quota - won)")
        .empty("without a quota of 0 or more, and where nothing is missing to it"),
        ForecastColumn::number(
            "required_coverage",
            "coverage that would do at the node's own conversion, shrunk towards the company's",
            |line| line.row.required_coverage,
        )
        .at_least(1)
        .formula("1 / (won / (won + lost)) of the last 365 days")
        .empty("for past periods, and where the company won nothing in these days"),
        ForecastColumn::number("p_hit_quota", "probability that the quota is reached", |line| line.end()?.hits_quota)
            .between(0, 1)
            .empty("without a quota of 0 or more, and where `p50` is"),
        ForecastColumn::money(
            "submitted",
            "newest forecast submitted by the owner; of larger nodes the sum of their owners'",
            |line| line.money(line.row.held.submitted?),
        )
        .empty(NO_SUBMISSION),
        ForecastColumn::money("expected", "what is expected to be won at the period's end", |line| {
            line.money(line.row.expected()?)
        })
        .formula("won + expected_from_open + expected_from_new")
        .empty("where `expected_from_open` is"),
    ]
}

fn own_columns<'a>() -> Vec<ForecastColumn<'a>> {
    vec![
        ForecastColumn::text(
            "quota_source",
            "own: the quota was set for the node; sum: it is the roll-up; none: there is none",
            |line| Some(line.row.quota_source.name().into()),
        )
        .one_of(&["own", "sum", "none"]),
        ForecastColumn::money(
            "overdue",
            "open deals whose expected close date has passed, without omitted ones",
            |line| line.money(line.row.overdue?),
        )
        .empty("except in running periods"),
        ForecastColumn::integer("won_deals", "deals in `won`", |line| Some(line.row.won_deals.into())).unit("deals"),
        ForecastColumn::integer("lost_deals", "deals in `lost`", |line| Some(line.row.lost_deals.into())).unit("deals"),
        ForecastColumn::integer("open_deals", "deals in `pipeline`", |line| Some(line.row.open_deals.into()))
            .unit("deals"),
        ForecastColumn::integer("overdue_deals", "deals in `overdue`; 0 except in running periods", |line| {
            Some(line.row.overdue_deals.into())
        })
        .unit("deals"),
        ForecastColumn::integer(
            "deals_without_amount",
            "deals won, lost or in `pipeline` without an amount, in base rows also without an exchange rate: they count as 0 \
             in all sums but `expected_from_open`",
            |line| Some(line.row.deals_without_amount.into()),
        )
        .unit("deals"),
        ForecastColumn::money(
            "expected_gap",
            "what is expected to be missing to the quota at the period's end",
            |line| line.money(line.row.expected_gap()?),
        )
        .formula("quota - expected")
        .empty("without a quota, and where `expected` is"),
        ForecastColumn::money("gap_at_p50", "what is missing to the quota at the median", |line| {
            line.money(line.row.gap_at_p50()?)
        })
        .formula("quota - p50")
        .empty("without a quota, and where `p50` is"),
        ForecastColumn::money(
            "adjusted",
            "`submitted`, each owner's replaced by the newest adjustment by somebody else",
            |line| line.money(line.row.held.adjusted?),
        )
        .empty(NO_SUBMISSION),
        ForecastColumn::number("p_beat_last", "probability that more is won than in the period before", |line| {
            line.end()?.beats_last
        })
        .between(0, 1)
        .empty("while the period before runs, and where `p50` is"),
        ForecastColumn::integer(
            "deals_to_close",
            "fewest open deals whose expected wins cover the gap; `forecast --by-deal` marks them",
            |line| line.end()?.deals_to_close.map(i64::from),
        )
        .unit("deals")
        .empty("without a quota of 0 or more, where all open deals do not cover the gap, and where `p50` is"),
    ]
}

fn category_columns<'a>() -> Vec<ForecastColumn<'a>> {
    vec![
        ForecastColumn::money("pipeline_single", "part of `pipeline` in the category pipeline, or in none", |line| {
            line.money(line.row.pipeline_single())
        })
        .formula("pipeline - best_case - commit"),
        ForecastColumn::money(
            "omitted",
            "open deals of the category omitted expected to close in the period",
            |line| line.money(line.row.omitted),
        ),
        ForecastColumn::money("commit_cumulative", "won and committed", |line| {
            line.money(line.row.commit_cumulative())
        })
        .formula("won + commit"),
        ForecastColumn::money("best_case_cumulative", "won, committed and best case", |line| {
            line.money(line.row.best_case_cumulative())
        })
        .formula("won + commit + best_case"),
        ForecastColumn::money("pipeline_cumulative", "won and the whole pipeline", |line| {
            line.money(line.row.pipeline_cumulative())
        })
        .formula("won + pipeline"),
        ForecastColumn::money(
            "quota_rollup",
            "roll-up: sum of the quotas below the node, to compare with a quota set for it",
            |line| line.money(line.row.quota_rollup?),
        )
        .empty("for owners, and where no quota is set below the node"),
        ForecastColumn::number(
            "expected_attainment",
            "how much of the quota will be won by the period's end",
            |line| line.row.expected_attainment(),
        )
        .unit("share; 1 is the quota")
        .formula("expected / quota")
        .empty("without a quota above 0, and where `expected` is"),
    ]
}

/// The `forecast` table.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn forecast_table(forecast: &Forecast) -> Result<Table, ArrowError> {
    part(forecast, &forecast.rows)
}

/// The same table in parts, made one by one; at least one.
pub fn forecast_parts(forecast: &Forecast) -> impl Iterator<Item = Result<Table, ArrowError>> + '_ {
    let rows = &forecast.rows;
    let first_rows = (0..rows.len().max(1)).step_by(ROWS_PER_PART);
    first_rows.map(move |first| part(forecast, &rows[first..rows.len().min(first + ROWS_PER_PART)]))
}

fn part(forecast: &Forecast, rows: &[ForecastRow]) -> Result<Table, ArrowError> {
    let scale = forecast.currencies.iter().map(|currency| currency.decimals).max().unwrap_or(2);
    let lines: Vec<ForecastLine<'_>> = rows.iter().map(|row| ForecastLine::of(forecast, row)).collect();
    spec().table(&lines, scale)
}

#[cfg(test)]
mod tests;
