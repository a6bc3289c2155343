//! Headers of columns with the day a deal entered a stage, as people write them, to the stages.

use std::collections::BTreeMap;

use crate::domain::stage::outcome_of_name;
use crate::ingest::profile::FileProfile;

/// Fewer are none where no column has the stage.
const FEWEST_WITHOUT_STAGE: usize = 3;
/// What people write before or behind a stage to say when it was entered.
const BEFORE: [&str; 14] = [
    "date entered",
    "entered",
    "date of",
    "date",
    "datum",
    "datum von",
    "eintritt",
    "fecha de",
    "fecha",
    "date de",
    "data de",
    "data",
    "moved to",
    "since",
];
const BEHIND: [&str; 13] =
    ["entered on", "entered at", "entered", "on", "at", "date", "am", "seit", "datum", "le", "el", "fecha", "op"];
/// Names behind which no stage stands.
const NO_STAGES: [&str; 33] = [
    "created",
    "create",
    "creation",
    "modified",
    "updated",
    "update",
    "changed",
    "closed",
    "close",
    "closing",
    "due",
    "start",
    "end",
    "begin",
    "birth",
    "order",
    "invoice",
    "delivery",
    "activity",
    "contact",
    "meeting",
    "call",
    "email",
    "erstellt",
    "geändert",
    "aktualisiert",
    "angelegt",
    "beginn",
    "ende",
    "fällig",
    "expected",
    "next",
    "last",
];

/// By what people write around a stage, where no column has the stage itself.
pub(crate) fn by_header(file: &FileProfile) -> BTreeMap<String, String> {
    let mut by_affix: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut ends: BTreeMap<String, String> = BTreeMap::new();
    let dates = file.columns.iter().filter(|column| column.filled > 0 && column.date_share() >= 0.6);
    for column in dates {
        let Some((affix, stage)) = around(&column.name) else { continue };
        if outcome_of_name(&stage).is_some() {
            ends.insert(column.name.clone(), stage);
        } else if !NO_STAGES.iter().any(|word| stage.to_lowercase().split(' ').any(|own| own == *word)) {
            by_affix.entry(affix).or_default().insert(column.name.clone(), stage);
        }
    }
    let most = by_affix.into_values().max_by_key(BTreeMap::len).unwrap_or_default();
    if most.len() < FEWEST_WITHOUT_STAGE { BTreeMap::new() } else { most.into_iter().chain(ends).collect() }
}

/// What stands around a stage in a header, and the stage.
fn around(header: &str) -> Option<(String, String)> {
    let lower = header.to_lowercase();
    let clean = |stage: &str| stage.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let before = BEFORE.iter().filter(|words| lower.starts_with(&format!("{words} "))).max_by_key(|words| words.len());
    let behind = BEHIND.iter().filter(|words| lower.ends_with(&format!(" {words}"))).max_by_key(|words| words.len());
    let (affix, stage) = match (before, behind) {
        (_, Some(words)) => (format!("… {words}"), header.get(..header.len().checked_sub(words.len())?)?),
        (Some(words), None) => (format!("{words} …"), header.get(words.len()..)?),
        (None, None) => return None,
    };
    Some((affix, clean(stage))).filter(|(_, stage)| !stage.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_stage_with_words_around_it() {
        let of = |header: &str| around(header).map(|(_, stage)| stage);
        assert_eq!(of("Qualified on").as_deref(), Some("Qualified"));
        assert_eq!(of("Date Demo").as_deref(), Some("Demo"));
        assert_eq!(of("Angebot am").as_deref(), Some("Angebot"));
        assert_eq!(of("Won date").as_deref(), Some("Won"));
        assert_eq!(of("Datum"), None);
    }
}
