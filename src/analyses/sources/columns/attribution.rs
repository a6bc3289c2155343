//! The `attribution` table: what the touches of deals earn by each model, which share every deal among its touches.

use arrow::error::ArrowError;

use super::line::{SourceLine, deals};
use crate::analyses::sources::credit::Attribution;
use crate::analyses::sources::rows::Sources;
use crate::books::deal_values::DealValues;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::{AddsUp, Invariant, PartRows};
use crate::report::table::Table;

/// When money is empty.
const NO_CURRENCY: &str = "the deals have no common currency";
/// When what is computed from costs is empty.
const NO_COST: &str = "the cost is empty or 0, or the money is empty";

/// What always holds of `attribution`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["attribution", "source", "campaign", "period"]),
    Invariant::Ordered(&["won", "expected_won", "created"]),
    Invariant::AddsUp(AddsUp {
        over: "period",
        whole: "all",
        parts: PartRows::AllOthers(&[]),
        but: None,
        per: &["attribution", "source", "campaign"],
        columns: &["created", "won", "lost", "revenue", "expected_won"],
    }),
];

/// The columns of `attribution`; it has no rows where there are no touches.
#[must_use]
pub fn attribution_spec<'a>() -> TableSpec<SourceLine<'a>> {
    type Line<'a> = SourceLine<'a>;
    TableSpec::new(
        "attribution",
        "model of attribution x source x period",
        vec![
            Column::text(
                "attribution",
                "model of attribution: all to the first touch, to the last one before the deal closed, or to \
                 all touches alike",
                |line: &Line<'_>| line.attribution.map(|model| Attribution::name(model).into()),
            )
            .one_of(&["first touch", "last touch", "linear"]),
            Column::text(
                "source",
                "source of the touches; `(no touch)` of deals no touch is known of",
                |line: &Line<'_>| Some(line.row.source.as_str().into()),
            ),
            Column::text("campaign", "campaign of the touches", |line: &Line<'_>| {
                Some(line.row.campaign.as_deref()?.into())
            })
            .empty("campaigns are not asked for"),
            Column::text(
                "period",
                "fiscal period the deals were created in and the money was spent in; `all` for all together",
                |line: &Line<'_>| Some(line.row.period_name().into()),
            ),
            Column::number(
                "created",
                "deals created in the period, in parts; by each model they add up to all",
                |line: &Line<'_>| Some(deals(line.row.sums.created)),
            )
            .unit("deals"),
            Column::number("won", "deals of the period that are won by now, in parts", |line: &Line<'_>| {
                Some(deals(line.row.sums.won))
            })
            .unit("deals"),
            Column::number("lost", "deals of the period that are lost by now, in parts", |line: &Line<'_>| {
                Some(deals(line.row.sums.lost))
            })
            .unit("deals"),
            Column::number("win_rate", "share of the closed deals that was won", |line: &Line<'_>| {
                line.row.win_rate_so_far()
            })
            .between(0, 1)
            .formula("won / (won + lost)")
            .empty("no deal has closed"),
            Column::money(
                "revenue",
                "the source's part of the won amounts; by each model the parts add up to all, to the cent",
                |line: &Line<'_>| line.money(line.row.revenue_minor),
            )
            .empty(NO_CURRENCY),
            Column::number(
                "expected_won",
                "won deals, and those to expect of the open ones, in parts",
                |line: &Line<'_>| Some(deals(line.row.sums.expected_won)),
            )
            .unit("deals"),
            Column::money("expected_revenue", "revenue, and amount x chance of the open deals", |line: &Line<'_>| {
                line.money(line.row.expected_revenue_minor)
            })
            .empty(NO_CURRENCY),
            Column::money("cost", "marketing spend", |line: &Line<'_>| line.money(line.row.sums.cost_minor))
                .empty("no cost is known, or of a source none of one of the periods with revenue; a part of it has no rate, or a filter leaves deals out: it was spent on all"),
            Column::number(
                "return",
                "net return on spend: 0.5 is half the money again on top of what was spent",
                |line: &Line<'_>| line.row.return_of(line.row.revenue_minor),
            )
            .formula("(revenue - cost) / cost")
            .empty(NO_COST),
            Column::number(
                "expected_return",
                "net return on spend once the open deals have closed",
                |line: &Line<'_>| line.row.return_of(line.row.expected_revenue_minor),
            )
            .formula("(expected_revenue - cost) / cost")
            .empty(NO_COST),
            Column::number("cost_per_deal", "spend per deal created", |line: &Line<'_>| {
                line.cost_per(line.row.sums.created)
            })
            .unit("currency")
            .formula("cost / created")
            .empty("the cost is empty or there is no deal"),
            Column::number("cost_per_win", "spend per won deal", |line: &Line<'_>| line.cost_per(line.row.sums.won))
                .unit("currency")
                .formula("cost / won")
                .empty("the cost is empty or no deal is won"),
            Column::text("currency", "currency of the money", |line: &Line<'_>| line.currency().map(Into::into))
                .unit("ISO 4217")
                .empty(NO_CURRENCY),
        ],
    )
    .holds(INVARIANTS)
}

/// The models of attribution one after the other. Counts are whole and parts of deals, money is exact.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn attribution_table(models: &[Sources], values: &DealValues) -> Result<Table, ArrowError> {
    let lines: Vec<SourceLine<'_>> = models.iter().flat_map(|model| SourceLine::of(model, values)).collect();
    attribution_spec().table(&lines, values.decimals())
}
