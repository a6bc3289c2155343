//! Changes of a document: values, keys, list items. For the configuration (as TOML), models and the decision log (as JSON).

use serde_json::{Value, json};

use crate::nasty;
use crate::random::Random;

/// Changes one node of `document`; says which and how.
pub fn change(document: &mut Value, random: &mut Random) -> String {
    let nodes = count(document);
    let mut left = random.below(nodes);
    let mut path = String::new();
    let node = find(document, &mut left, &mut path);
    match (random.below(8), node) {
        (0, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(random.below(map.len())).unwrap().clone();
            map.remove(&key);
            format!("{path}.{key} gone")
        }
        (1, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(random.below(map.len())).unwrap().clone();
            let value = map.remove(&key).unwrap();
            let name = String::from_utf8_lossy(&nasty::word(random)).into_owned();
            map.insert(name.clone(), value);
            format!("{path}.{key} is called {name:.40?}")
        }
        (2, Value::Array(items)) if !items.is_empty() => {
            let at = random.below(items.len());
            let again = items[at].clone();
            items.insert(at, again);
            format!("{path}[{at}] twice")
        }
        (3, Value::Array(items)) if !items.is_empty() => {
            let at = random.below(items.len());
            items.remove(at);
            format!("{path}[{at}] gone")
        }
        (4 | 5, node) if node.is_number() => {
            let number = node.as_f64().unwrap_or_default();
            *node = match random.below(4) {
                0 => json!(-number),
                1 => json!(number * 1e6),
                2 if node.is_i64() => json!(node.as_i64().unwrap_or_default().wrapping_add(1)),
                _ => json!(0),
            };
            format!("{path} is {node}")
        }
        (_, node) => {
            *node = nasty::value(random);
            format!("{path} is {:.60}", node.to_string())
        }
    }
}

/// Nodes of a document, itself among them.
fn count(node: &Value) -> usize {
    1 + match node {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

/// The node with `left` others before it.
fn find<'v>(node: &'v mut Value, left: &mut usize, path: &mut String) -> &'v mut Value {
    if *left == 0 {
        return node;
    }
    *left -= 1;
    let children: Vec<(String, &mut Value)> = match node {
        Value::Array(items) => items.iter_mut().enumerate().map(|(at, item)| (format!("[{at}]"), item)).collect(),
        Value::Object(map) => map.iter_mut().map(|(key, value)| (format!(".{key}"), value)).collect(),
        _ => Vec::new(),
    };
    for (step, child) in children {
        let inside = count(child);
        if *left < inside {
            path.push_str(&step);
            return find(child, left, path);
        }
        *left -= inside;
    }
    unreachable!("a number below the count of nodes names one")
}
