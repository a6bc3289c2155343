//! What a model may see of its training rows: every field that is fit to be seen; of deals whose past is not known, only
//! what the deals table says of them.

use crate::config::FeatureConfig;
use crate::features::{FeatureContext, FeatureSpec, Field, Measure};
use crate::model::rows::RowsView;

/// Why a field is out where deals are seen as they stand.
const NO_PAST: &str =
    "the past of the deals is not known: what changes with their age or their closing tells how they ended";

/// The spec fitted on `rows`, without the fields that need a past where there is none.
pub(super) fn visible_spec(rows: RowsView<'_>, context: &FeatureContext<'_>, config: &FeatureConfig) -> FeatureSpec {
    let spec = FeatureSpec::fit(rows.states, rows.won, context, config);
    if context.timeline.undated { spec.only(stands_in_the_table, NO_PAST) } else { spec }
}

/// Whether a closed deal says of itself what it said when it was open.
fn stands_in_the_table(field: &Field) -> bool {
    match &field.measure {
        Measure::Amount { .. } | Measure::Number { .. } => true,
        Measure::Level { column, .. } => column != "stage" && column != "forecast_category",
        _ => false,
    }
}
