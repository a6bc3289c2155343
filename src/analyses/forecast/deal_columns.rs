//! The columns of `forecast_deals`, and the table made of [`ForecastDeals`].

use arrow::error::ArrowError;

use crate::analyses::forecast::listing::{DealInRow, ForecastDeals};
use crate::books::currency_axis::RowCurrency;
use crate::books::node_axis::NamedNode;
use crate::books::node_columns::{
    OfNamedNode, OfNode, OfPeriod, level, node, node_name, period, period_end, period_kind, period_start,
};
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::ingest::tables::Tables;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::{GrowWithDays, Invariant};
use crate::report::table::Table;

/// One row of `forecast_deals`, with all that names it.
pub struct ForecastDealLine<'a> {
    deal: &'a DealInRow<'a>,
    node: &'a NamedNode,
    deal_id: Option<&'a str>,
    name: Option<&'a str>,
    currency: Option<&'a str>,
    decimals: u32,
    base: &'a RowCurrency,
}

impl<'a> ForecastDealLine<'a> {
    fn of(listed: &'a ForecastDeals<'_>, deal: &'a DealInRow<'_>, base: &'a RowCurrency, tables: &'a Tables) -> Self {
        Self {
            deal,
            node: &listed.forecast.nodes[deal.node],
            deal_id: tables.deals.id(deal.row),
            name: tables.deals.name(deal.row),
            currency: tables.currencies.name(deal.currency),
            decimals: tables.decimals_of(deal.currency),
            base,
        }
    }

    fn native(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.decimals))
    }

    fn in_base(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.base.decimals))
    }

    fn expected_close(&self) -> Option<Day> {
        self.deal.expected_close
    }

    fn base_currency(&self) -> Option<&str> {
        self.deal.base_amount.map(|_| self.base.code.as_str())
    }
}

impl OfNode for ForecastDealLine<'_> {
    fn level(&self) -> &str {
        self.node.level.name()
    }

    fn node(&self) -> &str {
        &self.node.key
    }
}

impl OfNamedNode for ForecastDealLine<'_> {
    fn node_name(&self) -> &str {
        &self.node.name
    }
}

impl OfPeriod for ForecastDealLine<'_> {
    fn period(&self) -> Period {
        self.deal.period
    }
}

type DealColumn<'a> = Column<ForecastDealLine<'a>>;

/// What always holds of `forecast_deals`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["level", "node", "period", "deal_id"]),
    Invariant::GrowWithDays(GrowWithDays {
        per: &["level", "node", "deal_id"],
        first: "period_start",
        last: "period_end",
        columns: &["win_in_period"],
    }),
];

/// The columns of `forecast_deals`.
#[must_use]
pub fn spec<'a>() -> TableSpec<ForecastDealLine<'a>> {
    let mut columns = vec![level(), node(), period()];
    columns.extend(deal_columns());
    columns.extend(expectation_columns());
    columns.extend([node_name(), period_kind(), period_start(), period_end()]);
    TableSpec::new(
        "forecast_deals",
        "node x period x open deal behind the forecast's row, the most expected first",
        columns,
    )
    .holds(INVARIANTS)
}

fn deal_columns<'a>() -> Vec<DealColumn<'a>> {
    vec![
        DealColumn::text("deal_id", "the deal", |line| line.deal_id.map(Into::into)),
        DealColumn::text("name", "name of the deal", |line| line.name.map(Into::into)).empty("the deal has none"),
        DealColumn::text("owner", "who works on the deal", |line| Some(line.deal.owner.into())),
        DealColumn::text("stage", "stage of the deal", |line| Some(line.deal.stage.into())),
        DealColumn::money(
            "amount",
            "amount of the deal; those `in_pipeline` add up to the native row's `pipeline`",
            |line| line.native(line.deal.amount?),
        )
        .empty("the deal has none"),
        DealColumn::text("currency", "currency of `amount` and `expected`", |line| line.currency.map(Into::into))
            .unit("ISO 4217")
            .empty("the deal has none"),
        DealColumn::money("base_amount", "`amount` at the last known rate", |line| {
            line.in_base(line.deal.base_amount?)
        })
        .unit("base currency")
        .empty("without an amount, and without rates where there are several currencies"),
        DealColumn::text("base_currency", "the base currency", |line| line.base_currency().map(Into::into))
            .unit("ISO 4217")
            .empty("where `base_amount` is"),
        DealColumn::date("expected_close_date", "day the owner expects the deal to close", |line| {
            line.expected_close()
        })
        .empty("the deal has none"),
        DealColumn::text("category", "forecast category: the deal's, else its stage's", |line| {
            Some(line.deal.category.name().into())
        })
        .one_of(&["pipeline", "best-case", "commit", "closed", "omitted"]),
        DealColumn::flag("in_pipeline", "whether the deal is part of the row's `pipeline`", |line| {
            Some(line.deal.in_pipeline)
        }),
    ]
}

fn expectation_columns<'a>() -> Vec<DealColumn<'a>> {
    vec![
        DealColumn::number(
            "win_in_period",
            "probability to be won in the period, at the pace of past periods",
            |line| line.deal.win_in_period,
        )
        .between(0, 1)
        .empty("without a score, and for periods the scores do not cover"),
        DealColumn::money(
            "expected",
            "what the deal is expected to bring, without an amount what such deals brought; adds up to the native row's \
             `expected_from_open`",
            |line| line.native(line.deal.expected?),
        )
        .formula("amount x win_in_period x what amounts become")
        .empty("where `win_in_period` is"),
        DealColumn::money("base_expected", "`expected` in the base currency", |line| {
            line.in_base(line.deal.base_expected?)
        })
        .unit("base currency")
        .empty("where `expected` is, and without rates where there are several currencies"),
        DealColumn::money(
            "base_expected_cumulative",
            "`base_expected` of this deal and all above it in its node and period",
            |line| line.in_base(line.deal.base_cumulative?),
        )
        .unit("base currency")
        .empty("where `base_expected` is"),
        DealColumn::flag("closes_gap", "whether the deal is one of the row's `deals_to_close`", |line| {
            line.deal.closes_gap
        })
        .empty("where the row has no `deals_to_close`"),
    ]
}

/// The `forecast_deals` table; no rows where the forecast has no currency.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn forecast_deals_table(listed: &ForecastDeals<'_>, tables: &Tables) -> Result<Table, ArrowError> {
    let Some(base) = listed.forecast.currencies.last() else { return spec().table(&[], 2) };
    let line = |deal| ForecastDealLine::of(listed, deal, base, tables);
    let lines: Vec<ForecastDealLine<'_>> = listed.deals.iter().map(line).collect();
    let scale = lines.iter().map(|line| line.decimals).max().unwrap_or(2).max(base.decimals);
    spec().table(&lines, scale)
}

#[cfg(test)]
mod tests;
