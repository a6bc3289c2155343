//! `quality.json` and `rejects.csv`: what was wrong with the input, and what had to be assumed.

use std::io::Write;

use crate::analyses::forecast::Forecast;
use crate::config::Config;
use crate::run::error::RunError;
use crate::run::questions::Present;
use crate::store::outputs::Outputs;

/// What the absence of each optional table costs.
pub const COST_OF_ABSENCE: [(&str, &str); 9] = [
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
pub fn absent(config: &Config) -> impl Iterator<Item = (&'static str, &'static str)> {
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

/// Writes both.
pub(super) fn write_quality(
    present: &Present,
    config: &Config,
    forecast: &Forecast,
    outputs: &mut Outputs,
) -> Result<(), RunError> {
    let issues = present.issues();
    let rejects = |out: &mut (dyn Write + Send)| issues.write_rejects(out).map(|()| Some(issues.rejects()));
    outputs.document("rejects.csv", rejects)?;
    let quality = present.quality(absent(config).collect(), forecast);
    outputs.text("quality.json", &format!("{}\n", serde_json::to_string_pretty(&quality)?))?;
    Ok(())
}
