//! Words that say that there is no value, in the languages CRMs are kept in, and words for yes and no.

use crate::domain::spelling::key;

/// Text that means "no value" in any column of any export.
const NULLS: &[&str] = &[
    "NULL",
    "null",
    "Null",
    "\\N",
    "#N/A",
    "#NV",
    "NaN",
    "nan",
    "NaT",
    "<NA>",
    "n/a",
    "N/A",
    "n.a.",
    "-",
    "--",
    "–",
    "—",
    "(null)",
    "<null>",
    "[null]",
    "(NULL)",
    "<NULL>",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#BEZUG!",
    "#WERT!",
    "(blank)",
    "(empty)",
    "(none)",
    "(leer)",
    "(vide)",
    "--None--",
    "(No value)",
    "undefined",
];

/// The longest of them.
const LONGEST: usize = 10;

/// Words that stand in place of a date, a number or an amount; letters only, in lower case.
const WORDS: &[&str] = &[
    // English
    "none",
    "nil",
    "na",
    "nan",
    "nd",
    "unknown",
    "notset",
    "notavailable",
    "notapplicable",
    "never",
    "missing",
    "empty",
    "blank",
    "tbd",
    "tba",
    "tbc",
    "pending",
    "open",
    "novalue",
    "notspecified",
    // German, French, Spanish, Portuguese, Italian, Dutch
    "keine",
    "kein",
    "keiner",
    "ka",
    "leer",
    "unbekannt",
    "offen",
    "keineangabe",
    "nichtgesetzt",
    "aucun",
    "aucune",
    "vide",
    "inconnu",
    "so",
    "ninguno",
    "ninguna",
    "sinfecha",
    "sindatos",
    "desconocido",
    "vacío",
    "nenhum",
    "nenhuma",
    "vazio",
    "nessuno",
    "nessuna",
    "vuoto",
    "geen",
    "leeg",
    "onbekend",
    "nvt",
    // Nordic, Polish, Czech, Turkish
    "ingen",
    "inga",
    "tom",
    "ei",
    "brak",
    "nieznany",
    "žádný",
    "žádné",
    "yok",
    "boş",
    // Russian, Ukrainian
    "нет",
    "нд",
    "пусто",
    "неизвестно",
    "немає",
    "невідомо",
    // Japanese, Chinese, Korean
    "なし",
    "無し",
    "無",
    "未定",
    "不明",
    "无",
    "空",
    "未知",
    "없음",
    "미정",
];

/// Words for nobody, where an owner stands.
const NOBODY: &[&str] = &[
    "none",
    "nobody",
    "unassigned",
    "notassigned",
    "noowner",
    "unknown",
    "nichtzugewiesen",
    "niemand",
    "nonattribué",
    "nonassigné",
    "sinasignar",
    "nessuno",
    "nãoatribuído",
    "niettoegewezen",
    "brak",
    "неназначен",
    "未割当",
    "未分配",
    "미지정",
];

/// Whether a cell of any column says that there is no value.
#[must_use]
pub fn is_null(text: &str) -> bool {
    text.len() <= LONGEST && NULLS.contains(&text)
}

/// Whether a cell of a column of dates, numbers or amounts says that there is no value.
#[must_use]
pub fn says_nothing(text: &str) -> bool {
    let key = key(text);
    key.is_empty() || WORDS.contains(&key.as_str())
}

/// Whether an owner is nobody.
#[must_use]
pub fn is_nobody(text: &str) -> bool {
    NOBODY.contains(&key(text).as_str())
}

/// What a word or sign for yes or no says; none for any other.
#[must_use]
pub fn flag(text: &str) -> Option<bool> {
    const YES: &[&str] = &[
        "true",
        "t",
        "yes",
        "y",
        "1",
        "x",
        "on",
        "wahr",
        "ja",
        "j",
        "vrai",
        "oui",
        "o",
        "sí",
        "si",
        "verdadero",
        "s",
        "sim",
        "verdadeiro",
        "vero",
        "waar",
        "kyllä",
        "tak",
        "prawda",
        "ano",
        "evet",
        "да",
        "是",
        "はい",
    ];
    const NO: &[&str] = &[
        "false",
        "f",
        "no",
        "n",
        "0",
        "off",
        "falsch",
        "nein",
        "faux",
        "non",
        "falso",
        "não",
        "nao",
        "onwaar",
        "nee",
        "nej",
        "nei",
        "ei",
        "nie",
        "fałsz",
        "ne",
        "hayır",
        "нет",
        "否",
        "いいえ",
    ];
    match key(text).as_str() {
        key if YES.contains(&key) => Some(true),
        key if NO.contains(&key) => Some(false),
        _ => match text {
            "✓" | "✔" | "☑" => Some(true),
            "✗" | "✘" | "☐" => Some(false),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_nothing() {
        assert!(["None", "k. A.", "н/д", "N.D.", "?", "[]", "なし", "Not set"].into_iter().all(says_nothing));
        assert!(["2025-01-02", "12", "-5", "soon", "(5)"].into_iter().all(|text| !says_nothing(text)));
        assert!(NULLS.iter().all(|text| text.len() <= LONGEST));
        assert!(is_null("(null)") && !is_null("none"), "a word may be a value of a column of words");
    }

    #[test]
    fn yes_and_no() {
        for (text, says) in [("WAHR", true), ("oui", true), ("1", true), ("Nein", false), ("нет", false), ("☐", false)]
        {
            assert_eq!(flag(text), Some(says), "{text}");
        }
        assert_eq!(flag("2025-01-05"), None);
    }
}
