//! What it costs that closed deals do not train.

use crate::analyses::quality::cost::QualityCost;
use crate::analyses::quality::costs::{CostInput, Gap};
use crate::domain::inputs::InputTable;
use crate::model::TrainingCoverage;
use crate::report::words::thousands;

/// The closed deals a model would not learn from, and why not.
#[must_use]
pub fn training_cost(input: CostInput<'_>, coverage: TrainingCoverage) -> Option<QualityCost> {
    let TrainingCoverage { closed, used, undated, young, horizon_days } = coverage;
    let deals = closed.saturating_sub(used);
    let between = deals.saturating_sub(undated + young);
    let causes = [
        (undated, "closed on an unknown day".to_owned()),
        (young, format!("created in the last {horizon_days} days, whose outcomes are not all known")),
        (between, "open on none of the past days a model learns from".to_owned()),
    ];
    let told: Vec<String> = causes
        .into_iter()
        .filter(|(deals, _)| *deals > 0)
        .map(|(deals, why)| format!("{} {why}", thousands(deals.into())))
        .collect();
    input.cost(Gap {
        gap: "not_trained_on",
        table: InputTable::Deals,
        column: "closed_at",
        deals,
        of_deals: closed,
        amount_minor: None,
        so: told.join(", "),
        remedy: "`[training]` sets the days a model learns from: `landmarks`, `horizon_days`, `window_days`",
    })
}
