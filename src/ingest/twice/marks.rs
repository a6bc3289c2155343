//! A number for every row of a log, the same where the rows say the same, and where each row stands: enough to find rows
//! that stand twice among millions.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::ingest::twice::claim::RowPlace;

/// The bit that says that two rows with one number are one row for sure, not two that happen to be alike.
const SURE: u64 = 1;

/// The marks of the rows of a log.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    numbers: Vec<u64>,
    places: Vec<RowPlace>,
}

impl Marks {
    /// Marks a row by all it says: `content`, and `unread` for what nobody reads. `sure`: the same content again can only
    /// be the same row.
    pub(crate) fn push(&mut self, content: impl Hash, unread: u64, sure: bool, place: RowPlace) {
        let number = FixedState::default().hash_one(content).wrapping_add(unread) & !SURE;
        self.numbers.push(number | u64::from(sure));
        self.places.push(place);
    }

    /// Marks what an id names.
    pub(crate) fn push_id(&mut self, id: &str, place: RowPlace) {
        self.push(id, 0, true, place);
    }

    /// Appends the marks of later rows.
    pub(crate) fn append(&mut self, later: Self) {
        self.numbers.extend(later.numbers);
        self.places.extend(later.places);
    }

    /// Where row `i` stands.
    pub(crate) fn place(&self, i: usize) -> RowPlace {
        self.places[i]
    }

    /// The rows that have a mark in common, with whether they are one row for sure; groups in the order of their first row.
    pub(super) fn alike(&self) -> Vec<(bool, Vec<usize>)> {
        let mut sorted = self.numbers.clone();
        sorted.par_sort_unstable();
        let repeated: Vec<u64> =
            sorted.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0]).collect();
        drop(sorted);
        if repeated.is_empty() {
            return Vec::new();
        }
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); repeated.len()];
        for (row, number) in self.numbers.iter().enumerate() {
            if let Ok(group) = repeated.binary_search(number) {
                groups[group].push(row);
            }
        }
        let mut groups: Vec<(bool, Vec<usize>)> =
            repeated.iter().map(|number| number & SURE == SURE).zip(groups).collect();
        groups.sort_by_key(|(_, rows)| rows[0]);
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_say_the_same_have_one_mark() {
        let mut marks = Marks::default();
        let place = RowPlace::default();
        for (content, unread, sure) in [("a", 0, true), ("b", 0, true), ("a", 7, true), ("a", 0, true), ("a", 0, false)]
        {
            marks.push(content, unread, sure, place);
        }
        marks.push("b", 0, true, place);
        assert_eq!(marks.alike(), [(true, vec![0, 3]), (true, vec![1, 5])]);
        assert_eq!(Marks::default().alike(), []);
    }
}
