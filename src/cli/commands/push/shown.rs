//! What is said of the books of a plan on standard error.

use std::path::Path;

use dealcast::config::PushTarget;
use dealcast::push::findings;
use dealcast::push::ledger::PushOutcome;
use dealcast::push::plan::Plan;
use dealcast::push::receipt::Receipt;

use super::chosen::ChosenTarget;
use crate::cli::console::Console;

/// Says what a plan would do.
pub(super) fn show_plan(chosen: &ChosenTarget, plan: &Plan, console: &Console) {
    console.printer.finding(&findings::planned(plan));
    console.printer.findings(findings::foreign_ids(plan, &chosen.config).as_slice());
}

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
