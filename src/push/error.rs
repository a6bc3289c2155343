//! Why a push cannot go on: [`PushError`].

use thiserror::Error;

use crate::store::error::OutputError;

/// Why a push cannot begin or go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PushError {
    /// The run has no scores.
    #[error("the run has no scores to push: {reason}")]
    NoScores {
        /// Why not.
        reason: String,
    },
    /// A file of the run cannot be read.
    #[error("cannot read the scores of the run: {source}")]
    Unreadable {
        /// The refusal.
        source: std::io::Error,
    },
    /// Fields are not there, or do not take what is to be written.
    #[error("{target} cannot take the scores: {}", faults.join("; "))]
    Fields {
        /// The target's name.
        target: String,
        /// What is wrong with each.
        faults: Vec<String>,
    },
    /// Too many deals would change by too much.
    #[error("{large} of {compared} deals would change by {by} or more, expected at most {share}")]
    LargeChanges {
        /// Deals with a large change.
        large: usize,
        /// Deals that have a value.
        compared: usize,
        /// What is large.
        by: String,
        /// The share that is allowed.
        share: String,
    },
    /// The target has a record of none of the deals.
    #[error("{target} has none of the {deals} deals of the run, such as {example:?}: {reason}")]
    NoneFound {
        /// The target's name.
        target: String,
        /// How many deals have scores.
        deals: usize,
        /// The id of one.
        example: String,
        /// Why that one is not there.
        reason: &'static str,
    },
    /// No plan was saved, or it is damaged.
    #[error("no plan that can be applied: {reason}")]
    NoPlan {
        /// What is wrong.
        reason: String,
    },
    /// A newer plan than the saved one was wanted.
    #[error("plan {plan} is older than one that was begun at {begun}, and that one {became}")]
    Superseded {
        /// The saved plan.
        plan: String,
        /// When the newer one was begun.
        begun: String,
        /// What became of it.
        became: String,
        /// Whether something of the saved plan was sent.
        is_begun: bool,
    },
    /// The last push found that the target stores something else than it is sent, and no record was tried since.
    #[error("nothing is sent until one record was tried, because the last push stopped: {reason}")]
    Held {
        /// Why it stopped.
        reason: String,
    },
    /// The target cannot be reached, refuses the user, or says what nobody understands.
    #[error("{0}")]
    Stopped(PushStop),
    /// The disk.
    #[error(transparent)]
    Store(#[from] OutputError),
}

/// Why nothing more is sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct PushStop {
    /// What kind it is.
    pub kind: StopKind,
    /// In words.
    pub message: String,
    /// Whether it may be over by itself, without anybody changing anything: the server failed (5xx).
    pub may_pass: bool,
}

/// What ends a push before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopKind {
    /// Key, password or user are refused, or the address is locked out. Trying again makes it worse.
    Refused,
    /// The server cannot be reached or does not answer.
    Unreachable,
    /// The server asks to wait longer than a push does.
    Quota,
    /// What is stored is not what was sent.
    Rounding,
    /// Too many refusals.
    Rejects,
    /// An answer that is not of this interface.
    Strange,
}

impl PushStop {
    pub(super) fn new(kind: StopKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), may_pass: false }
    }

    /// A server that fails. Where only one record is asked for, that is odd about this record and ends no push.
    pub(super) fn failing(message: impl Into<String>) -> Self {
        Self { may_pass: true, ..Self::new(StopKind::Strange, message) }
    }
}
