//! What every command is given beside its own arguments: a printer, and a progress bar that keeps the time.

use dealcast::domain::progress::Progress;
use dealcast::render::language::Language;
use dealcast::report::finding::Finding;
use dealcast::run::watch::{Timings, Watcher};

use super::printer::Printer;
use super::progress::Steps;

/// Where a command says what it has to say.
pub(crate) struct Console {
    pub printer: Printer,
    /// The language of reports.
    pub language: Language,
    pub progress: Steps,
}

impl Progress for Console {
    fn begin(&self, step: &str, total: u64) {
        self.progress.begin(step, total);
    }

    fn advance(&self, units: u64) {
        self.progress.advance(units);
    }
}

impl Watcher for Console {
    fn tell(&self, finding: &Finding) {
        self.printer.finding(finding);
    }

    fn timings(&self) -> Timings {
        self.progress.timings()
    }

    fn end(&self) {
        self.progress.finish();
    }
}
