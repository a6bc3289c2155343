//! Changes of a file that know nothing of what is in it.

use crate::nasty;
use crate::random::Random;

/// What a file may begin with: marks of encodings, of separators, empty lines.
const MARKS: [&[u8]; 6] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"sep=;\n", b"\n\n\n", b"\0"];

/// Changes `bytes` in one place or cuts them; says how.
pub fn change(bytes: &mut Vec<u8>, random: &mut Random) -> String {
    let at = random.below(bytes.len());
    match random.below(9) {
        0 if !bytes.is_empty() => {
            let bit = random.below(8);
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at} flipped")
        }
        1 if !bytes.is_empty() => {
            bytes[at] = random.byte();
            format!("byte {at} is {:#04x}", bytes[at])
        }
        2 => {
            bytes.truncate(at);
            format!("cut at byte {at}")
        }
        3 => {
            let control = *random.pick(&[0_u8, 7, 8, 9, 10, 11, 12, 13, 27, 127, 0x85, 0x9b, b'"', b',', b';']);
            bytes.insert(at, control);
            format!("{control:#04x} put before byte {at}")
        }
        4 => {
            let end = (at + random.below(200)).min(bytes.len());
            bytes.drain(at..end);
            format!("bytes {at}..{end} taken out")
        }
        5 => {
            let end = (at + random.below(200)).min(bytes.len());
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
            format!("bytes {at}..{end} twice")
        }
        6 => {
            let mark = MARKS[random.below(MARKS.len())];
            bytes.splice(0..0, mark.iter().copied());
            format!("begins with {:?}", String::from_utf8_lossy(mark))
        }
        7 => {
            let piece = nasty::cell(random);
            bytes.splice(at..at, piece.iter().copied());
            format!("{} bytes of the dictionary put before byte {at}", piece.len())
        }
        _ => {
            bytes.clear();
            "empty".to_owned()
        }
    }
}
