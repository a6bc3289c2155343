//! What was wrong with the input: counts and first examples per rule and table, every rejected row, and what stands in
//! every column.

use std::collections::BTreeMap;
use std::io::{self, Seek, Write};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tempfile::SpooledTempFile;

use crate::config::{Rule, RuleSeverity};
use crate::ingest::column_counts::{ChunkTally, ColumnCounts, ColumnsOfTable, add_columns};
use crate::ingest::reject::{Reject, header};
use crate::report::sinks::csv::csv_text;

/// Rejects kept in memory for printing; the rest are only in the log.
const KEPT: usize = 1000;
/// Examples per rule and table.
const EXAMPLES: usize = 3;
/// Bytes of the reject log held in memory before it moves to a temporary file.
const LOG_BYTES: usize = 1 << 22;
/// Characters of a cell that are quoted back.
const VALUE_CHARS: usize = 200;

/// How often a rule was broken in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// The rule.
    pub rule: Rule,
    /// Table of the contract.
    pub table: &'static str,
    /// What happened to the rows.
    pub severity: RuleSeverity,
    /// Times it was broken.
    pub count: u64,
    /// The first few.
    pub examples: Vec<Reject>,
}

/// Everything that was wrong, in a fixed order whatever the thread count.
#[derive(Debug, Default)]
pub struct Issues {
    counts: BTreeMap<(Rule, &'static str), Issue>,
    first_rejects: Vec<Reject>,
    rejects: u64,
    log: Option<Mutex<SpooledTempFile>>,
    columns: BTreeMap<&'static str, ColumnsOfTable>,
}

impl Issues {
    /// One entry per rule and table, in rule order.
    pub fn iter(&self) -> impl Iterator<Item = &Issue> {
        self.counts.values()
    }

    /// Times `rule` was broken in any table.
    #[must_use]
    pub fn count(&self, rule: Rule) -> u64 {
        self.counts.values().filter(|issue| issue.rule == rule).map(|issue| issue.count).sum()
    }

    /// Rows rejected because of `rule` in any table.
    pub(crate) fn count_rejected(&self, rule: Rule) -> u64 {
        let of_rule = self.counts.values().filter(|issue| issue.rule == rule && issue.severity == RuleSeverity::Reject);
        of_rule.map(|issue| issue.count).sum()
    }

    /// What stands in every column: the table, the column's canonical name or header, the counts.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, &str, &ColumnCounts)> {
        self.columns
            .iter()
            .flat_map(|(table, columns)| columns.iter().map(move |(name, counts)| (*table, name.as_str(), counts)))
    }

    /// Rejected rows.
    #[must_use]
    pub fn rejects(&self) -> u64 {
        self.rejects
    }

    /// Rows rejected because a filter asked for it.
    #[must_use]
    pub fn filtered(&self) -> u64 {
        self.count(Rule::Filtered) + self.count(Rule::TouchOfNobody)
    }

    /// Rejected rows that do not count against the allowed share: those of filters, those another row speaks for, deleted deals, and
    /// what is about deals that are not in the deals table.
    pub(crate) fn never_counted(&self) -> u64 {
        let spoken_for = [
            Rule::DuplicateRow,
            Rule::RepeatedRow,
            Rule::ConflictingRow,
            Rule::Deleted,
            Rule::VanishedDeal,
            Rule::UnknownDeal,
        ];
        let rejects = self.counts.values().filter(|issue| issue.severity == RuleSeverity::Reject);
        let spoken_for = rejects.filter(|issue| spoken_for.contains(&issue.rule)).map(|issue| issue.count);
        self.filtered() + spoken_for.sum::<u64>()
    }

    /// The first thousand rejects; [`Issues::write_rejects`] has all.
    #[must_use]
    pub fn first_rejects(&self) -> &[Reject] {
        &self.first_rejects
    }

    /// Writes `rejects.csv`: one line per rejected row, under the names of [`reject_spec`](super::reject_spec).
    ///
    /// # Errors
    /// What writing to `out`, or reading the log back from its temporary file, returns.
    pub fn write_rejects(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", header())?;
        let Some(log) = &self.log else { return Ok(()) };
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.rewind()?;
        io::copy(&mut *log, out)?;
        Ok(())
    }

    /// Takes the issues of the next chunk of `table` in.
    pub(crate) fn absorb(&mut self, table: &'static str, notes: Notes) -> io::Result<()> {
        for ((rule, severity), (count, examples)) in notes.counts {
            self.add(Issue { rule, table, severity, count, examples });
        }
        if notes.rejects.is_empty() {
            return Ok(());
        }
        let log = self.log.get_or_insert_with(|| Mutex::new(SpooledTempFile::new(LOG_BYTES)));
        let mut writer = csv::Writer::from_writer(log.get_mut().unwrap_or_else(PoisonError::into_inner));
        for reject in &notes.rejects {
            let cells = reject.cells();
            writer
                .write_record(cells.iter().map(|cell| csv_text(cell).as_bytes().to_vec()))
                .map_err(io::Error::other)?;
        }
        writer.flush()?;
        self.rejects += notes.rejects.len() as u64;
        let room = KEPT.saturating_sub(self.first_rejects.len());
        self.first_rejects.extend(notes.rejects.into_iter().take(room));
        Ok(())
    }

    /// Takes the counts of later rows of `table` in.
    pub(crate) fn count_columns(&mut self, table: &'static str, later: ColumnsOfTable) {
        add_columns(self.columns.entry(table).or_default(), later);
    }

    /// Takes another table's issues in, behind these.
    pub(crate) fn merge(&mut self, other: Self) -> io::Result<()> {
        for issue in other.counts.into_values() {
            self.add(issue);
        }
        other.columns.into_iter().for_each(|(table, columns)| self.count_columns(table, columns));
        self.rejects += other.rejects;
        let room = KEPT.saturating_sub(self.first_rejects.len());
        self.first_rejects.extend(other.first_rejects.into_iter().take(room));
        let Some(theirs) = other.log else { return Ok(()) };
        let mut theirs = theirs.into_inner().unwrap_or_else(PoisonError::into_inner);
        match &mut self.log {
            None => self.log = Some(Mutex::new(theirs)),
            Some(ours) => {
                theirs.rewind()?;
                let ours = ours.get_mut().unwrap_or_else(PoisonError::into_inner);
                ours.seek(io::SeekFrom::End(0))?;
                io::copy(&mut theirs, ours)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, issue: Issue) {
        match self.counts.get_mut(&(issue.rule, issue.table)) {
            None => {
                self.counts.insert((issue.rule, issue.table), issue);
            }
            Some(known) => {
                known.count += issue.count;
                let room = EXAMPLES.saturating_sub(known.examples.len());
                known.examples.extend(issue.examples.into_iter().take(room));
            }
        }
    }

    /// The most frequent reasons for rejects in `table`, each with its count and first example.
    pub(crate) fn leading_reasons(&self, table: &str) -> Vec<String> {
        let rejecting = |issue: &&Issue| {
            issue.table == table && issue.severity == RuleSeverity::Reject && issue.rule != Rule::Filtered
        };
        let mut issues: Vec<&Issue> = self.counts.values().filter(rejecting).collect();
        issues.sort_by_key(|issue| std::cmp::Reverse(issue.count));
        let text = |issue: &Issue| {
            let first = issue.examples.first();
            let example = first.map_or(String::new(), |r| {
                let cell =
                    if r.column.is_empty() { String::new() } else { format!(" `{}` is \"{}\",", r.column, r.value) };
                format!(", first {} line {}:{cell} {}", r.file, r.line, r.reason)
            });
            format!("{} {}{example}", issue.count, issue.rule)
        };
        issues.into_iter().take(3).map(text).collect()
    }
}

/// The issues of one chunk, gathered on one thread.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    counts: BTreeMap<(Rule, RuleSeverity), (u64, Vec<Reject>)>,
    rejects: Vec<Reject>,
    /// What stands in the columns of the chunk.
    pub(crate) tally: ChunkTally,
}

impl Notes {
    /// Counts a warning; `example` is only made where it is wanted.
    pub(crate) fn warn(&mut self, rule: Rule, example: impl FnOnce() -> Reject) {
        let entry = self.counts.entry((rule, RuleSeverity::Warn)).or_default();
        entry.0 += 1;
        if entry.1.len() < EXAMPLES {
            entry.1.push(example());
        }
    }

    /// Rejects a row.
    pub(crate) fn reject(&mut self, reject: Reject) {
        let entry = self.counts.entry((reject.rule, RuleSeverity::Reject)).or_default();
        entry.0 += 1;
        if entry.1.len() < EXAMPLES {
            entry.1.push(reject.clone());
        }
        self.rejects.push(reject);
    }

    /// Puts the rejects into line order.
    pub(crate) fn sort(&mut self) {
        self.rejects.sort_by_key(|reject| reject.line);
    }
}

/// The beginning of a cell, for quoting back.
pub(crate) fn excerpt(value: &str) -> String {
    value.chars().take(VALUE_CHARS).collect()
}

/// A cell between quotes, with the blanks of any width it has as blanks.
pub(crate) fn quoted(value: &str) -> String {
    let shown = |c: char| if c.is_whitespace() || c.is_control() { ' ' } else { c };
    format!("\"{}\"", value.chars().map(shown).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(line: u64) -> Reject {
        let text = |s: &str| s.to_owned();
        let value = text("a \"b\",\nc");
        Reject {
            file: text("f.csv"),
            line,
            column: text("amount"),
            value,
            reason: text("expected"),
            rule: Rule::BadAmount,
        }
    }

    #[test]
    fn every_reject_reaches_the_file_however_many_there_are() {
        let mut issues = Issues::default();
        for block in 0..100 {
            let mut notes = Notes::default();
            (0..1000).for_each(|i| notes.reject(reject(block * 1000 + i)));
            let mut part = Issues::default();
            part.absorb("deals", notes).expect("logged");
            issues.merge(part).expect("merged");
        }
        let mut bytes = Vec::new();
        issues.write_rejects(&mut bytes).expect("written");
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let lines: Vec<u64> = reader.records().map(|r| r.expect("a row")[1].parse().expect("a line")).collect();
        assert_eq!(lines, (0..100_000).collect::<Vec<u64>>());
        assert_eq!((issues.rejects(), issues.count(Rule::BadAmount)), (100_000, 100_000));
        assert_eq!((issues.first_rejects().len(), issues.iter().map(|i| i.examples.len()).sum::<usize>()), (1000, 3));
    }
}
