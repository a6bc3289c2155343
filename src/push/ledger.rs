//! What was sent and what became of it: lines of the ledger, and what they add up to.
//!
//! A line before a record is sent, with what it held and what is sent, and one after its answer. A record with the first and
//! without the second is unknown: it is read again before anything is sent again. A line that cannot be read (half of one,
//! after a crash) counts as not there, which only ever leads to reading again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::push::acknowledged::Acknowledged;
use crate::push::plan::Plan;
use crate::push::value::FieldValues;
use crate::store::error::OutputError;
use crate::store::push_folder::each_line;

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

/// One line of the ledger, to be written.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LedgerLine<'l> {
    /// The plan it belongs to.
    pub plan: &'l str,
    /// Where it was written to.
    pub place: &'l str,
    /// The folder of the run. Stands in the line before the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<&'l str>,
    /// The deal's id.
    pub deal: &'l str,
    /// Which try it is, from 1.
    pub attempt: u32,
    /// When.
    pub at: &'l str,
    /// What the record held before, as the plan says. Stands in the line before the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<&'l FieldValues>,
    /// What is sent. Stands in the line before the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<&'l FieldValues>,
    /// Nothing before the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<PushOutcome>,
    /// HTTP status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the target calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'l str>,
    /// What the record holds now, as the target says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo: Option<&'l FieldValues>,
}

impl LedgerLine<'_> {
    /// Appends the line as text, with its line break.
    pub(super) fn append_to(&self, text: &mut Vec<u8>) {
        // FieldValues are finite numbers and text: there is nothing JSON could not say.
        if serde_json::to_writer(&mut *text, self).is_ok() {
            text.push(b'\n');
        }
    }
}

/// One line of the ledger, as it is read. What a record held before is for people.
#[derive(Deserialize)]
struct ReadLine {
    plan: String,
    #[serde(default)]
    place: String,
    deal: String,
    attempt: u32,
    #[serde(default)]
    new: FieldValues,
    outcome: Option<PushOutcome>,
    status: Option<u16>,
    code: Option<String>,
    echo: Option<FieldValues>,
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

/// What of a ledger is kept while it is read: it is of every night, and grows.
#[derive(Clone, Copy, Debug, Default)]
pub struct LedgerScope<'s> {
    /// How the deals of this plan stand.
    plan: Option<&'s str>,
    /// What was taken at this place, over all plans.
    place: Option<&'s str>,
}

impl<'s> LedgerScope<'s> {
    /// How the deals of the plan `id` stand.
    #[must_use]
    pub fn plan(id: &'s str) -> Self {
        Self { plan: Some(id), place: None }
    }

    /// What was taken at `place`.
    #[must_use]
    pub fn place(place: &'s str) -> Self {
        Self { plan: None, place: Some(place) }
    }

    /// Both, of a plan and its place.
    #[must_use]
    pub fn both(plan: &'s Plan) -> Self {
        Self { plan: Some(&plan.id), place: Some(&plan.place) }
    }
}

/// A ledger, read and added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    standings: BTreeMap<String, DealStanding>,
    /// The codes of the plan's answers.
    codes: BTreeSet<String>,
    last: Option<LastLine>,
    /// By plan and deal, what was sent to deals whose answer is not there yet.
    sent: BTreeMap<String, BTreeMap<String, FieldValues>>,
    acknowledged: BTreeMap<String, Acknowledged>,
    /// Names of fields, each once.
    names: BTreeSet<Arc<str>>,
    /// Lines that are none.
    pub damaged: usize,
}

/// The line of a plan that was written last.
#[derive(Clone, Debug, PartialEq)]
pub struct LastLine {
    /// The deal's id.
    pub deal: String,
    /// Nothing before the answer.
    pub outcome: Option<PushOutcome>,
    /// What the record holds now, as the target said.
    pub echo: Option<FieldValues>,
}

impl Ledger {
    /// Reads the ledger in `folder`, line by line, and keeps what is in `scope`.
    ///
    /// # Errors
    /// [`OutputError::Io`].
    pub fn in_folder(folder: &Path, scope: LedgerScope<'_>) -> Result<Self, OutputError> {
        let mut ledger = Self::default();
        each_line(folder, |line| ledger.take(line, scope))?;
        Ok(ledger)
    }

    /// Reads lines, and keeps what is in `scope`.
    #[must_use]
    pub fn read<L: AsRef<str>>(lines: impl IntoIterator<Item = L>, scope: LedgerScope<'_>) -> Self {
        let mut ledger = Self::default();
        lines.into_iter().for_each(|line| ledger.take(line.as_ref(), scope));
        ledger
    }

    fn take(&mut self, line: &str, scope: LedgerScope<'_>) {
        match serde_json::from_str::<ReadLine>(line) {
            Ok(line) => {
                if scope.plan == Some(line.plan.as_str()) {
                    self.take_standing(&line);
                }
                if scope.place == Some(line.place.as_str()) {
                    self.take_values(line);
                }
            }
            Err(_) => self.damaged += usize::from(!line.is_empty()),
        }
    }

    fn take_standing(&mut self, line: &ReadLine) {
        self.standings.entry(line.deal.clone()).or_insert_with(DealStanding::new).take(line);
        if let Some(code) = line.code.as_ref().filter(|code| !self.codes.contains(*code)) {
            self.codes.insert(code.clone());
        }
        self.last = Some(LastLine { deal: line.deal.clone(), outcome: line.outcome, echo: line.echo.clone() });
    }

    fn take_values(&mut self, line: ReadLine) {
        // Older ledgers repeat in the line after the answer what was sent.
        if !line.new.is_empty() {
            self.sent.entry(line.plan.clone()).or_default().insert(line.deal.clone(), line.new);
        }
        // What was sent and refused may turn out to have arrived when it is read again.
        if !matches!(line.outcome, Some(PushOutcome::Written | PushOutcome::Rounded)) {
            return;
        }
        let Some(new) = self.sent.get_mut(&line.plan).and_then(|sent| sent.remove(&line.deal)) else { return };
        let mut echo = line.echo.unwrap_or_default();
        let deal = self.acknowledged.entry(line.deal).or_default();
        for (field, sent) in new {
            let held = echo.remove(&field).filter(|held| *held != sent);
            let name = self.names.get(field.as_str()).cloned().unwrap_or_else(|| {
                let name: Arc<str> = field.into();
                self.names.insert(Arc::clone(&name));
                name
            });
            deal.take(name, sent, held);
        }
    }

    /// How the deals of the plan stand that were sent at least once.
    #[must_use]
    pub fn standings(&self) -> &BTreeMap<String, DealStanding> {
        &self.standings
    }

    /// What every deal of the place was sent and held last, over all plans.
    #[must_use]
    pub fn acknowledged(&self) -> &BTreeMap<String, Acknowledged> {
        &self.acknowledged
    }

    /// The line of the plan that was written last.
    #[must_use]
    pub fn last(&self) -> Option<&LastLine> {
        self.last.as_ref()
    }

    /// How many different codes the plan's answers have.
    #[must_use]
    pub fn codes(&self) -> usize {
        self.codes.len()
    }
}

impl DealStanding {
    fn new() -> Self {
        Self { attempts: 0, failures: 0, outcome: None, code: None }
    }

    fn take(&mut self, line: &ReadLine) {
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

    /// What is asked of a ledger.
    const PLAN: LedgerScope<'_> = LedgerScope { plan: Some("p"), place: None };

    /// A line of the deal `a`; one that is sent has a value.
    fn line(attempt: u32, sent: Option<f64>, outcome: Option<PushOutcome>, status: Option<u16>) -> String {
        let new = sent.map(|value| FieldValues::from([("w".to_owned(), FieldValue::Number(value))]));
        echoed(attempt, new.as_ref(), outcome, status, None)
    }

    fn echoed(
        attempt: u32,
        new: Option<&FieldValues>,
        outcome: Option<PushOutcome>,
        status: Option<u16>,
        echo: Option<&FieldValues>,
    ) -> String {
        let (plan, place, deal, at) = ("p", "here", "a", "t");
        let line =
            LedgerLine { plan, place, run: None, deal, attempt, at, old: None, new, outcome, status, code: None, echo };
        let mut text = Vec::new();
        line.append_to(&mut text);
        String::from_utf8(text).expect("text").trim_end().to_owned()
    }

    #[test]
    fn a_record_sent_without_an_answer_is_unknown_and_failures_are_counted_until_the_next_retry() {
        let sent = |attempt| line(attempt, Some(0.5), None, None);
        let failed = |attempt| line(attempt, None, Some(PushOutcome::Unknown), Some(500));
        let standing = |lines: &[String]| Ledger::read(lines, PLAN).standings()["a"].clone();
        assert_eq!(standing(&[sent(1)]).outcome, None);
        let twice = [sent(1), failed(1), sent(2), failed(2)];
        assert_eq!((standing(&twice).attempts, standing(&twice).failures), (2, 2));
        let rejected = line(2, None, Some(PushOutcome::Rejected), Some(500));
        let again = [twice.as_slice(), &[rejected, sent(3)]].concat();
        assert_eq!((standing(&again).failures, standing(&again).outcome), (0, None));
        assert!(Ledger::read(&twice, LedgerScope::plan("another plan")).standings().is_empty());
    }

    #[test]
    fn what_was_acknowledged_is_the_last_value_taken_as_it_is_stored() {
        let stored = FieldValues::from([("w".to_owned(), FieldValue::Number(0.73))]);
        let lines = [
            line(1, Some(0.1), None, None),
            line(1, None, Some(PushOutcome::Written), None),
            line(2, Some(0.734), None, None),
            line(2, None, Some(PushOutcome::Unknown), None),
            echoed(2, None, Some(PushOutcome::Rounded), Some(200), Some(&stored)),
            line(3, Some(0.9), None, None),
            line(3, None, Some(PushOutcome::Rejected), Some(400)),
        ];
        let ledger = Ledger::read(&lines, LedgerScope::place("here"));
        let known = ledger.acknowledged();
        assert_eq!(known["a"].field("w"), Some((&FieldValue::Number(0.734), &FieldValue::Number(0.73))));
        assert_eq!(known["a"].held(), stored);
        let elsewhere = Ledger::read(&lines, LedgerScope::place("elsewhere"));
        assert!(elsewhere.acknowledged().is_empty(), "another server holds nothing of it");
    }

    #[test]
    fn a_ledger_whose_answers_repeat_what_was_sent_is_read_too() {
        let older = r#"{"plan":"p","place":"here","deal":"a","attempt":1,"at":"t","old":{},"new":{"w":0.5},"outcome":"written"}"#;
        assert_eq!(
            Ledger::read([older], LedgerScope::place("here")).acknowledged()["a"].held()["w"],
            FieldValue::Number(0.5)
        );
    }

    #[test]
    fn half_a_line_is_counted_and_passed_over() {
        let lines = [line(1, Some(0.1), None, None), "{\"plan\":\"p\",\"de".to_owned(), String::new()];
        let ledger = Ledger::read(&lines, PLAN);
        assert_eq!((ledger.damaged, ledger.standings().len()), (1, 1));
    }

    #[test]
    fn of_a_ledger_only_what_is_asked_for_is_kept_and_a_clock_that_goes_backwards_changes_nothing() {
        let of = |plan: &str, at: &str, more: &str| {
            format!(r#"{{"plan":"{plan}","place":"here","deal":"a","attempt":1,"at":"{at}",{more}}}"#)
        };
        let lines = [
            of("p", "2027-01-05T02:00:00Z", r#""new":{"w":0.5}"#),
            of("p", "2027-01-05T02:00:01Z", r#""outcome":"written""#),
            of("q", "2027-01-04T02:00:00Z", r#""new":{"w":0.7}"#),
            of("q", "2027-01-03T02:00:00Z", r#""outcome":"written","status":200"#),
        ];
        let known = Ledger::read(&lines, LedgerScope::place("here"));
        assert_eq!(known.acknowledged()["a"].held()["w"], FieldValue::Number(0.7), "the last line, not the latest");
        assert!(known.standings().is_empty());
        let standing = Ledger::read(&lines, PLAN);
        assert_eq!(standing.standings()["a"].outcome, Some(PushOutcome::Written));
        assert!(standing.acknowledged().is_empty());
    }
}
