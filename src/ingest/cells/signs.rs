//! Signs of other scripts and keyboards as those of ours: digits, marks, dashes, blanks, wide letters.

use std::borrow::Cow;

/// The digit nought of scripts that have their own.
const NOUGHTS: [char; 5] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}'];

/// Text with digits, marks and blanks as ASCII has them; marks nobody sees are left out. Other signs stay.
#[must_use]
pub(super) fn in_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().filter_map(sign_in_ascii).collect()) }
}

/// One sign; none for a mark nobody sees.
fn sign_in_ascii(c: char) -> Option<char> {
    Some(match c {
        // byte order marks, blanks of no width, directions of writing
        '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' => {
            return None;
        }
        '\u{66b}' => '.',
        '\u{66c}' | '\u{2018}' | '\u{2019}' | '\u{2032}' | '\u{2bc}' | '\u{b4}' => '\'',
        '\u{66a}' => '%',
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' => '-',
        '\u{ffe5}' => '¥',
        '\u{ffe1}' => '£',
        '\u{ffe6}' => '₩',
        // the wide letters of East Asian keyboards stand in the order of ASCII
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c if c.is_whitespace() => ' ',
        c => digit(c).unwrap_or(c),
    })
}

fn digit(c: char) -> Option<char> {
    let value = NOUGHTS.iter().find_map(|nought| u32::from(c).checked_sub(u32::from(*nought)).filter(|of| *of < 10))?;
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_scripts() {
        for (text, plain) in [
            ("١٢٣٤٫٥", "1234.5"),
            ("２０２５／３／４", "2025/3/4"),
            ("\u{200e}4/\u{200e}3/\u{200e}2025", "4/3/2025"),
            ("2025\u{2011}03\u{2011}04", "2025-03-04"),
            ("१२", "12"),
            ("5\u{202f}%", "5 %"),
            ("Größe", "Größe"),
        ] {
            assert_eq!(in_ascii(text), plain);
        }
    }
}
