//! The columns of the lags.

use crate::run::dictionary::{OutputTable, column};

pub(super) const LAGS: OutputTable = OutputTable {
    name: "lags",
    row: "node, or value of a column, x running period",
    columns: &[
        column("level", "text", "", "owner, manager, team, region, company, or the column: product, source..."),
        column("node", "text", "", "the owner's id, the team's name, the column's value..."),
        column("period", "text", "", "the running `2026-01` (`2026-P01`), `2026-Q1`, `2026-H1` or `2026`, fiscal"),
        column("currency", "text", "ISO 4217", "the base currency, that of every amount in the row"),
        column("target", "money", "currency", "what was to be won, see `target_source`"),
        column("expected", "money", "currency", "won + expected_from_open + expected_from_new"),
        column("gap", "money", "currency", "target - expected = the sum of the next five amounts"),
        column(
            "status",
            "text",
            "behind, on track",
            "behind: the chance to reach the target is below one half; where that is not told, less is expected",
        ),
        column(
            "main_cause",
            "text",
            "pipeline, slippage, cycle, conversion, deal_size, within chance",
            "of a node behind: what widens the gap most among the factors that differ from their norm beyond chance \
             (two-sided, 10 %)",
        ),
        column("gap_pipeline", "money", "currency", "part of the gap that is owed to fewer deals than needed"),
        column("gap_slippage", "money", "currency", "... to more deals pushed out of the period"),
        column("gap_cycle", "money", "currency", "... to fewer deals decided by the period's end"),
        column("gap_conversion", "money", "currency", "... to fewer of the decided deals won"),
        column(
            "gap_deal_size",
            "money",
            "currency",
            "... to less money in each deal won; below zero: it narrows the gap",
        ),
        column(
            "deals",
            "number",
            "deals",
            "open at some time of the period, and those still to be created that the expected new wins take",
        ),
        column("deals_needed", "number", "deals", "what the target takes at the four norms below"),
        column(
            "kept_share",
            "number",
            "0 to 1",
            "of these not pushed out: not moved beyond the period's end by now and open at its end; null where no close \
             date ever moves",
        ),
        column(
            "kept_share_norm",
            "number",
            "0 to 1",
            "in the last four periods: the company's, or the node's own where the target is not a quota",
        ),
        column("decided_share", "number", "0 to 1", "of the kept won or lost by the period's end, as chances say"),
        column("decided_share_norm", "number", "0 to 1", "in the same periods"),
        column("win_rate", "number", "0 to 1", "of the decided won"),
        column("win_rate_norm", "number", "0 to 1", "in the same periods"),
        column("deal_size", "number", "currency", "expected value per deal won"),
        column("deal_size_norm", "number", "currency", "in the same periods"),
        column(
            "target_source",
            "text",
            "quota, share, past",
            "the node's quota, a share of the company's by what was won in past periods, or the mean won in these",
        ),
        column("won", "money", "currency", "won in the period so far"),
        column(
            "expected_from_open",
            "money",
            "currency",
            "open deals x chance to be won in the period, as in the forecast",
        ),
        column("expected_from_new", "money", "currency", "from deals not yet created, as in the forecast"),
        column("p_hit_quota", "number", "0 to 1", "chance to reach the quota, as in the forecast"),
        column("node_name", "text", "", "name of the owner or manager where known"),
        column("period_kind", "text", "month, quarter, half, year", "length of the period"),
        column("period_start", "date", "", "its first day"),
        column("period_end", "date", "", "its last day"),
    ],
};
