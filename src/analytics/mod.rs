//! One question per file, answered from the timeline, the snapshot and the scores.
//!
//! Results are plain structs with exact money; what they look like is `report`'s business.

pub mod currency;
pub mod forecast;
pub mod quota;
pub mod structure;
