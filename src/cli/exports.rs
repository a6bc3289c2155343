//! Exported files nobody has mapped: their paths, and what is proposed for them.

use std::path::{Path, PathBuf};

use dealcast::ingest::IngestError;
use dealcast::ingest::profile::files_in;
use dealcast::run::inputs::Inputs;
use dealcast::setup::findings::{all_certain, findings};
use dealcast::setup::{Answers, Proposal, SetupError, propose};

use super::console::Console;
use super::error::{CliError, ErrorKind};

/// Files, by paths relative to the folder of a configuration.
pub(crate) struct Exports {
    paths: Vec<String>,
    base: PathBuf,
}

impl Exports {
    /// The files named, and those of the folders named, for a configuration in `folder`.
    pub(crate) fn beside(named: &[PathBuf], folder: Option<&Path>) -> Result<Self, CliError> {
        let base = folder.map(Path::to_owned).unwrap_or_default();
        let mut paths = Vec::new();
        let folders: Vec<String> =
            named.iter().filter(|place| place.is_dir()).map(|place| place.display().to_string()).collect();
        for place in named {
            if place.is_dir() {
                let names = files_in(place).map_err(|error| {
                    CliError::of_io(ErrorKind::Usage, format!("cannot list {}: {error}", place.display()), &error)
                })?;
                for name in names {
                    paths.push(relative(&place.join(name), &base)?);
                }
            } else if place.exists() {
                paths.push(relative(place, &base)?);
            } else {
                return Err(CliError::usage(format!("no file at {}", place.display()))
                    .hint("name exported files, or the folder they lie in"));
            }
        }
        if paths.is_empty() {
            let message = format!("no file that may be an export lies in {}", folders.join(", "));
            return Err(CliError::input(message).hint("name the folder the exports lie in, or the files themselves"));
        }
        Ok(Self { paths, base })
    }
}

/// A path as the configuration writes it: relative to its folder where it lies below it.
fn relative(path: &Path, base: &Path) -> Result<String, CliError> {
    let text = |path: &Path| {
        path.to_str().map(str::to_owned).ok_or_else(|| CliError::usage(format!("{} is not UTF-8", path.display())))
    };
    if base.as_os_str().is_empty() {
        return text(path.strip_prefix("./").unwrap_or(path));
    }
    if let Ok(below) = path.strip_prefix(base) {
        return text(below);
    }
    let absolute = std::path::absolute(path)
        .map_err(|error| CliError::usage(format!("{} is no path: {error}", path.display())))?;
    text(&absolute)
}

impl Exports {
    /// The folder paths are relative to.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }
}

/// What is proposed for the files.
pub(crate) fn propose_for(exports: &Exports, answers: &Answers, console: &Console) -> Result<Proposal, CliError> {
    try_propose(exports, answers, console).map_err(shown)
}

/// The same, with what stops it as it is.
pub(crate) fn try_propose(exports: &Exports, answers: &Answers, console: &Console) -> Result<Proposal, SetupError> {
    let proposal = propose(&exports.paths, &exports.base, answers, console);
    console.progress.finish();
    proposal
}

/// An error of setup as it is shown.
pub(crate) fn shown(error: SetupError) -> CliError {
    match error {
        SetupError::NoDeals { ref answers, .. } => {
            let named: String = answers.iter().map(|answer| format!(" --answer '{answer}'")).collect();
            let shown = CliError::input(error.to_string())
                .hint("name the file with the deals; it needs a column for the deal, its stage or status, and its day of creation or amount");
            if answers.is_empty() {
                shown
            } else {
                shown.hint(format!("or say which column is what: dealcast init ...{named}"))
            }
        }
        SetupError::Load(error) => match answer_to(&error) {
            Some(answer) => CliError::input(error.to_string()).hint(format!("dealcast init ... --answer '{answer}'")),
            None => error.into(),
        },
        SetupError::Stages(error) => CliError::input(error.to_string()),
        SetupError::Answer(error) => CliError::usage(error.to_string()),
        SetupError::Config(error) => CliError::usage(error.to_string()),
    }
}

/// The answer that cures an error of loading, where one does.
fn answer_to(error: &IngestError) -> Option<String> {
    Some(match error {
        IngestError::Row { rule, .. } => format!("rules.severity.{rule}=reject"),
        IngestError::MissingColumn { table, column, guess, .. } => {
            let name = guess.as_deref().unwrap_or("...");
            format!("sources.{table}.columns.{column}=\"{name}\"")
        }
        IngestError::AmbiguousDate { table, .. } | IngestError::TwoStyles { table, key: "date_order", .. } => {
            format!("sources.{table}.date_order=day-first")
        }
        IngestError::AmbiguousAmount { table, .. } => format!("sources.{table}.decimal_mark=."),
        IngestError::TwoStyles { table, key, .. } => format!("sources.{table}.{key}=."),
        _ => return None,
    })
}

/// An error that names everything a person must decide.
pub(crate) fn undecided(proposal: &Proposal, command: &str) -> Result<(), CliError> {
    if proposal.is_decided() {
        return Ok(());
    }
    let count = proposal.questions.len();
    let things = if count == 1 { "1 thing".to_owned() } else { format!("{count} things") };
    let lines = proposal.questions.iter().map(|question| {
        let choices =
            if question.choices.is_empty() { String::new() } else { format!(" [{}]", question.choices.join(" | ")) };
        format!("\n  {}: {}{choices}", question.key, question.asks)
    });
    let error = CliError::usage(format!("{things} must be decided:{}", lines.collect::<String>()));
    Err(proposal.questions.iter().fold(error, |error, question| {
        let example = question.choices.first().map_or("...", String::as_str);
        error.hint(format!("{command} ... --answer \"{}={example}\"", question.key))
    }))
}

/// The files of a folder as inputs, where nothing about them has to be guessed or decided.
pub(crate) fn unmapped(folder: &Path, console: &Console) -> Result<Inputs, CliError> {
    let exports = Exports::beside(
        &[folder.to_owned()],
        Some(if folder.is_dir() { folder } else { folder.parent().unwrap_or(folder) }),
    )?;
    let proposal = propose_for(&exports, &Answers::default(), console)?;
    console.printer.findings(&findings(&proposal));
    undecided(&proposal, "dealcast init").map_err(|error| error.hint(format!("dealcast init {}", folder.display())))?;
    let uncertain: Vec<String> = proposal
        .uncertain()
        .into_iter()
        .map(|(key, setting)| format!("{key} = {} ({})", setting.value.to_string().trim(), setting.why))
        .chain(proposal.doubts.iter().cloned())
        .collect();
    if !uncertain.is_empty() {
        let message = format!(
            "without a configuration everything must be certain, and this is only likely: {}",
            uncertain.join("; ")
        );
        return Err(CliError::usage(message)
            .hint(format!("dealcast init {} writes it down to be looked at; then dealcast run", folder.display())));
    }
    console.printer.finding(&all_certain(&folder.display().to_string()));
    Ok(Inputs { config: proposal.config()?, base: exports.base, file: None, as_of: None })
}
