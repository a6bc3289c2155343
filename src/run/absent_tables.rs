//! Which optional input tables are not given, and what that costs.

use crate::config::Config;

/// What the absence of each optional table costs.
const COST_OF_ABSENCE: [(&str, &str); 9] = [
    ("stage_history", "no days in stage, no moves, no pushed dates: scores and stagnation rest on age alone"),
    ("activities", "scores do not see who is in touch with the customer"),
    ("leads", "the funnel begins with the deal, no cost per lead"),
    ("touches", "no attribution: a deal counts for its own source alone"),
    ("quotas", "no gap, attainment or coverage"),
    ("users", "no managers, teams or regions"),
    ("fx_rates", "amounts stay in their own currencies"),
    ("campaign_costs", "no cost and no return per source"),
    ("revisions", "no submitted forecasts"),
];

/// The optional tables that are not given, with what that costs.
pub fn absent_tables(config: &Config) -> impl Iterator<Item = (&'static str, &'static str)> {
    let sources = &config.sources;
    let given = [
        sources.stage_history.is_some(),
        sources.activities.is_some(),
        sources.leads.is_some(),
        sources.touches.is_some(),
        sources.quotas.is_some(),
        sources.users.is_some(),
        sources.fx_rates.is_some(),
        sources.campaign_costs.is_some(),
        sources.revisions.is_some(),
    ];
    COST_OF_ABSENCE.into_iter().zip(given).filter(|(_, given)| !given).map(|(table, _)| table)
}
