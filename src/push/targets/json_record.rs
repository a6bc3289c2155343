//! Records as JSON objects, which is how web interfaces send and take them.

use serde_json::{Map, Value};

use crate::push::target::TargetField;
use crate::push::value::{FieldValue, FieldValues};

/// The largest whole number that every JSON reader keeps.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// The fields of a record that are asked for.
pub(super) fn values(record: &Value, fields: &[TargetField]) -> FieldValues {
    let read = |field: &TargetField| Some((field.name.clone(), field.kind.read(record.get(&field.name)?)?));
    fields.iter().filter_map(read).collect()
}

/// A value. Whole numbers have no decimal point: some servers take none of those for a field of whole numbers.
pub(super) fn cell(value: &FieldValue) -> Value {
    match value {
        FieldValue::Number(number) if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE => {
            Value::from(*number as i64)
        }
        FieldValue::Number(number) => Value::from(*number),
        FieldValue::Text(text) => Value::from(text.as_str()),
    }
}

/// The fields as an object.
pub(super) fn object(new: &FieldValues) -> Map<String, Value> {
    new.iter().map(|(name, value)| (name.clone(), cell(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_decimal_point() {
        let new = FieldValues::from([
            ("chance".to_owned(), FieldValue::Number(0.734_256)),
            ("score".to_owned(), FieldValue::Number(73.0)),
        ]);
        assert_eq!(Value::Object(object(&new)).to_string(), "{\"chance\":0.734256,\"score\":73}");
    }
}
