//! Every sentence of a digest is worded in every language, whatever numbers there are.

use crate::render::language::{LANGUAGES, Language};
use crate::render::sentences::{sentence, worded};

const KEYS: [&str; 22] = [
    "digest-headline-none",
    "digest-headline",
    "digest-stays",
    "digest-score-moved",
    "digest-waterfall",
    "what-close-gap",
    "why-close-gap",
    "what-stalled",
    "why-stalled",
    "what-slow",
    "why-slow",
    "what-close-date-early",
    "why-close-date-early",
    "what-close-date-overdue",
    "why-close-date-overdue",
    "what-fields-missing",
    "why-fields-missing",
    "what-activity-missing",
    "why-activity-missing",
    "what-submitted",
    "why-submitted",
    "why-adjusted",
];

#[test]
fn every_sentence_is_worded_in_every_language() {
    for (code, _) in LANGUAGES {
        let language = Language::of(code).expect("a language");
        for key in KEYS {
            assert_ne!(language.word(key), key, "{code}: {key} is not there");
            let told = sentence(&language, key, &Default::default());
            assert!(!told.contains("{{") && !told.contains("{%"), "{code}: {key}: {told}");
        }
    }
}

#[test]
fn numbers_are_written_as_the_language_writes_them() {
    let json = r#"{"days": {"unit": "days", "value": 1}, "stage": {"unit": "text", "value": "<b>"},
        "benchmark_days": {"unit": "days", "value": 1200}, "advance_30d": {"unit": "share", "value": 0.125},
        "gap": {"unit": "money", "value": {"amount": "1234567.50", "currency": "EUR"}},
        "half": {"unit": "date", "value": "2026-02-14"}}"#;
    let [english, french] = ["en", "fr"].map(|code| Language::of(code).expect("a language"));
    let numbers = worded(json, &english);
    assert_eq!((numbers["gap"].as_str(), numbers["half"].as_str()), ("1,234,568 EUR", "2026-02-14"));
    let told = sentence(&english, "why-stalled", &numbers);
    assert_eq!(
        told,
        "Stalled: 1 day in <b>, where half of the deals that advance stay 1,200; of deals like it 12.5% advance within 30 days."
    );
    let told = sentence(&french, "why-stalled", &worded(json, &french));
    assert_eq!(
        told,
        "Bloquée\u{a0}: 1 jour en <b>, où la moitié des opportunités qui avancent restent 1\u{202f}200\u{202f}; \
         12,5\u{202f}% des opportunités semblables avancent en 30 jours."
    );
}
