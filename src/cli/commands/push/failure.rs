//! What ends a push, as it is shown.

use dealcast::push::error::{PushError, PushStop, StopKind};
use dealcast::push::ledger::PushOutcome;
use dealcast::push::receipt::Receipt;
use dealcast::store::error::OutputError;

use crate::cli::error::{CliError, ErrorKind};

impl From<PushError> for CliError {
    fn from(error: PushError) -> Self {
        shown(error, "try again later")
    }
}

/// What ends the asking before a plan: nothing is written by then.
pub(super) fn while_asking(error: PushError) -> CliError {
    shown(error, "try again later; nothing was written")
}

/// What ends the reading again of what the target `name` took: the push itself is behind it.
pub(super) fn while_reading_again(error: PushError, name: &str) -> CliError {
    shown(error, &format!("what was written stays written; `dealcast push verify {name}` reads it again later"))
}

/// An error, with `later` as the hint where it may be over by itself.
fn shown(error: PushError, later: &str) -> CliError {
    let shown = |kind| CliError::of(kind, &error);
    match error {
        PushError::Store(OutputError::Locked { .. }) => {
            shown(ErrorKind::Locked).hint("wait for the other push to this target to end")
        }
        PushError::Store(error) => CliError::from(error),
        PushError::NoScores { .. } => shown(ErrorKind::Model).hint("train a model: `dealcast run` scores with it"),
        PushError::LargeChanges { .. } => shown(ErrorKind::Input).hint(
            "look at the scores; `--allow-large-changes` plans them all the same, and `apply --limit 10` writes a few",
        ),
        PushError::NoneFound { .. } => shown(ErrorKind::Input)
            .hint("ids of the run must be those of its records: is it this CRM's export, and `url` its address?"),
        PushError::Fields { .. } => {
            shown(ErrorKind::Usage).hint("`dealcast push setup` says which fields to make, and how")
        }
        PushError::NoPlan { .. } => shown(ErrorKind::Usage).hint("make one with `dealcast push plan`"),
        PushError::Held { .. } => shown(ErrorKind::Usage).hint(
            "put right what it names, then `dealcast push plan` and `dealcast push probe`, which tries one record",
        ),
        PushError::Superseded { is_begun, .. } => {
            let error = shown(ErrorKind::Usage).hint("`dealcast push plan` makes a new one");
            let error = if is_begun {
                error.hint("`dealcast push resume` goes on with the older one, which was begun")
            } else {
                error
            };
            error.hint("`dealcast push apply --allow-older-plan` sends the older one all the same")
        }
        PushError::Stopped(PushStop { kind: StopKind::Strange, may_pass: true, .. }) => shown(ErrorKind::Incomplete)
            .hint(later)
            .hint("if it stays so: is `url` in the section of the target the address of the CRM itself?"),
        PushError::Stopped(
            PushStop { kind: StopKind::Unreachable | StopKind::Quota, .. } | PushStop { may_pass: true, .. },
        ) => shown(ErrorKind::Incomplete).hint(later),
        PushError::Stopped(_) => shown(ErrorKind::Usage),
        _ => shown(ErrorKind::Input),
    }
}

/// An error in one line.
pub(super) fn with_causes(error: &CliError) -> String {
    [error.message()].into_iter().chain(error.causes().iter().map(String::as_str)).collect::<Vec<_>>().join(": ")
}

/// Why the books are not all of outcomes that stay, and what to do; nothing where they are. A push whose key is refused is not
/// to be tried again.
pub(super) fn unfinished(receipt: &Receipt, stop: Option<&PushStop>, limit: Option<usize>) -> Option<CliError> {
    if receipt.is_complete() && stop.is_none() {
        return None;
    }
    let (unknown, rejected) = (receipt.count(PushOutcome::Unknown), receipt.count(PushOutcome::Rejected));
    let message = match (stop, limit) {
        (Some(PushStop { kind: StopKind::Refused, message, .. }), _) => {
            let hint = "`secret` in the section of the target says where the key or password comes from";
            return Some(CliError::usage(format!("the push stopped: {message}")).hint(hint));
        }
        (Some(stop), _) => format!("the push stopped: {stop}"),
        (None, Some(limit)) if rejected == 0 => {
            let taken = receipt.count(PushOutcome::Written) + receipt.count(PushOutcome::Rounded);
            let message = format!("{taken} of {} written, limited to {limit} at a time", taken + unknown);
            return Some(CliError::new(ErrorKind::Incomplete, message).hint("`dealcast push resume` writes the rest"));
        }
        (None, _) => format!("the push is not complete: {unknown} unknown, {rejected} rejected"),
    };
    let hint = match stop.map(|stop| stop.kind) {
        Some(StopKind::Rounding) => {
            "mend the field first, then `dealcast push plan` and `dealcast push probe`: until that went well nothing more is sent"
        }
        None if unknown == 0 => "`dealcast push retry` tries again what was refused",
        _ => "`dealcast push resume` goes on; `dealcast push retry` also tries again what was refused",
    };
    Some(CliError::new(ErrorKind::Incomplete, message).hint(hint))
}
