//! Bytes that are no UTF-8 to the encoding they are most likely in, with a sample that shows whether that is right.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// Characters of a sample.
const SAMPLE: usize = 40;

/// An encoding nobody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodingGuess {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// A cell with letters that stand elsewhere in other encodings.
    pub sample: String,
}

/// The encoding `bytes` are most likely in: UTF-8 where they are that but for some that are broken.
pub(super) fn encoding_of(bytes: &[u8]) -> &'static Encoding {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if whole > broken {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // more may follow: a letter cut in two says nothing
    detector.feed(bytes, false);
    detector.guess(None, Utf8Detection::Deny)
}

/// The first cell of `text` with a letter beyond ASCII.
pub(super) fn sample_of(text: &str) -> Option<String> {
    let is_end = |c: char| matches!(c, ',' | ';' | '\t' | '|' | '"' | '\n' | '\r');
    let at = text.find(|c: char| !c.is_ascii())?;
    let start = text[..at].rfind(is_end).map_or(0, |end| end + 1);
    let cell: String = text[start..].chars().take_while(|c| !is_end(*c)).take(SAMPLE).collect();
    Some(cell.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

    use super::*;

    #[test]
    fn letters_tell_their_encoding() {
        for (text, encoding) in [
            ("id;Стадия;Ответственный\n1;Первая встреча;Мария\n2;Счёт выставлен;Пётр\n", WINDOWS_1251),
            ("id;ステージ;担当者\n1;初回訪問;鈴木\n2;見積提出;田中\n", SHIFT_JIS),
            ("id;Phase;Besitzer\n1;Angebot geprüft;Jürgen Müßig\n2;Verhandlung läuft;Zoë\n", WINDOWS_1252),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(encoding_of(&bytes), encoding, "{text}");
        }
    }

    #[test]
    fn a_broken_byte_leaves_utf8_what_it_is() {
        assert_eq!(
            encoding_of(
                "Müller, Jäger, Sørensen \u{20ac}"
                    .as_bytes()
                    .iter()
                    .chain(b"\xff")
                    .copied()
                    .collect::<Vec<_>>()
                    .as_slice()
            ),
            UTF_8
        );
    }

    #[test]
    fn a_sample_is_a_cell_with_such_a_letter() {
        assert_eq!(sample_of("id;Стадия;x").as_deref(), Some("Стадия"));
        assert_eq!(sample_of("a,b\n1,an offer \u{e9}t\u{e9}\n").as_deref(), Some("an offer \u{e9}t\u{e9}"));
        assert_eq!(sample_of("plain"), None);
    }
}
