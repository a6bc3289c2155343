//! What ends a push, as it is shown.

use dealcast::push::error::{PushError, PushStop, StopKind};
use dealcast::store::error::OutputError;

use crate::cli::error::{CliError, ErrorKind};

impl From<PushError> for CliError {
    fn from(error: PushError) -> Self {
        let shown = |kind| Self::of(kind, &error);
        match error {
            PushError::Store(OutputError::Locked { .. }) => {
                shown(ErrorKind::Locked).hint("wait for the other push to this target to end")
            }
            PushError::Store(error) => Self::from(error),
            PushError::NoScores { .. } => shown(ErrorKind::Model).hint("train a model: `dealcast run` scores with it"),
            PushError::LargeChanges { .. } => shown(ErrorKind::Input)
                .hint("look at the scores; `--allow-large-changes` plans them all the same, and `apply --limit 10` writes a few"),
            PushError::Fields { .. } => {
                shown(ErrorKind::Usage).hint("`dealcast push setup` says which fields to make, and how")
            }
            PushError::NoPlan { .. } => shown(ErrorKind::Usage).hint("make one with `dealcast push plan`"),
            PushError::Stopped(PushStop { kind: StopKind::Unreachable | StopKind::Quota, .. }) => {
                shown(ErrorKind::Incomplete).hint("try again later; nothing was written")
            }
            PushError::Stopped(_) => shown(ErrorKind::Usage),
            _ => shown(ErrorKind::Input),
        }
    }
}
