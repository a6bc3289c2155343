//! What does a field take? Its description in, a [`TargetKind`] out, or why it cannot be written.

use serde_json::Value;

use crate::config::ScoreField;
use crate::push::value::TargetKind;

/// What a described field takes that is to be filled with `of`; the reason where it cannot be.
pub(super) fn kind(of: ScoreField, name: &str, field: Option<&Value>) -> Result<TargetKind, String> {
    let Some(field) = field else { return Err("is not there, or its user does not see it".to_owned()) };
    if !name.starts_with("cf_") {
        return Err("is vtiger's own, expected a custom field, whose name begins with cf_".to_owned());
    }
    if field.get("editable").and_then(Value::as_bool) == Some(false) {
        return Err("cannot be edited".to_owned());
    }
    match field.pointer("/type/name").and_then(Value::as_str).unwrap_or_default() {
        "double" | "currency" => Ok(TargetKind::Number(None)),
        "integer" => Ok(TargetKind::Number(Some(0))),
        "string" | "text" => Ok(TargetKind::Text(None)),
        "picklist" => words(of, field).map(|()| TargetKind::Text(None)),
        "date" => Ok(TargetKind::Date),
        other => Err(format!("is of type {other}, expected double, integer, string, text, picklist or date")),
    }
}

/// Whether a picklist has every word that is to be chosen: one it has not is stored all the same ("revise: invalid picklist
/// value"), and then filters and reports by that field do not find it.
fn words(of: ScoreField, field: &Value) -> Result<(), String> {
    let Some(choices) = field.pointer("/type/picklistValues").and_then(Value::as_array) else { return Ok(()) };
    let has = |word: &&str| choices.iter().any(|choice| choice.get("value").and_then(Value::as_str) == Some(*word));
    let absent: Vec<&str> = of.words().iter().copied().filter(|word| !has(word)).collect();
    match (of.words(), absent.as_slice()) {
        ([], _) => Err(format!("is a picklist, expected text for {}", of.name())),
        (_, []) => Ok(()),
        (_, absent) => Err(format!("is a picklist without {}", absent.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_picklist_needs_every_word() {
        let choices = |words: &[&str]| {
            let values: Vec<Value> = words.iter().map(|word| json!({ "label": word, "value": word })).collect();
            json!({ "editable": true, "type": { "name": "picklist", "picklistValues": values } })
        };
        let of = |field: &Value, score| kind(score, "cf_857", Some(field));
        assert_eq!(of(&choices(&["A", "B", "C", "D"]), ScoreField::Grade), Ok(TargetKind::Text(None)));
        let told = of(&choices(&["A", "B"]), ScoreField::Grade);
        assert_eq!(told, Err("is a picklist without C, D".to_owned()));
        assert!(of(&choices(&[]), ScoreField::ModelId).is_err_and(|told| told.contains("expected text")));
        assert!(kind(ScoreField::Grade, "description", Some(&choices(&["A"]))).is_err());
    }
}
