//! What the name of an open stage says of its place in a process, in the languages of the presets.

use crate::presets;

/// Parts of stages' names with the place in a process they speak of, in the languages of the presets; of several in one
/// name the latest counts.
const PLACES: [(u8, &[&str]); 8] = [
    (
        10,
        &[
            "lead",
            "prospect",
            "prosp",
            "new",
            "neu",
            "nouveau",
            "nuev",
            "nieuw",
            "novo",
            "inquiry",
            "anfrage",
            "demande",
            "consulta",
            "aanvraag",
            "erst",
            "first",
            "premier",
            "primer",
            "incoming",
            "eingang",
            "akquise",
            "interessent",
            "identif",
            "backlog",
            "suspect",
        ],
    ),
    (
        15,
        &["contact", "kontakt", "termin", "appointment", "rendez", "cita", "afspraak", "gespräch", "connect", "engag"],
    ),
    (
        20,
        &[
            "qualif",
            "calific",
            "kwalif",
            "discover",
            "bedarf",
            "need",
            "besoin",
            "necesidad",
            "behoefte",
            "analy",
            "análi",
            "develop",
            "entwick",
            "desarroll",
            "research",
            "sondier",
        ],
    ),
    (
        30,
        &[
            "demo",
            "démo",
            "präsent",
            "présent",
            "present",
            "pilot",
            "test",
            "trial",
            "poc",
            "workshop",
            "evaluat",
            "evaluier",
            "solution",
            "lösung",
            "solución",
            "technical",
            "visit",
            "besichtig",
        ],
    ),
    (35, &["decision", "entscheid", "décid", "décision", "decisi", "perception", "value prop", "beslis"]),
    (
        40,
        &[
            "proposal",
            "propos",
            "angebot",
            "offer",
            "offert",
            "quot",
            "devis",
            "propuesta",
            "presupuesto",
            "oferta",
            "voorstel",
            "orçamento",
            "preis",
            "price",
            "pricing",
            "estimate",
        ],
    ),
    (50, &["negoti", "verhandl", "négoc", "negoci", "onderhand"]),
    (
        60,
        &[
            "contract",
            "vertrag",
            "contrat",
            "sign",
            "unterschr",
            "legal",
            "juri",
            "approv",
            "freigabe",
            "commit",
            "verbal",
            "mündlich",
            "zusage",
            "order",
            "bestell",
            "abschluss",
            "closing",
            "procure",
            "einkauf",
        ],
    ),
];

/// The place in a process a stage's name speaks of.
pub(crate) fn spoken_place(name: &str) -> Option<u8> {
    // a value proposition is no proposal yet
    let lower = name.to_lowercase().replace("value proposition", "value prop");
    let said = PLACES.iter().filter(|(_, words)| words.iter().any(|word| begins_word(&lower, word)));
    if lower.contains("value prop") {
        return Some(35);
    }
    let said = said.map(|(place, _)| *place).max();
    said.or_else(|| presets::spoken_place(name))
}

/// Whether a word of `text` begins with `part`, or ends in it as compound words do.
fn begins_word(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric()) || part.chars().count() >= 5
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_speak_of_places_in_every_language() {
        for (early, late) in [
            ("Anfrage", "Angebot"),
            ("Kontaktaufnahme", "Kostenangebot"),
            ("Premier contact", "Devis envoyé"),
            ("Calificación", "Negociación"),
            ("Value Proposition", "Proposal/Price Quote"),
            ("Demo", "Contract signed"),
        ] {
            assert!(spoken_place(early) < spoken_place(late), "{early} {late}");
        }
        assert_eq!(spoken_place("Kappa"), None);
        assert_eq!(spoken_place("Renewal"), None, "no new lead");
    }
}
