//! Text that says what it says and no more: names of files, stages and people may hold anything, and a terminal obeys
//! what it is sent. What commands a terminal or turns the reading direction is shown by its number, `\u{1b}`.

use std::borrow::Cow;

/// `text` as one line: line breaks and tabs become blanks.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(commands) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => plain.push(' '),
            c if commands(c) => plain.extend(c.escape_default()),
            c => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// `text` of any number of lines, each as [`line`] has it; the tabs stay.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| commands(c) && !matches!(c, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    let parts = text.split_inclusive(['\n', '\t']);
    Cow::Owned(parts.fold(String::with_capacity(text.len()), |mut plain, part| {
        let (words, end) = part.split_at(part.trim_end_matches(['\n', '\t']).len());
        plain.push_str(&line(words));
        plain.push_str(end);
        plain
    }))
}

/// Whether a terminal does something at `c` other than to show it: control characters, line and paragraph separators, and
/// the marks that turn the reading direction, join nothing or annotate.
fn commands(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_a_terminal_is_shown_by_its_number() {
        for (text, plain) in [
            ("Łódź – 東京 5 €", "Łódź – 東京 5 €"),
            ("a\u{1b}]0;owned\u{7}b", "a\\u{1b}]0;owned\\u{7}b"),
            ("100\r200\u{8}3\0", "100\\r200\\u{8}3\\u{0}"),
            ("\u{9b}31m \u{202e}gpj\u{2066}\u{200f}\u{feff}", "\\u{9b}31m \\u{202e}gpj\\u{2066}\\u{200f}\\u{feff}"),
            ("one\ntwo\tthree", "one two three"),
        ] {
            assert_eq!(line(text), plain);
        }
        assert_eq!(lines("one\n\ttwo\u{1b}[2J\n"), "one\n\ttwo\\u{1b}[2J\n");
        assert_eq!(lines("a\r\nb\n\n"), "a\\r\nb\n\n");
    }
}
