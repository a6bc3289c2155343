//! [`DealState`](crate::snapshot::DealState)s to a [`FeatureMatrix`]: numbers a linear model can use.
//!
//! A [`FeatureSpec`] is fitted on training rows (knots, means, levels, what is left out and why) and then encodes
//! any rows the same way. Knows labels only to shrink categories and to find leaks; fits no model.

mod encode;
mod leak;
mod matrix;
mod spec;

pub use encode::FeatureContext;
pub use matrix::FeatureMatrix;
pub use spec::{Excluded, Feature, FeatureSpec, Field};
