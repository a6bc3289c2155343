//! The model card for programs: the same facts as the card for people, as JSON.

use serde_json::{Value, json};

use crate::features::Field;
use crate::model::card::weighted_columns;
use crate::model::limits::limits_of;
use crate::model::win_model::WinModel;

/// The card of `model` as JSON: the same facts for programs. What only scoring needs (rates by level, profiles) stays in
/// the model. Same model, same bytes.
#[must_use]
pub fn card_json(model: &WinModel) -> String {
    let fields = model.spec.fields.iter().enumerate().map(|(i, field)| field_json(field, &model.spec.encoding(i)));
    let columns = weighted_columns(model).map(|column| {
        let field = &model.spec.fields[column.feature.field].name;
        json!({ "name": column.feature.name, "field": field, "weight": column.weight, "standard_error": column.error })
    });
    let card = json!({
        "model_id": model.model_id,
        "as_of": model.as_of,
        "signal": model.signal,
        "verdict": model.verdict,
        "horizon_days": model.horizon_days,
        "horizon_source": model.horizon_source,
        "base_rate": model.base_rate,
        "grade_cuts": model.grade_cuts,
        "training": model.training,
        "recipe_blake3": model.recipe_blake3,
        "evaluation": model.evaluation,
        "evaluation_withdrawn": model.contradiction.is_some(),
        "kind": model.win.kind,
        "alpha": model.win.alpha,
        "calibration": model.win.calibration,
        "importance": model.importance,
        "fields": fields.collect::<Vec<_>>(),
        "columns": columns.collect::<Vec<_>>(),
        "excluded": model.spec.excluded,
        "suspects": model.spec.suspects,
        "without_suspects": model.without_suspects,
        "contradiction": model.contradiction,
        "period": {
            "rows": model.period.rows,
            "longest_days": model.period.longest_days,
            "soon_days": model.period.soon_days,
            "columns": model.period.columns.iter().map(|column| column.name).collect::<Vec<_>>(),
            "win_weights": model.period.win_weights,
            "lose_weights": model.period.lose_weights,
            "left_out": model.period.left_out,
            "penalty": model.period.penalty,
            "pace": model.period.pace,
            "pace_by_age": model.period.by_age,
            "pace_of_late": model.period.of_late,
        },
        "limits": limits_of(model),
    });
    format!("{card:#}\n")
}

fn field_json(field: &Field, encoding: &str) -> Value {
    json!({
        "name": field.name,
        "factor": field.factor,
        "meaning": field.meaning,
        "unit": field.measure.unit(),
        "source": field.source,
        "known": field.known,
        "encoding": encoding,
        "missing_share": field.missing_share,
    })
}
