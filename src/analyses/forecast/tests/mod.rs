//! The definitions on small examples, and the identities on random deals.

mod by_hand;
mod fixtures;
mod hierarchy;
mod properties;
