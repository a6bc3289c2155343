//! What was answered before: an earlier configuration says it.

use toml_edit::{DocumentMut, Item, Table};

use crate::setup::answers::{Answers, CLOSED_AT, NO_COLUMN, place_of};
use crate::setup::proposal::{ANSWERED, Question};
use crate::setup::render::names_of;

/// Takes over the answers an earlier configuration holds: those that were given, and those to what is asked now. What is
/// answered already stays. Says whether there were any.
pub fn remember(answers: &mut Answers, earlier: &str, questions: &[Question]) -> bool {
    let Ok(document) = earlier.parse::<DocumentMut>() else { return false };
    let mut found: Vec<(String, String)> = Vec::new();
    for question in questions {
        let value = value_at(&document, &question.key);
        // a file that is gone is no answer
        let may_be = |value: &String| question.key != "sources.deals.path" || question.choices.contains(value);
        found.extend(value.filter(may_be).map(|value| (question.key.clone(), value)));
    }
    found.extend(of_stages(&document, questions));
    found.retain(|(key, _)| answers.get(key).is_none());
    for (key, value) in &found {
        answers.set_default(key, value);
    }
    !found.is_empty()
}

/// The value under a dotted key, as an answer would have it.
fn value_at(document: &DocumentMut, key: &str) -> Option<String> {
    let (section, last) = place_of(key);
    let mut table: &dyn toml_edit::TableLike = document.as_table();
    for name in names_of(&section) {
        table = table.get(name)?.as_table_like()?;
    }
    match table.get(last) {
        Some(item) => Some(item.as_str().map_or_else(|| item.to_string().trim().to_owned(), str::to_owned)),
        // that no column has it leaves no trace but the deals that are there
        None if key == CLOSED_AT => Some(NO_COLUMN.to_owned()),
        None => None,
    }
}

/// What the list of stages was answered to be: kinds that were said, an order that was said, the won stages where they are
/// asked for.
fn of_stages(document: &DocumentMut, questions: &[Question]) -> Vec<(String, String)> {
    let Some(stages) = document.get("stages").and_then(Item::as_array_of_tables) else { return Vec::new() };
    let asked = questions.iter().any(|question| question.key == "stages.won");
    let name = |stage: &Table| stage.get("name").and_then(Item::as_str).unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for kind in ["won", "lost"] {
        let is_said = |stage: &&Table| {
            let comment = stage.key("kind").and_then(|key| key.leaf_decor().prefix()?.as_str()).unwrap_or_default();
            let is_kind = stage.get("kind").and_then(Item::as_str) == Some(kind);
            is_kind && (comment.contains(ANSWERED) || asked && kind == "won")
        };
        let names: Vec<String> = stages.iter().filter(is_said).map(name).collect();
        if !names.is_empty() {
            found.push((format!("stages.{kind}"), names.join(",")));
        }
    }
    let above = stages.iter().next().and_then(|first| first.decor().prefix()?.as_str()).unwrap_or_default();
    if above.contains(&format!("certain, {ANSWERED}")) {
        found.push(("stages.order".to_owned(), stages.iter().map(name).collect::<Vec<_>>().join(",")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_found_in_what_was_written() {
        let text = "[sources.deals]\ndate_order = \"day-first\"\n[[stages]]\nname = \"Kappa\"\nkind = \"open\"\n[[stages]]\nname = \
                    \"Lambda\"\n# certain: this was answered\nkind = \"won\"\n";
        let asked = |key: &str| Question { key: key.to_owned(), asks: String::new(), choices: Vec::new() };
        let mut answers = Answers::default();
        assert!(remember(&mut answers, text, &[asked("sources.deals.date_order"), asked("sources.deals.vanished")]));
        assert_eq!(answers.get("sources.deals.date_order"), Some("day-first"));
        assert_eq!(answers.get("stages.won"), Some("Lambda"));
        assert_eq!(answers.get("sources.deals.vanished"), None);
        let mut given = Answers::default();
        given.set("stages.won", "Kappa");
        assert!(!remember(&mut given, text, &[]), "what is answered now counts");
        assert_eq!(given.get("stages.won"), Some("Kappa"));
    }
}
