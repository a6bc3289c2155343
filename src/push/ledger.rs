//! What was sent and what became of it: lines of the ledger, and what they add up to.
//!
//! A line before a record is sent, with what it held and what is sent, and one after its answer. A record with the first and
//! without the second is unknown: it is read again before anything is sent again. A line that cannot be read (half of one,
//! after a crash) counts as not there, which only ever leads to reading again.

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

/// What a field was sent, and what is stored since.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Acknowledged {
    /// The values sent last.
    pub sent: FieldValues,
    /// The values the target then held.
    pub held: FieldValues,
}

/// A ledger, read and added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// By the plan.
    plans: BTreeMap<String, PlanLines>,
    /// By the place, what every deal was sent and held last.
    places: BTreeMap<String, BTreeMap<String, Acknowledged>>,
    /// Lines that are none.
    pub damaged: usize,
}

/// What the lines of a plan add up to.
#[derive(Clone, Debug, Default, PartialEq)]
struct PlanLines {
    standings: BTreeMap<String, DealStanding>,
    /// What was sent to deals whose answer is not there yet.
    sent: BTreeMap<String, FieldValues>,
    codes: BTreeSet<String>,
    last: Option<LastLine>,
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
    /// Reads lines.
    #[must_use]
    pub fn read<L: AsRef<str>>(lines: impl IntoIterator<Item = L>) -> Self {
        let mut ledger = Self::default();
        for line in lines {
            match serde_json::from_str(line.as_ref()) {
                Ok(line) => ledger.take(line),
                Err(_) => ledger.damaged += usize::from(!line.as_ref().is_empty()),
            }
        }
        ledger
    }

    fn take(&mut self, line: ReadLine) {
        let plan = self.plans.entry(line.plan.clone()).or_default();
        plan.standings.entry(line.deal.clone()).or_insert_with(DealStanding::new).take(&line);
        plan.codes.extend(line.code);
        plan.last = Some(LastLine { deal: line.deal.clone(), outcome: line.outcome, echo: line.echo.clone() });
        // Older ledgers repeat in the line after the answer what was sent.
        if !line.new.is_empty() {
            plan.sent.insert(line.deal.clone(), line.new);
        }
        // What was sent and refused may turn out to have arrived when it is read again.
        if !matches!(line.outcome, Some(PushOutcome::Written | PushOutcome::Rounded)) {
            return;
        }
        let Some(new) = plan.sent.remove(&line.deal) else { return };
        let deal = self.places.entry(line.place).or_default().entry(line.deal).or_default();
        deal.take(new, line.echo.unwrap_or_default());
    }

    /// How the deals of a plan stand that were sent at least once.
    #[must_use]
    pub fn standings(&self, plan: &str) -> BTreeMap<String, DealStanding> {
        self.plans.get(plan).map(|plan| plan.standings.clone()).unwrap_or_default()
    }

    /// What every deal of `place` was sent and held last, over all plans.
    #[must_use]
    pub fn acknowledged(&self, place: &str) -> BTreeMap<String, Acknowledged> {
        self.places.get(place).cloned().unwrap_or_default()
    }

    /// The line of a plan that was written last.
    #[must_use]
    pub fn last_of(&self, plan: &str) -> Option<&LastLine> {
        self.plans.get(plan)?.last.as_ref()
    }

    /// The codes of a plan's answers, each once.
    #[must_use]
    pub fn codes(&self, plan: &str) -> BTreeSet<&str> {
        self.plans.get(plan).iter().flat_map(|plan| &plan.codes).map(String::as_str).collect()
    }
}

impl Acknowledged {
    fn take(&mut self, new: FieldValues, mut echo: FieldValues) {
        for (field, sent) in new {
            self.held.insert(field.clone(), echo.remove(&field).unwrap_or_else(|| sent.clone()));
            self.sent.insert(field, sent);
        }
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
        let standing = |lines: &[String]| Ledger::read(lines).standings("p")["a"].clone();
        assert_eq!(standing(&[sent(1)]).outcome, None);
        let twice = [sent(1), failed(1), sent(2), failed(2)];
        assert_eq!((standing(&twice).attempts, standing(&twice).failures), (2, 2));
        let rejected = line(2, None, Some(PushOutcome::Rejected), Some(500));
        let again = [twice.as_slice(), &[rejected, sent(3)]].concat();
        assert_eq!((standing(&again).failures, standing(&again).outcome), (0, None));
        assert!(Ledger::read(&twice).standings("another plan").is_empty());
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
        let ledger = Ledger::read(&lines);
        let known = ledger.acknowledged("here");
        assert_eq!(known["a"].sent["w"], FieldValue::Number(0.734));
        assert_eq!(known["a"].held["w"], FieldValue::Number(0.73));
        assert!(ledger.acknowledged("elsewhere").is_empty(), "another server holds nothing of it");
    }

    #[test]
    fn a_ledger_whose_answers_repeat_what_was_sent_is_read_too() {
        let older = r#"{"plan":"p","place":"here","deal":"a","attempt":1,"at":"t","old":{},"new":{"w":0.5},"outcome":"written"}"#;
        assert_eq!(Ledger::read([older]).acknowledged("here")["a"].held["w"], FieldValue::Number(0.5));
    }

    #[test]
    fn half_a_line_is_counted_and_passed_over() {
        let lines = [line(1, Some(0.1), None, None), "{\"plan\":\"p\",\"de".to_owned(), String::new()];
        let ledger = Ledger::read(&lines);
        assert_eq!((ledger.damaged, ledger.standings("p").len()), (1, 1));
    }
}
