//! The names of a file's columns to where each stands first, whether it comes again, and whether it is to be left unread.
//!
//! Upper and lower case do not matter. Found once, so that a file of thousands of columns is laid out in one pass.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// What is known of each column by its name alone.
#[derive(Debug, Default)]
pub(super) struct HeaderNames {
    /// Of each column, the first of its name.
    first: Vec<usize>,
    /// Of each column, the second of its name, where there is one.
    second: Vec<Option<usize>>,
    /// Of each column, whether its name is among those to leave unread.
    ignored: Vec<bool>,
}

impl HeaderNames {
    /// Of the columns `headers`, of which the first `width` are the file's own; the others are looked up elsewhere.
    pub fn of(headers: &[String], width: usize, ignore: &[String]) -> Self {
        let ignored: Vec<String> = ignore.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        let mut names = Self::default();
        let mut known: HashMap<String, usize, FixedState> = HashMap::default();
        for (slot, header) in headers.iter().enumerate() {
            let lower = header.to_ascii_lowercase();
            names.ignored.push(ignored.contains(&lower));
            names.second.push(None);
            let first = if slot < width { *known.entry(lower).or_insert(slot) } else { slot };
            if first != slot && names.second[first].is_none() {
                names.second[first] = Some(slot);
            }
            names.first.push(first);
        }
        names
    }

    /// Whether another column before it has its name.
    pub fn is_again(&self, slot: usize) -> bool {
        self.first[slot] != slot
    }

    /// Another column of its name, the first there is.
    pub fn other(&self, slot: usize) -> Option<usize> {
        if self.is_again(slot) { Some(self.first[slot]) } else { self.second[slot] }
    }

    /// Whether it is left unread. Where several have the name, the first of them stays.
    pub fn is_ignored(&self, slot: usize) -> bool {
        self.ignored[slot] && self.second[slot].is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_again_is_known_in_any_case() {
        let headers: Vec<String> = ["Stage", "note", "STAGE", "Note", "stage", "Note"].map(str::to_owned).to_vec();
        let names = HeaderNames::of(&headers, 5, &["NOTE".to_owned()]);
        let of = |slot: usize| (names.is_again(slot), names.other(slot), names.is_ignored(slot));
        assert_eq!((of(0), of(2), of(4)), ((false, Some(2), false), (true, Some(0), false), (true, Some(0), false)));
        assert_eq!((of(1), of(3)), ((false, Some(3), false), (true, Some(1), true)), "the first of several stays");
        assert_eq!(of(5), (false, None, true), "a column that is looked up stands for itself");
    }
}
