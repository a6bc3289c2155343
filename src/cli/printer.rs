//! The only user of standard output and standard error.
//!
//! Results go to standard output, everything else to standard error. Colour follows `NO_COLOR` and the terminal. What is
//! for eyes passes [`plain`]; what is for programs keeps its bytes.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use dealcast::domain::day::Day;
use dealcast::render::ReadableTable;
use dealcast::render::language::Language;
use dealcast::report::finding::{Finding, Section, Severity};
use dealcast::report::people::People;
use dealcast::report::sinks::{self, Format, Stamp};
use dealcast::report::table::Table;

use super::args::TableFormat;
use super::error::{CliError, ErrorKind};
use super::terminal::Look;
use super::{plain, progress, terminal};

const BOLD: Style = Style::new().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();
const FAILURE: Style = AnsiColor::Red.on_default().bold();

/// Prints for one command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    quiet: bool,
    /// That of tables and findings, kept as long as the process lives.
    language: &'static Language,
}

impl Printer {
    pub(crate) fn new(quiet: bool, language: Language) -> Self {
        Self { quiet, language: Box::leak(Box::new(language.beside_sentences())) }
    }

    /// One that says nothing, for tests.
    #[cfg(test)]
    pub(crate) fn silent() -> Self {
        Self::new(true, Language::of("en").expect("a language"))
    }

    /// What there is to say, a line each, on standard error.
    pub(crate) fn findings<'f>(self, findings: impl IntoIterator<Item = &'f Finding>) {
        findings.into_iter().for_each(|finding| self.finding(finding));
    }

    /// One finding in a line: what it says, and what to do about it.
    pub(crate) fn finding(self, finding: &Finding) {
        let line = self.language.line(finding);
        match finding.severity {
            Severity::Info => self.say(line),
            Severity::Warning => {
                let mark = self.language.word("warning").to_owned() + self.language.word("colon");
                self.speak(&Marked { mark: &mark, style: WARNING, text: &line });
            }
        }
    }

    /// What findings say without what to do about them, a line each, on standard output.
    pub(crate) fn sentences<'f>(self, findings: impl IntoIterator<Item = &'f Finding>) -> Result<(), CliError> {
        self.text(&findings.into_iter().map(|finding| self.language.said(finding) + "\n").collect::<String>())
    }

    /// Findings under their headings.
    pub(crate) fn sections(self, sections: &[Section]) {
        for section in sections {
            self.speak(&Marked { mark: self.language.value(section.title), style: BOLD, text: "" });
            self.findings(&section.findings);
        }
    }

    /// A line about the command itself, on standard error.
    pub(crate) fn say(self, text: impl AsRef<str>) {
        self.speak(&Marked { mark: "", style: Style::new(), text: text.as_ref() });
    }

    /// Lines about the command itself, on standard error.
    pub(crate) fn say_lines(self, text: &str) {
        if !self.quiet {
            Marked { mark: "", style: Style::new(), text }.print_lines();
        }
    }

    /// Says that a command or flag has a new name.
    pub(crate) fn renamed(self, before: &str, now: &str) {
        self.say(format!("`{before}` is now called `{now}`"));
    }

    fn speak(self, line: &Marked<'_>) {
        if !self.quiet {
            line.print();
        }
    }

    /// A table on standard output, with names for ids of `people` where it is for eyes.
    pub(crate) fn table(
        self,
        table: &Table,
        form: TableFormat,
        stamp: &Stamp,
        people: &People,
    ) -> Result<(), CliError> {
        let format = match form {
            TableFormat::Table => {
                let as_of = stamp.as_of.as_deref().and_then(|day| day.parse().ok());
                return self.drawn(table, people, terminal::ROWS, as_of);
            }
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
    pub(crate) fn whole_table(self, table: &Table, people: &People) -> Result<(), CliError> {
        self.drawn(table, people, table.rows(), None)
    }

    /// At most so many rows, in colours where standard output shows them. The cells are plain; the colours are ours.
    fn drawn(self, table: &Table, people: &People, most: usize, as_of: Option<Day>) -> Result<(), CliError> {
        let colours = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let readable = ReadableTable { table, language: self.language, people };
        let look = Look { width: terminal::width(), most, colours, as_of };
        self.document(&terminal::render(readable, look))
    }

    /// Text for eyes, on standard output.
    pub(crate) fn text(self, text: &str) -> Result<(), CliError> {
        self.document(&plain::lines(text))
    }

    /// Text for programs, byte for byte, on standard output.
    pub(crate) fn document(self, text: &str) -> Result<(), CliError> {
        put(&mut io::stdout().lock(), text)
    }
}

/// Text of our own with colours in it, on standard output.
pub(crate) fn print_styled(text: &str) -> Result<(), CliError> {
    put(&mut anstream::stdout().lock(), text)
}

fn put(out: &mut dyn Write, text: &str) -> Result<(), CliError> {
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| stdout_error(&error))
}

/// Prints an error with its causes and hints.
pub(crate) fn print_error(error: &CliError) {
    // What can be gone on with did not fail.
    let (mark, style) =
        if error.kind() == ErrorKind::Incomplete { ("incomplete: ", WARNING) } else { ("error: ", FAILURE) };
    Marked { mark, style, text: error.message() }.print_lines();
    for cause in error.causes() {
        Marked { mark: "  caused by: ", style: Style::new(), text: cause }.print_lines();
    }
    for hint in error.hints() {
        Marked { mark: "hint: ", style: HINT, text: hint }.print();
    }
}

/// Prints why the command line cannot be understood; help where a command is missing, which is no error in words.
pub(crate) fn print_refusal(text: &str) {
    let text = text.trim_end();
    match text.strip_prefix("error: ") {
        Some(text) => Marked { mark: "error: ", style: FAILURE, text }.print_lines(),
        None => Marked { mark: "", style: FAILURE, text }.print_lines(),
    }
}

fn stdout_error(error: &io::Error) -> CliError {
    if error.kind() == io::ErrorKind::BrokenPipe {
        CliError::closed_pipe()
    } else {
        CliError::internal(format!("cannot write to standard output: {error}"))
    }
}

/// Text after a mark of our own. The mark may be coloured; the text may hold names of the user's, and never is.
struct Marked<'a> {
    mark: &'a str,
    style: Style,
    text: &'a str,
}

impl Marked<'_> {
    fn print(&self) {
        self.put(&plain::line(self.text));
    }

    fn print_lines(&self) {
        self.put(&plain::lines(self.text));
    }

    /// On standard error. That nobody reads it is no reason to stop.
    fn put(&self, text: &str) {
        let Self { mark, style, .. } = self;
        let _ = progress::aside(|| writeln!(anstream::stderr().lock(), "{style}{mark}{style:#}{text}"));
    }
}
