//! The only user of standard output and standard error.
//!
//! Results go to standard output, everything else to standard error. Colour follows `NO_COLOR` and the terminal.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use dealcast::report::finding::{Finding, Section, Severity};
use dealcast::report::sinks::{self, Format, Stamp};
use dealcast::report::table::Table;

use super::args::TableFormat;
use super::error::CliError;
use super::terminal;

const BOLD: Style = Style::new().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();
const FAILURE: Style = AnsiColor::Red.on_default().bold();

/// Prints for one command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    quiet: bool,
}

impl Printer {
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// What there is to say, a line each, on standard error.
    pub(crate) fn findings<'f>(self, findings: impl IntoIterator<Item = &'f Finding>) {
        findings.into_iter().for_each(|finding| self.finding(finding));
    }

    /// One finding in a line: what it says, and what to do about it.
    pub(crate) fn finding(self, finding: &Finding) {
        match finding.severity {
            Severity::Info => self.say(finding.line()),
            Severity::Warning => self.warn(&finding.line()),
        }
    }

    /// Findings under their headings.
    pub(crate) fn sections(self, sections: &[Section]) {
        for section in sections {
            self.say(format!("{BOLD}{}{BOLD:#}", section.title));
            self.findings(&section.findings);
        }
    }

    /// A line about the command itself, on standard error.
    pub(crate) fn say(self, text: impl AsRef<str>) {
        if !self.quiet {
            line(text.as_ref());
        }
    }

    /// Says that a command or flag has a new name.
    pub(crate) fn renamed(self, before: &str, now: &str) {
        self.say(format!("`{before}` is now called `{now}`"));
    }

    /// Something the reader should know before trusting the result.
    fn warn(self, text: &str) {
        self.say(format!("{WARNING}warning:{WARNING:#} {text}"));
    }

    /// A table on standard output.
    pub(crate) fn table(self, table: &Table, form: TableFormat, stamp: &Stamp) -> Result<(), CliError> {
        let format = match form {
            TableFormat::Table => return self.text(&terminal::render(table, terminal::width(), terminal::ROWS)),
            TableFormat::Csv => Format::Csv,
            TableFormat::Json => Format::Json,
            TableFormat::Parquet if io::stdout().is_terminal() => {
                let hint = "redirect it (> table.parquet) or name a folder with --out";
                return Err(CliError::usage("parquet is binary and standard output is a terminal").hint(hint));
            }
            TableFormat::Parquet => Format::Parquet,
        };
        let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout());
        sinks::write(table, format, stamp, &mut out).and_then(|()| out.flush()).map_err(|error| stdout_error(&error))
    }

    /// Every row of a table for eyes, on standard output.
    pub(crate) fn whole_table(self, table: &Table) -> Result<(), CliError> {
        self.text(&terminal::render(table, terminal::width(), table.rows()))
    }

    /// Text on standard output.
    pub(crate) fn text(self, text: &str) -> Result<(), CliError> {
        let mut out = anstream::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| stdout_error(&error))
    }
}

/// Prints an error with its causes and hints.
pub(crate) fn print_error(error: &CliError) {
    line(&format!("{FAILURE}error:{FAILURE:#} {}", error.message()));
    for cause in error.causes() {
        line(&format!("  caused by: {cause}"));
    }
    for hint in error.hints() {
        line(&format!("{HINT}hint:{HINT:#} {hint}"));
    }
}

fn stdout_error(error: &io::Error) -> CliError {
    if error.kind() == io::ErrorKind::BrokenPipe {
        CliError::closed_pipe()
    } else {
        CliError::internal(format!("cannot write to standard output: {error}"))
    }
}

/// One line on standard error. That nobody reads it is no reason to stop.
fn line(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
