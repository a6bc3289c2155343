//! What stands in the places of a template: paths and bodies with their placeholders filled in. Pure.

use serde_json::{Map, Value};

use crate::push::target::RecordChange;
use crate::push::targets::json_record::object;
use crate::push::targets::path_part::path_part;

/// `path` with its placeholders filled in, each as one part of an address.
pub(super) fn filled_path(path: &str, parts: &[(&str, &str)]) -> String {
    let fill = |path: String, (name, value): &(&str, &str)| {
        let value = value.split(',').map(path_part).collect::<Vec<_>>().join(",");
        path.replace(&format!("{{{name}}}"), &value)
    };
    parts.iter().fold(path.to_owned(), fill)
}

/// A body for one record.
pub(super) fn record_body(template: &Value, change: &RecordChange) -> Value {
    filled(template, &|name| match name {
        "{id}" => Some(Value::from(change.deal.as_str())),
        "{id:number}" => {
            Some(change.deal.parse::<u64>().map_or_else(|_| Value::from(change.deal.as_str()), Value::from))
        }
        "{values}" => Some(Value::Object(object(&change.new))),
        _ => None,
    })
}

/// A body for a batch, whose records look like `item`.
pub(super) fn batch_body(template: &Value, item: &Value, batch: &[RecordChange]) -> Value {
    let items = || Value::Array(batch.iter().map(|change| record_body(item, change)).collect());
    filled(template, &|name| (name == "{items}").then(items))
}

/// `template` with every text that is a placeholder replaced. An object under the name `...` is dissolved: what it holds stands
/// beside the other names.
fn filled(template: &Value, value: &dyn Fn(&str) -> Option<Value>) -> Value {
    match template {
        Value::String(text) => value(text).unwrap_or_else(|| template.clone()),
        Value::Array(list) => Value::Array(list.iter().map(|one| filled(one, value)).collect()),
        Value::Object(object) => {
            let mut whole = Map::new();
            for (name, one) in object {
                match filled(one, value) {
                    Value::Object(beside) if name == BESIDE => whole.extend(beside),
                    other => whole.extend([(name.clone(), other)]),
                }
            }
            Value::Object(whole)
        }
        other => other.clone(),
    }
}

/// The name whose object stands beside the others.
const BESIDE: &str = "...";

/// Whether `pointer` leads into a list that is empty: `/data/0` of `{"data": []}`, which is how a search says that there is nothing.
pub(super) fn leads_into_nothing(body: &Value, pointer: &str) -> bool {
    let list = pointer.rmatch_indices('/').filter_map(|(at, _)| body.pointer(&pointer[..at])).next();
    list.and_then(Value::as_array).is_some_and(Vec::is_empty)
}

/// An id as text: some servers give numbers.
pub(super) fn id_text(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An error as text; none where there is none: nothing, null, false, 0 and what is empty.
pub(super) fn error_text(error: Option<&Value>) -> Option<String> {
    let text = match error? {
        Value::Null | Value::Bool(false) => return None,
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => return None,
        Value::Object(object) if object.is_empty() => return None,
        Value::Number(number) if number.as_f64() == Some(0.0) => return None,
        other => other.to_string(),
    };
    let line: String = text.lines().next().unwrap_or_default().chars().take(LONGEST).collect();
    (!line.is_empty()).then_some(line)
}

/// Longest reason that is kept.
const LONGEST: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::value::{FieldValue, FieldValues};
    use serde_json::json;

    fn change(deal: &str) -> RecordChange {
        let new = FieldValues::from([("w".to_owned(), FieldValue::Number(0.5))]);
        RecordChange { deal: deal.to_owned(), new }
    }

    #[test]
    fn paths_and_bodies_are_filled_in() {
        let path = filled_path("/deals({id})?$select={fields}", &[("id", "a/b"), ("fields", "w,x y")]);
        assert_eq!(path, "/deals(a%2Fb)?$select=w,x%20y");
        let template =
            json!({ "key": "{id:number}", "name": "{id}", "set": "{values}", "kind": "deal", "n": [1, null] });
        let body = json!({ "key": 7, "name": "7", "set": { "w": 0.5 }, "kind": "deal", "n": [1, null] });
        assert_eq!(record_body(&template, &change("7")), body);
        let flat = record_body(&json!({ "id": "{id}", "...": "{values}" }), &change("a"));
        assert_eq!(flat, json!({ "id": "a", "w": 0.5 }));
        let body = batch_body(&json!({ "rows": "{items}" }), &json!({ "id": "{id}" }), &[change("a"), change("b")]);
        assert_eq!(body, json!({ "rows": [{ "id": "a" }, { "id": "b" }] }));
    }

    #[test]
    fn a_search_that_finds_nothing_leads_into_nothing() {
        let empty = json!({ "data": [], "meta": {} });
        assert!(leads_into_nothing(&empty, "/data/0") && leads_into_nothing(&empty, "/data/0/fields"));
        for (body, pointer) in [
            (json!({ "data": [{}] }), "/data/1"),
            (json!({ "data": {} }), "/data/0"),
            (json!({ "errors": [] }), "/data/0"),
            (empty, ""),
        ] {
            assert!(!leads_into_nothing(&body, pointer), "{body} {pointer}");
        }
    }

    #[test]
    fn what_is_an_error_and_what_is_none() {
        for none in [json!(null), json!(false), json!(""), json!([]), json!({}), json!(0)] {
            assert_eq!(error_text(Some(&none)), None, "{none}");
        }
        assert_eq!(error_text(None), None);
        assert_eq!(error_text(Some(&json!("no right\nmore"))).as_deref(), Some("no right"));
        assert_eq!(error_text(Some(&json!({ "code": 5 }))).as_deref(), Some("{\"code\":5}"));
    }
}
