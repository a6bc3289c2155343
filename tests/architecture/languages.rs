//! Every finding a person may read, and what to do about it, has words in every language.

use std::collections::BTreeSet;

use dealcast::render::language::LANGUAGES;

use super::source::{assert_none, shipped};

/// Findings that are English on purpose: `init` writes an English configuration and says what stands in it; how a CRM's
/// custom fields are made is documentation.
const ENGLISH: [&str; 2] = ["setup.", "push.setup"];

/// Keys of the configuration that look like codes.
const NO_CODES: [&str; 2] = ["features.exclude", "features.force"];

/// The codes of a file, each with whether the finding gives advice.
fn codes(code: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    for (at, literal) in code.split('"').scan(0, |at, part| {
        let begin = *at;
        *at += part.len() + 1;
        Some((begin, part))
    }) {
        let is_code = literal.split_once('.').is_some_and(|(family, name)| {
            let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            is_word(family) && is_word(name)
        });
        if is_code && !NO_CODES.contains(&literal) {
            let rest = code[at..].split("\n}").next().and_then(|rest| rest.split("Finding::").next());
            found.push((literal, rest.is_some_and(|rest| rest.contains(".remedy("))));
        }
    }
    found
}

#[test]
fn every_finding_has_words_in_every_language() {
    let files = shipped();
    let makers =
        files.iter().filter(|file| ["Finding::info", "Finding::warning"].iter().any(|new| file.bare.contains(new)));
    let codes: BTreeSet<(&str, bool)> = makers.flat_map(|file| codes(&file.code)).collect();
    let codes: Vec<(&str, bool)> =
        codes.into_iter().filter(|(code, _)| !ENGLISH.iter().any(|english| code.starts_with(english))).collect();
    assert!(codes.len() > 100, "{} codes", codes.len());
    for (language, text) in &LANGUAGES[1..] {
        let catalogue: toml::Table = text.parse().expect("a catalogue");
        let has = |section: &str, key: &str| {
            let section = catalogue[section].as_table().expect("a section");
            section.keys().any(|known| known == key || known.starts_with(&format!("{key}.")))
        };
        // What actions say is worded part by part.
        let part = |code: &str| format!("why-{}", code.trim_start_matches("actions.").replace('_', "-"));
        let untold = codes.iter().filter(|(code, _)| !has("findings", code) && !has("words", &part(code)));
        assert_none(&untold.map(|(code, _)| format!("{language} has no sentence of {code}")).collect::<Vec<_>>());
        let advice = codes.iter().filter(|(code, advises)| *advises && has("findings", code) && !has("remedies", code));
        assert_none(&advice.map(|(code, _)| format!("{language} has no advice of {code}")).collect::<Vec<_>>());
    }
}
