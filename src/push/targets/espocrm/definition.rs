//! What does a field take? Its definition in the metadata in, a [`TargetKind`] out, or why it cannot be written.

use serde_json::Value;

use crate::config::ScoreField;
use crate::push::value::TargetKind;

/// Characters of a varchar whose definition says nothing of its length: what EspoCRM's column holds.
const VARCHAR: usize = 255;

/// What a field of the metadata takes that is to be filled with `of`; the reason where it cannot be.
pub(super) fn kind(of: ScoreField, definition: &Value) -> Result<TargetKind, String> {
    let number =
        |key: &str| definition.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let is = |key: &str| definition.get(key).and_then(Value::as_bool) == Some(true);
    // `Core/Record/Service.php`, `filterReadOnlyAfterCreate`: left out of a PUT, which is answered with success.
    if is("readOnly") || is("readOnlyAfterCreate") {
        return Err("is read-only".to_owned());
    }
    if definition.get("type").is_some() && !is("isCustom") {
        return Err("is EspoCRM's own, expected a custom field".to_owned());
    }
    match definition.get("type").and_then(Value::as_str) {
        None => Err("is not there".to_owned()),
        Some("float") => Ok(TargetKind::Number(number("decimalPlaces").and_then(|places| u32::try_from(places).ok()))),
        Some("int") => Ok(TargetKind::Number(Some(0))),
        Some("varchar") => Ok(TargetKind::Text(Some(number("maxLength").unwrap_or(VARCHAR)))),
        Some("text") => Ok(TargetKind::Text(number("maxLength"))),
        Some("enum") => options(of, definition).map(|()| TargetKind::Text(None)),
        Some("date") => Ok(TargetKind::Date),
        Some("datetime") => Ok(TargetKind::DateTime),
        Some(other) => Err(format!("is of type {other}, expected float, int, varchar, text, enum, date or datetime")),
    }
}

/// Whether a choice has every word that is to be chosen: a word it has not is refused, record after record.
fn options(of: ScoreField, definition: &Value) -> Result<(), String> {
    let words = of.words();
    if words.is_empty() {
        return Err(format!("is an enum, expected varchar or text for {}", of.name()));
    }
    let Some(options) = definition.get("options").and_then(Value::as_array) else { return Ok(()) };
    let has = |word: &&str| options.iter().any(|option| option.as_str() == Some(*word));
    let absent: Vec<&str> = words.iter().copied().filter(|word| !has(word)).collect();
    if absent.is_empty() { Ok(()) } else { Err(format!("is an enum without {}", absent.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn definitions_say_what_a_field_takes() {
        let custom = |kind: &str| json!({ "type": kind, "isCustom": true });
        let of = |definition: &Value| kind(ScoreField::Grade, definition);
        assert_eq!(of(&custom("varchar")), Ok(TargetKind::Text(Some(255))));
        let long = json!({ "type": "text", "maxLength": 40, "isCustom": true });
        assert_eq!(of(&long), Ok(TargetKind::Text(Some(40))));
        assert!(of(&custom("datetimeOptional")).is_err());
        assert!(of(&json!({ "type": "varchar" })).is_err_and(|told| told.contains("EspoCRM's own")));
        assert_eq!(of(&Value::Null), Err("is not there".to_owned()));
        let later = json!({ "type": "varchar", "isCustom": true, "readOnlyAfterCreate": true });
        assert_eq!(of(&later), Err("is read-only".to_owned()));
    }

    #[test]
    fn a_choice_needs_every_word() {
        let choice = |options: Value| json!({ "type": "enum", "options": options, "isCustom": true });
        assert!(kind(ScoreField::Grade, &choice(json!(["", "A", "B", "C", "D"]))).is_ok());
        let told = kind(ScoreField::Grade, &choice(json!(["A", "B"])));
        assert_eq!(told, Err("is an enum without C, D".to_owned()));
        assert!(kind(ScoreField::ModelId, &choice(json!([]))).is_err_and(|told| told.contains("expected varchar")));
    }
}
