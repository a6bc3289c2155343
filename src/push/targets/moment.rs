//! Days and times as interfaces that speak ISO 8601 have them, and as a push compares them: `2027-01-05 08:00:00`, in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::push::value::{FieldValue, TargetKind};

/// `value` as it is sent; `zone` is how the interface writes UTC.
pub(super) fn sent(kind: TargetKind, value: &FieldValue, zone: &str) -> FieldValue {
    match (kind, value) {
        (TargetKind::DateTime, FieldValue::Text(moment)) => {
            FieldValue::Text(format!("{}{zone}", moment.replacen(' ', "T", 1)))
        }
        _ => value.clone(),
    }
}

/// What a server says of a field, as it is compared.
pub(super) fn read(kind: TargetKind, told: &Value) -> Option<FieldValue> {
    match (kind, kind.read(told)?) {
        (TargetKind::DateTime, FieldValue::Text(text)) => {
            Some(FieldValue::Text(in_utc(&text).map_or(text, |moment| moment.strftime("%F %T").to_string())))
        }
        (TargetKind::Date, FieldValue::Text(text)) if text.len() > 10 => {
            let moment = in_utc(&text).map(|moment| moment.strftime("%F").to_string());
            Some(FieldValue::Text(moment.unwrap_or(text)))
        }
        (_, value) => Some(value),
    }
}

/// `2027-01-05T08:00:00.000+0000`, or milliseconds since 1970.
fn in_utc(text: &str) -> Option<jiff::Zoned> {
    let moment = match text.parse::<i64>() {
        Ok(milliseconds) => Timestamp::from_millisecond(milliseconds).ok()?,
        Err(_) => text.parse().ok()?,
    };
    Some(moment.to_zoned(TimeZone::UTC))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<FieldValue> {
        Some(FieldValue::Text(text.to_owned()))
    }

    #[test]
    fn a_moment_is_compared_in_utc_however_a_server_writes_it() {
        for told in
            ["2027-01-05T08:00:00.000+0000", "2027-01-05T08:00:00Z", "2027-01-05T13:30:00+05:30", "1799136000000"]
        {
            assert_eq!(read(TargetKind::DateTime, &Value::from(told)), text("2027-01-05 08:00:00"), "{told}");
        }
        for told in ["2027-01-05", "1799107200000", "2027-01-05T00:00:00Z"] {
            assert_eq!(read(TargetKind::Date, &Value::from(told)), text("2027-01-05"), "{told}");
        }
        let number = read(TargetKind::Number(None), &Value::from("0.5"));
        assert_eq!(number, Some(FieldValue::Number(0.5)));
        let day = TargetKind::DateTime.fit(&FieldValue::Text("2027-01-05".to_owned())).expect("fits");
        assert_eq!(Some(sent(TargetKind::DateTime, &day, "Z")), text("2027-01-05T00:00:00Z"));
    }
}
