//! `dealcast help`: the topics to read, and what `--help` says of a command.

use clap::CommandFactory;
use dealcast::docs::{TOPICS, topic};
use dealcast::domain::spelling::nearest;

use crate::cli::args::{Cli, HelpArgs};
use crate::cli::error::CliError;
use crate::cli::printer::Printer;

pub(crate) fn help(args: &HelpArgs, printer: Printer) -> Result<(), CliError> {
    if let [name] = &args.about[..]
        && let Some(topic) = topic(name)
    {
        return printer.text(topic.text);
    }
    let mut cli = Cli::command();
    cli.build();
    let named = args.about.iter().try_fold(&mut cli, |command, name| command.find_subcommand_mut(name));
    let Some(command) = named else { return Err(unknown(&args.about)) };
    printer.text(&command.render_long_help().ansi().to_string())
}

/// The topics with what they are about, one per line.
pub(crate) fn topics() -> String {
    let width = TOPICS.iter().map(|topic| topic.name.len()).max().unwrap_or(0);
    let lines = TOPICS.map(|topic| format!("  {:<width$}  {}", topic.name, topic.title));
    format!("Topics, printed by `dealcast help TOPIC`:\n{}", lines.join("\n"))
}

fn unknown(about: &[String]) -> CliError {
    let asked = about.join(" ");
    let cli = Cli::command();
    let commands = cli.get_subcommands().filter(|command| !command.is_hide_set()).map(clap::Command::get_name);
    let known: Vec<&str> = TOPICS.iter().map(|topic| topic.name).chain(commands).collect();
    let error = CliError::usage(format!("{asked:?} is neither a topic nor a command"));
    match nearest(&asked, known.into_iter()) {
        Some(guess) => error.hint(format!("did you mean {guess:?}?")),
        None => error.hint("`dealcast help` lists both"),
    }
}
