//! What the check of a run has to say.

use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::count;
use crate::run::check::finished::CheckedRun;

/// What was looked at, and how many places are wrong.
#[must_use]
pub fn checked(run: &CheckedRun) -> Finding {
    let looked_at = [count(run.files as u64, "file"), count(run.tables as u64, "table"), count(run.rows as u64, "row")];
    let wrong = match run.violations.len() as u64 {
        0 => "all as declared".to_owned(),
        places => format!("{} not as declared", count(places, "place")),
    };
    let sentence = format!("{}: {wrong}", looked_at.join(", "));
    let subject = Subject::the("outputs");
    let finding = match run.violations.is_empty() {
        true => Finding::info("outputs.checked", subject, sentence),
        false => Finding::warning("outputs.checked", subject, sentence),
    };
    let numbers =
        [("files", run.files), ("tables", run.tables), ("rows", run.rows), ("violations", run.violations.len())];
    numbers.into_iter().fold(finding, |finding, (name, number)| finding.with(name, Quantity::count(number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::finding::Severity;
    use crate::report::invariants::Violation;

    #[test]
    fn a_wrong_run_is_a_warning_and_a_right_one_is_not() {
        let right = CheckedRun { files: 41, tables: 1, rows: 1_234, violations: Vec::new() };
        let finding = checked(&right);
        assert_eq!(finding.sentence, "41 files, 1 table, 1,234 rows: all as declared");
        assert_eq!(finding.severity, Severity::Info);
        let wrong = CheckedRun { violations: vec![Violation::of_file("a.csv", "no file", "a file")], ..right };
        let finding = checked(&wrong);
        assert_eq!(finding.sentence, "41 files, 1 table, 1,234 rows: 1 place not as declared");
        assert_eq!(finding.severity, Severity::Warning);
    }
}
