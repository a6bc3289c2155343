//! What Salesforce's answers say: of a request, of a record, of a described field.

use serde_json::Value;

use crate::push::error::{PushStop, StopKind};
use crate::push::target::RecordAnswer;
use crate::push::transport::HttpAnswer;
use crate::push::value::TargetKind;

/// What became of a record that was sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SalesforceAnswer {
    /// It was taken; what it holds is to be read.
    Taken,
    /// Somebody else is writing it: it is sent again.
    Locked,
    /// Anything else.
    Answer(RecordAnswer),
}

impl SalesforceAnswer {
    /// Nobody knows.
    pub fn unknown(status: Option<u16>, code: impl Into<String>) -> Self {
        Self::Answer(RecordAnswer::Unknown { status, code: code.into() })
    }

    /// What a record's error is: `UNABLE_TO_LOCK_ROW`.
    pub fn of_error(code: &str, more: &str) -> Self {
        let status = Some(200);
        match code {
            LOCKED => Self::Locked,
            "ENTITY_IS_DELETED" | "INVALID_CROSS_REFERENCE_KEY" | "NOT_FOUND" | "MALFORMED_ID" => {
                Self::Answer(RecordAnswer::Missing { status, code: code.to_owned() })
            }
            "" => Self::unknown(status, "refused without a reason"),
            _ => Self::Answer(RecordAnswer::Rejected { status, code: format!("{code} {more}").trim_end().to_owned() }),
        }
    }
}

/// Of a record that somebody else is writing.
pub(super) const LOCKED: &str = "UNABLE_TO_LOCK_ROW";

/// What the server calls a fault: the first `errorCode` of `[{"errorCode": ..., "message": ...}]`.
pub(super) fn error_code(answer: &HttpAnswer) -> String {
    code(answer).unwrap_or_else(|| format!("status {}", answer.status))
}

/// Whether a refusal is of Salesforce itself, not of something in between.
pub(super) fn has_code(answer: &HttpAnswer) -> bool {
    code(answer).is_some()
}

fn code(answer: &HttpAnswer) -> Option<String> {
    let body: Value = serde_json::from_str(&answer.body).ok()?;
    body.get(0)?.get("errorCode")?.as_str().map(str::to_owned)
}

/// Whether the user or the day's limit, not a record, is what is refused.
pub(super) fn stop(answer: &HttpAnswer) -> Option<PushStop> {
    if answer.status != 403 {
        return None;
    }
    let code = error_code(answer);
    Some(match code.as_str() {
        "REQUEST_LIMIT_EXCEEDED" => {
            PushStop::new(StopKind::Quota, format!("the organisation's requests are used up ({code})"))
        }
        _ => PushStop::new(StopKind::Refused, format!("the server refuses the user (403, {code})")),
    })
}

/// The JSON of an answer that is one; why the push ends where it is none.
pub(super) fn json(answer: &HttpAnswer, what: &str) -> Result<Value, PushStop> {
    if let Some(stop) = stop(answer) {
        return Err(stop);
    }
    let body = serde_json::from_str(&answer.body).ok().filter(|_| matches!(answer.status, 200 | 201));
    body.ok_or_else(|| {
        PushStop::new(
            StopKind::Strange,
            format!("{what}: the server answers {} ({})", answer.status, error_code(answer)),
        )
    })
}

/// What a described field takes; the reason where it cannot be written.
pub(super) fn kind(described: Option<&Value>) -> Result<TargetKind, String> {
    let Some(described) = described else { return Err("is not there, or the user does not see it".to_owned()) };
    let is = |key: &str| described.get(key).and_then(Value::as_bool) == Some(true);
    let number = |key: &str| described.get(key).and_then(Value::as_u64);
    if !is("custom") {
        return Err("is Salesforce's own, expected a custom field, whose name ends in __c".to_owned());
    }
    if is("calculated") {
        return Err("is a formula".to_owned());
    }
    if !is("updateable") {
        return Err("cannot be edited by this user".to_owned());
    }
    let length = || number("length").filter(|length| *length > 0).and_then(|length| usize::try_from(length).ok());
    match described.get("type").and_then(Value::as_str).unwrap_or_default() {
        "double" => Ok(TargetKind::Number(number("scale").and_then(|scale| u32::try_from(scale).ok()))),
        "int" => Ok(TargetKind::Number(Some(0))),
        "string" | "textarea" => Ok(TargetKind::Text(length())),
        "picklist" => Ok(TargetKind::Text(None)),
        "date" => Ok(TargetKind::Date),
        "datetime" => Ok(TargetKind::DateTime),
        "percent" => Err("is of type percent, which calls a chance of 1 100, expected number".to_owned()),
        other => Err(format!("is of type {other}, expected number, text, text area, picklist, date or date/time")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_written_where_it_is_custom_editable_and_of_a_type_that_keeps_what_is_sent() {
        let field = |kind: &str| json!({ "type": kind, "custom": true, "updateable": true, "scale": 6, "length": 80 });
        assert_eq!(kind(Some(&field("double"))), Ok(TargetKind::Number(Some(6))));
        assert_eq!(kind(Some(&field("string"))), Ok(TargetKind::Text(Some(80))));
        assert!(
            kind(Some(&field("percent"))).is_err() && kind(Some(&field("boolean"))).is_err() && kind(None).is_err()
        );
        for (key, value) in [("custom", false), ("updateable", false), ("calculated", true)] {
            let mut other = field("double");
            other[key] = json!(value);
            assert!(kind(Some(&other)).is_err(), "{key}");
        }
    }

    #[test]
    fn errors_of_a_record_are_missing_locked_or_refused() {
        assert_eq!(SalesforceAnswer::of_error(LOCKED, ""), SalesforceAnswer::Locked);
        for gone in ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"] {
            assert!(
                matches!(SalesforceAnswer::of_error(gone, ""), SalesforceAnswer::Answer(RecordAnswer::Missing { .. })),
                "{gone}"
            );
        }
        let refused = RecordAnswer::Rejected { status: Some(200), code: "NUMBER_OUTSIDE_VALID_RANGE A__c".to_owned() };
        assert_eq!(SalesforceAnswer::of_error("NUMBER_OUTSIDE_VALID_RANGE", "A__c"), SalesforceAnswer::Answer(refused));
    }
}
