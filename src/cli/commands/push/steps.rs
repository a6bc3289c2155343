//! The steps that `dealcast push` and `dealcast run --push` are both made of: a plan made, a plan sent, records read again.
//!
//! Prints nothing: what is shown of a step differs between the two.

use std::path::{Path, PathBuf};

use dealcast::config::PushTarget;
use dealcast::push::apply::Application;
use dealcast::push::error::{PushError, PushStop};
use dealcast::push::ledger::Ledger;
use dealcast::push::pacer::Pacer;
use dealcast::push::pending::PushSelection;
use dealcast::push::place::place;
use dealcast::push::plan::{Plan, PlanBasis, PlanStep};
use dealcast::push::receipt::Receipt;
use dealcast::push::receipt_file::{PushWork, ReceiptFile};
use dealcast::push::survey::{check_fields, survey};
use dealcast::push::verify::{Holding, VerifiedDeal, verify};
use dealcast::push::wanted::Wanted;
use dealcast::store::finished_run::FinishedRun;
use dealcast::store::push_folder::{PLAN, PushFolder, receipt_name, receipt_of, text_of};

use super::chosen::ChosenTarget;
use super::failure::{while_asking, while_reading_again};
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
pub(super) struct PushedRun {
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
    /// Compares what `run` says with what the target holds, and saves the plan.
    pub fn make_plan(&self, folder: &PushFolder, run: &PushedRun, wishes: PlanWishes) -> Result<Plan, CliError> {
        let ledger = Ledger::read(folder.text()?.lines());
        let mut target = self.open(&ledger, wishes.full, &SystemPacer)?;
        let found = survey(&self.name, &self.config, &run.wanted, &mut *target).map_err(while_asking)?;
        let basis = PlanBasis {
            target: &self.name,
            config: &self.config,
            fields: &found.fields,
            current: &found.current,
            acknowledged: &ledger.acknowledged(&place(&self.config)),
            run: &run.folder,
            made_at: &SystemPacer.now(),
            writes_whole_records: !target.is_remote(),
            allows_large_changes: wishes.allow_large_changes,
        };
        let plan = Plan::make(&run.wanted, &basis)?;
        folder.save(PLAN, &plan.text())?;
        Ok(plan)
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
        let ledger = if is_file { Ledger::read(folder.text()?.lines()) } else { Ledger::default() };
        let mut target = self.open_for(plan, &ledger, &SystemPacer)?;
        check_fields(plan, &self.config, &mut *target)?;
        let application = Application::new(plan, &self.config, folder, &mut *target, &SystemPacer, chance());
        let stop = application.run(selection, console).map_err(|error| CliError::from(error).hint(NOTED))?;
        let receipt = Receipt::of(plan, &Ledger::read(folder.text()?.lines()));
        let work = PushWork {
            begun,
            ended: SystemPacer.now(),
            requests: self.config.target.is_server().then(|| self.requests() - asked_before),
            limit: selection.limit,
            stopped: stop.as_ref().map(|stop| stop.message.clone()),
        };
        let file = ReceiptFile::after(receipt_of(&self.folder, &plan.id)?.as_deref(), plan, &receipt, work);
        let path = folder.save(&receipt_name(&plan.id), &file.text())?;
        Ok(SentPlan { receipt, stop, path })
    }

    /// Reads again what the deals of `plan` took: all, or a sample.
    pub fn read_again(&self, plan: &Plan, sample: Option<usize>) -> Result<Vec<VerifiedDeal>, CliError> {
        let ledger = Ledger::read(text_of(&self.folder)?.lines());
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
