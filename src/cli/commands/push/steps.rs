//! The steps that `dealcast push` and `dealcast run --push` are both made of: a plan made, a plan sent, records read again.
//!
//! Prints nothing: what is shown of a step differs between the two.

use std::path::{Path, PathBuf};

use dealcast::config::PushTarget;
use dealcast::push::apply::Application;
use dealcast::push::error::{PushError, PushStop, StopKind};
use dealcast::push::ledger::{Ledger, LedgerScope};
use dealcast::push::pacer::Pacer;
use dealcast::push::pending::PushSelection;
use dealcast::push::place::place;
use dealcast::push::plan::{Plan, PlanBasis, PlanStep};
use dealcast::push::planning::{NewerPlanning, PlanUse, check_newest};
use dealcast::push::receipt::Receipt;
use dealcast::push::receipt_file::{PushWork, ReceiptFile};
use dealcast::push::survey::{check_fields, survey};
use dealcast::push::verify::{Holding, VerifiedDeal, verify};
use dealcast::push::wanted::Wanted;
use dealcast::store::finished_run::FinishedRun;
use dealcast::store::push_folder::{
    HELD, PLAN, PLANNING, PushFolder, held_of, plan_of, planning_of, receipt_name, receipt_of,
};

use super::chosen::ChosenTarget;
use super::failure::{while_asking, while_reading_again, with_causes};
use crate::cli::clock::{SystemPacer, chance};
use crate::cli::console::Console;
use crate::cli::error::{CliError, ErrorKind};

/// How a plan is made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PlanWishes {
    /// Large changes were looked at.
    pub allow_large_changes: bool,
    /// Files with everything, not only what differs from earlier ones.
    pub full: bool,
}

/// A run whose scores are pushed.
struct PushedRun {
    wanted: Wanted,
    folder: String,
}

/// What one command did with a plan.
pub(super) struct SentPlan {
    pub receipt: Receipt,
    /// Why it stopped before the end.
    pub stop: Option<PushStop>,
    /// Where the receipt lies.
    pub path: PathBuf,
}

impl PushedRun {
    pub fn open(folder: &Path) -> Result<Self, CliError> {
        let wanted = Wanted::of(&FinishedRun::open(folder)?)?;
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Ok(Self { wanted, folder: folder.display().to_string() })
    }
}

impl ChosenTarget {
    /// Compares what the run in `run` says with what the target holds, and saves the plan. Until there is one it is noted that the
    /// saved one is not the newest that was wanted, and why.
    pub fn make_plan(&self, folder: &PushFolder, run: &Path, wishes: PlanWishes) -> Result<Plan, CliError> {
        let run_folder = run.display().to_string();
        let mut newer = NewerPlanning { begun: SystemPacer.now(), run: run_folder, refused: None };
        let note = |newer: &NewerPlanning| folder.save(PLANNING, |out| out.write_all(newer.text().as_bytes()));
        note(&newer)?;
        let made = PushedRun::open(run).and_then(|run| self.compare(folder, &run, wishes));
        match made {
            Ok(plan) => {
                folder.save(PLAN, |out| plan.write(out))?;
                folder.remove(PLANNING)?;
                Ok(plan)
            }
            Err(error) => {
                newer.refused = Some(with_causes(&error));
                // Without it the first note stands: that it did not come to its end.
                let _ = note(&newer);
                Err(error)
            }
        }
    }

    /// The saved plan, to be used so; a note of a newer one that was wanted, if there is one.
    pub fn saved_plan(&self, usage: PlanUse) -> Result<(Plan, Option<NewerPlanning>), CliError> {
        let newer = self.newer_planning()?;
        let text = plan_of(&self.folder)?;
        if let (None, Some(newer)) = (&text, &newer) {
            let reason = format!("the only one, begun at {}, {}", newer.begun, newer.became());
            return Err(PushError::NoPlan { reason }.into());
        }
        let plan = Plan::read(text.as_deref(), &self.name, &self.config)?;
        let sent = receipt_of(&self.folder, &plan.id)?.map_or(0, |text| ReceiptFile::sent(&text));
        // The ledger is of every night: it is read only where something depends on it.
        let is_begun = (sent > 0 || newer.is_some())
            && !Ledger::in_folder(&self.folder, LedgerScope::plan(&plan.id))?.standings().is_empty();
        if sent > 0 && !is_begun {
            self.check_ledger(&plan, sent)?;
        }
        if let Some(newer) = &newer {
            check_newest(&plan, newer, usage, is_begun)?;
        }
        Ok((plan, newer))
    }

    /// A plan of which `sent` deals were sent, and of which the ledger knows nothing, would be sent a second time. A file is
    /// made again as it was.
    fn check_ledger(&self, plan: &Plan, sent: u64) -> Result<(), CliError> {
        if self.config.target == PushTarget::File {
            return Ok(());
        }
        let receipt = self.folder.join(receipt_name(&plan.id));
        let reason = format!(
            "{} says that {sent} of its deals were written, and the ledger knows of none: was it removed?",
            receipt.display()
        );
        Err(PushError::NoPlan { reason }.into())
    }

    /// A note of a plan that was wanted after the saved one, if there is one.
    pub fn newer_planning(&self) -> Result<Option<NewerPlanning>, CliError> {
        Ok(planning_of(&self.folder)?.map(|text| NewerPlanning::read(&text)))
    }

    /// # Errors
    /// Where the last push was stopped because of what the target stores, and no record was tried since.
    pub fn check_not_held(&self) -> Result<(), CliError> {
        match held_of(&self.folder)? {
            Some(reason) => Err(PushError::Held { reason: reason.trim_end().to_owned() }.into()),
            None => Ok(()),
        }
    }

    fn compare(&self, folder: &PushFolder, run: &PushedRun, wishes: PlanWishes) -> Result<Plan, CliError> {
        let place = place(&self.config);
        let ledger = Ledger::in_folder(folder.path(), LedgerScope::place(&place))?;
        let mut target = self.open(&ledger, wishes.full, &SystemPacer)?;
        let found = survey(&self.name, &self.config, &run.wanted, &mut *target).map_err(while_asking)?;
        let basis = PlanBasis {
            target: &self.name,
            config: &self.config,
            fields: &found.fields,
            current: found.current,
            acknowledged: ledger.acknowledged(),
            run: &run.folder,
            made_at: &SystemPacer.now(),
            writes_whole_records: !target.is_remote(),
            allows_large_changes: wishes.allow_large_changes,
        };
        Ok(Plan::make(&run.wanted, basis)?)
    }

    /// Sends what is to be sent of `plan`, and keeps the receipt.
    pub fn send(
        &self,
        folder: &mut PushFolder,
        plan: &Plan,
        selection: PushSelection,
        console: &Console,
    ) -> Result<SentPlan, CliError> {
        let (begun, asked_before) = (SystemPacer.now(), self.requests());
        // Only files are numbered by what the ledger says; the push itself reads it again.
        let is_file = self.config.target == PushTarget::File;
        let ledger =
            if is_file { Ledger::in_folder(folder.path(), LedgerScope::both(plan))? } else { Ledger::default() };
        let mut target = self.open_for(plan, &ledger, &SystemPacer)?;
        check_fields(plan, &self.config, &mut *target)?;
        let application = Application::new(plan, &self.config, folder, &mut *target, &SystemPacer, chance());
        let stop = application.run(selection, console).map_err(|error| CliError::from(error).hint(NOTED))?;
        if let Some(stop) = stop.as_ref().filter(|stop| stop.kind == StopKind::Rounding) {
            folder.save(HELD, |out| out.write_all(stop.message.as_bytes()))?;
        }
        let receipt = Receipt::of(plan, &Ledger::in_folder(folder.path(), LedgerScope::plan(&plan.id))?);
        let work = PushWork {
            begun,
            ended: SystemPacer.now(),
            requests: self.config.target.is_server().then(|| self.requests() - asked_before),
            limit: selection.limit,
            stopped: stop.as_ref().map(|stop| stop.message.clone()),
        };
        let file = ReceiptFile::after(receipt_of(&self.folder, &plan.id)?.as_deref(), plan, &receipt, work);
        let path = folder.save(&receipt_name(&plan.id), |out| out.write_all(file.text().as_bytes()))?;
        Ok(SentPlan { receipt, stop, path })
    }

    /// Reads again what the deals of `plan` took: all, or a sample.
    pub fn read_again(&self, plan: &Plan, sample: Option<usize>) -> Result<Vec<VerifiedDeal>, CliError> {
        let ledger = Ledger::in_folder(&self.folder, LedgerScope::place(&plan.place))?;
        let mut target = self.open(&ledger, false, &SystemPacer)?;
        let verified = check_fields(plan, &self.config, &mut *target)
            .and_then(|()| verify(plan, &ledger, &mut *target, sample).map_err(PushError::Stopped));
        verified.map_err(|error| while_reading_again(error, &self.name))
    }

    /// Whether what was written can be read again: a file cannot where it was imported.
    pub fn can_be_read(&self) -> bool {
        self.config.target != PushTarget::File
    }
}

/// Of a push whose ledger cannot be written any more.
const NOTED: &str =
    "what was sent until then is noted: `dealcast push status` has the books, `dealcast push resume` goes on";

/// An error where a record that was read again does not hold what it took.
/// An error also where nothing was there to be read of a plan that writes.
pub(super) fn all_held(plan: &Plan, verified: &[VerifiedDeal]) -> Result<(), CliError> {
    if verified.is_empty() && plan.deals.iter().any(|deal| deal.step == PlanStep::Write) {
        return Err(CliError::new(
            ErrorKind::Incomplete,
            "no deal of the plan holds what was sent, so nothing was verified",
        )
        .hint("`dealcast push status` says what became of the deals"));
    }
    if verified.iter().all(|deal| deal.holding == Holding::Same) {
        return Ok(());
    }
    Err(CliError::new(ErrorKind::Incomplete, "the target does not hold what was pushed")
        .hint("`dealcast push plan` finds what differs"))
}
