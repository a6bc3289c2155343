//! The ways a stay can end; competing, so that each ends in one.

/// How a stay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitCause {
    /// Into a later stage, or won.
    Advance,
    /// Lost.
    Lost,
    /// Into an earlier stage.
    Back,
}
