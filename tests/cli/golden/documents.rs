//! JSON documents: keys and sentences may be renamed, no number or day in them may get lost.

use serde_json::Value;

use super::answers::answer;
use super::changed::Changes;
use super::compare::Difference;
use super::run::{desk_with_models, sample};
use super::stored;

/// A number, or a text that is one or begins with a day, and where it stands.
#[derive(Debug)]
struct Leaf {
    place: String,
    text: String,
}

impl Leaf {
    fn difference(self) -> Difference {
        let told = format!("{} at {}", self.text, self.place);
        Difference { column: self.place, old: self.text, new: String::new(), told }
    }
}

/// The numbers and days of a document, in order.
fn leaves(value: &Value, place: &str, found: &mut Vec<Leaf>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, member)| leaves(member, &format!("{place}.{key}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| leaves(item, &format!("{place}[{i}]"), found));
        }
        Value::Number(number) => found.push(Leaf { place: place.to_owned(), text: number.to_string() }),
        Value::String(text) if text.parse::<f64>().is_ok() || is_day(text) => {
            found.push(Leaf { place: place.to_owned(), text: text.clone() });
        }
        _ => {}
    }
}

fn is_day(text: &str) -> bool {
    text.get(..10).is_some_and(|day| day.parse::<dealcast::domain::day::Day>().is_ok())
}

/// The numbers and days of `before` that `after` does not have, each counted as often as it stands there. The documents
/// come from a stored model and exact sums, so that no processor rounds them differently.
fn lost(before: &str, after: &str) -> Vec<Difference> {
    let [before, after] = [before, after].map(|text| {
        let mut found = Vec::new();
        leaves(&serde_json::from_str(text).unwrap(), "", &mut found);
        found
    });
    let mut left: Vec<String> = after.into_iter().map(|leaf| leaf.text).collect();
    left.sort_unstable();
    let mut is_lost = |leaf: &Leaf| match left.binary_search(&leaf.text) {
        Ok(at) => {
            left.remove(at);
            false
        }
        Err(_) => true,
    };
    before.into_iter().filter(|leaf| is_lost(leaf)).map(Leaf::difference).collect()
}

#[test]
fn documents_keep_their_numbers() {
    let desk = desk_with_models();
    let trace = ["history D00001750 --models models", "trace D00001750 --models models"];
    let history = answer(&desk, &trace, "--format json");
    desk.ok(&format!("run --config {} --models models --out out", sample().display()));
    let written = [
        ("trace", history),
        ("quality", desk.read("out/quality.json")),
        ("model_card", desk.read("out/model_card.json")),
    ];
    let changes = Changes::read();
    for (name, after) in written {
        let lost = lost(&stored::text(&format!("documents/{name}.json")), &after);
        let lost = changes.unstated(&format!("documents/{name}"), &lost);
        assert!(lost.is_empty(), "{name}.json has lost {}", lost.join(", "));
    }
}

#[test]
fn a_lost_number_is_named_with_its_place() {
    let before = r#"{"a": [1, 2.5, 2.5], "day": "2026-02-14", "word": "x"}"#;
    assert!(lost(before, r#"{"days": "2026-02-14", "b": {"c": 2.5, "d": 2.5}, "e": 1, "new": 7}"#).is_empty());
    let lost = lost(before, r#"{"a": [1, 2.5, 2.6], "day": "2026-02-15"}"#);
    let told: Vec<&str> = lost.iter().map(|lost| lost.told.as_str()).collect();
    assert_eq!(told, ["2.5 at .a[2]", "2026-02-14 at .day"]);
}
