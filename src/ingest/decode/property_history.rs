//! What a deal's properties were before, as HubSpot's API writes it inside the deal, to the day each stage was entered.
//!
//! `propertiesWithHistory.dealstage` is a list of values with their times. It becomes what HubSpot's own exports have: a column
//! for each stage with the time it was first entered. The past of other properties is not read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The field of a record that holds it.
pub(super) const FIELD: &str = "propertiesWithHistory";
/// The property that is the stage.
const STAGE: &str = "dealstage";
/// What HubSpot calls the time a stage was entered, before the stage's id.
const ENTERED: &str = "hs_v2_date_entered_";

/// Column and time for each stage of the history.
pub(super) fn entered(history: &Map<String, Value>) -> BTreeMap<String, &str> {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    for change in history.get(STAGE).and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| change.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (Some(stage), Some(at)) = (text("value"), text("timestamp")) else { continue };
        // times of one list are written alike, so their order is that of their letters
        let known = first.entry(format!("{ENTERED}{stage}")).or_insert(at);
        *known = (*known).min(at);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_entered_when_it_is_first_named() {
        let history = serde_json::json!({
            "dealstage": [
                {"value": "b", "timestamp": "2025-03-01T08:00:00Z"},
                {"value": "a", "timestamp": "2025-02-01T08:00:00Z"},
                {"value": "b", "timestamp": "2025-01-20T08:00:00Z"},
                {"value": "", "timestamp": "2025-01-10T08:00:00Z"}
            ],
            "amount": [{"value": "5", "timestamp": "2025-01-10T08:00:00Z"}]
        });
        let entered = entered(history.as_object().expect("a record"));
        let expected =
            [("hs_v2_date_entered_a", "2025-02-01T08:00:00Z"), ("hs_v2_date_entered_b", "2025-01-20T08:00:00Z")];
        assert_eq!(entered, BTreeMap::from(expected.map(|(column, at)| (column.to_owned(), at))));
    }
}
