//! Statistics: numbers in, numbers out. Knows no deals, no money and no files.

pub mod shapley;
pub mod survival;
pub mod survival_counts;
pub mod two_samples;
