//! What the main effects leave unexplained: further terms of a fitted spec, each only where the training rows ask for it.
//!
//! A [`FeatureSpec`](crate::features::FeatureSpec) and [`Unexplained`] residuals in, the spec with more columns out. Fits
//! no model: who fits one brings the residuals. All choices rest on training rows alone, so every fold of an evaluation
//! makes its own.
//!
//! | file | question |
//! |---|---|
//! | `unexplained` | what is left to explain, row by row, and how far rows of one deal repeat each other |
//! | `tally` | the same summed up by class, for the older and the newer half of the rows |
//! | `bends` | does a number bend, jump, or matter at one exact value |
//! | `kinds` | does the kind of an activity matter |
//! | `pairs` | do two fields matter together beyond what each does alone |
//! | `enrich` | how the terms found become columns |

mod bends;
mod enrich;
mod kinds;
mod pairs;
mod tally;
#[cfg(test)]
mod tests;
mod unexplained;

pub use unexplained::Unexplained;
