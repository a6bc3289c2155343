//! Dictionary codes: names as small integers, so that millions of rows hold four bytes instead of a string.

use std::hash::BuildHasher;
use std::marker::PhantomData;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::domain::ids::{Id, WordId};
use crate::domain::maybe::{Compact, Maybe};

/// Names in order of first appearance; the id of a name is its position in that order.
///
/// Ids carry no meaning: whatever reaches an output is ordered by name, so that rows seen only after the
/// as-of day can never move it.
#[derive(Clone, Debug)]
pub struct Dictionary<T = WordId> {
    names: Vec<Box<str>>,
    index: HashTable<u32>,
    hasher: FixedState,
    of: PhantomData<fn() -> T>,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { names: Vec::new(), index: HashTable::new(), hasher: FixedState::default(), of: PhantomData }
    }
}

impl<T: Id + Compact> Dictionary<T> {
    /// The id of `name`, adding it when new. Good for 4 billion names.
    pub fn intern(&mut self, name: &str) -> T {
        if let Some(id) = self.code(name) {
            return id;
        }
        let code = self.names.len();
        self.names.push(name.into());
        let (names, hasher) = (&self.names, &self.hasher);
        self.index.insert_unique(hasher.hash_one(name), code as u32, |&c| hasher.hash_one(&*names[c as usize]));
        T::at(code)
    }

    /// The id of `name`, if it was ever interned.
    #[must_use]
    pub fn code(&self, name: &str) -> Option<T> {
        let hash = self.hasher.hash_one(name);
        self.index.find(hash, |&c| &*self.names[c as usize] == name).map(|&code| T::at(code as usize))
    }

    /// The name behind `id`; `None` where there is no id, or one that was never given out.
    #[must_use]
    pub fn name(&self, id: impl Into<Maybe<T>>) -> Option<&str> {
        self.names.get(id.into().get()?.index()).map(|name| &**name)
    }

    /// The ids given out, in order.
    pub fn ids(&self) -> impl Iterator<Item = T> + use<T> {
        (0..self.names.len()).map(T::at)
    }

    /// The same names with the same positions, as ids of another kind.
    #[must_use]
    pub fn retyped<U: Id + Compact>(self) -> Dictionary<U> {
        let Self { names, index, hasher, .. } = self;
        Dictionary { names, index, hasher, of: PhantomData }
    }

    /// The same names in their own order, and the new id of each by its old one: ids that do not rest on the order of
    /// adding.
    #[must_use]
    pub fn in_name_order(&self) -> (Self, Vec<T>) {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_unstable_by_key(|&at| &self.names[at]);
        let (mut ordered, mut ids) = (Self::default(), vec![T::at(0); self.len()]);
        for at in order {
            ids[at] = ordered.intern(&self.names[at]);
        }
        (ordered, ids)
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
        let codes: Vec<WordId> = (0..500).map(|i| dictionary.intern(&format!("n{}", i % 50))).collect();
        assert_eq!(dictionary.len(), 50);
        assert_eq!(codes[3], codes[453]);
        assert_eq!(dictionary.name(codes[7]), Some("n7"));
        assert_eq!(dictionary.code("absent"), None);
        assert_eq!(dictionary.name(Maybe::NONE), None);
    }

    #[test]
    fn names_can_be_put_in_their_own_order() {
        let mut dictionary: Dictionary = Dictionary::default();
        ["b", "c", "a"].into_iter().for_each(|name| {
            dictionary.intern(name);
        });
        let (ordered, ids) = dictionary.in_name_order();
        assert_eq!(ordered.names().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(ids, [1, 2, 0].map(WordId::at));
    }
}
