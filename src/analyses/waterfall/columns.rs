//! The columns of `waterfall` and `waterfall_deals`, and the tables made of a [`Waterfall`] and of [`WaterfallDeals`].

use arrow::error::ArrowError;

use crate::analyses::waterfall::bars::Bar;
use crate::analyses::waterfall::rows::{DealBar, Waterfall, WaterfallDeals, WaterfallRow};
use crate::books::currency_axis::RowCurrency;
use crate::books::node_axis::NamedNode;
use crate::books::node_columns::{
    OfNamedNode, OfNode, OfPeriod, level, node, node_name, period, period_end, period_kind, period_start,
};
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::ingest::tables::Tables;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::{AddsUp, Invariant, PartRows, Repeats};
use crate::report::table::Table;

/// Rows of one of the [`waterfall_parts`].
const ROWS_PER_PART: usize = 65_536;

/// Every bar but `end`, with its sign.
const END_FORMULA: &str = "start + created + pulled_in + moved_in + increased - decreased - pushed_out - moved_out - lost \
                           - won + revalued";
/// The names of the bars.
const BAR_NAMES: &[&str] = &[
    "start",
    "created",
    "pulled_in",
    "increased",
    "decreased",
    "pushed_out",
    "lost",
    "won",
    "end",
    "moved_in",
    "moved_out",
    "revalued",
];

/// One row of `waterfall`, with the node and currency it is about.
pub struct WaterfallLine<'a> {
    row: &'a WaterfallRow,
    node: &'a NamedNode,
    currency: &'a RowCurrency,
    to: Day,
}

impl<'a> WaterfallLine<'a> {
    fn of(waterfall: &'a Waterfall, row: &'a WaterfallRow) -> Self {
        let (node, currency) = (&waterfall.nodes[row.node], &waterfall.currencies[row.currency]);
        Self { row, node, currency, to: waterfall.to }
    }

    fn amount(&self, bar: Bar) -> Option<MoneyCell> {
        Some(MoneyCell::new(self.row.amount(bar), self.currency.decimals))
    }

    fn deals(&self, bar: Bar) -> Option<i64> {
        Some(self.row.deals(bar).into())
    }
}

impl OfNode for WaterfallLine<'_> {
    fn level(&self) -> &str {
        self.node.level.name()
    }

    fn node(&self) -> &str {
        &self.node.key
    }
}

impl OfNamedNode for WaterfallLine<'_> {
    fn node_name(&self) -> &str {
        &self.node.name
    }
}

impl OfPeriod for WaterfallLine<'_> {
    fn period(&self) -> Period {
        self.row.period
    }
}

type BarColumn<'a> = Column<WaterfallLine<'a>>;

/// What always holds of `waterfall`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["level", "node", "period", "currency", "basis"]),
    Invariant::Ordered(&["from", "to"]),
    Invariant::Ordered(&["period_start", "period_end"]),
    Invariant::AddsUp(AddsUp {
        over: "level",
        whole: "company",
        parts: PartRows::EachValue(&["manager"]),
        but: None,
        per: &["period", "currency", "basis"],
        columns: &["start", "end", "won", "lost"],
    }),
    Invariant::Repeats(Repeats {
        table: "forecast",
        by: &["level", "node", "period", "currency", "basis"],
        only: None,
        columns: &[("end", "pipeline"), ("end_deals", "open_deals")],
        every: false,
    }),
];

/// The columns of `waterfall`.
#[must_use]
pub fn spec<'a>() -> TableSpec<WaterfallLine<'a>> {
    TableSpec::new("waterfall", "node x period x currency x basis", columns()).holds(INVARIANTS)
}

/// Those of `waterfall_since_run`: what changed since the last run of an earlier day with the same folder of models.
#[must_use]
pub fn since_spec<'a>() -> TableSpec<WaterfallLine<'a>> {
    TableSpec::new(
        "waterfall_since_run",
        "node x period x currency x basis, from the run before to this one",
        columns(),
    )
    .holds(INVARIANTS)
}

fn columns<'a>() -> Vec<BarColumn<'a>> {
    let mut columns = vec![
        level(),
        node(),
        period(),
        BarColumn::text("currency", "currency of every amount in the row", |line| {
            Some(line.currency.code.as_str().into())
        })
        .unit("ISO 4217"),
        BarColumn::text(
            "basis",
            "native: the deals in that currency; base: all deals, converted to the base currency",
            |line| Some(line.row.basis.name().into()),
        )
        .one_of(&["native", "base"]),
        BarColumn::date(
            "from",
            "the first morning; in a run the first day of the running period of that length",
            |line| Some(line.row.from),
        ),
        BarColumn::date("to", "the second morning", |line| Some(line.to)),
    ];
    columns.extend(amount_columns());
    columns.extend([node_name(), period_kind(), period_start(), period_end()]);
    columns.extend(count_columns());
    columns
}

fn amount_columns<'a>() -> Vec<BarColumn<'a>> {
    vec![
        BarColumn::money("start", "the forecast's pipeline on the first morning", |line| line.amount(Bar::Start)),
        BarColumn::money("created", "deals created since, now in `end`, `won` or `lost`", |line| {
            line.amount(Bar::Created)
        }),
        BarColumn::money(
            "pulled_in",
            "older deals that came into the period: date moved or set, no longer omitted, reopened, won in it",
            |line| line.amount(Bar::PulledIn),
        ),
        BarColumn::money("increased", "how much the amounts of deals in `start` were raised", |line| {
            line.amount(Bar::Increased)
        }),
        BarColumn::money("decreased", "how much the amounts of deals in `start` were lowered", |line| {
            line.amount(Bar::Decreased)
        }),
        BarColumn::money(
            "pushed_out",
            "deals that left the period and are not lost: date moved or removed, omitted, won in another",
            |line| line.amount(Bar::PushedOut),
        ),
        BarColumn::money("lost", "deals expected in the period and lost since the first morning", |line| {
            line.amount(Bar::Lost)
        }),
        BarColumn::money("won", "deals won in the period since the first morning", |line| line.amount(Bar::Won)),
        BarColumn::money("end", "the forecast's pipeline on the second morning", |line| line.amount(Bar::End))
            .formula(END_FORMULA),
        BarColumn::money("moved_in", "deals of the period that came from another node", |line| {
            line.amount(Bar::MovedIn)
        }),
        BarColumn::money("moved_out", "deals of the period that went to another node", |line| {
            line.amount(Bar::MovedOut)
        }),
        BarColumn::money(
            "revalued",
            "effect of other exchange rates on the deals in `start`; 0 in native rows",
            |line| line.amount(Bar::Revalued),
        ),
    ]
}

fn count_columns<'a>() -> Vec<BarColumn<'a>> {
    let columns = vec![
        BarColumn::integer("start_deals", "deals in `start`", |line| line.deals(Bar::Start)),
        BarColumn::integer("created_deals", "deals in `created`", |line| line.deals(Bar::Created)),
        BarColumn::integer("pulled_in_deals", "deals in `pulled_in`", |line| line.deals(Bar::PulledIn)),
        BarColumn::integer("increased_deals", "deals in `increased`", |line| line.deals(Bar::Increased)),
        BarColumn::integer("decreased_deals", "deals in `decreased`", |line| line.deals(Bar::Decreased)),
        BarColumn::integer("pushed_out_deals", "deals in `pushed_out`", |line| line.deals(Bar::PushedOut)),
        BarColumn::integer("lost_deals", "deals in `lost`", |line| line.deals(Bar::Lost)),
        BarColumn::integer("won_deals", "deals in `won`", |line| line.deals(Bar::Won)),
        BarColumn::integer("end_deals", "deals in `end`", |line| line.deals(Bar::End)),
        BarColumn::integer("moved_in_deals", "deals in `moved_in`", |line| line.deals(Bar::MovedIn)),
        BarColumn::integer("moved_out_deals", "deals in `moved_out`", |line| line.deals(Bar::MovedOut)),
        BarColumn::integer("revalued_deals", "deals in `revalued`", |line| line.deals(Bar::Revalued)),
    ];
    columns.into_iter().map(|column| column.unit("deals")).collect()
}

/// The `waterfall` table.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn waterfall_table(waterfall: &Waterfall) -> Result<Table, ArrowError> {
    spec().table(&lines(waterfall, &waterfall.rows), most_decimals(&waterfall.currencies))
}

/// The same table in parts, made one by one; at least one.
pub fn waterfall_parts(waterfall: &Waterfall) -> impl Iterator<Item = Result<Table, ArrowError>> + '_ {
    let decimals = most_decimals(&waterfall.currencies);
    chunks(waterfall).map(move |rows| spec().table(&lines(waterfall, rows), decimals))
}

/// The `waterfall_since_run` table in parts.
pub fn since_parts(waterfall: &Waterfall) -> impl Iterator<Item = Result<Table, ArrowError>> + '_ {
    let decimals = most_decimals(&waterfall.currencies);
    chunks(waterfall).map(move |rows| since_spec().table(&lines(waterfall, rows), decimals))
}

fn chunks(waterfall: &Waterfall) -> impl Iterator<Item = &[WaterfallRow]> + '_ {
    let rows = &waterfall.rows;
    let first_rows = (0..rows.len().max(1)).step_by(ROWS_PER_PART);
    first_rows.map(|first| &rows[first..rows.len().min(first + ROWS_PER_PART)])
}

fn lines<'a>(waterfall: &'a Waterfall, rows: &'a [WaterfallRow]) -> Vec<WaterfallLine<'a>> {
    rows.iter().map(|row| WaterfallLine::of(waterfall, row)).collect()
}

fn most_decimals(currencies: &[RowCurrency]) -> u32 {
    currencies.iter().map(|currency| currency.decimals).max().unwrap_or(2)
}

/// One row of `waterfall_deals`, with all that names it.
pub struct DealBarLine<'a> {
    row: &'a DealBar<'a>,
    deal_id: Option<&'a str>,
    currency: &'a RowCurrency,
    base: &'a RowCurrency,
    to: Day,
}

impl DealBarLine<'_> {
    fn base_amount(&self) -> Option<MoneyCell> {
        Some(MoneyCell::new(self.row.base?, self.base.decimals))
    }

    fn base_currency(&self) -> Option<&str> {
        self.row.base.map(|_| self.base.code.as_str())
    }
}

impl OfPeriod for DealBarLine<'_> {
    fn period(&self) -> Period {
        self.row.period
    }
}

type DealBarColumn<'a> = Column<DealBarLine<'a>>;

/// What always holds of `waterfall_deals`.
const DEAL_INVARIANTS: &[Invariant] = &[Invariant::Key(&["deal_id", "owner", "period", "bar"])];

/// The columns of `waterfall_deals`.
#[must_use]
pub fn deals_spec<'a>() -> TableSpec<DealBarLine<'a>> {
    let columns = vec![
        DealBarColumn::text("deal_id", "the deal", |line| line.deal_id.map(Into::into)),
        DealBarColumn::text("owner", "owner whose bar the deal is part of", |line| Some(line.row.owner.into())),
        period(),
        DealBarColumn::text("bar", "the bar of `waterfall`", |line| Some(line.row.bar.name().into())).one_of(BAR_NAMES),
        DealBarColumn::money("amount", "what the deal adds to the bar", |line| {
            Some(MoneyCell::new(line.row.native, line.currency.decimals))
        }),
        DealBarColumn::text("currency", "currency of `amount`", |line| Some(line.currency.code.as_str().into()))
            .unit("ISO 4217"),
        DealBarColumn::money("base_amount", "what the deal adds to the bar of the base row", DealBarLine::base_amount)
            .unit("base currency")
            .empty("without rates where there are several currencies"),
        DealBarColumn::text("base_currency", "the base currency", |line| line.base_currency().map(Into::into))
            .unit("ISO 4217")
            .empty("where `base_amount` is"),
        DealBarColumn::text("stage_from", "stage on the first morning", |line| line.row.stage_from.map(Into::into))
            .empty("it was not open then"),
        DealBarColumn::text("stage_to", "stage on the second morning", |line| Some(line.row.stage_to.into())),
        DealBarColumn::date("expected_close_from", "expected close date on the first morning", |line| {
            line.row.expected_from
        })
        .empty("it was not open then, or had none"),
        DealBarColumn::date("expected_close_to", "expected close date on the second morning", |line| {
            line.row.expected_to
        })
        .empty("it has none"),
        DealBarColumn::text("reason", "why the deal came into the period, or left it", |line| {
            line.row.reason.map(Into::into)
        })
        .empty("except in `pulled_in` and `pushed_out`"),
        period_kind(),
        DealBarColumn::date("from", "the first morning", |line| Some(line.row.from)),
        DealBarColumn::date("to", "the second morning", |line| Some(line.to)),
    ];
    TableSpec::new("waterfall_deals", "open or closed deal x period x bar of its owner in the waterfall", columns)
        .holds(DEAL_INVARIANTS)
}

/// The `waterfall_deals` table; no rows where the waterfall has no currency.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn waterfall_deals_table(listed: &WaterfallDeals<'_>, tables: &Tables) -> Result<Table, ArrowError> {
    let Some(base) = listed.currencies.last() else { return deals_spec().table(&[], 2) };
    let line = |row| DealBarLine {
        row,
        deal_id: tables.deals.id(row.row),
        currency: &listed.currencies[row.currency],
        base,
        to: listed.to,
    };
    let lines: Vec<DealBarLine<'_>> = listed.rows.iter().map(line).collect();
    deals_spec().table(&lines, most_decimals(&listed.currencies))
}

#[cfg(test)]
mod tests;
