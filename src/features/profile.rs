//! How a field's values were spread over the training rows: stored in the model, compared by `drift`.

use serde::{Deserialize, Serialize};

/// How a field's values are spread: shares of bins, then of rows without a value and of rows that cannot be compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Where the bins of a number begin, but for the first; empty for levels.
    pub edges: Vec<f64>,
    /// Shares, adding up to 1.
    pub shares: Vec<f64>,
}
