//! Which open deals will be won: the scores as a table, with stagnation and the score of the run before beside them.

pub mod columns;
