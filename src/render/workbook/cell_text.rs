//! Texts as a cell can hold them: short enough, without what XML forbids, never a formula.

use std::borrow::Cow;

/// The longest text of a cell, in the UTF-16 units a spreadsheet counts.
pub(super) const LONGEST: usize = 32_767;

/// Where a text was cut.
const CUT: &str = "… (cut)";

/// `text` as a cell says it.
pub(super) fn cell_text(text: &str) -> Cow<'_, str> {
    let readable = readable(text);
    if readable.len() <= LONGEST || units(&readable) <= LONGEST {
        return readable;
    }
    let mut left = LONGEST - units(CUT);
    let kept = readable.chars().take_while(|letter| {
        let fits = letter.len_utf16() <= left;
        left = left.saturating_sub(letter.len_utf16());
        fits
    });
    Cow::Owned(kept.collect::<String>() + CUT)
}

/// Whether a spreadsheet would take it for a formula when somebody enters the cell.
pub(super) fn looks_like_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Without letters XML has no way to say, and with `_x0041_` as it stands: a spreadsheet reads it as `A`.
fn readable(text: &str) -> Cow<'_, str> {
    let is_forbidden =
        |letter: char| matches!(letter, '\u{FFFE}' | '\u{FFFF}') || (letter < ' ' && !matches!(letter, '\t' | '\n'));
    if !text.contains(is_forbidden) && !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let plain: String = text.chars().map(|letter| if is_forbidden(letter) { '\u{FFFD}' } else { letter }).collect();
    let mut said = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        said.push_str(before);
        let code = from.as_bytes().get(2..7);
        let is_code = code.is_some_and(|code| code[4] == b'_' && code[..4].iter().all(u8::is_ascii_hexdigit));
        said.push_str(if is_code { "_x005F_x" } else { "_x" });
        rest = &from[2..];
    }
    Cow::Owned(said + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_with_a_mark_and_as_long_as_a_spreadsheet_counts() {
        let just = "x".repeat(LONGEST);
        assert_eq!(cell_text(&just), just);
        let cut = cell_text(&"😀".repeat(20_000)).into_owned();
        assert!(cut.ends_with(CUT) && cut.starts_with('😀') && units(&cut) <= LONGEST, "{}", units(&cut));
    }

    #[test]
    fn what_xml_or_a_spreadsheet_would_read_otherwise_is_said_plainly() {
        assert_eq!(cell_text("a\u{1}b\u{FFFF}c\td"), "a\u{FFFD}b\u{FFFD}c\td");
        assert_eq!(cell_text("_x0041_ and _x_ and x_x00"), "_x005F_x0041_ and _x_ and x_x00");
        assert!(["=1+1", "+1", "-1", "@a"].into_iter().all(looks_like_a_formula) && !looks_like_a_formula("1=1"));
    }
}
