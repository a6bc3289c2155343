//! How a timeline is built: which rows count, what the deals table adds, how ties and gaps are settled.

use super::{StageListError, Timeline};
use crate::config::Config;
use crate::domain::day::Day;
use crate::ingest::tables::Tables;

impl Timeline {
    /// Builds the timeline as of `as_of`.
    ///
    /// # Errors
    /// [`StageListError`] where the configured stages do not cover the data.
    pub fn build(_tables: &Tables, _config: &Config, _as_of: Day) -> Result<Self, StageListError> {
        todo!()
    }
}
