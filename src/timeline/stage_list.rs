//! The ordered stage list: the configured one, or one proposed from names and history before the as-of day.

use thiserror::Error;

/// Why no stage list could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StageListError {
    /// The data have stages the configuration does not list.
    #[error("stage {stage:?} of {deals} deals is not in the configured stage list")]
    UnknownStage {
        /// The stage as written.
        stage: String,
        /// How many deals are or were in it.
        deals: u64,
    },
}
