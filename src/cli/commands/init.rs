//! `dealcast init`: from files nobody has mapped to a `dealcast.toml`.

use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;
use dealcast::config::{Config, text_at};
use dealcast::report::finding::Finding;
use dealcast::setup::findings::findings;
use dealcast::setup::{Answers, Proposal, Question, SetupError, confirm, merged, remember, unified};
use dealcast::store::file::write_file;

use crate::cli::console::Console;
use crate::cli::error::{CliError, ErrorKind};
use crate::cli::exports::{Exports, propose_for, shown, try_propose, undecided};
use crate::cli::printer::Printer;

/// Answers that may be given before it is clear that none fits.
const MOST_ROUNDS: usize = 50;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Exported files, or the folder they lie in
    #[arg(value_name = "FILES|FOLDER", required = true)]
    pub exports: Vec<PathBuf>,
    /// Configuration to write; what a person changed in an earlier one stays
    #[arg(long, value_name = "FILE", default_value = "dealcast.toml")]
    pub config: PathBuf,
    /// Decide what cannot be known, as key=value (repeatable): money.base_currency=EUR
    #[arg(long = "answer", value_name = "KEY=VALUE")]
    pub answers: Vec<String>,
    /// Print what would be written, and write nothing
    #[arg(long, visible_alias = "dry-run")]
    pub print: bool,
}

pub(crate) fn init(args: InitArgs, console: &Console) -> Result<(), CliError> {
    let InitArgs { exports, config, answers: given, print } = args;
    let exports = Exports::beside(&exports, config.parent())?;
    let mut answers = Answers::default();
    given.iter().try_for_each(|answer| answers.add(answer)).map_err(|error| CliError::usage(error.to_string()))?;
    let earlier = text_at(&config)?;
    earlier.iter().for_each(|earlier| answers.look_back(earlier));
    let mut proposal = propose_for(&exports, &answers, console)?;
    let is_known = earlier.as_ref().is_some_and(|earlier| remember(&mut answers, earlier, &proposal.questions));
    if is_known {
        proposal = propose_for(&exports, &answers, console)?;
    }
    if io::stdin().is_terminal() && io::stderr().is_terminal() && !print {
        proposal = asked(proposal, &exports, &mut answers, console)?;
    }
    console.printer.findings(&findings(&proposal));
    undecided(&proposal, "dealcast init")?;
    let text = written(&proposal, &config)?;
    let result = checked(&text, &exports, &config, console)?;
    if print {
        console.printer.document(&text)?;
    }
    console.printer.findings(&result);
    if !print {
        write(&config, &text, console.printer)?;
    }
    Ok(())
}

/// The proposal once everything that is open was asked on the terminal.
fn asked(
    mut proposal: Proposal,
    exports: &Exports,
    answers: &mut Answers,
    console: &Console,
) -> Result<Proposal, CliError> {
    let mut known: Vec<Question> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        if proposal.questions.is_empty() {
            break;
        }
        for question in &proposal.questions {
            let answer = ask(question, &mut io::stdin().lock(), console.printer)?;
            answers.set(&question.key, &answer);
        }
        known.extend(proposal.questions.iter().cloned());
        proposal = match try_propose(exports, answers, console) {
            Ok(proposal) => proposal,
            Err(error) => {
                let questions = answered_wrongly(error, &proposal.questions, &known, console.printer)?;
                questions.iter().for_each(|question| answers.forget(&question.key));
                Proposal { questions, ..proposal }
            }
        };
    }
    Ok(proposal)
}

/// The questions whose answers cannot be used: the one that is named, of all that were asked; those asked last where the
/// answers do not go together.
fn answered_wrongly(
    error: SetupError,
    last: &[Question],
    known: &[Question],
    printer: Printer,
) -> Result<Vec<Question>, CliError> {
    let questions: Vec<Question> = match &error {
        SetupError::Answer(error) => {
            known.iter().rev().find(|question| error.key() == Some(&question.key)).cloned().into_iter().collect()
        }
        SetupError::Config(_) => last.to_vec(),
        _ => Vec::new(),
    };
    if questions.is_empty() {
        return Err(shown(error));
    }
    printer.say(error.to_string());
    Ok(questions)
}

/// The text to write: what is proposed, laid over what is there.
fn written(proposal: &Proposal, config: &Path) -> Result<String, CliError> {
    let Some(earlier) = text_at(config)? else { return Ok(proposal.text()) };
    merged(&earlier, proposal).map_err(|error| CliError::usage(format!("{}: {error}", config.display())))
}

/// What the text gives, read and loaded as a run does it: nothing is written that would stop one.
fn checked(text: &str, exports: &Exports, config: &Path, console: &Console) -> Result<Vec<Finding>, CliError> {
    let config = Config::parse(text, &config.display().to_string())?;
    let result = confirm(&config, exports.base(), console);
    console.progress.finish();
    result.map_err(shown)
}

fn write(config: &Path, text: &str, printer: Printer) -> Result<(), CliError> {
    let earlier = text_at(config)?.unwrap_or_default();
    if earlier == text {
        printer.say(format!("{} says all of this already", config.display()));
        return Ok(());
    }
    if !earlier.is_empty() {
        printer.say_lines(unified(&earlier, text, &config.display().to_string()).trim_end());
    }
    write_file(config, |out| out.write_all(text.as_bytes()).map(|()| None))?;
    let run =
        if config == Path::new("dealcast.toml") { String::new() } else { format!(" --config {}", config.display()) };
    printer.say(format!("wrote {}; next: dealcast run{run}", config.display()));
    Ok(())
}

/// Asks on the terminal: a number of the list, or any other value; nothing for the first.
fn ask(question: &Question, input: &mut dyn BufRead, printer: Printer) -> Result<String, CliError> {
    printer.say(&question.asks);
    for (number, choice) in (1..).zip(&question.choices) {
        printer.say(format!("  {number}. {choice}"));
    }
    let default = question.choices.first().map_or(String::new(), |_| " [1]".to_owned());
    printer.say(format!("{}{default}:", question.key));
    let mut line = String::new();
    let read = input.read_line(&mut line);
    let read = read.map_err(|error| CliError::of_io(ErrorKind::Usage, "cannot read the answer", &error))?;
    if read == 0 {
        return Err(CliError::usage(format!("{} must be decided", question.key)));
    }
    let typed = line.trim();
    let number = if typed.is_empty() { Some(1) } else { typed.parse::<usize>().ok() };
    let chosen = number.and_then(|number| question.choices.get(number.checked_sub(1)?));
    Ok(chosen.map_or_else(|| typed.to_owned(), Clone::clone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_chooses_nothing_takes_the_first_and_other_words_are_taken_as_they_are() {
        let question = Question {
            key: "stages.won".to_owned(),
            asks: "which?".to_owned(),
            choices: vec!["Kappa".to_owned(), "Lambda".to_owned()],
        };
        let answer = |typed: &str| ask(&question, &mut typed.as_bytes(), Printer::silent());
        for (typed, told) in [("\n", "Kappa"), ("2\n", "Lambda"), ("0\n", "0"), (" Mu, Nu \n", "Mu, Nu"), ("3", "3")] {
            assert_eq!(answer(typed).ok().as_deref(), Some(told), "{typed:?}");
        }
        assert!(answer("").is_err(), "nobody is there");
        let open = Question { choices: Vec::new(), ..question };
        assert_eq!(ask(&open, &mut "EUR\n".as_bytes(), Printer::silent()).ok().as_deref(), Some("EUR"));
    }
}
