//! Writing a plan: one deal after the other, every step noted before and after it.
//!
//! A plan, a [`Target`] and the ledger in; the answers go into the ledger, from which the receipt is made. What is unknown is
//! read again before it is sent again: a value that arrived is not sent twice.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::config::PushConfig;
use crate::domain::progress::Progress;
use crate::push::error::{PushError, PushStop, StopKind};
use crate::push::judge::{ROUNDING_ERROR, holds_all, is_untouched, judge};
use crate::push::ledger::{DealStanding, Ledger, LedgerLine, PushOutcome};
use crate::push::pacer::{Pacer, pause_before};
use crate::push::plan::{Plan, PlanStep, PlannedDeal};
use crate::push::target::{RecordAnswer, RecordChange, Target};
use crate::push::value::FieldValues;
use crate::store::push_folder::PushFolder;

/// Which deals of a plan are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushSelection {
    /// At most so many.
    pub limit: Option<usize>,
    /// Those that were refused too.
    pub with_rejected: bool,
}

/// Most tries of one record in one command.
const TRIES: u32 = 4;
/// Plain failures of the server after which a record counts as refused.
const FAILURES: u32 = 2;
/// Records in a row without an outcome after which the server counts as gone.
const MOST_OPEN: u32 = 3;
/// Answers before the share of refusals counts.
const FEWEST_ANSWERS: u32 = 20;

/// A push under way.
pub struct Application<'a> {
    plan: &'a Plan,
    config: &'a PushConfig,
    folder: &'a mut PushFolder,
    target: &'a mut dyn Target,
    pacer: &'a dyn Pacer,
    random: ChaCha8Rng,
    answered: u32,
    rejected: u32,
    /// Records whose outcome nobody knows, since the last one that has one.
    open_in_a_row: u32,
}

/// A deal to be sent, and how it stands.
struct Pending<'p> {
    deal: &'p PlannedDeal,
    attempts: u32,
    failures: u32,
    /// Whether it may have arrived already.
    is_unknown: bool,
}

impl<'a> Application<'a> {
    /// Of `plan`, with `seed` for the jitter of its pauses.
    pub fn new(
        plan: &'a Plan,
        config: &'a PushConfig,
        folder: &'a mut PushFolder,
        target: &'a mut dyn Target,
        pacer: &'a dyn Pacer,
        seed: u64,
    ) -> Self {
        let random = ChaCha8Rng::seed_from_u64(seed);
        Self { plan, config, folder, target, pacer, random, answered: 0, rejected: 0, open_in_a_row: 0 }
    }

    /// Sends what is to be sent. Gives back why it stopped before the end, if it did; what became of the deals is in the
    /// ledger.
    ///
    /// # Errors
    /// [`PushError::Store`] where the ledger cannot be written: then nothing more is sent.
    pub fn run(mut self, selection: PushSelection, progress: &dyn Progress) -> Result<Option<PushStop>, PushError> {
        let ledger = Ledger::read(&self.folder.lines()?);
        let mut pending = pending(self.plan, &ledger, selection);
        pending.truncate(selection.limit.unwrap_or(usize::MAX));
        progress.begin("pushing", pending.len() as u64);
        let is_remote = self.target.is_remote();
        pending.iter_mut().for_each(|deal| deal.is_unknown &= is_remote);
        let (mut rest, mut is_first) = (pending.as_slice(), is_remote);
        while !rest.is_empty() {
            let most = if is_first { 1 } else { self.target.batch_size() };
            // What may have arrived is read again, one by one; the others go in batches.
            let is_unknown = rest[0].is_unknown;
            let size = if is_unknown { 1 } else { rest.iter().take(most).take_while(|deal| !deal.is_unknown).count() };
            let (batch, later) = rest.split_at(size.max(1));
            let stop = if is_unknown { self.settle(&batch[0])? } else { self.send(batch)? };
            progress.advance(batch.len() as u64);
            if let Some(stop) = stop.or_else(|| self.too_many_rejects()) {
                return Ok(Some(stop));
            }
            (rest, is_first) = (later, false);
        }
        Ok(None)
    }

    /// Sends a batch, and settles what its answers leave open.
    fn send(&mut self, batch: &[Pending<'_>]) -> Result<Option<PushStop>, PushError> {
        let changes: Vec<RecordChange> = batch.iter().map(Pending::change).collect();
        let sent: String =
            batch.iter().map(|deal| self.line(deal, deal.attempts + 1, Noted::default()).text()).collect();
        self.folder.append(&sent)?;
        let reply = self.target.write(&changes, &self.plan.fields);
        let (mut noted, mut open, mut stop) = (String::new(), Vec::new(), reply.stop);
        for (pending, answer) in batch.iter().zip(reply.answers) {
            let tried = Pending { attempts: pending.attempts + 1, ..*pending };
            let (note, found) = self.note(tried.deal, answer, tried.failures);
            noted += &self.line(&tried, tried.attempts, note.clone()).text();
            stop = stop.or(found);
            if note.outcome == Some(PushOutcome::Unknown) {
                let failures = tried.failures + u32::from(note.status == Some(500));
                open.push(Pending { failures, is_unknown: true, ..tried });
            }
        }
        self.folder.append(&noted)?;
        for pending in &open {
            if stop.is_none() {
                stop = self.settle(pending)?;
            }
        }
        Ok(stop)
    }

    /// Reads a record again that may have arrived; sends it again where it has not, up to a few times.
    fn settle(&mut self, pending: &Pending<'_>) -> Result<Option<PushStop>, PushError> {
        let mut now = Pending { ..*pending };
        for tries in 1..=TRIES {
            if now.attempts > pending.attempts || pending.failures > 0 {
                self.pacer.pause(pause_before(tries, None, &mut self.random));
            }
            let held = match self.target.read_one(&now.deal.deal, &self.plan.fields) {
                Ok(held) => held,
                Err(stop) if stop.kind == StopKind::Strange => {
                    // What is odd about one record must not keep the others from their scores.
                    let (outcome, code) = (Some(PushOutcome::Unknown), Some(stop.message));
                    let note = Noted { outcome, code, ..Noted::default() };
                    let line = self.line(&now, now.attempts, note).text();
                    self.folder.append(&line)?;
                    return Ok(self.left_open());
                }
                Err(stop) => return Ok(Some(stop)),
            };
            let note = self.found(now.deal, held, now.failures);
            if let Some(note) = note {
                let line = self.line(&now, now.attempts, note.clone()).text();
                self.folder.append(&line)?;
                self.count(note.outcome);
                return Ok(self.too_far_off(&note, now.deal));
            }
            now.attempts += 1;
            let line = self.line(&now, now.attempts, Noted::default()).text();
            self.folder.append(&line)?;
            let reply = self.target.write(&[now.change()], &self.plan.fields);
            let Some(answer) = reply.answers.into_iter().next() else { return Ok(reply.stop) };
            let (note, stop) = self.note(now.deal, answer, now.failures);
            now.failures += u32::from(note.status == Some(500));
            let line = self.line(&now, now.attempts, note.clone()).text();
            self.folder.append(&line)?;
            let stop = reply.stop.or(stop);
            if stop.is_some() || note.outcome != Some(PushOutcome::Unknown) {
                return Ok(stop);
            }
        }
        Ok(self.left_open())
    }

    /// Counts a record that has no outcome; the end where too many in a row have none.
    fn left_open(&mut self) -> Option<PushStop> {
        self.open_in_a_row += 1;
        let message = format!("{} records in a row were sent and have no answer", self.open_in_a_row);
        (self.open_in_a_row >= MOST_OPEN).then(|| PushStop::new(StopKind::Unreachable, message))
    }

    /// What a record that was read again says: nothing where it is as it was and is to be sent again.
    fn found(&self, deal: &PlannedDeal, held: Option<FieldValues>, failures: u32) -> Option<Noted> {
        let Some(held) = held else {
            return Some(Noted {
                outcome: Some(PushOutcome::Missing),
                code: Some(GONE.to_owned()),
                ..Noted::default()
            });
        };
        let echo = echo_of(&held, &deal.new);
        if holds_all(&held, &deal.new, &self.plan.fields) {
            let code = Some(FOUND.to_owned());
            return Some(Noted { outcome: Some(PushOutcome::Written), code, echo: Some(echo), ..Noted::default() });
        }
        if failures >= FAILURES {
            let code = Some(FAILED.to_owned());
            return Some(Noted { outcome: Some(PushOutcome::Rejected), status: Some(500), code, ..Noted::default() });
        }
        if is_untouched(&held, &deal.old, &deal.new, &self.plan.fields) {
            return None;
        }
        let verdict = judge(&deal.old, &deal.new, &held, &self.plan.fields, self.config.max_rounding);
        (verdict.outcome == PushOutcome::Rounded).then_some(Noted {
            outcome: Some(PushOutcome::Rounded),
            code: verdict.code,
            echo: Some(echo),
            rounded_by: verdict.rounded_by,
            status: None,
        })
    }

    /// An answer as it is noted, and whether it ends the push.
    fn note(&mut self, deal: &PlannedDeal, answer: RecordAnswer, failures: u32) -> (Noted, Option<PushStop>) {
        let noted = |outcome, status, code| Noted { outcome: Some(outcome), status, code, ..Noted::default() };
        let note = match answer {
            RecordAnswer::Taken { status, code, echo: None } => noted(PushOutcome::Written, status, code),
            RecordAnswer::Taken { status, code, echo: Some(echo) } => {
                let verdict = judge(&deal.old, &deal.new, &echo, &self.plan.fields, self.config.max_rounding);
                let (code, rounded_by) = (verdict.code.or(code), verdict.rounded_by);
                Noted {
                    outcome: Some(verdict.outcome),
                    status,
                    code,
                    echo: Some(echo_of(&echo, &deal.new)),
                    rounded_by,
                }
            }
            RecordAnswer::Rejected { status, code } => noted(PushOutcome::Rejected, status, Some(code)),
            RecordAnswer::Missing { status, code } => noted(PushOutcome::Missing, status, Some(code)),
            RecordAnswer::Unknown { status, code } => noted(PushOutcome::Unknown, status, Some(code)),
            RecordAnswer::Failed { status } if failures + 1 >= FAILURES => {
                // Noted as not known first: it is read again, and only then refused.
                noted(PushOutcome::Unknown, Some(status), Some(FAILED.to_owned()))
            }
            RecordAnswer::Failed { status } => {
                noted(PushOutcome::Unknown, Some(status), Some("server error".to_owned()))
            }
        };
        self.count(note.outcome);
        let stop = self.too_far_off(&note, deal).or_else(|| self.ignored_by_the_first(&note));
        (note, stop)
    }

    fn count(&mut self, outcome: Option<PushOutcome>) {
        if outcome.is_some_and(|outcome| outcome != PushOutcome::Unknown) {
            self.answered += 1;
            self.open_in_a_row = 0;
            self.rejected += u32::from(outcome == Some(PushOutcome::Rejected));
        }
    }

    /// Whether a number is stored so far from the one sent that the field cannot be meant for it.
    fn too_far_off(&self, note: &Noted, deal: &PlannedDeal) -> Option<PushStop> {
        (note.rounded_by > self.config.max_rounding + ROUNDING_ERROR).then(|| {
            let (code, deal) = (note.code.as_deref().unwrap_or_default(), &deal.deal);
            PushStop::new(
                StopKind::Rounding,
                format!("{code} by too much in deal {deal}: the field keeps too few decimals"),
            )
        })
    }

    /// Whether the very first record took nothing of what it was sent: then no other one will.
    fn ignored_by_the_first(&self, note: &Noted) -> Option<PushStop> {
        let is_ignored = note.outcome == Some(PushOutcome::Rejected) && note.echo.is_some();
        (is_ignored && self.answered == 1).then(|| {
            let code = note.code.as_deref().unwrap_or_default();
            PushStop::new(StopKind::Rounding, format!("{code}, though the server answered that all was well"))
        })
    }

    fn too_many_rejects(&self) -> Option<PushStop> {
        let (rejected, answered) = (self.rejected, self.answered);
        let is_over = f64::from(rejected) > self.config.max_reject_share * f64::from(answered);
        (answered >= FEWEST_ANSWERS && is_over)
            .then(|| PushStop::new(StopKind::Rejects, format!("{rejected} of {answered} answers are refusals")))
    }

    fn line(&self, pending: &Pending<'_>, attempt: u32, note: Noted) -> LedgerLine {
        let PlannedDeal { deal, old, new, .. } = pending.deal.clone();
        let Noted { outcome, status, code, echo, rounded_by: _ } = note;
        let (plan, place, at) = (self.plan.id.clone(), self.plan.place.clone(), self.pacer.now());
        LedgerLine { plan, place, deal, attempt, at, old, new, outcome, status, code, echo }
    }
}

/// Of a record that was found to hold what was sent.
const FOUND: &str = "arrived, found when read again";
/// Of a record that is gone since the plan was made.
const GONE: &str = "no such record any more";
/// Of a record the server failed at twice.
const FAILED: &str = "server error twice";

/// An answer as it is noted.
#[derive(Clone, Debug, Default)]
struct Noted {
    outcome: Option<PushOutcome>,
    status: Option<u16>,
    code: Option<String>,
    echo: Option<FieldValues>,
    rounded_by: f64,
}

impl Pending<'_> {
    fn change(&self) -> RecordChange {
        RecordChange { deal: self.deal.deal.clone(), new: self.deal.new.clone() }
    }
}

/// The deals of a plan that are to be sent: first those that may have arrived.
fn pending<'p>(plan: &'p Plan, ledger: &Ledger, selection: PushSelection) -> Vec<Pending<'p>> {
    let standings = ledger.standings(&plan.id);
    let of = |deal: &'p PlannedDeal| match standings.get(&deal.deal) {
        None => Some(Pending { deal, attempts: 0, failures: 0, is_unknown: false }),
        Some(DealStanding { outcome, attempts, failures, .. }) => {
            let (is_unknown, failures) = match outcome {
                None | Some(PushOutcome::Unknown) => (true, *failures),
                Some(PushOutcome::Rejected) if selection.with_rejected => (true, 0),
                _ => return None,
            };
            Some(Pending { deal, attempts: *attempts, failures, is_unknown })
        }
    };
    let mut pending: Vec<Pending<'p>> =
        plan.deals.iter().filter(|deal| deal.step == PlanStep::Write).filter_map(of).collect();
    pending.sort_by_key(|deal| !deal.is_unknown);
    pending
}

/// Of what a record holds, the fields that were sent.
fn echo_of(held: &FieldValues, sent: &FieldValues) -> FieldValues {
    held.iter()
        .filter(|(field, _)| sent.contains_key(*field))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}
