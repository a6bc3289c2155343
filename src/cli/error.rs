//! Every error of the library to what a person needs: kind, message, causes, hints, and the exit code, which only this file knows.

use std::error::Error;
use std::io;

use arrow::error::ArrowError;
use dealcast::config::ConfigError;
use dealcast::ingest::IngestError;
use dealcast::model::ModelError;
use dealcast::run::error::RunError;
use dealcast::simulate::SimulateError;
use dealcast::store::error::OutputError;

/// What kind of failure it is; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// Whoever reads our output has seen enough. No failure.
    ClosedPipe,
    /// A fault of the program, the disk or the machine.
    Internal,
    /// Wrong flags or a wrong configuration.
    Usage,
    /// The input cannot be used.
    Input,
    /// There is no model, or none that may be used.
    Model,
    /// A push is not complete, and can be gone on with.
    Incomplete,
    /// Another run holds the lock.
    Locked,
}

impl ErrorKind {
    /// The exit code of the contract.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Model => 4,
            Self::Incomplete => 5,
            Self::Locked => 6,
        }
    }
}

/// A failure as it is shown.
#[derive(Debug)]
pub(crate) struct CliError {
    kind: ErrorKind,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl CliError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    pub(crate) fn closed_pipe() -> Self {
        Self::new(ErrorKind::ClosedPipe, "")
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// What could be done about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// An error with all its sources; a source whose text the error repeats is not said twice.
    pub(crate) fn of(kind: ErrorKind, error: &dyn Error) -> Self {
        let mut shown = Self::new(kind, error.to_string());
        let mut next = error.source();
        while let Some(source) = next {
            let text = source.to_string();
            if !shown.message.contains(&text) && !shown.causes.contains(&text) {
                shown.causes.push(text);
            }
            next = source.source();
        }
        shown
    }

    /// An error caused by `source`: of kind `given` where what was named is at fault (absent, forbidden), else the machine's.
    pub(crate) fn of_system(given: ErrorKind, error: &dyn Error, source: &io::Error) -> Self {
        Self::of(kind_of_io(given, source), error).hints_of(source)
    }

    /// The same where no error of the library says it in words.
    pub(crate) fn of_io(given: ErrorKind, message: impl Into<String>, source: &io::Error) -> Self {
        Self::new(kind_of_io(given, source), message).hints_of(source)
    }

    /// A panic at `place`: of a library that was refused a thread or a file and has no other way to say so, or a bug.
    pub(crate) fn of_panic(what: &str, place: &str) -> Self {
        match system_error_in(what).filter(|error| limit_of(error).is_some()) {
            Some(error) => Self::internal(format!("the machine has no more to give: {error}")).hints_of(&error),
            None => Self::internal(format!("internal error: {what}{place}")).hint("please report this as a bug"),
        }
    }

    fn hints_of(self, source: &io::Error) -> Self {
        limit_of(source).into_iter().fold(self, Self::hint)
    }

    /// The same kind of error in a few words, where it was shown already.
    pub(crate) fn with_message(self, message: String) -> Self {
        Self::new(self.kind, message)
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn causes(&self) -> &[String] {
        &self.causes
    }

    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

/// `given` where another name would have done, or another right to it.
fn kind_of_io(given: ErrorKind, error: &io::Error) -> ErrorKind {
    use io::ErrorKind::{DirectoryNotEmpty, InvalidData, NotFound, UnexpectedEof};
    match error.kind() {
        DirectoryNotEmpty | InvalidData | NotFound | UnexpectedEof => given,
        _ if is_of_the_path(error) => given,
        _ => ErrorKind::Internal,
    }
}

/// Whether the file system refuses because of the path that was named, and not because of its own state.
fn is_of_the_path(refusal: &io::Error) -> bool {
    use io::ErrorKind::{
        AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory, PermissionDenied, ReadOnlyFilesystem,
    };
    match refusal.kind() {
        AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory | PermissionDenied
        | ReadOnlyFilesystem => true,
        // Links that lead to each other have no kind yet.
        _ => refusal.raw_os_error() == Some(libc::ELOOP),
    }
}

/// The error of the system a text tells of by its code.
fn system_error_in(text: &str) -> Option<io::Error> {
    let (_, rest) = text.split_once("os error ").or_else(|| text.split_once("code: "))?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok().map(io::Error::from_raw_os_error)
}

/// What to do where the machine has no more of something to give.
fn limit_of(error: &io::Error) -> Option<&'static str> {
    let is = |code: i32| error.raw_os_error() == Some(code);
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some("the disk is full"),
        io::ErrorKind::WouldBlock => Some("name fewer --threads, or raise the limit of processes (`ulimit -u`)"),
        io::ErrorKind::OutOfMemory => Some("free some memory, or raise its limit (`ulimit -v`)"),
        _ if is(libc::EMFILE) || is(libc::ENFILE) => Some("raise the limit of open files (`ulimit -n`)"),
        _ => None,
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        if let ConfigError::Unreadable { source, .. } = &error {
            let hint = if source.kind() == io::ErrorKind::InvalidData {
                "save it as text in UTF-8"
            } else {
                "name the file with --config"
            };
            return Self::of_system(ErrorKind::Usage, &error, source).hint(hint);
        }
        let guess = error.hint();
        let shown = Self::of(ErrorKind::Usage, &error);
        let shown = guess.into_iter().fold(shown, Self::hint);
        shown.hint("`dealcast schema config` prints what may stand there")
    }
}

impl From<RunError> for CliError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Ingest(error) => error.into(),
            RunError::Model(error) => error.into(),
            RunError::Output(error) => error.into(),
            RunError::Table(error) => error.into(),
            RunError::Document(error) => error.into(),
            _ => {
                let shown = Self::of(kind_of(&error), &error);
                hint_for(&error).into_iter().fold(shown, Self::hint)
            }
        }
    }
}

fn kind_of(error: &RunError) -> ErrorKind {
    match error {
        RunError::Stages(_)
        | RunError::NothingYet { .. }
        | RunError::Forecast(_)
        | RunError::ShrunkenExport { .. }
        | RunError::SeveralFiles { files: 0 } => ErrorKind::Input,
        RunError::Grouping(_) | RunError::Unscored { .. } => ErrorKind::Internal,
        _ => ErrorKind::Usage,
    }
}

/// What to do about it.
fn hint_for(error: &RunError) -> Option<String> {
    let fixed = match error {
        RunError::Stages(_) => "list every stage in its order under [[stages]] in dealcast.toml",
        RunError::OldCopy { .. } => {
            "copies are kept in the order of their days: `dealcast snapshot --day` names a later one, `dealcast run --as-of` keeps none"
        }
        RunError::ShrunkenExport { .. } => {
            "export the table again, or set `rules.severity.shrunken_copy = \"warn\"` where so many deals are gone indeed"
        }
        RunError::SeveralFiles { files: 0 } => "the export has no row: export it again",
        RunError::SeveralFiles { .. } => "name the newest export with --deals FILE",
        RunError::NothingYet { .. } => "name a later day with --as-of",
        RunError::OutsideCalendar { .. } => "add the year as another [[calendar.table]] in dealcast.toml",
        RunError::Forecast(_) => "check amounts, currencies and fx_rates",
        RunError::GroupsOverlap { .. } => "name two groups that have none, such as two values of a column",
        RunError::NotBefore { flag: "from", .. } => "name an earlier --from, or a later --to",
        RunError::NotBefore { .. } => "name an earlier day",
        RunError::RunsOutOfOrder { .. } => "name the runs the other way round",
        RunError::Misspelt { hint, .. } => return Some(hint.clone()),
        RunError::CostsOfLongerPeriods { costs, .. } => return Some(format!("ask for a {}", costs.name())),
        RunError::NotOpen { id, .. } => {
            return Some(format!(
                "`dealcast history {id}` tells its story; or name an earlier day with --as-of, and a model from before it"
            ));
        }
        RunError::NoSuchValue { guess: Some(guess), .. }
        | RunError::NoSuchNode { guess: Some(guess), .. }
        | RunError::NoSuchDeal { guess: Some(guess), .. } => return Some(format!("did you mean {guess:?}?")),
        RunError::NoSuchValue { .. } | RunError::NoSuchNode { .. } | RunError::NoSuchDeal { .. } => {
            "write it as the input does; what is dated on or after --as-of is not there yet"
        }
        _ => return None,
    };
    Some(fixed.to_owned())
}

impl From<IngestError> for CliError {
    fn from(error: IngestError) -> Self {
        let shown = match &error {
            IngestError::Io { source, .. } => Self::of_system(ErrorKind::Input, &error, source),
            _ if error.is_config() => Self::of(ErrorKind::Usage, &error),
            _ => Self::of(ErrorKind::Input, &error),
        };
        error.hint().into_iter().fold(shown, Self::hint)
    }
}

impl From<ModelError> for CliError {
    fn from(error: ModelError) -> Self {
        if let ModelError::Io { action, source, .. } = &error {
            return match *action {
                _ if is_of_the_path(source) => {
                    Self::of(ErrorKind::Usage, &error).hint("name a folder you may write with --models")
                }
                "read" => Self::of_system(ErrorKind::Model, &error, source)
                    .hint("copy the file again, or name another folder with --models"),
                _ => Self::of_system(ErrorKind::Internal, &error, source).hint("what was there before is unchanged"),
            };
        }
        let kind = match &error {
            ModelError::Unusable { .. }
            | ModelError::NoGroupColumn { .. }
            | ModelError::Missing { .. }
            | ModelError::Ambiguous { .. }
            | ModelError::NothingBefore { .. } => ErrorKind::Usage,
            _ => ErrorKind::Model,
        };
        let hint = match &error {
            ModelError::Unusable { .. } => Some("name another folder with --models, or a file with --model"),
            ModelError::TooLittleData { remedy, .. } => Some(remedy.as_str()),
            ModelError::OtherDeals { .. } => {
                Some("name a folder of models for these deals with --models; `dealcast train` makes one")
            }
            ModelError::NoSignal { .. } => {
                Some("every deal gets the base rate; columns that tell deals apart, or a longer history, make a model")
            }
            ModelError::NoGroupColumn { .. } => Some("write it as the header of the deals table does"),
            ModelError::Ambiguous { .. } => Some("write more of the id"),
            ModelError::Missing { .. } => Some("`dealcast models list` names the models of the folder"),
            ModelError::NoneUsable { .. } => Some("train one with `dealcast train`, or name a folder with --models"),
            ModelError::NotPromoted { .. } => Some("it is saved; `dealcast models promote ID` puts it to use anyway"),
            ModelError::NothingBefore { .. } => Some("`dealcast models log` shows what was in use and why"),
            ModelError::FromTheFuture { .. } => Some("a model must not know more than the day it scores"),
            ModelError::OtherVersion { .. } => Some("train it again with this version: `dealcast train`"),
            ModelError::Corrupt { .. } => Some("copy the file again, or train a new model"),
            _ => None,
        };
        hint.map(str::to_owned).into_iter().fold(Self::of(kind, &error), Self::hint)
    }
}

impl From<SimulateError> for CliError {
    fn from(error: SimulateError) -> Self {
        let kind = if matches!(error, SimulateError::Config { .. }) { ErrorKind::Usage } else { ErrorKind::Internal };
        let shown = Self::of(kind, &error);
        match error {
            SimulateError::Io { source, .. } => shown.hints_of(&source).hint("what was there before is unchanged"),
            SimulateError::Parquet { .. } => shown.hint("what was there before is unchanged"),
            _ => shown,
        }
    }
}

impl From<ArrowError> for CliError {
    fn from(error: ArrowError) -> Self {
        Self::of(ErrorKind::Internal, &error)
    }
}

impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        Self::of(ErrorKind::Internal, &error)
    }
}

impl From<OutputError> for CliError {
    fn from(error: OutputError) -> Self {
        let shown = |kind| Self::of(kind, &error);
        match &error {
            OutputError::Locked { .. } => shown(ErrorKind::Locked).hint("wait for it, or name another --out"),
            OutputError::Foreign { .. } => {
                shown(ErrorKind::Usage).hint("name a new folder with --out, or move that away")
            }
            OutputError::Overlap { .. } => {
                shown(ErrorKind::Usage).hint("outputs go to a folder of their own; name another one with --out")
            }
            OutputError::OfARun { .. } => shown(ErrorKind::Usage).hint("name a place outside of it"),
            OutputError::NoRun { .. } => shown(ErrorKind::Input).hint("name the folder that a run wrote: its --out"),
            OutputError::Unusable { .. } => shown(ErrorKind::Usage).hint("name another folder with --out"),
            OutputError::Io { source, .. } if is_of_the_path(source) => {
                shown(ErrorKind::Usage).hint("name a folder you may write with --out")
            }
            OutputError::Io { source, .. } => {
                Self::of_system(ErrorKind::Internal, &error, source).hint("what was there before is unchanged")
            }
            _ => shown(ErrorKind::Internal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn a_library_that_is_refused_a_thread_is_no_bug() {
        for (what, hint) in [
            ("called `Result::unwrap()` on an `Err` value: Os { code: 24, kind: Uncategorized }", "ulimit -n"),
            ("OS can't spawn worker thread: Resource temporarily unavailable (os error 11)", "ulimit -u"),
            ("index out of bounds: the len is 3 but the index is 3", "report this as a bug"),
            ("code: none", "report this as a bug"),
        ] {
            let shown = CliError::of_panic(what, " (a.rs:1)");
            assert!(shown.hints()[0].contains(hint), "{what}: {:?}", shown.hints());
            assert_eq!(shown.kind().exit_code(), 1);
        }
    }

    #[test]
    fn a_full_disk_is_not_the_users_fault_and_a_missing_right_is() {
        let error = |kind| {
            let source = io::Error::from(kind);
            CliError::from(OutputError::Io { action: "write", path: PathBuf::from("out"), source })
        };
        let full = error(io::ErrorKind::StorageFull);
        assert_eq!((full.kind().exit_code(), full.causes().len()), (1, 0));
        assert!(full.message().starts_with("cannot write out: "), "{}", full.message());
        assert_eq!(error(io::ErrorKind::PermissionDenied).kind().exit_code(), 2);
    }
}
