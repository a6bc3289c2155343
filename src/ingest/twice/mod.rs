//! Rows that stand twice, or contradict each other: which of them count, and what is said of the others.

mod claim;
mod marks;
mod settling;

pub(crate) use claim::{Claim, ClaimCell, RowPlace, TableRow, ordered_bits};
pub(crate) use marks::Marks;
pub(crate) use settling::Settling;
