//! The fitted description of every feature: what it is made of and how it is encoded. Stored in the model.

use serde::{Deserialize, Serialize};

/// Something a person knows about a deal ("days in stage", "source"), encoded as one or more columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name as it appears in explanations and in the card.
    pub name: String,
}

/// One column of the matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Index in [`FeatureSpec::fields`].
    pub field: usize,
    /// Column name, unique.
    pub name: String,
}

/// A field left out of the model, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Excluded {
    /// Name of the field or column.
    pub name: String,
    /// The reason, with the evidence in numbers.
    pub reason: String,
}

/// How states become numbers; fitted once, then applied unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeatureSpec {
    /// What a person knows.
    pub fields: Vec<Field>,
    /// What the model sees, in column order.
    pub features: Vec<Feature>,
    /// What was left out.
    pub excluded: Vec<Excluded>,
}
