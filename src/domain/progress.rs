//! Telling whoever watches how far a long step is. The library only reports; the command line draws.

/// Receives progress. All calls may come from any thread.
pub trait Progress: Sync {
    /// A step begins; `total` units of work are expected, 0 if unknown.
    fn begin(&self, _step: &str, _total: u64) {}
    /// `units` more of the running step are done.
    fn advance(&self, _units: u64) {}
}

/// Ignores everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {}
