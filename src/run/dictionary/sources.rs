//! The columns of `sources`, `campaigns` and `attribution`.

use crate::run::dictionary::{OutputColumn, OutputTable, column};

/// What both tables have behind their names.
const MEASURES: [OutputColumn; 26] = [
    column("period", "text", "", "fiscal period the deals and leads were created, and the money spent, in"),
    column(
        "created",
        "integer",
        "deals",
        "created in the period; records that never were more than leads are not deals",
    ),
    column("won", "integer", "deals", "of these, won by now"),
    column("lost", "integer", "deals", "of these, lost by now"),
    column("win_rate", "number", "0 to 1", "won / (won + lost); of a young period it knows only the fast deals"),
    column("revenue", "money", "currency", "amount of the won deals"),
    column("median_cycle_days", "number", "days", "median days from creation to the win of the deals won so far"),
    column(
        "cost",
        "money",
        "currency",
        "marketing spend; empty where a part of it has no rate, and under filters, as it was spent on all",
    ),
    column("return", "number", "", "(revenue - cost) / cost"),
    column("cost_per_win", "number", "currency", "cost / won"),
    column("currency", "text", "ISO 4217", "currency of the money; empty where the deals have no common one"),
    column("leads", "integer", "leads", "leads created in the period; empty where there are no leads at all"),
    column("leads_converted", "integer", "leads", "of these, became a deal"),
    column(
        "lead_conversion",
        "number",
        "0 to 1",
        "share of the leads that becomes a deal in the long run, open ones included",
    ),
    column("open", "integer", "deals", "of created, neither won nor lost"),
    column("open_value", "money", "currency", "amount of the open deals"),
    column("mean_won", "number", "currency", "mean amount of the won deals that have one"),
    column(
        "expected_won",
        "number",
        "deals",
        "won, and what deals as old and of this source became in the past of the open ones",
    ),
    column("expected_win_rate", "number", "0 to 1", "expected_won / created: the win rate in the long run"),
    column("expected_win_rate_low", "number", "0 to 1", "95 % interval of the win rate in the long run"),
    column("expected_win_rate_high", "number", "0 to 1", "the other end"),
    column("expected_revenue", "money", "currency", "revenue, and amount x chance of the open deals"),
    column("expected_return", "number", "", "(expected_revenue - cost) / cost"),
    column(
        "expected_cycle_days",
        "integer",
        "days",
        "median days from creation to win in the long run, of all periods of the source",
    ),
    column("cost_per_lead", "number", "currency", "cost / leads"),
    column("cost_per_deal", "number", "currency", "cost / created"),
];

/// `names`, then the [`MEASURES`].
const fn with_measures<const N: usize>(names: &[OutputColumn]) -> [OutputColumn; N] {
    let mut columns = [MEASURES[0]; N];
    let mut at = 0;
    while at < N {
        columns[at] = if at < names.len() { names[at] } else { MEASURES[at - names.len()] };
        at += 1;
    }
    columns
}

const SOURCE: OutputColumn = column("source", "text", "", "where the deals came from");

/// By source.
pub const SOURCES: OutputTable =
    OutputTable { name: "sources", row: "source x period", columns: &with_measures::<27>(&[SOURCE]) };

/// By source and campaign; no rows where nothing names a campaign.
pub const CAMPAIGNS: OutputTable = OutputTable {
    name: "campaigns",
    row: "source x campaign x period",
    columns: &with_measures::<28>(&[SOURCE, column("campaign", "text", "", "the campaign, `(none)` without one")]),
};

/// By touches; no rows where there are none.
pub const ATTRIBUTION: OutputTable = OutputTable {
    name: "attribution",
    row: "model of attribution x source x period",
    columns: &[
        column("attribution", "text", "", "first touch, last touch (before the deal closed) or linear (all alike)"),
        column("source", "text", "", "source of the touches; `(no touch)` of deals no touch is known of"),
        column("campaign", "text", "", "campaign of the touches, where campaigns are asked for"),
        column("period", "text", "", "fiscal period the deals were created, and the money spent, in"),
        column("created", "number", "deals", "deals created in the period, in parts; by each model they add up to all"),
        column("won", "number", "deals", "of these, won by now"),
        column("lost", "number", "deals", "of these, lost by now"),
        column("win_rate", "number", "0 to 1", "won / (won + lost)"),
        column(
            "revenue",
            "money",
            "currency",
            "the source's part of the won amounts; by each model they add up to all, to the cent",
        ),
        column("expected_won", "number", "deals", "won, and what is to be expected of the open deals"),
        column("expected_revenue", "money", "currency", "revenue, and what is to be expected of the open deals"),
        column(
            "cost",
            "money",
            "currency",
            "marketing spend; empty where a part of it has no rate, and under filters, as it was spent on all",
        ),
        column("return", "number", "", "(revenue - cost) / cost"),
        column("expected_return", "number", "", "(expected_revenue - cost) / cost"),
        column("cost_per_deal", "number", "currency", "cost / created"),
        column("cost_per_win", "number", "currency", "cost / won"),
        column("currency", "text", "ISO 4217", "currency of the money; empty where the deals have no common one"),
    ],
};
