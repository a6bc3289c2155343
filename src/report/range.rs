//! What the values of a column may be: a [`Range`], declared with the column, in words for the reference, and checked.

use crate::report::cell::Cell;

/// The values a column may have where it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// Every one of its type.
    #[default]
    Any,
    /// This and everything above.
    AtLeast(i32),
    /// Both ends and what lies between them.
    Between(i32, i32),
    /// One of these words.
    OneOf(&'static [&'static str]),
}

impl Range {
    /// For the reference: `0 to 1`; nothing where every value will do.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Any => String::new(),
            Self::AtLeast(low) => format!("{low} and up"),
            Self::Between(low, high) => format!("{low} to {high}"),
            Self::OneOf(words) => words.join(", "),
        }
    }

    /// Whether `cell` is within; an empty one is.
    pub(super) fn admits(self, cell: &Cell<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::AtLeast(low) => cell.number().is_none_or(|number| number >= f64::from(low)),
            Self::Between(low, high) => {
                cell.number().is_none_or(|number| (f64::from(low)..=f64::from(high)).contains(&number))
            }
            Self::OneOf(words) => cell.text().is_none_or(|text| words.contains(&text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_within_and_what_is_beyond_is_not() {
        let share = Range::Between(0, 1);
        assert!(share.admits(&Cell::Number(0.0)) && share.admits(&Cell::Number(1.0)) && share.admits(&Cell::Empty));
        assert!(!share.admits(&Cell::Number(1.000_001)) && !share.admits(&Cell::Number(-0.000_001)));
        assert!(Range::AtLeast(0).admits(&Cell::Money(0, 2)) && !Range::AtLeast(0).admits(&Cell::Money(-1, 2)));
        let words = Range::OneOf(&["won", "lost"]);
        assert!(words.admits(&Cell::Text("won")) && !words.admits(&Cell::Text("Won")));
        assert_eq!(
            [share, words, Range::AtLeast(1), Range::Any].map(Range::words),
            ["0 to 1", "won, lost", "1 and up", ""]
        );
    }
}
