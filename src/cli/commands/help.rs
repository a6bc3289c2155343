//! `dealcast help`: the topics to read, and what `--help` says of a command.

use clap::error::ErrorKind;
use clap::{Args, Command};
use dealcast::docs::{TOPICS, topic};
use dealcast::domain::spelling::nearest;

use crate::cli::error::CliError;
use crate::cli::printer::{Printer, print_styled};

#[derive(Debug, Args)]
pub(crate) struct HelpArgs {
    /// A topic or a command; both are listed if none is named
    #[arg(value_name = "TOPIC|COMMAND")]
    pub about: Vec<String>,
}

/// `cli` is the whole command line.
pub(crate) fn help(args: &HelpArgs, mut cli: Command, printer: Printer) -> Result<(), CliError> {
    if let [name] = &args.about[..]
        && let Some(topic) = topic(name)
    {
        return printer.text(topic.text);
    }
    let typed = ["dealcast"].into_iter().chain(args.about.iter().map(String::as_str)).chain(["--help"]);
    match cli.try_get_matches_from_mut(typed) {
        Err(shown) if shown.kind() == ErrorKind::DisplayHelp => print_styled(&shown.render().ansi().to_string()),
        _ => Err(unknown(&args.about, &cli)),
    }
}

/// The topics with what they are about, one per line.
pub(crate) fn topics() -> String {
    let width = TOPICS.iter().map(|topic| topic.name.len()).max().unwrap_or(0);
    let lines = TOPICS.map(|topic| format!("  {:<width$}  {}", topic.name, topic.title));
    format!("Topics, printed by `dealcast help TOPIC`:\n{}", lines.join("\n"))
}

fn unknown(about: &[String], cli: &Command) -> CliError {
    let asked = about.join(" ");
    let commands = cli.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name);
    let known: Vec<&str> = TOPICS.iter().map(|topic| topic.name).chain(commands).collect();
    let error = CliError::usage(format!("{asked:?} is neither a topic nor a command"));
    match nearest(&asked, known) {
        Some(guess) => error.hint(format!("did you mean {guess:?}?")),
        None => error.hint("`dealcast help` lists both"),
    }
}
