//! Writing a plan: batch after batch, every step noted before and after it.
//!
//! A plan, a [`Target`] and the ledger in; the answers go into the ledger, from which the receipt is made. What is unknown is
//! read again before it is sent again: a value that arrived is not sent twice. A batch that is refused for the sake of one
//! record is halved until that one is alone.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::config::PushConfig;
use crate::domain::progress::Progress;
use crate::push::error::{PushError, PushStop, StopKind};
use crate::push::judge::{EchoVerdict, ROUNDING_ERROR, holds_all, is_untouched, judge};
use crate::push::ledger::{Ledger, LedgerLine, LedgerScope, PushOutcome};
use crate::push::noted::{Noted, echo_of};
use crate::push::pacer::{Pacer, pause_before};
use crate::push::pending::{Pending, PushSelection, pending};
use crate::push::plan::{Plan, PlannedDeal};
use crate::push::target::{RecordAnswer, RecordChange, Target};
use crate::push::value::FieldValues;
use crate::store::push_folder::PushFolder;

/// Most tries of one record in one command.
const TRIES: u32 = 4;
/// Plain failures of the server after which a record counts as refused.
const FAILURES: u32 = 2;
/// Records in a row without an outcome after which the server counts as gone.
const MOST_OPEN: u32 = 3;
/// Answers before the share of refusals counts.
const FEWEST_ANSWERS: u32 = 20;
/// The same while every answer is the server's own failure. A record the server cannot take is one of few: where one in twenty is
/// (the share of refusals that is allowed unless somebody says otherwise), five in a row are chance once in three million
/// times, three once in eight thousand, and neighbours by id are alike: three of one import are soon found. Each costs
/// two tries and their pauses, about a second.
const FEWEST_FAILURES: u32 = 5;

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
    /// Of the refused, those the server failed at.
    failed: u32,
    /// Whether some record holds what it was sent. Until then records go alone.
    is_proven: bool,
    /// Records whose outcome nobody knows, since the last one that has one.
    open_in_a_row: u32,
    /// What was said last of such a record.
    last_trouble: String,
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
        Self {
            plan,
            config,
            folder,
            target,
            pacer,
            random,
            answered: 0,
            rejected: 0,
            failed: 0,
            is_proven: false,
            open_in_a_row: 0,
            last_trouble: String::new(),
        }
    }

    /// Sends what is to be sent. Gives back why it stopped before the end, if it did; what became of the deals is in the
    /// ledger.
    ///
    /// # Errors
    /// [`PushError::Store`] where the ledger cannot be written: then nothing more is sent.
    pub fn run(mut self, selection: PushSelection, progress: &dyn Progress) -> Result<Option<PushStop>, PushError> {
        let ledger = Ledger::in_folder(self.folder.path(), LedgerScope::plan(&self.plan.id))?;
        let mut pending = pending(self.plan, &ledger, selection);
        pending.truncate(selection.limit.unwrap_or(usize::MAX));
        progress.begin("pushing", pending.len() as u64);
        self.target.announce(pending.len());
        let is_remote = self.target.is_remote();
        pending.iter_mut().for_each(|deal| deal.is_unknown &= is_remote);
        self.is_proven = !is_remote;
        let mut rest = pending.as_slice();
        while let Some(Pending { is_unknown, .. }) = rest.first() {
            let most = if self.is_proven { self.target.batch_size().max(1) } else { 1 };
            let size = rest.iter().take(most).take_while(|deal| deal.is_unknown == *is_unknown).count();
            let (batch, later) = rest.split_at(size);
            let stop = if *is_unknown { self.settle(batch.to_vec())? } else { self.send(batch)? };
            progress.advance(batch.len() as u64);
            if let Some(stop) = stop.or_else(|| self.too_many_rejects()) {
                return Ok(Some(stop));
            }
            rest = later;
        }
        Ok(None)
    }

    /// Sends a batch, and settles what its answers leave open.
    fn send(&mut self, batch: &[Pending<'a>]) -> Result<Option<PushStop>, PushError> {
        let Sent { open, together, stop } = self.write(batch)?;
        if stop.is_some() {
            return Ok(stop);
        }
        let stop = self.in_halves(&together, Self::send)?;
        if stop.is_some() || open.is_empty() { Ok(stop) } else { self.settle(open) }
    }

    /// Does something with each half of a batch, until one of them ends the push.
    fn in_halves(
        &mut self,
        batch: &[Pending<'a>],
        act: impl Fn(&mut Self, &[Pending<'a>]) -> Result<Option<PushStop>, PushError>,
    ) -> Result<Option<PushStop>, PushError> {
        let (one, other) = batch.split_at(batch.len() / 2);
        for half in [one, other].into_iter().filter(|half| !half.is_empty()) {
            if let Some(stop) = act(self, half)?.or_else(|| self.too_many_rejects()) {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }

    /// Writes a batch once, with a line for each record before and after.
    fn write(&mut self, batch: &[Pending<'a>]) -> Result<Sent<'a>, PushError> {
        let tried: Vec<Pending<'a>> =
            batch.iter().map(|deal| Pending { attempts: deal.attempts + 1, ..*deal }).collect();
        let mut sent = Vec::new();
        tried.iter().for_each(|deal| self.line(deal, &Noted::default(), &mut sent));
        self.folder.append(sent)?;
        let changes: Vec<RecordChange> = tried.iter().map(Pending::change).collect();
        let reply = self.target.write(&changes, &self.plan.fields);
        let (mut noted, mut result) = (Vec::new(), Sent { stop: reply.stop, ..Sent::default() });
        for (tried, answer) in tried.into_iter().zip(reply.answers) {
            let is_together = batch.len() > 1 && matches!(answer, RecordAnswer::RefusedTogether { .. });
            let (note, stop) = self.note(tried.deal, answer, is_together);
            self.line(&tried, &note, &mut noted);
            result.stop = result.stop.or(stop);
            let failures = tried.failures + u32::from(note.status == Some(500));
            match note.outcome {
                Some(PushOutcome::Unknown) if is_together => result.together.push(tried),
                Some(PushOutcome::Unknown) => result.open.push(Pending { failures, is_unknown: true, ..tried }),
                _ => {}
            }
        }
        self.folder.append(noted)?;
        Ok(result)
    }

    /// Reads records again that may have arrived; sends those again that have not, up to a few times.
    fn settle(&mut self, mut open: Vec<Pending<'a>>) -> Result<Option<PushStop>, PushError> {
        let is_fresh = open.iter().all(|deal| deal.failures == 0);
        for tries in 1..=TRIES {
            if tries > 1 || !is_fresh {
                self.pacer.pause(pause_before(tries, None, &mut self.random));
            }
            let (unwritten, stop) = self.read_again(&open)?;
            if stop.is_some() || unwritten.is_empty() {
                return Ok(stop);
            }
            let has_failed = unwritten.iter().any(|deal| deal.failures >= FAILURES);
            if unwritten.len() > 1 && has_failed && !self.target.sends_each() {
                // One of them makes the server fail: each half has another try on its own.
                let anew = |deal: &Pending<'a>| Pending { failures: deal.failures.min(FAILURES - 1), ..*deal };
                let anew: Vec<Pending<'a>> = unwritten.iter().map(anew).collect();
                return self.in_halves(&anew, |push, half| push.settle(half.to_vec()));
            }
            open.clear();
            // A batch may be shorter by now.
            for some in unwritten.chunks(self.target.batch_size().max(1)) {
                let sent = self.write(some)?;
                let stop = match sent.stop {
                    None => self.in_halves(&sent.together, Self::send)?,
                    stop => stop,
                };
                if stop.is_some() {
                    return Ok(stop);
                }
                open.extend(sent.open);
            }
            if open.is_empty() {
                return Ok(None);
            }
        }
        Ok(open.iter().filter_map(|_| self.left_open()).next())
    }

    /// Reads records again and notes what became of them. Gives back those that are as they were.
    fn read_again(&mut self, open: &[Pending<'a>]) -> Result<(Vec<Pending<'a>>, Option<PushStop>), PushError> {
        let deals: Vec<&str> = open.iter().map(|deal| deal.deal.deal.as_str()).collect();
        let held = match (self.target.read_some(&deals, &self.plan.fields), open) {
            (Ok(held), _) => held,
            (Err(stop), [one]) if stop.kind == StopKind::Strange => {
                // What is odd about one record must not keep the others from their scores.
                self.last_trouble.clone_from(&stop.message);
                let (outcome, code) = (Some(PushOutcome::Unknown), Some(stop.message));
                let mut line = Vec::new();
                self.line(one, &Noted { outcome, code, ..Noted::default() }, &mut line);
                self.folder.append(line)?;
                return Ok((Vec::new(), self.left_open()));
            }
            (Err(stop), _) if stop.kind == StopKind::Strange => return self.read_each(open),
            (Err(stop), _) => return Ok((Vec::new(), Some(stop))),
        };
        let (mut lines, mut unwritten, mut stop) = (Vec::new(), Vec::new(), None);
        for pending in open {
            let is_alone = open.len() == 1 || self.target.sends_each();
            let Some(note) = self.found(pending, held.get(&pending.deal.deal), is_alone) else {
                unwritten.push(pending.clone());
                continue;
            };
            self.line(pending, &note, &mut lines);
            self.count(&note);
            stop = stop.or(self.too_far_off(&note, pending.deal));
        }
        self.folder.append(lines)?;
        Ok((unwritten, stop))
    }

    /// The same, each record on its own.
    fn read_each(&mut self, open: &[Pending<'a>]) -> Result<(Vec<Pending<'a>>, Option<PushStop>), PushError> {
        let mut all = Vec::new();
        for one in open {
            let (unwritten, stop) = self.read_again(std::slice::from_ref(one))?;
            all.extend(unwritten);
            if stop.is_some() {
                return Ok((all, stop));
            }
        }
        Ok((all, None))
    }

    /// Counts a record that has no outcome; the end where too many in a row have none.
    fn left_open(&mut self) -> Option<PushStop> {
        self.open_in_a_row += 1;
        let message =
            format!("{} records in a row have no outcome; of the last one: {}", self.open_in_a_row, self.last_trouble);
        (self.open_in_a_row >= MOST_OPEN).then(|| PushStop::new(StopKind::Unreachable, message))
    }

    /// What a record that was read again says: nothing where it is as it was and is to be sent again.
    fn found(&self, pending: &Pending<'_>, held: Option<&FieldValues>, is_alone: bool) -> Option<Noted> {
        let Some(held) = held else { return Some(Noted::of(PushOutcome::Missing, None, Some(GONE.to_owned()))) };
        let PlannedDeal { old, new, .. } = pending.deal;
        let echo = Some(echo_of(held, new));
        if holds_all(held, new, &self.plan.fields) {
            return Some(Noted { echo, ..Noted::of(PushOutcome::Written, None, Some(FOUND.to_owned())) });
        }
        if !is_untouched(held, old, new, &self.plan.fields) {
            let EchoVerdict { outcome, code, rounded_by } =
                judge(old, new, held, &self.plan.fields, self.config.max_rounding);
            if outcome == PushOutcome::Rounded {
                return Some(Noted { echo, rounded_by, ..Noted::of(outcome, None, code) });
            }
        }
        let is_refused = pending.failures >= FAILURES && is_alone;
        is_refused.then(|| Noted::of(PushOutcome::Rejected, Some(500), Some(FAILED.to_owned())))
    }

    /// An answer as it is noted, and whether it ends the push.
    fn note(&mut self, deal: &PlannedDeal, answer: RecordAnswer, is_together: bool) -> (Noted, Option<PushStop>) {
        let note = match answer {
            RecordAnswer::Taken { status, code, echo: None } => Noted::of(PushOutcome::Written, status, code),
            RecordAnswer::Taken { status, code, echo: Some(echo) } => {
                let verdict = judge(&deal.old, &deal.new, &echo, &self.plan.fields, self.config.max_rounding);
                let (echo, rounded_by) = (Some(echo_of(&echo, &deal.new)), verdict.rounded_by);
                Noted { echo, rounded_by, ..Noted::of(verdict.outcome, status, verdict.code.or(code)) }
            }
            RecordAnswer::RefusedTogether { status, code } if is_together => {
                Noted::of(PushOutcome::Unknown, status, Some(format!("refused with its batch: {code}")))
            }
            RecordAnswer::RefusedTogether { status, code } | RecordAnswer::Rejected { status, code } => {
                Noted::of(PushOutcome::Rejected, status, Some(code))
            }
            RecordAnswer::Missing { status, code } => Noted::of(PushOutcome::Missing, status, Some(code)),
            RecordAnswer::Unknown { status, code } => Noted::of(PushOutcome::Unknown, status, Some(code)),
            // Not known for now: it is read again, and after the second time refused.
            RecordAnswer::Failed { status } => {
                Noted::of(PushOutcome::Unknown, Some(status), Some("server error".to_owned()))
            }
        };
        self.count(&note);
        if note.outcome == Some(PushOutcome::Unknown) {
            let status = note.status.map(|status| format!(" (status {status})")).unwrap_or_default();
            self.last_trouble = format!("{}{status}", note.code.as_deref().unwrap_or("no answer"));
        }
        let stop = self.too_far_off(&note, deal).or_else(|| self.ignored_by_the_first(&note));
        (note, stop)
    }

    fn count(&mut self, Noted { outcome, status, .. }: &Noted) {
        if outcome.is_some_and(|outcome| outcome != PushOutcome::Unknown) {
            self.answered += 1;
            self.open_in_a_row = 0;
            self.rejected += u32::from(*outcome == Some(PushOutcome::Rejected));
            self.failed += u32::from(*outcome == Some(PushOutcome::Rejected) && *status == Some(500));
            self.is_proven |= matches!(outcome, Some(PushOutcome::Written | PushOutcome::Rounded));
        }
    }

    /// Whether a number is stored so far from the one sent that the field cannot be meant for it.
    fn too_far_off(&self, note: &Noted, deal: &PlannedDeal) -> Option<PushStop> {
        (note.rounded_by > self.config.max_rounding + ROUNDING_ERROR).then(|| {
            let (code, deal) = (note.code.as_deref().unwrap_or_default(), &deal.deal);
            PushStop::new(
                StopKind::Rounding,
                format!(
                    "{code} by too much in deal {deal}: the field keeps too few decimals, or reads numbers another way"
                ),
            )
        })
    }

    /// Whether a record took nothing of what it was sent, and none before it did: then no other one will.
    fn ignored_by_the_first(&self, note: &Noted) -> Option<PushStop> {
        let is_ignored = note.outcome == Some(PushOutcome::Rejected) && note.echo.is_some();
        (is_ignored && !self.is_proven).then(|| {
            let code = note.code.as_deref().unwrap_or_default();
            PushStop::new(
                StopKind::Rounding,
                format!("{code}, though the server answered that all was well: {LOOK_AT}"),
            )
        })
    }

    fn too_many_rejects(&self) -> Option<PushStop> {
        let (rejected, answered) = (self.rejected, self.answered);
        let is_the_server = self.failed == answered;
        let fewest = if is_the_server { FEWEST_FAILURES } else { FEWEST_ANSWERS };
        let is_over = f64::from(rejected) > self.config.max_reject_share * f64::from(answered);
        let told = if is_the_server { "failures of the server, and none is anything else" } else { "refusals" };
        (answered >= fewest && is_over)
            .then(|| PushStop::new(StopKind::Rejects, format!("{rejected} of {answered} answers are {told}")))
    }

    /// Appends the line of a record to `text`: before the answer with what it held and what is sent, after it with the answer.
    fn line(&self, pending: &Pending<'_>, note: &Noted, text: &mut Vec<u8>) {
        let PlannedDeal { deal, old, new, .. } = pending.deal;
        let is_sent = note.outcome.is_none();
        let line = LedgerLine {
            plan: &self.plan.id,
            place: &self.plan.place,
            run: Some(self.plan.run.as_str()).filter(|_| is_sent),
            deal,
            attempt: pending.attempts,
            at: &self.pacer.now(),
            old: Some(old).filter(|old| is_sent && !old.is_empty()),
            new: Some(new).filter(|_| is_sent),
            outcome: note.outcome,
            status: note.status,
            code: note.code.as_deref(),
            echo: note.echo.as_ref(),
        };
        line.append_to(text);
    }
}

/// What became of a batch that was written once.
#[derive(Default)]
struct Sent<'p> {
    /// Records that may have arrived.
    open: Vec<Pending<'p>>,
    /// Records that were refused for the sake of another one.
    together: Vec<Pending<'p>>,
    /// Why nothing more is to be sent.
    stop: Option<PushStop>,
}

/// What makes a server say that all was well, and store something else.
const LOOK_AT: &str =
    "look at the field's decimals, at what its user may edit, and at what automations of the server do to it";
/// Of a record that was found to hold what was sent.
const FOUND: &str = "arrived, found when read again";
/// Of a record that is gone since the plan was made.
const GONE: &str = "no such record any more";
/// Of a record the server failed at twice.
const FAILED: &str = "server error twice";
