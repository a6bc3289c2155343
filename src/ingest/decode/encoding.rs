//! Bytes in any encoding to UTF-8 bytes, streaming.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

use crate::ingest::decode::guess::{EncodingGuess, encoding_of, sample_of};

const BLOCK: usize = 1 << 16;

/// A reader of UTF-8, whatever the file is written in. Lone carriage returns become line feeds if asked.
///
/// A file taken for UTF-8 that shows a byte UTF-8 cannot have is read in the encoding what follows is most likely in, if all
/// before was ASCII; otherwise the byte becomes U+FFFD and [`Utf8Reader::replaced`] says so.
pub struct Utf8Reader<R> {
    inner: R,
    state: DecoderState,
    raw: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    done: bool,
    cr_only: bool,
    replaced: bool,
    guess: Option<EncodingGuess>,
    /// Bytes that may be handed out before an error comes.
    budget: usize,
    /// Whether something else than white space was handed out since the budget was set.
    counting: bool,
}

enum DecoderState {
    /// Still only ASCII seen (`true`), or real UTF-8.
    Utf8(bool),
    Other(Box<Decoder>),
}

impl<R: Read> Utf8Reader<R> {
    /// Reads `inner`, written in `encoding`, from behind the byte order mark.
    pub fn new(inner: R, encoding: &'static Encoding, cr_only: bool) -> Self {
        let state = if encoding == UTF_8 {
            DecoderState::Utf8(true)
        } else {
            DecoderState::Other(Box::new(encoding.new_decoder_without_bom_handling()))
        };
        Self {
            inner,
            state,
            raw: Vec::new(),
            out: Vec::new(),
            at: 0,
            done: false,
            cr_only,
            replaced: false,
            guess: None,
            budget: usize::MAX,
            counting: false,
        }
    }

    /// Whether some bytes were no text so far.
    pub fn replaced(&self) -> bool {
        self.replaced
    }

    /// The encoding that had to be guessed on the way.
    pub fn guess(&self) -> Option<&EncodingGuess> {
        self.guess.as_ref()
    }

    /// Allows `bytes` more to be read, white space before them not counted; an error comes behind them.
    pub fn allow(&mut self, bytes: usize) {
        self.budget = bytes;
        self.counting = false;
    }

    /// Whether all that was allowed has been read.
    pub fn exhausted(&self) -> bool {
        self.budget == 0
    }

    /// Reads and decodes the next block into `out`.
    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() && !self.done {
            let kept = self.raw.len();
            self.raw.resize(kept + BLOCK, 0);
            let n = match self.inner.read(&mut self.raw[kept..]) {
                Ok(n) => n,
                Err(error) => {
                    self.raw.truncate(kept);
                    // A signal came in between: nothing was read, and nothing is over.
                    if error.kind() == io::ErrorKind::Interrupted {
                        continue;
                    }
                    return Err(error);
                }
            };
            self.raw.truncate(kept + n);
            self.done = n == 0;
            self.decode();
        }
        if self.cr_only {
            self.out.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
        }
        Ok(())
    }

    /// Moves what can be decoded from `raw` to `out`.
    fn decode(&mut self) {
        while let DecoderState::Utf8(ascii) = &mut self.state {
            let (valid, bad) = match std::str::from_utf8(&self.raw) {
                Ok(_) => (self.raw.len(), None),
                Err(error) => (error.valid_up_to(), error.error_len()),
            };
            let only_ascii = *ascii && self.raw[..valid].is_ascii();
            *ascii = only_ascii;
            self.out.extend_from_slice(&self.raw[..valid]);
            self.raw.drain(..valid);
            // an incomplete character waits for the next block, if there is one
            let bad = bad.or((self.done && !self.raw.is_empty()).then_some(self.raw.len()));
            match bad {
                None => return,
                Some(_) if only_ascii && encoding_of(&self.raw) != UTF_8 => {
                    let encoding = encoding_of(&self.raw);
                    let (text, _) = encoding.decode_without_bom_handling(&self.raw);
                    let sample = sample_of(&text).unwrap_or_default();
                    self.guess = Some(EncodingGuess { encoding, sample });
                    self.state = DecoderState::Other(Box::new(encoding.new_decoder_without_bom_handling()));
                }
                Some(length) => {
                    self.replaced = true;
                    self.out.extend_from_slice("\u{fffd}".as_bytes());
                    self.raw.drain(..length);
                }
            }
        }
        if let DecoderState::Other(decoder) = &mut self.state {
            let mut read = 0;
            loop {
                let start = self.out.len();
                self.out.resize(start + BLOCK, 0);
                let (result, used, written, replaced) =
                    decoder.decode_to_utf8(&self.raw[read..], &mut self.out[start..], self.done);
                self.out.truncate(start + written);
                self.replaced |= replaced;
                read += used;
                if matches!(result, CoderResult::InputEmpty) {
                    break;
                }
            }
            self.raw.clear();
        }
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() {
            self.refill()?;
        }
        let waiting = self.out.len() - self.at;
        if self.exhausted() && waiting > 0 {
            return Err(io::Error::other("a record has no end"));
        }
        let n = buffer.len().min(waiting).min(self.budget);
        let handed_out = &self.out[self.at..self.at + n];
        self.counting |= handed_out.iter().any(|byte| !byte.is_ascii_whitespace());
        self.budget -= if self.counting { n } else { 0 };
        buffer[..n].copy_from_slice(handed_out);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

    use super::*;

    fn decode(bytes: &[u8], encoding: &'static Encoding) -> (String, bool) {
        let mut reader = Utf8Reader::new(bytes, encoding, false);
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("always UTF-8");
        (text, reader.replaced())
    }

    #[test]
    fn every_encoding_becomes_utf8() {
        let text = "Müller & Søn, 5 €\n".repeat(9000);
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let (latin, _, _) = WINDOWS_1252.encode(&text);
        assert_eq!(decode(text.as_bytes(), UTF_8), (text.clone(), false));
        assert_eq!(decode(&le, UTF_16LE), (text.clone(), false));
        assert_eq!(decode(&be, UTF_16BE), (text.clone(), false));
        assert_eq!(decode(&latin, WINDOWS_1252), (text, false));
    }

    #[test]
    fn a_late_byte_proves_windows_1252() {
        let mut bytes = b"plain ascii\n".repeat(20_000);
        bytes.extend_from_slice(b"caf\xe9");
        let (text, replaced) = decode(&bytes, UTF_8);
        assert!(text.ends_with("café") && !replaced);
    }

    #[test]
    fn a_broken_byte_in_utf8_is_replaced_and_told() {
        let (text, replaced) = decode(b"caf\xc3\xa9 \xff ok \xc3", UTF_8);
        assert_eq!(text, "café \u{fffd} ok \u{fffd}");
        assert!(replaced);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_become_utf8(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            for encoding in [UTF_8, UTF_16LE, UTF_16BE, WINDOWS_1252] {
                decode(&bytes, encoding);
            }
        }
    }
}
