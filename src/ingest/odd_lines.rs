//! What is wrong with a file rather than with a row of it: lines that are no rows, bytes that are no text, columns without a
//! name.

use crate::config::{Rule, RuleConfig, RuleSeverity};
use crate::ingest::decode::chunk::RawChunk;
use crate::ingest::issues::{Notes, excerpt};
use crate::ingest::layout::FileLayout;
use crate::ingest::reader::{Stop, raise};
use crate::ingest::reject::Reject;

/// A chunk of a file that is looked over before its rows are read.
pub(crate) struct OddLines<'a> {
    pub rules: &'a RuleConfig,
    pub layout: &'a FileLayout,
    pub chunk: &'a RawChunk,
    /// Whether this is the file's first chunk with undecodable bytes.
    pub first_undecodable: bool,
}

impl OddLines<'_> {
    /// Tells all of it.
    pub(crate) fn tell(&self, notes: &mut Notes) -> Result<(), Stop> {
        self.ragged(notes)?;
        self.undecodable(notes)?;
        self.unnamed(notes)
    }

    /// Ragged lines are never rows, whatever the severity: there is no telling which cell is which.
    fn ragged(&self, notes: &mut Notes) -> Result<(), Stop> {
        for ragged in &self.chunk.ragged {
            let (rule, width) = (Rule::RaggedLine, self.layout.width());
            let reject = Reject {
                file: self.layout.file.clone(),
                line: ragged.line,
                column: String::new(),
                value: excerpt(&ragged.text),
                reason: format!("it has {} cells, expected {width}", ragged.cells),
                rule,
            };
            match self.rules.severity_of(rule) {
                RuleSeverity::Error => return Err(Stop::Error(Box::new(reject))),
                RuleSeverity::Warn | RuleSeverity::Reject => notes.reject(reject),
            }
        }
        Ok(())
    }

    fn undecodable(&self, notes: &mut Notes) -> Result<(), Stop> {
        if !self.chunk.undecodable || !self.first_undecodable {
            return Ok(());
        }
        let rule = Rule::BadEncoding;
        let reject = || Reject {
            file: self.layout.file.clone(),
            line: self.chunk.first_line(),
            column: String::new(),
            value: String::new(),
            reason: "some bytes are no text in the file's encoding and became \u{fffd}".to_owned(),
            rule,
        };
        raise(self.rules, notes, rule, reject).map_err(of_the_file)
    }

    /// A column without a name whose cells are filled is named with its first cell, once a chunk.
    fn unnamed(&self, notes: &mut Notes) -> Result<(), Stop> {
        for &column in self.layout.unnamed() {
            let filled = (0..self.chunk.rows()).find_map(|row| Some((row, self.chunk.cell(row, column).text()?)));
            let Some((row, value)) = filled else { continue };
            let rule = Rule::UnnamedColumn;
            let reject = || Reject {
                file: self.layout.file.clone(),
                line: self.chunk.line(row),
                column: format!("column {}", column + 1),
                value: excerpt(&value),
                reason: "the column has no name in the header, and is not read".to_owned(),
                rule,
            };
            raise(self.rules, notes, rule, reject).map_err(of_the_file)?;
        }
        Ok(())
    }
}

/// The file is at fault, not one row of it.
fn of_the_file(stop: Stop) -> Stop {
    match stop {
        Stop::Reject(reject) => Stop::Error(reject),
        stop => stop,
    }
}
