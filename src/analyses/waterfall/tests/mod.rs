//! The definitions on a small example, and the identities on random histories.

mod by_hand;
mod fixtures;
mod properties;
