//! The columns of `gaps`, and the table made of [`Gaps`].

use arrow::error::ArrowError;

use crate::analyses::gaps::causes::GapCause;
use crate::analyses::gaps::rows::{GapAttribution, GapRow, Gaps};
use crate::books::currency_axis::RowCurrency;
use crate::books::node_columns::{
    OfNamedNode, OfNode, OfPeriod, node, node_name, period, period_end, period_kind, period_start,
};
use crate::domain::period::Period;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::{Invariant, Repeats};
use crate::report::table::Table;

/// The texts of `main_cause`.
const CAUSES_NAMED: &[&str] =
    &["insufficient pipeline", "slipped deals", "longer cycle", "lower win rate", "smaller deals", "within noise"];
/// When a gap is not taken apart.
const NO_ATTRIBUTION: &str = "where the company won nothing in the reference periods";
/// When a factor has no value.
const NO_FACTOR: &str = "where the company won nothing in the reference periods, and without deals to measure it on";
/// The same for slips.
const NO_SLIPS: &str =
    "where `deals` is, without deals to measure it on, and where no close date was ever moved out of a period";

/// One row of `gaps`, with the currency of its money.
pub struct GapLine<'a> {
    row: &'a GapRow,
    currency: &'a RowCurrency,
}

impl GapLine<'_> {
    fn money(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.currency.decimals))
    }

    fn attribution(&self) -> Option<&GapAttribution> {
        self.row.attribution.as_ref()
    }

    fn part(&self, cause: GapCause) -> Option<MoneyCell> {
        self.money(self.attribution()?.part(cause))
    }

    fn factor(&self, cause: GapCause) -> Option<f64> {
        self.attribution()?.factor(cause)
    }

    fn benchmark(&self, cause: GapCause) -> Option<f64> {
        self.attribution()?.benchmark(cause)
    }

    /// A size is money, but a mean: shown in whole units of the currency.
    fn units(&self, minor: f64) -> Option<f64> {
        Some(self.currency.whole_units(minor))
    }
}

impl OfNode for GapLine<'_> {
    fn level(&self) -> &str {
        &self.row.level
    }

    fn node(&self) -> &str {
        &self.row.node
    }
}

impl OfNamedNode for GapLine<'_> {
    fn node_name(&self) -> &str {
        &self.row.name
    }
}

impl OfPeriod for GapLine<'_> {
    fn period(&self) -> Period {
        self.row.period
    }
}

type GapColumn<'a> = Column<GapLine<'a>>;

/// What always holds of `gaps`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["level", "node", "period", "basis", "currency"]),
    Invariant::Together(&[
        "gap_pipeline",
        "gap_slippage",
        "gap_cycle",
        "gap_conversion",
        "gap_deal_size",
        "deals",
        "deals_needed",
    ]),
    Invariant::Repeats(Repeats {
        table: "forecast",
        by: &["level", "node", "period", "basis", "currency"],
        only: None,
        columns: &[
            ("won", "won"),
            ("expected_from_open", "expected_from_open"),
            ("expected_from_new", "expected_from_new"),
            ("expected", "expected"),
            ("p_hit_quota", "p_hit_quota"),
        ],
        every: false,
    }),
];

/// The columns of `gaps`.
#[must_use]
pub fn spec<'a>() -> TableSpec<GapLine<'a>> {
    let mut columns = vec![
        GapColumn::text("level", "level of the hierarchy", |line| Some(line.level().into()))
            .unit("owner, manager, team, region, company, or the column: product, source..."),
        node(),
        period(),
        GapColumn::text("currency", "that of every amount in the row", |line| Some(line.currency.code.as_str().into()))
            .unit("ISO 4217"),
    ];
    columns.extend(gap_columns());
    columns.extend(part_columns());
    columns.extend(factor_columns());
    columns.extend(target_columns());
    columns.extend([node_name(), period_kind(), period_start(), period_end()]);
    columns.push(
        GapColumn::text(
            "basis",
            "base: all deals, in the base currency; native: the deals in the row's currency, where the base rows leave \
             some of them out for want of a rate",
            |line| Some(line.row.basis.name().into()),
        )
        .one_of(&["base", "native"]),
    );
    TableSpec::new("gaps", "node, or value of a column, x running period x basis and currency", columns)
        .holds(INVARIANTS)
}

fn gap_columns<'a>() -> Vec<GapColumn<'a>> {
    vec![
        GapColumn::money("target", "what is to be won in the period, see `target_source`", |line| {
            line.money(line.row.target)
        }),
        GapColumn::money("expected", "what is expected to be won at the period's end", |line| {
            line.money(line.row.expected())
        })
        .formula("won + expected_from_open + expected_from_new"),
        GapColumn::money("gap", "what is expected to be missing to the target; below zero beyond it", |line| {
            line.money(line.row.gap())
        })
        .formula("target - expected = gap_pipeline + gap_slippage + gap_cycle + gap_conversion + gap_deal_size"),
        GapColumn::text(
            "status",
            "behind: the probability to reach the target is below one half, or where unknown less is expected",
            |line| Some(line.row.status().into()),
        )
        .one_of(&["behind", "on track"]),
        GapColumn::text(
            "main_cause",
            "largest part that makes up a fifth of the gap or more and differs significantly from its benchmark",
            |line| line.row.main_cause().map(Into::into),
        )
        .one_of(CAUSES_NAMED)
        .empty("on track, and where the company won nothing in the reference periods"),
    ]
}

fn part_columns<'a>() -> Vec<GapColumn<'a>> {
    vec![
        GapColumn::money(
            "gap_pipeline",
            "part of the gap due to insufficient pipeline; below zero it narrows the gap",
            |line| line.part(GapCause::InsufficientPipeline),
        )
        .empty(NO_ATTRIBUTION),
        GapColumn::money("gap_slippage", "part of the gap due to slipped deals", |line| {
            line.part(GapCause::SlippedDeals)
        })
        .empty(NO_ATTRIBUTION),
        GapColumn::money("gap_cycle", "part of the gap due to a longer cycle", |line| line.part(GapCause::LongerCycle))
            .empty(NO_ATTRIBUTION),
        GapColumn::money("gap_conversion", "part of the gap due to a lower win rate", |line| {
            line.part(GapCause::LowerWinRate)
        })
        .empty(NO_ATTRIBUTION),
        GapColumn::money("gap_deal_size", "part of the gap due to smaller deals", |line| {
            line.part(GapCause::SmallerDeals)
        })
        .empty(NO_ATTRIBUTION),
    ]
}

fn factor_columns<'a>() -> Vec<GapColumn<'a>> {
    vec![
        GapColumn::number(
            "deals",
            "deals open at some time of the period, and those still to be created that the new wins take",
            |line| line.factor(GapCause::InsufficientPipeline),
        )
        .unit("deals")
        .empty(NO_ATTRIBUTION),
        GapColumn::number("deals_needed", "deals the target takes at the benchmarks", |line| {
            line.benchmark(GapCause::InsufficientPipeline)
        })
        .unit("deals")
        .at_least(0)
        .formula(
            "target / ((1 - benchmark_slip_rate) x benchmark_close_rate x benchmark_win_rate x benchmark_deal_size)",
        )
        .empty(NO_ATTRIBUTION),
        GapColumn::number(
            "slip_rate",
            "share of the deals pushed beyond the period's end, or expected to be",
            |line| line.attribution()?.slip_rate(),
        )
        .between(0, 1)
        .empty(NO_SLIPS),
        GapColumn::number(
            "benchmark_slip_rate",
            "slip rate of the reference periods: the company's, or the node's own where the target is no quota",
            |line| line.attribution()?.benchmark_slip_rate(),
        )
        .between(0, 1)
        .empty("where `deals` is, and where no close date was ever moved out of a period"),
        GapColumn::number(
            "close_rate",
            "share of the deals not slipped that is won or lost by the period's end",
            |line| line.factor(GapCause::LongerCycle),
        )
        .between(0, 1)
        .empty(NO_FACTOR),
        GapColumn::number("benchmark_close_rate", "close rate of the same reference periods", |line| {
            line.benchmark(GapCause::LongerCycle)
        })
        .between(0, 1)
        .empty(NO_ATTRIBUTION),
        GapColumn::number("win_rate", "share of the closed deals that is won", |line| {
            line.factor(GapCause::LowerWinRate)
        })
        .between(0, 1)
        .empty(NO_FACTOR),
        GapColumn::number("benchmark_win_rate", "win rate of the same reference periods", |line| {
            line.benchmark(GapCause::LowerWinRate)
        })
        .between(0, 1)
        .empty(NO_ATTRIBUTION),
        GapColumn::number("deal_size", "what is expected for each deal won", |line| {
            line.units(line.factor(GapCause::SmallerDeals)?)
        })
        .unit("currency")
        .empty(NO_FACTOR),
        GapColumn::number(
            "benchmark_deal_size",
            "mean amount of the deals won in the same reference periods",
            |line| line.units(line.benchmark(GapCause::SmallerDeals)?),
        )
        .unit("currency")
        .empty(NO_ATTRIBUTION),
    ]
}

fn target_columns<'a>() -> Vec<GapColumn<'a>> {
    vec![
        GapColumn::text(
            "target_source",
            "quota: the node's; share: of the company's, by what was won in the past; past: mean won in past periods",
            |line| Some(line.row.target_source.name().into()),
        )
        .one_of(&["quota", "share", "past"]),
        GapColumn::money("won", "amount won in the period so far", |line| line.money(line.row.won)),
        GapColumn::money("expected_from_open", "what the open deals are expected to bring, as in `forecast`", |line| {
            line.money(line.row.expected_from_open)
        }),
        GapColumn::money(
            "expected_from_new",
            "what deals not yet created are expected to bring, as in `forecast`",
            |line| line.money(line.row.expected_from_new),
        ),
        GapColumn::number("p_hit_quota", "probability that the quota is reached, as in `forecast`", |line| {
            line.row.hits_quota
        })
        .between(0, 1)
        .empty("without a quota, for values of a column, and where the forecast has none"),
    ]
}

/// The `gaps` table.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn table(gaps: &Gaps) -> Result<Table, ArrowError> {
    let in_currency = gaps.rows.iter().filter_map(|row| Some((row, gaps.currencies.get(row.currency)?)));
    let lines: Vec<GapLine<'_>> = in_currency.map(|(row, currency)| GapLine { row, currency }).collect();
    let base = gaps.currencies.last().map_or(2, |currency| currency.decimals);
    spec().table(&lines, lines.iter().map(|line| line.currency.decimals).max().unwrap_or(base))
}

#[cfg(test)]
mod tests;
