//! What is said of the books of a plan on standard error.

use std::path::Path;

use dealcast::config::PushTarget;
use dealcast::push::findings;
use dealcast::push::ledger::PushOutcome;
use dealcast::push::receipt::Receipt;

use super::chosen::ChosenTarget;
use crate::cli::console::Console;

/// Says the books.
pub(super) fn show_books(chosen: &ChosenTarget, receipt: &Receipt, console: &Console) {
    console.printer.findings(&findings::books(&chosen.name, receipt));
}

/// Names the files that were made.
pub(super) fn show_files(chosen: &ChosenTarget, receipt: &Receipt, console: &Console) {
    let files = receipt
        .lines
        .iter()
        .filter(|line| chosen.config.target == PushTarget::File && line.outcome == PushOutcome::Written);
    for line in files {
        let file = chosen.folder.join("files").join(Path::new(&line.reason));
        console.printer.finding(&findings::file(
            &chosen.name,
            &file.display().to_string(),
            line.deals,
            chosen.config.layout,
        ));
    }
}
