//! Words for tax and currency behind the name of a column of amounts: `Montant HT (EUR)` is `Montant`.

use crate::ingest;

/// Words behind the name of an amount that say whether tax is in it.
const TAX_WORDS: [&str; 16] = [
    "ht", "ttc", "net", "netto", "neto", "brutto", "bruto", "gross", "brut", "excl", "incl", "vat", "mwst", "ust",
    "tva", "iva",
];

/// The name of a column without the words for tax and the currency behind it: `Montant` of `Montant HT (EUR)`.
pub(super) fn bare_amount(header: &str) -> String {
    let words: Vec<&str> = header.split_whitespace().collect();
    let says_more = |word: &&&str| {
        let bare = word.trim_matches(|c: char| "()[].,/".contains(c));
        TAX_WORDS.contains(&bare.to_lowercase().as_str()) || !bare.is_empty() && ingest::currency(bare).1
    };
    let behind = words.iter().skip(1).rev().take_while(says_more).count();
    words[..words.len() - behind].join(" ")
}
