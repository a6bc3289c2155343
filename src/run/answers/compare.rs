//! What moved between two finished runs?

use std::path::Path;

use crate::run::compared_runs::{ReadRun, RunsCompared, side_by_side};
use crate::run::error::RunError;
use crate::store::finished_run::FinishedRun;

/// What moved from the run in `old` to the run in `new`: bridges, or deal by deal.
///
/// # Errors
/// [`RunError`] where a folder holds no finished run or a damaged one; [`RunError::RunsOutOfOrder`] where the old run is
/// of a later day.
pub fn compare(old: &Path, new: &Path, by_deal: bool) -> Result<RunsCompared, RunError> {
    let [old, new] = [ReadRun::read(FinishedRun::open(old)?)?, ReadRun::read(FinishedRun::open(new)?)?];
    if old.as_of > new.as_of {
        let (day, as_of) = (old.as_of, new.as_of);
        return Err(RunError::RunsOutOfOrder { old: day, new: as_of });
    }
    side_by_side(&old, &new, by_deal)
}
