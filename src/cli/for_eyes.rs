//! What of a table people look at first: the columns in order, and which rows say something twice.

use dealcast::report::cell::{Cell, TableCells};
use dealcast::report::table::Table;

/// Tables wider than a line, and their columns from the most to the least wanted. Every other table is shown as it is.
const FIRST: [(&str, &[&str]); 7] = [
    (
        "forecast",
        &[
            "node_name",
            "period",
            "currency",
            "quota",
            "won",
            "gap",
            "expected",
            "p10",
            "p90",
            "p_hit_quota",
            "coverage",
            "pipeline",
            "level",
            "p50",
            "open_deals",
        ],
    ),
    (
        "gaps",
        &[
            "node_name",
            "period",
            "currency",
            "target",
            "expected",
            "gap",
            "main_cause",
            "gap_pipeline",
            "gap_slippage",
            "gap_cycle",
            "gap_conversion",
            "gap_deal_size",
            "p_hit_quota",
            "level",
        ],
    ),
    (
        "scores",
        &[
            "deal_id",
            "name",
            "owner",
            "stage",
            "amount",
            "currency",
            "score",
            "grade",
            "trend",
            "win_in_period",
            "predicted_close_date",
            "stagnation",
            "days_in_stage",
        ],
    ),
    (
        "stagnation",
        &[
            "deal_id",
            "name",
            "owner",
            "stage",
            "amount",
            "currency",
            "status",
            "days_in_stage",
            "benchmark_days",
            "advance_30d",
            "next_review",
        ],
    ),
    (
        "funnel",
        &[
            "cohort",
            "segment",
            "stage",
            "entered",
            "advanced",
            "lost",
            "open",
            "conversion",
            "conversion_low",
            "conversion_high",
            "median_days",
            "p90_days",
        ],
    ),
    (
        "sources",
        &[
            "source",
            "period",
            "created",
            "won",
            "lost",
            "win_rate",
            "revenue",
            "expected_revenue",
            "cost",
            "return",
            "currency",
        ],
    ),
    (
        "waterfall",
        &[
            "node_name",
            "period",
            "currency",
            "start",
            "created",
            "pulled_in",
            "increased",
            "decreased",
            "pushed_out",
            "lost",
            "won",
            "end",
            "level",
        ],
    ),
];

/// The places of the columns to show, the most wanted first.
pub(super) fn columns(table: &Table) -> Vec<usize> {
    let schema = table.batch().schema_ref();
    let first = FIRST.iter().find(|(name, _)| *name == table.name()).map_or(&[] as &[&str], |(_, columns)| columns);
    let mut places: Vec<usize> = first.iter().filter_map(|column| schema.index_of(column).ok()).collect();
    places.extend((0..schema.fields().len()).filter(|place| !first.contains(&schema.field(*place).name().as_str())));
    places
}

/// The rows to show: of the forecast one per node and period, the one in the base currency where there is one. Native rows
/// of other tables say what the base rows leave out.
pub(super) fn rows(table: &Table) -> Vec<usize> {
    let cells = TableCells(table.batch());
    let of_node = |row: usize| cells.key(&["level", "node", "period"], row);
    let is = |row: usize, basis: &str| matches!(cells.at("basis", row), Cell::Text(text) if text == basis);
    let all = 0..table.rows();
    if table.name() != "forecast" {
        return all.collect();
    }
    let in_base: std::collections::BTreeSet<Vec<String>> =
        all.clone().filter(|row| is(*row, "base")).map(of_node).collect();
    all.filter(|row| !is(*row, "native") || !in_base.contains(&of_node(*row))).collect()
}
