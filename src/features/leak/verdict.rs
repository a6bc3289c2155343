//! What the leak hunter says of a column.

use std::collections::BTreeMap;

/// What the hunter found on a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LeakVerdict {
    /// Why the column must not be used.
    pub leak: Option<String>,
    /// Why it is looked at with suspicion, though it may be used.
    pub suspicion: Option<String>,
    /// What it takes off the log loss on its own, in nats; none where too few deals speak.
    pub worth: Option<f64>,
    /// How far its values on open deals are from those of their like, times what they tell: which column goes first where
    /// open deals contradict a model.
    pub pull: f64,
    /// Why the absence of a value must not be used, though the values may.
    pub absence: Option<String>,
}

/// Verdicts by column.
pub(crate) type LeakVerdicts = BTreeMap<String, LeakVerdict>;
