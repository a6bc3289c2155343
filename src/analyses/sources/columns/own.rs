//! The `sources` and `campaigns` tables, where every deal counts for its own source.

use arrow::error::ArrowError;

use super::line::{SourceLine, deals, whole};
use crate::analyses::sources::rows::Sources;
use crate::books::deal_values::DealValues;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::{AddsUp, Invariant, PartRows};
use crate::report::table::Table;

/// When money is empty.
const NO_CURRENCY: &str = "the deals have no common currency";
/// When what is computed from costs is empty.
const NO_COST: &str = "the cost is empty or 0, or the money is empty";

/// What adds up over periods.
const COUNTS_AND_SUMS: &[&str] =
    &["created", "won", "lost", "revenue", "cost", "leads", "leads_converted", "open", "open_value", "expected_won"];

/// What always holds of `sources`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["source", "period"]),
    Invariant::Ordered(&["leads_converted", "leads"]),
    Invariant::Ordered(&["won", "expected_won", "created"]),
    Invariant::Ordered(&["expected_win_rate_low", "expected_win_rate", "expected_win_rate_high"]),
    Invariant::AddsUp(AddsUp {
        over: "period",
        whole: "all",
        parts: PartRows::AllOthers(&[]),
        but: None,
        per: &["source"],
        columns: COUNTS_AND_SUMS,
    }),
];

/// The columns of `sources`.
#[must_use]
pub fn spec<'a>() -> TableSpec<SourceLine<'a>> {
    let mut columns = vec![source()];
    columns.extend(measures());
    TableSpec::new("sources", "source x period", columns).holds(INVARIANTS)
}

/// What always holds of `campaigns`.
const CAMPAIGN_INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["source", "campaign", "period"]),
    Invariant::Ordered(&["leads_converted", "leads"]),
    Invariant::Ordered(&["won", "expected_won", "created"]),
    Invariant::Ordered(&["expected_win_rate_low", "expected_win_rate", "expected_win_rate_high"]),
    Invariant::AddsUp(AddsUp {
        over: "period",
        whole: "all",
        parts: PartRows::AllOthers(&[]),
        but: None,
        per: &["source", "campaign"],
        columns: COUNTS_AND_SUMS,
    }),
];

/// The columns of `campaigns`; it has no rows where nothing names a campaign.
#[must_use]
pub fn campaigns_spec<'a>() -> TableSpec<SourceLine<'a>> {
    let campaign = Column::text("campaign", "the campaign; `(none)` without one", |line: &SourceLine<'_>| {
        Some(line.row.campaign.as_deref()?.into())
    });
    let mut columns = vec![source(), campaign];
    columns.extend(measures());
    TableSpec::new("campaigns", "source x campaign x period", columns).holds(CAMPAIGN_INVARIANTS)
}

fn source<'a>() -> Column<SourceLine<'a>> {
    Column::text(
        "source",
        "where the deals came from; `(none)` of deals that name no source",
        |line: &SourceLine<'_>| Some(line.row.source.as_str().into()),
    )
}

/// What both tables have behind their names.
fn measures<'a>() -> Vec<Column<SourceLine<'a>>> {
    type Line<'a> = SourceLine<'a>;
    vec![
        Column::text(
            "period",
            "fiscal period the deals and leads were created in and the money was spent in; `all` for all \
             together",
            |line: &Line<'_>| Some(line.row.period_name().into()),
        ),
        Column::integer(
            "created",
            "deals created in the period; records that never were more than leads are not deals",
            |line: &Line<'_>| Some(whole(line.row.sums.created)),
        )
        .unit("deals")
        .formula("won + lost + open"),
        Column::integer("won", "deals of the period that are won by now", |line: &Line<'_>| {
            Some(whole(line.row.sums.won))
        })
        .unit("deals"),
        Column::integer("lost", "deals of the period that are lost by now", |line: &Line<'_>| {
            Some(whole(line.row.sums.lost))
        })
        .unit("deals"),
        Column::number(
            "win_rate",
            "share of the closed deals that was won; of a young period it knows only the fast deals",
            |line: &Line<'_>| line.row.win_rate_so_far(),
        )
        .between(0, 1)
        .formula("won / (won + lost)")
        .empty("no deal has closed"),
        Column::money("revenue", "amount of the won deals", |line: &Line<'_>| line.money(line.row.revenue_minor))
            .empty(NO_CURRENCY),
        Column::number(
            "median_cycle_days",
            "median days from creation to the win of the deals won so far",
            |line: &Line<'_>| line.row.sums.median_cycle_days,
        )
        .unit("days")
        .empty("no deal is won"),
        Column::money("cost", "marketing spend", |line: &Line<'_>| line.money(line.row.sums.cost_minor))
            .empty("no cost is known, or of a source none of one of the periods with revenue; a part of it has no rate, or a filter leaves deals out: it was spent on all"),
        Column::number(
            "return",
            "net return on spend: 0.5 is half the money again on top of what was spent",
            |line: &Line<'_>| line.row.return_of(line.row.revenue_minor),
        )
        .formula("(revenue - cost) / cost")
        .empty(NO_COST),
        Column::number("cost_per_win", "spend per won deal", |line: &Line<'_>| line.cost_per(line.row.sums.won))
            .unit("currency")
            .formula("cost / won")
            .empty("the cost is empty or no deal is won"),
        Column::text("currency", "currency of the money", |line: &Line<'_>| line.currency().map(Into::into))
            .unit("ISO 4217")
            .empty(NO_CURRENCY),
        Column::integer("leads", "leads created in the period", |line: &Line<'_>| line.leads(line.row.sums.leads))
            .unit("leads")
            .empty("there are no leads at all"),
        Column::integer("leads_converted", "leads of the period that became a deal", |line: &Line<'_>| {
            line.leads(line.row.sums.lead_deals)
        })
        .unit("leads")
        .empty("there are no leads at all"),
        Column::number(
            "lead_conversion",
            "share of the leads that becomes a deal in the long run, open ones included",
            |line: &Line<'_>| Some(line.row.lead_conversion?.value),
        )
        .between(0, 1)
        .empty("the source has no lead in the period"),
        Column::integer("open", "deals of the period that are open", |line: &Line<'_>| {
            Some(whole(line.row.sums.open()))
        })
        .unit("deals"),
        Column::money("open_value", "amount of the open deals", |line: &Line<'_>| {
            line.money(line.row.open_value_minor)
        })
        .empty(NO_CURRENCY),
        Column::number("mean_won", "mean amount of the won deals that have one", |line: &Line<'_>| {
            line.row.mean_won_minor.map(|minor| line.values.units(minor))
        })
        .unit("currency")
        .empty("no won deal has an amount, or the deals have no common currency"),
        Column::number(
            "expected_won",
            "won deals, and those to expect of the open ones: what deals as old and of this source became \
             in the past",
            |line: &Line<'_>| Some(deals(line.row.sums.expected_won)),
        )
        .unit("deals"),
        Column::number("expected_win_rate", "win rate in the long run", |line: &Line<'_>| {
            Some(line.row.win_rate?.value)
        })
        .between(0, 1)
        .formula("expected_won / created")
        .empty("no deal was created"),
        Column::number(
            "expected_win_rate_low",
            "lower end of the 95 % interval of the win rate in the long run",
            |line: &Line<'_>| Some(line.row.win_rate?.low),
        )
        .between(0, 1)
        .empty("no deal was created"),
        Column::number(
            "expected_win_rate_high",
            "upper end of the 95 % interval of the win rate in the long run",
            |line: &Line<'_>| Some(line.row.win_rate?.high),
        )
        .between(0, 1)
        .empty("no deal was created"),
        Column::money("expected_revenue", "revenue, and amount x chance of the open deals", |line: &Line<'_>| {
            line.money(line.row.expected_revenue_minor)
        })
        .empty(NO_CURRENCY),
        Column::number("expected_return", "net return on spend once the open deals have closed", |line: &Line<'_>| {
            line.row.return_of(line.row.expected_revenue_minor)
        })
        .formula("(expected_revenue - cost) / cost")
        .empty(NO_COST),
        Column::integer(
            "expected_cycle_days",
            "median days from creation to the win in the long run, of all periods of the source",
            |line: &Line<'_>| line.row.expected_cycle_days.map(i64::from),
        )
        .unit("days")
        .empty("no deal was created in the period, or none of the source was ever won"),
        Column::number("cost_per_lead", "spend per lead", |line: &Line<'_>| line.cost_per(line.row.sums.leads))
            .unit("currency")
            .formula("cost / leads")
            .empty("the cost is empty or there is no lead"),
        Column::number("cost_per_deal", "spend per deal created", |line: &Line<'_>| {
            line.cost_per(line.row.sums.created)
        })
        .unit("currency")
        .formula("cost / created")
        .empty("the cost is empty or there is no deal"),
    ]
}

/// `sources` or, where campaigns are told apart, `campaigns` as a table. Money is in the currency of `values`.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(sources: &Sources, by_campaign: bool, values: &DealValues) -> Result<Table, ArrowError> {
    let spec = if by_campaign { campaigns_spec() } else { spec() };
    spec.table(&SourceLine::of(sources, values).collect::<Vec<_>>(), values.decimals())
}
