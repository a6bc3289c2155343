//! Statistics: numbers in, numbers out. Knows no deals, no money and no files.

pub mod history_end;
pub mod next_effect;
pub mod pooling;
pub mod shapley;
pub mod survival;
pub mod two_samples;
