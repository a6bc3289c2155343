//! What was sent and what became of it: lines of the ledger, and what they add up to.
//!
//! A line before a record is sent and one after its answer. A record with the first and without the second is unknown: it is
//! read again before anything is sent again. A line that cannot be read (half of one, after a crash) counts as not there,
//! which only ever leads to reading again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::push::value::FieldValues;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PushOutcome {
    /// It holds what was sent.
    Written,
    /// It held it already.
    Unchanged,
    /// It holds what was sent, rounded.
    Rounded,
    /// It was refused.
    Rejected,
    /// There is no such record.
    Missing,
    /// Nobody knows yet.
    Unknown,
}

impl PushOutcome {
    /// Every outcome, in the order books are kept in.
    pub const ALL: [Self; 6] =
        [Self::Written, Self::Unchanged, Self::Rounded, Self::Rejected, Self::Missing, Self::Unknown];

    /// Lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Unchanged => "unchanged",
            Self::Rounded => "rounded",
            Self::Rejected => "rejected",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The plan it belongs to.
    pub plan: String,
    /// Where it was written to.
    #[serde(default)]
    pub place: String,
    /// The deal's id.
    pub deal: String,
    /// Which try it is, from 1.
    pub attempt: u32,
    /// When.
    pub at: String,
    /// What the record held before, as the plan says.
    #[serde(default, skip_serializing_if = "FieldValues::is_empty")]
    pub old: FieldValues,
    /// What is sent.
    pub new: FieldValues,
    /// Nothing before the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<PushOutcome>,
    /// HTTP status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the target calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the record holds now, as the target says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo: Option<FieldValues>,
}

impl LedgerLine {
    /// The line as text, with its line break.
    pub(super) fn text(&self) -> String {
        // FieldValues are finite numbers and text: there is nothing JSON could not say.
        serde_json::to_string(self).map(|line| line + "\n").unwrap_or_default()
    }
}

/// How one deal of a plan stands.
#[derive(Clone, Debug, PartialEq)]
pub struct DealStanding {
    /// Tries so far.
    pub attempts: u32,
    /// Answers that were a plain failure of the server, since somebody last asked for another try.
    pub failures: u32,
    /// What became of it; nothing where it was sent and no answer is noted.
    pub outcome: Option<PushOutcome>,
    /// What the target calls it.
    pub code: Option<String>,
}

/// What a field was sent, and what is stored since.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acknowledged {
    /// The values sent last.
    pub sent: FieldValues,
    /// The values the target then held.
    pub held: FieldValues,
}

/// A ledger, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    lines: Vec<LedgerLine>,
    /// Lines that are none.
    pub damaged: usize,
}

impl Ledger {
    /// Reads lines.
    #[must_use]
    pub fn read(lines: &[String]) -> Self {
        let filled: Vec<&String> = lines.iter().filter(|line| !line.is_empty()).collect();
        let read: Vec<LedgerLine> = filled.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Self { damaged: filled.len() - read.len(), lines: read }
    }

    /// How the deals of a plan stand that were sent at least once.
    #[must_use]
    pub fn standings(&self, plan: &str) -> BTreeMap<String, DealStanding> {
        let mut standings: BTreeMap<String, DealStanding> = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.plan == plan) {
            let standing = standings.entry(line.deal.clone()).or_insert_with(DealStanding::new);
            standing.take(line);
        }
        standings
    }

    /// What every deal of `place` was sent and held last, over all plans.
    #[must_use]
    pub fn acknowledged(&self, place: &str) -> BTreeMap<String, Acknowledged> {
        let mut deals: BTreeMap<String, Acknowledged> = BTreeMap::new();
        let is_taken = |line: &&LedgerLine| matches!(line.outcome, Some(PushOutcome::Written | PushOutcome::Rounded));
        for line in self.lines.iter().filter(|line| line.place == place).filter(is_taken) {
            let deal = deals.entry(line.deal.clone()).or_default();
            deal.sent.extend(line.new.clone());
            let echo = line.echo.as_ref();
            let held = line
                .new
                .iter()
                .map(|(field, sent)| (field.clone(), echo.and_then(|echo| echo.get(field)).unwrap_or(sent).clone()));
            deal.held.extend(held);
        }
        deals
    }

    /// The line of a plan that was written last.
    pub(super) fn last_of(&self, plan: &str) -> Option<&LedgerLine> {
        self.lines.iter().rev().find(|line| line.plan == plan)
    }

    /// The codes of a plan's answers, each once.
    #[must_use]
    pub fn codes(&self, plan: &str) -> BTreeSet<&str> {
        self.lines.iter().filter(|line| line.plan == plan).filter_map(|line| line.code.as_deref()).collect()
    }
}

impl DealStanding {
    fn new() -> Self {
        Self { attempts: 0, failures: 0, outcome: None, code: None }
    }

    fn take(&mut self, line: &LedgerLine) {
        self.attempts = self.attempts.max(line.attempt);
        // A try after a refusal begins anew.
        if line.outcome.is_none() && self.outcome == Some(PushOutcome::Rejected) {
            self.failures = 0;
        }
        if line.outcome == Some(PushOutcome::Unknown) && line.status == Some(500) {
            self.failures += 1;
        }
        self.outcome = line.outcome;
        self.code.clone_from(&line.code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::value::FieldValue;

    fn line(deal: &str, attempt: u32, value: f64, outcome: Option<PushOutcome>, status: Option<u16>) -> LedgerLine {
        let new = FieldValues::from([("w".to_owned(), FieldValue::Number(value))]);
        let (plan, place, at) = ("p".to_owned(), "here".to_owned(), "t".to_owned());
        LedgerLine {
            plan,
            place,
            deal: deal.to_owned(),
            attempt,
            at,
            old: FieldValues::new(),
            new,
            outcome,
            status,
            code: None,
            echo: None,
        }
    }

    fn ledger(lines: &[LedgerLine]) -> Ledger {
        Ledger::read(&lines.iter().map(|line| line.text().trim_end().to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_record_sent_without_an_answer_is_unknown_and_failures_are_counted_until_the_next_retry() {
        let sent = |attempt| line("a", attempt, 0.5, None, None);
        let failed = |attempt| line("a", attempt, 0.5, Some(PushOutcome::Unknown), Some(500));
        let standing = |lines: &[LedgerLine]| ledger(lines).standings("p")["a"].clone();
        assert_eq!(standing(&[sent(1)]).outcome, None);
        let twice = [sent(1), failed(1), sent(2), failed(2)];
        assert_eq!((standing(&twice).attempts, standing(&twice).failures), (2, 2));
        let rejected = line("a", 2, 0.5, Some(PushOutcome::Rejected), Some(500));
        let again = [twice.as_slice(), &[rejected, sent(3)]].concat();
        assert_eq!((standing(&again).failures, standing(&again).outcome), (0, None));
        assert!(ledger(&twice).standings("another plan").is_empty());
    }

    #[test]
    fn what_was_acknowledged_is_the_last_value_taken_as_it_is_stored() {
        let mut rounded = line("a", 1, 0.734, Some(PushOutcome::Rounded), Some(200));
        rounded.echo = Some(FieldValues::from([("w".to_owned(), FieldValue::Number(0.73))]));
        let refused = line("a", 1, 0.9, Some(PushOutcome::Rejected), Some(400));
        let ledger = ledger(&[line("a", 1, 0.1, Some(PushOutcome::Written), None), rounded, refused]);
        let known = ledger.acknowledged("here");
        assert_eq!(known["a"].sent["w"], FieldValue::Number(0.734));
        assert_eq!(known["a"].held["w"], FieldValue::Number(0.73));
        assert!(ledger.acknowledged("elsewhere").is_empty(), "another server holds nothing of it");
    }

    #[test]
    fn half_a_line_is_counted_and_passed_over() {
        let lines = [line("a", 1, 0.1, None, None).text().trim_end().to_owned(), "{\"plan\":\"p\",\"de".to_owned()];
        let ledger = Ledger::read(&lines);
        assert_eq!((ledger.damaged, ledger.standings("p").len()), (1, 1));
    }
}
