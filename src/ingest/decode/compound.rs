//! A workbook of the last century (.xls), a file of chained sectors, before it is decoded: whether its chains end.
//!
//! The decoder follows them without looking: a chain in a circle, or one that leads beyond the end of the file, fills the
//! memory. What is too short to be one is left to the decoder, which says so.

/// How the file begins.
const BEGINNING: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];
/// The end of a chain.
const END: u32 = 0xffff_fffe;
/// Numbers from here on are no sectors.
const RESERVED: u32 = 0xffff_fffa;
/// Numbers from here on, in the list of tables, are no tables.
const NO_TABLE: u32 = 0xffff_fffc;
/// Sectors that list the first part of the table of chains.
const LISTED: std::ops::Range<usize> = 76..512;
/// Bytes of an entry of the directory, and of a sector of small streams.
const ENTRY: usize = 128;
const SMALL: usize = 64;

/// Whether the chains of the file in `bytes` end, inside the file.
pub(super) fn is_sound(bytes: &[u8]) -> bool {
    Compound::of(bytes).is_none_or(|compound| compound.is_sound())
}

/// The records of the workbook that the file in `bytes` holds, if it is sound and holds one.
pub(super) fn workbook(bytes: &[u8]) -> Option<Vec<u8>> {
    let compound = Compound::of(bytes)?;
    ["Workbook", "Book"].into_iter().find_map(|name| compound.stream(name))
}

struct Compound<'b> {
    bytes: &'b [u8],
    size: usize,
}

impl<'b> Compound<'b> {
    fn of(bytes: &'b [u8]) -> Option<Self> {
        // as the decoder does: by the size of a sector, whatever the version says
        let size = match bytes.get(30..32)? {
            [9, 0] => 512,
            [12, 0] => 4096,
            _ => return None,
        };
        (bytes.starts_with(&BEGINNING) && bytes.len() >= LISTED.end).then_some(Self { bytes, size })
    }

    fn number(&self, at: usize) -> u32 {
        number_at(self.bytes, at).unwrap_or(END)
    }

    /// Sectors the file can have.
    fn sectors(&self) -> u32 {
        u32::try_from(self.bytes.len() / self.size + 1).unwrap_or(u32::MAX)
    }

    /// What stands in a sector, as far as the file goes.
    fn sector(&self, sector: u32) -> &'b [u8] {
        let start = (sector as usize + 1).saturating_mul(self.size).min(self.bytes.len());
        &self.bytes[start..(start + self.size).min(self.bytes.len())]
    }

    fn is_sound(&self) -> bool {
        // what is said of lengths makes the decoder reserve as much
        let is_possible = |at: usize| self.number(at) <= self.sectors();
        if ![40, 44, 64].into_iter().all(is_possible) {
            return false;
        }
        let Some(chains) = self.chains() else { return false };
        let Some(directory) = self.chained(self.number(48), &chains) else { return false };
        let entries: Vec<&[u8]> = directory.chunks_exact(ENTRY).filter(|entry| entry[..2] != [0, 0]).collect();
        let Some(small) = self.chained(self.number(60), &chains) else { return false };
        let small: Vec<u32> = numbers(&small).collect();
        entries.iter().enumerate().all(|(at, entry)| self.is_stream_sound(entry, at == 0, &chains, &small))
    }

    /// What stands under a name in the directory.
    fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let chains = self.chains()?;
        let directory = self.chained(self.number(48), &chains)?;
        let mut entries = directory.chunks_exact(ENTRY);
        let letters = |entry: &[u8]| -> Vec<u16> {
            let pairs = entry[..64].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            pairs.take_while(|letter| *letter != 0).collect()
        };
        let entry = entries.clone().find(|entry| letters(entry) == name.encode_utf16().collect::<Vec<_>>())?;
        let (start, length) = (number_at(entry, 116)?, number_at(entry, 120)? as usize);
        let mut found = if length >= 4096 {
            self.chained(start, &chains)?
        } else {
            let whole = self.chained(number_at(entries.next()?, 116)?, &chains)?;
            let small: Vec<u32> = numbers(&self.chained(self.number(60), &chains)?).collect();
            let sector = |at: u32| whole.chunks(SMALL).nth(at as usize).unwrap_or_default();
            chain(start, &small).flat_map(sector).copied().collect()
        };
        found.truncate(length);
        Some(found)
    }

    /// Whether the chain of an entry of the directory ends, and is no longer than the file.
    fn is_stream_sound(&self, entry: &[u8], is_root: bool, chains: &[u32], small: &[u32]) -> bool {
        let (Some(start), Some(length)) = (number_at(entry, 116), number_at(entry, 120)) else { return true };
        let high = if self.size == 512 { 0 } else { number_at(entry, 124).unwrap_or(0) };
        if high > 0 || length as usize > self.bytes.len() {
            return false;
        }
        if is_root || length >= 4096 {
            return ends(start, chains, self.sectors());
        }
        let most = u32::try_from(self.bytes.len() / SMALL + 1).unwrap_or(u32::MAX);
        ends(start, small, most)
    }

    /// The table of chains: for every sector the one behind it.
    fn chains(&self) -> Option<Vec<u32>> {
        let mut listed: Vec<u32> = numbers(self.bytes.get(LISTED)?).collect();
        let mut next = self.number(68);
        for _ in 0..=self.sectors() {
            if next >= RESERVED {
                let mut chains = Vec::new();
                for sector in listed.into_iter().filter(|sector| *sector < NO_TABLE) {
                    if sector > self.sectors() {
                        return None;
                    }
                    chains.extend(numbers(self.sector(sector)));
                }
                return Some(chains);
            }
            if next > self.sectors() {
                return None;
            }
            listed.extend(numbers(self.sector(next)));
            next = listed.pop()?;
        }
        None
    }

    /// Everything along the chain that begins at `start`; none where it does not end.
    fn chained(&self, start: u32, chains: &[u32]) -> Option<Vec<u8>> {
        if !ends(start, chains, self.sectors()) {
            return None;
        }
        Some(chain(start, chains).flat_map(|sector| self.sector(sector)).copied().collect())
    }
}

/// Whether the chain that begins at `start` ends, with sectors below `most` only. One that leads out of the table ends the
/// decoding.
fn ends(start: u32, chains: &[u32], most: u32) -> bool {
    let mut sector = start;
    for _ in 0..=chains.len() {
        if sector == END {
            return true;
        }
        if sector > most {
            return false;
        }
        let Some(next) = chains.get(sector as usize) else { return true };
        sector = *next;
    }
    false
}

/// The sectors of the chain that begins at `start`, which ends.
fn chain(start: u32, chains: &[u32]) -> impl Iterator<Item = u32> {
    let next = |sector: &u32| chains.get(*sector as usize).copied().filter(|next| *next != END);
    std::iter::successors(Some(start).filter(|start| *start != END), next)
}

fn number_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).filter_map(|four| number_at(four, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of a header, a table of chains in sector 0 and a directory in sector 1 with one stream in sector 2.
    fn file() -> Vec<u8> {
        let mut bytes = vec![0; 512 * 4];
        bytes[..4].copy_from_slice(&BEGINNING);
        bytes[30] = 9;
        for (at, number) in [(40, 0), (44, 1), (48, 1), (60, END), (64, 0), (68, END), (76, 0)] {
            put(&mut bytes, at, number);
        }
        (80..512).step_by(4).for_each(|at| put(&mut bytes, at, u32::MAX));
        [0xffff_fffd, END, END].into_iter().enumerate().for_each(|(at, next)| put(&mut bytes, 512 + 4 * at, next));
        bytes[1024] = b'W';
        put(&mut bytes, 1024 + 116, 2);
        put(&mut bytes, 1024 + 120, 512);
        bytes
    }

    fn put(bytes: &mut [u8], at: usize, number: u32) {
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }

    #[test]
    fn chains_that_do_not_end_inside_the_file_are_found() {
        assert!(is_sound(&file()));
        assert!(is_sound(b"") && is_sound(&file()[..300]), "the decoder says what is wrong with these");
        let harm: [(&str, usize, u32); 7] = [
            ("the directory runs in a circle", 512 + 4, 1),
            ("a stream leads beyond the file", 1024 + 116, 900_000),
            ("a stream is longer than the file", 1024 + 120, u32::MAX),
            ("a stream runs in a circle", 512 + 8, 2),
            ("the list of the table lies beyond the file", 68, 70_000),
            ("more tables than the file has room for", 44, 1 << 30),
            ("a table of chains under a reserved number", 80, RESERVED),
        ];
        for (what, at, number) in harm {
            let mut bytes = file();
            put(&mut bytes, at, number);
            assert!(!is_sound(&bytes), "{what}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(changes in proptest::collection::vec((0..2048_usize, proptest::num::u8::ANY), 0..40)) {
            let mut bytes = file();
            changes.into_iter().for_each(|(at, byte)| bytes[at] = byte);
            let _ = is_sound(&bytes);
        }
    }
}
