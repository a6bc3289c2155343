//! The columns of the run's tables that the page's data has.

/// The columns of an open deal, in the list, on its card and its page.
pub(in crate::render::page) const DEAL: [&str; 24] = [
    "deal_id",
    "name",
    "account",
    "owner",
    "stage",
    "amount",
    "currency",
    "base_amount",
    "expected_close_date",
    "forecast_category",
    "win_probability",
    "score",
    "grade",
    "trend",
    "previous_score",
    "win_in_period",
    "lose_in_period",
    "slip_in_period",
    "expected_value",
    "predicted_close_low",
    "predicted_close_date",
    "predicted_close_high",
    "days_in_stage",
    "stagnation",
];

/// The columns that the stagnation table adds to a deal.
pub(in crate::render::page) const STAGNATION: [&str; 4] = ["benchmark_days", "advance_30d", "lost_30d", "next_review"];

/// The columns that `period_deals` adds to a deal: what the forecast counts of it in the running period.
pub(in crate::render::page) const PACE: [&str; 3] = ["win_in_period", "expected", "base_expected"];

/// The columns of a node in a period.
pub(in crate::render::page) const FORECAST: [&str; 22] = [
    "level",
    "node",
    "node_name",
    "period",
    "period_kind",
    "basis",
    "currency",
    "quota",
    "won",
    "gap",
    "pipeline",
    "best_case",
    "commit",
    "expected",
    "p10",
    "p50",
    "p90",
    "coverage",
    "p_hit_quota",
    "open_deals",
    "submitted",
    "adjusted",
];

/// The columns of a gap.
pub(in crate::render::page) const GAPS: [&str; 16] = [
    "level",
    "node",
    "period",
    "basis",
    "currency",
    "target",
    "expected",
    "gap",
    "status",
    "main_cause",
    "deals_needed",
    "gap_pipeline",
    "gap_slippage",
    "gap_cycle",
    "gap_conversion",
    "gap_deal_size",
];

/// The columns of an owner's position.
pub(in crate::render::page) const POSITIONS: [&str; 5] = ["owner", "manager", "managers", "team", "region"];

/// The columns of what a run forecast of a node.
pub(in crate::render::page) const RUNS: [&str; 10] =
    ["run_as_of", "level", "node", "currency", "quota", "won", "expected", "p10", "p90", "p_hit_quota"];

/// The columns of a past forecast beside its actual.
pub(in crate::render::page) const CASES: [&str; 11] =
    ["cutoff", "period", "weeks_left", "level", "node", "currency", "forecast", "p10", "p90", "actual", "quota"];

/// The columns of a submitted forecast.
pub(in crate::render::page) const REVISIONS: [&str; 6] =
    ["submitted_on", "owner", "period", "category", "adjustment", "base_amount"];

/// The columns of a stage of the funnel.
pub(in crate::render::page) const FUNNEL: [&str; 11] = [
    "cohort",
    "segment",
    "stage",
    "entered",
    "advanced",
    "conversion",
    "conversion_low",
    "conversion_high",
    "median_days",
    "p90_days",
    "open",
];
