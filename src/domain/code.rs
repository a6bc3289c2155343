//! Dictionary codes: names as small integers, so that millions of rows hold four bytes instead of a string.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// The code of "no value" in a code column.
pub const NO_CODE: u32 = u32::MAX;

/// The value of "no value" in a column of minor units.
pub const NO_AMOUNT: i64 = i64::MIN;

/// The value of "no value" in a column of days.
pub const NO_DAY: i32 = i32::MIN;

/// Names in order of first appearance; a code is a position in that order.
///
/// Codes carry no meaning: whatever reaches an output is ordered by name, so that rows seen only after the
/// as-of day can never move it.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    names: Vec<Box<str>>,
    index: HashTable<u32>,
    hasher: FixedState,
}

impl Dictionary {
    /// The code of `name`, adding it when new. Panics only after 4 billion names.
    pub fn intern(&mut self, name: &str) -> u32 {
        let hash = self.hasher.hash_one(name);
        if let Some(code) = self.index.find(hash, |&c| &*self.names[c as usize] == name) {
            return *code;
        }
        let code = u32::try_from(self.names.len()).unwrap_or(NO_CODE - 1);
        self.names.push(name.into());
        let (names, hasher) = (&self.names, &self.hasher);
        self.index.insert_unique(hash, code, |&c| hasher.hash_one(&*names[c as usize]));
        code
    }

    /// The code of `name`, if it was ever interned.
    #[must_use]
    pub fn code(&self, name: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(name);
        self.index.find(hash, |&c| &*self.names[c as usize] == name).copied()
    }

    /// The name behind `code`; `None` for [`NO_CODE`] and for codes never given out.
    #[must_use]
    pub fn name(&self, code: u32) -> Option<&str> {
        self.names.get(code as usize).map(|name| &**name)
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no name at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Every name, in code order.
    #[must_use]
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_code() {
        let mut dictionary = Dictionary::default();
        let codes: Vec<u32> = (0..500).map(|i| dictionary.intern(&format!("n{}", i % 50))).collect();
        assert_eq!(dictionary.len(), 50);
        assert_eq!(codes[3], codes[453]);
        assert_eq!(dictionary.name(codes[7]), Some("n7"));
        assert_eq!(dictionary.code("absent"), None);
        assert_eq!(dictionary.name(NO_CODE), None);
    }
}
