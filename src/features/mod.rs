//! [`DealState`](crate::snapshot::DealState)s to a [`FeatureMatrix`]: numbers a linear model can use.
//!
//! A [`FeatureSpec`] is fitted on training rows (knots, means, levels, what is excluded and why) and then encodes
//! any rows the same way. Knows labels only for the benchmarks of won deals and outcomes only to shrink categories and to
//! find leaks; fits no model.
//!
//! | file | question |
//! |---|---|
//! | `catalogue` | which fields may enter |
//! | `columns` | what kind of column is this |
//! | `leak` | does it know the outcome |
//! | `state`, `read`, `cells`, `rates`, `load` | what is a field's value on a row |
//! | `knots`, `fit` | on which columns is it spread, what stays out |
//! | `screen` | which stay where there are very many |
//! | `naming` | what is a column called whose name is taken |
//! | `context` | what all of these need beside the rows |
//! | `encode`, `describe` | the same for any row, in numbers and in words |
//! | `factors` | which fields are one reason to a person, and that reason in words |
//! | `kinds` | what is counted of activities of one kind |
//! | `past` | what stood in a column on the row's day |
//! | `pair` | in which cell of two fields a row is |
//! | `terms` | what the main effects leave unexplained: further columns the training rows ask for |
//! | `profile`, `drift` | are the rows of today those the model learnt from |

mod catalogue;
mod cells;
mod columns;
mod context;
mod describe;
mod drift;
mod encode;
mod factors;
pub mod findings;
mod fit;
#[cfg(test)]
pub(crate) mod fixtures;
mod kinds;
mod knots;
mod leak;
mod load;
mod matrix;
mod naming;
mod pair;
mod past;
mod profile;
mod rates;
mod read;
mod rounding;
mod screen;
mod spec;
mod state;
pub(crate) mod terms;
#[cfg(test)]
mod tests;
mod untenable;

pub use context::FeatureContext;
pub use describe::PlainColumn;
pub use drift::FieldDrift;
pub use factors::Factor;
pub use kinds::KindMeasure;
pub use matrix::FeatureMatrix;
pub use profile::Profile;
pub use rates::{LevelHistory, RateTable};
pub(crate) use rounding::rounded;
pub use spec::{
    ColumnBasis, Excluded, FEATURE_LAYOUT, Feature, FeatureSpec, Field, Known, Measure, PairCell, PairSide, Suspect,
};
pub use state::StateMeasure;
pub use terms::Unexplained;
