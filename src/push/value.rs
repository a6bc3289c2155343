//! What a field holds: [`FieldValue`], as precise as the field can take it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// A number.
    Number(f64),
    /// Text, or a day as `2027-01-05`.
    Text(String),
}

/// The values of a record by the name of the target's field. What is not filled is not there.
pub type FieldValues = BTreeMap<String, FieldValue>;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// Numbers with so many decimals; six where nobody says.
    Number(Option<u32>),
    /// Text of at most so many characters.
    Text(Option<usize>),
    /// Days.
    Date,
    /// Days with a time.
    DateTime,
}

/// Decimals of a number where the target does not say how many it keeps.
const DECIMALS: u32 = 6;

impl TargetKind {
    /// `value` as a field of this kind takes it; none where it does not.
    #[must_use]
    pub fn fit(self, value: &FieldValue) -> Option<FieldValue> {
        match (self, value) {
            (Self::Number(decimals), FieldValue::Number(number)) => {
                Some(FieldValue::Number(rounded(*number, decimals.unwrap_or(DECIMALS))))
            }
            (Self::Text(most), FieldValue::Text(text)) => {
                // No database and no CRM keeps the character 0.
                let text: String = text.trim().chars().filter(|c| *c != '\0').collect();
                Some(FieldValue::Text(
                    text.chars().take(most.unwrap_or(usize::MAX)).collect::<String>().trim_end().to_owned(),
                ))
            }
            (Self::Text(_), FieldValue::Number(number)) => Some(FieldValue::Text(number.to_string())),
            (Self::Date, FieldValue::Text(day)) => Some(FieldValue::Text(day.chars().take(10).collect())),
            (Self::DateTime, FieldValue::Text(day)) if day.len() == 10 => {
                Some(FieldValue::Text(format!("{day} 00:00:00")))
            }
            (Self::DateTime, FieldValue::Text(moment)) => Some(FieldValue::Text(moment.clone())),
            (Self::Number(_) | Self::Date | Self::DateTime, _) => None,
        }
    }

    /// What a server says of a field of this kind; none where that is empty.
    #[must_use]
    pub fn read(self, told: &serde_json::Value) -> Option<FieldValue> {
        let text = match told {
            serde_json::Value::String(text) => text.trim().to_owned(),
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::Bool(flag) => flag.to_string(),
            _ => return None,
        };
        if text.is_empty() {
            return None;
        }
        match self {
            Self::Number(_) => text.parse().ok().map(FieldValue::Number),
            _ => Some(FieldValue::Text(text)),
        }
    }

    /// Whether two values are one, at this field's precision.
    #[must_use]
    pub fn same(self, one: &FieldValue, other: &FieldValue) -> bool {
        match (self.fit(one), self.fit(other)) {
            (Some(FieldValue::Number(one)), Some(FieldValue::Number(other))) => (one - other).abs() < 1e-9,
            (Some(one), Some(other)) => one == other,
            _ => false,
        }
    }
}

/// `number` with so many decimals, as written: 0.7342560000001 is 0.734256.
fn rounded(number: f64, decimals: u32) -> f64 {
    format!("{number:.*}", decimals.min(12) as usize).parse().unwrap_or(number)
}

/// How far apart two numbers are; none where one of them is no number.
pub(super) fn distance(one: &FieldValue, other: &FieldValue) -> Option<f64> {
    match (one, other) {
        (FieldValue::Number(one), FieldValue::Number(other)) => Some((one - other).abs()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> FieldValue {
        FieldValue::Text(text.to_owned())
    }

    #[test]
    fn values_are_fitted_and_compared_at_the_fields_precision() {
        let two = TargetKind::Number(Some(2));
        assert_eq!(two.fit(&FieldValue::Number(0.734_256)), Some(FieldValue::Number(0.73)));
        assert!(two.same(&FieldValue::Number(0.734_256), &FieldValue::Number(0.73)));
        assert!(!TargetKind::Number(None).same(&FieldValue::Number(0.734_256), &FieldValue::Number(0.73)));
        assert_eq!(TargetKind::Text(Some(4)).fit(&text("model-1")), Some(text("mode")));
        assert_eq!(TargetKind::DateTime.fit(&text("2027-01-05")), Some(text("2027-01-05 00:00:00")));
        assert_eq!(TargetKind::Number(None).fit(&text("A")), None);
        assert_eq!(TargetKind::Text(None).fit(&FieldValue::Number(73.0)), Some(text("73")));
    }

    #[test]
    fn what_servers_say_is_read() {
        let number = TargetKind::Number(None);
        assert_eq!(number.read(&serde_json::json!("0.734260")), Some(FieldValue::Number(0.734_26)));
        assert_eq!(number.read(&serde_json::json!(0.5)), Some(FieldValue::Number(0.5)));
        for empty in [serde_json::json!(null), serde_json::json!(""), serde_json::json!([])] {
            assert_eq!(number.read(&empty), None);
        }
        assert_eq!(TargetKind::Text(None).read(&serde_json::json!("m-1")), Some(text("m-1")));
    }
}
