//! The `drift` table: how far the open deals have moved from what the model learnt from.

use arrow::error::ArrowError;

use crate::features::{Field, FieldDrift};
use crate::model::win_model::WinModel;
use crate::report::table::{Table, TableBuilder};

/// One row per field the model sees, in its order. `limit` is the index from which a field counts as drifted.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(model: &WinModel, drift: &[FieldDrift], limit: f64) -> Result<Table, ArrowError> {
    let field = |of: &FieldDrift| -> &Field { &model.spec.fields[of.field] };
    TableBuilder::default()
        .text("field", drift.iter().map(|of| Some(&field(of).name)))
        .text("factor", drift.iter().map(|of| Some(&field(of).factor)))
        .number("factor_share", drift.iter().map(|of| model.share_of(of.field)))
        .number("psi", drift.iter().map(|of| Some(of.psi)))
        .number("psi_by_chance", drift.iter().map(|of| Some(of.by_chance)))
        .flag("drifted", drift.iter().map(|of| Some(of.has_drifted(limit))))
        .text("model_id", drift.iter().map(|_| Some(&model.model_id)))
        .finish("drift")
}
