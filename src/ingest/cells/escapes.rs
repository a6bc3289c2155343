//! Text that a web page or a spreadsheet escaped, as it was meant: `&amp;` in words, `="007"` around what is no number.

use std::borrow::Cow;

/// Names of signs HTML may have escaped.
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("euro", '€'),
    ("pound", '£'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("szlig", 'ß'),
    ("aelig", 'æ'),
    ("AElig", 'Æ'),
    ("oslash", 'ø'),
    ("Oslash", 'Ø'),
    ("aring", 'å'),
    ("Aring", 'Å'),
    ("ccedil", 'ç'),
    ("Ccedil", 'Ç'),
    ("ntilde", 'ñ'),
    ("Ntilde", 'Ñ'),
    ("atilde", 'ã'),
    ("otilde", 'õ'),
];

/// Accents of HTML's names with the letters they may stand on, before and after.
const ACCENTS: &[(&str, &str, &str)] = &[
    ("uml", "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
    ("acute", "aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"),
    ("grave", "aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
    ("circ", "aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
];

/// The longest name of a sign.
const LONGEST: usize = 8;

/// Text with HTML's escapes as the signs they stand for, once.
#[must_use]
pub fn without_html(text: Cow<'_, str>) -> Cow<'_, str> {
    if !(text.contains('&') && text.contains(';')) {
        return text;
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), &*text);
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let escaped = rest.find(';').filter(|end| *end <= LONGEST).and_then(|end| Some((end, sign(&rest[..end])?)));
        match escaped {
            Some((end, sign)) => {
                plain.push(sign);
                rest = &rest[end + 1..];
            }
            None => plain.push('&'),
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

fn sign(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|sign| !sign.is_control());
    }
    let named = NAMES.iter().find(|(known, _)| *known == name).map(|(_, sign)| *sign);
    named.or_else(|| {
        let (accent, letters, accented) = ACCENTS.iter().find(|(accent, ..)| name.ends_with(accent))?;
        let mut letter = name.strip_suffix(accent)?.chars();
        let (only, None) = (letter.next()?, letter.next()) else { return None };
        accented.chars().nth(letters.find(only)?)
    })
}

/// What stands in `="007"`, by which exports keep spreadsheets from reading a number.
#[must_use]
pub fn without_formula(text: &str) -> &str {
    match text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')) {
        Some(inner) if !inner.contains('"') => inner,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_signs_again() {
        for (text, plain) in [
            ("Smith &amp; Sons", "Smith & Sons"),
            ("M&uuml;ller &#39;s &lt;x&gt;", "Müller 's <x>"),
            ("&Eacute;t&eacute; &#x20AC;", "Été €"),
            ("AT&T; R&D", "AT&T; R&D"),
            ("a &amp;amp; b", "a &amp; b"),
            ("&", "&"),
        ] {
            assert_eq!(without_html(Cow::Borrowed(text)), plain);
        }
        assert_eq!(without_formula("=\"007\""), "007");
        assert_eq!(without_formula("=\"a\"\"b\""), "=\"a\"\"b\"");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[&#;a-zé0-9]{0,30}") {
            let _ = without_html(Cow::Borrowed(&text));
        }
    }
}
