//! The `drift` table: how far the open deals have moved from what the model learnt from, one row per field it sees.

use arrow::error::ArrowError;

use crate::features::{Field, FieldDrift};
use crate::model::win_model::WinModel;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;
use crate::report::table::Table;

/// A field's drift with the model that sees it.
pub struct DriftLine<'a> {
    drift: &'a FieldDrift,
    model: &'a WinModel,
    /// The index from which a field counts as drifted.
    limit: f64,
}

impl DriftLine<'_> {
    fn field(&self) -> &Field {
        &self.model.spec.fields[self.drift.field]
    }
}

/// What always holds of `drift`.
const INVARIANTS: &[Invariant] = &[Invariant::Key(&["field"])];

/// The columns of `drift`.
#[must_use]
pub fn drift_spec<'a>() -> TableSpec<DriftLine<'a>> {
    type Line<'a> = DriftLine<'a>;
    TableSpec::new(
        "drift",
        "field the model sees",
        vec![
            Column::text("field", "the field", |line: &Line<'_>| Some(line.field().name.as_str().into())),
            Column::text("factor", "the factor it is part of in explanations", |line: &Line<'_>| {
                Some(line.field().factor.as_str().into())
            }),
            Column::number("factor_share", "how much of the scores that factor makes", |line: &Line<'_>| {
                line.model.share_of(line.drift.field)
            })
            .between(0, 1)
            .empty("the model has no signal"),
            Column::number(
                "psi",
                "population stability index of the open deals against the training rows; 0 is no change",
                |line: &Line<'_>| Some(line.drift.psi),
            )
            .at_least(0),
            Column::number(
                "psi_significant",
                "from here on the change is statistically significant (95 %); below it is within noise",
                |line: &Line<'_>| Some(line.drift.by_chance),
            )
            .at_least(0),
            Column::flag("drifted", "whether the change is large and statistically significant", |line: &Line<'_>| {
                Some(line.drift.has_drifted(line.limit))
            })
            .formula("psi >= max(psi_significant, `training.retrain.drift_psi`)"),
            Column::text("model_id", "the model", |line: &Line<'_>| Some(line.model.model_id.as_str().into())),
        ],
    )
    .holds(INVARIANTS)
}

/// The drift of `model`'s fields as a table, in its order. `limit` is the index from which a field counts as drifted.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn drift_table(model: &WinModel, drift: &[FieldDrift], limit: f64) -> Result<Table, ArrowError> {
    let lines: Vec<DriftLine<'_>> = drift.iter().map(|drift| DriftLine { drift, model, limit }).collect();
    drift_spec().table(&lines, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stored_fixtures::model;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let mut model = model();
        model.spec.fields[2].factor = "who".to_owned();
        model.importance[0].factor = "who".to_owned();
        model.importance[0].share = 0.75;
        let drift = FieldDrift { field: 2, psi: 0.5, by_chance: 0.125 };
        let expected = [
            ("field", "owner"),
            ("factor", "who"),
            ("factor_share", "0.75"),
            ("psi", "0.5"),
            ("psi_significant", "0.125"),
            ("drifted", "true"),
            ("model_id", model.model_id.as_str()),
        ];
        assert_row(&drift_table(&model, &[drift], 0.25).expect("a table"), 0, &expected);
    }
}
