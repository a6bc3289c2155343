//! What a write may spoil that was not sent.
//!
//! `revise` reads the whole record as it is stored and saves all of it, every number through the user's own number format and
//! currency (`VtigerCRMObject.php`, `revise`; `data/CRMEntity.php`, `insertIntoEntityTable`). With a comma as decimal separator
//! an amount of 12500.50000000 becomes 1250050000000; with a currency of another rate it is divided by that. So the user's
//! format is looked at first, and a first record is compared as a whole before others are written.

use serde_json::Value;

use crate::push::value::FieldValues;

/// What a save reckons anew by itself.
const RECKONED: [&str; 1] = ["forecast_amount"];

/// What is wrong with the number format of a user; nothing where it is right or not told.
pub(super) fn format_fault(user: &Value) -> Option<String> {
    let separator = user.get("currency_decimal_separator").and_then(Value::as_str)?.trim();
    (!separator.is_empty() && separator != ".").then(|| {
        format!(
            "cannot be written safely: its user has {separator:?} as decimal separator, expected \".\" \
             (with another one vtiger multiplies the amounts of every deal it saves)"
        )
    })
}

/// The number or day beside the fields that were sent that a write has changed: `amount from 12500.5 to 1250050`.
pub(super) fn spoilt(before: &Value, after: &Value, sent: &FieldValues) -> Option<String> {
    let fields = before.as_object()?.iter();
    let mut others = fields.filter(|(name, _)| !sent.contains_key(*name) && !RECKONED.contains(&name.as_str()));
    others.find_map(|(name, was)| {
        let (was, is) = (was.as_str()?, after.get(name)?.as_str()?);
        let is_other = match (was.parse::<f64>(), is.parse::<f64>()) {
            (Ok(was), Ok(is)) => (was - is).abs() > 1e-9 * was.abs().max(1.0),
            (Ok(_), Err(_)) => true,
            _ => is_day(was) && was != is,
        };
        is_other.then(|| format!("{name} from {was} to {is}"))
    })
}

/// Whether a text is a day: `2027-01-11`.
fn is_day(text: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::value::FieldValue;
    use serde_json::json;

    #[test]
    fn numbers_and_days_that_were_not_sent_stay_as_they_were() {
        let sent = FieldValues::from([("cf_win_score".to_owned(), FieldValue::Number(0.5))]);
        let before = json!({
            "amount": "12500.50000000", "closingdate": "2027-01-11", "cf_win_score": "0.100000", "forecast_amount": "1.0",
            "modifiedtime": "2026-11-23 07:12:18", "sales_stage": "Prospecting", "modifiedby": "19x1", "id": "13x2"
        });
        let mut after = before.clone();
        let changed =
            [("cf_win_score", "0.5"), ("forecast_amount", "2.0"), ("modifiedby", "19x5"), ("amount", "12500.5")];
        changed.iter().for_each(|(name, value)| after[*name] = json!(value));
        after["modifiedtime"] = json!("2026-11-23 07:12:20");
        assert_eq!(spoilt(&before, &after, &sent), None);
        after["amount"] = json!("1250050000000.00000000");
        let told = spoilt(&before, &after, &sent);
        assert_eq!(told.as_deref(), Some("amount from 12500.50000000 to 1250050000000.00000000"));
        after["amount"] = before["amount"].clone();
        after["closingdate"] = json!("2011-01-27");
        assert_eq!(spoilt(&before, &after, &sent).as_deref(), Some("closingdate from 2027-01-11 to 2011-01-27"));
    }

    #[test]
    fn a_users_decimal_separator_is_a_point_or_not_told() {
        let of = |user: &Value| format_fault(user).is_some();
        assert!(of(&json!({ "currency_decimal_separator": "," })));
        assert!(!of(&json!({ "currency_decimal_separator": "." })) && !of(&json!({ "user_name": "scorer" })));
    }
}
