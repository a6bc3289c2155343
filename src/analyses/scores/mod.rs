//! Which open deals will be won: the scores as a table, with stagnation and the score of the run before beside them,
//! and why one deal has its score.

pub mod columns;
pub mod explanation;
mod factors;
mod rows;
#[cfg(test)]
mod tests;

pub use rows::{ScoreLine, ScoreTable};
