//! Why no sales process could be made of the data.

use thiserror::Error;

/// Most stages that can be proposed; more means that the column holds something else.
pub const MAX_PROPOSED_STAGES: usize = 200;

/// Most pipelines; more means that the column holds something else.
pub const MAX_PIPELINES: usize = 200;

/// Why no stage list could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StageListError {
    /// Too many stages to propose a process from.
    #[error(
        "the data have {got} different stages that are not configured, expected at most {MAX_PROPOSED_STAGES}: \
         list the stages of the process, or map `stage` to another column"
    )]
    TooManyStages {
        /// Different stages before the as-of day.
        got: usize,
    },
    /// Too many pipelines.
    #[error(
        "the data have {got} different pipelines, expected at most {MAX_PIPELINES}: map `pipeline` to the column \
         that tells sales processes apart"
    )]
    TooManyPipelines {
        /// Different values in the column.
        got: usize,
    },
}
