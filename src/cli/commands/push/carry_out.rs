//! Each part of `dealcast push`: one call of the library, and what is printed of the result.

use std::path::Path;

use dealcast::config::PushTarget;
use dealcast::push::apply::{Application, PushSelection};
use dealcast::push::columns::{fields_spec, plan_spec, receipt_document, receipt_spec, verification_spec};
use dealcast::push::error::{PushError, PushStop, StopKind};
use dealcast::push::findings;
use dealcast::push::ledger::{Ledger, PushOutcome};
use dealcast::push::pacer::Pacer;
use dealcast::push::place::place;
use dealcast::push::plan::{Plan, PlanBasis};
use dealcast::push::receipt::Receipt;
use dealcast::push::setup::{needed, table_to_make};
use dealcast::push::survey::{check_fields, resolve, survey};
use dealcast::push::target::TargetField;
use dealcast::push::verify::{Holding, verify as read_again};
use dealcast::push::wanted::Wanted;
use dealcast::store::finished_run::FinishedRun;
use dealcast::store::push_folder::{PLAN, PushFolder, plan_of, text_of};

use super::arguments::{ApplyArgs, PlanArgs, PushCommand, SetupArgs, StatusArgs, VerifyArgs};
use super::chosen::ChosenTarget;
use crate::cli::args::{TableArgs, TableFormat};
use crate::cli::clock::{SystemPacer, chance};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::{emit_document, emit_plain};
use crate::cli::error::{CliError, ErrorKind};

/// Does a part of a push.
pub(crate) fn push(command: PushCommand, console: &Console) -> Result<(), CliError> {
    match command {
        PushCommand::Setup(args) => check_setup(args, console),
        PushCommand::Plan(args) => plan(args, console),
        PushCommand::Apply(args) | PushCommand::Resume(args) => apply(args, false, console),
        PushCommand::Retry(args) => apply(args, true, console),
        PushCommand::Verify(args) => verify(args, console),
        PushCommand::Status(args) => status(args, console),
    }
}

fn check_setup(args: SetupArgs, console: &Console) -> Result<(), CliError> {
    let SetupArgs { target, offline, table } = args;
    let chosen = ChosenTarget::of(target, console)?;
    let destination = destination(table, None, None)?;
    // Of a template nobody can be asked which fields there are.
    let cannot_be_asked = matches!(chosen.config.target, PushTarget::File | PushTarget::Template);
    let (found, to_make) = if offline || cannot_be_asked {
        (None, table_to_make(&chosen.config))
    } else {
        let mut target = chosen.open(&Ledger::default(), false, &SystemPacer)?;
        let resolved = resolve(&chosen.config, &mut *target).map_err(PushError::Stopped)?;
        let there: Vec<TargetField> = resolved.iter().filter_map(|field| field.as_ref().ok().cloned()).collect();
        let to_make = target.to_make(&there).map_err(PushError::Stopped)?;
        (Some(resolved.into_iter().map(|field| field.map(drop)).collect::<Vec<_>>()), to_make)
    };
    let fields = needed(&chosen.config, found.as_deref(), &to_make);
    emit_plain(&fields_spec().table(&fields, 2)?, &destination, console)?;
    console.printer.finding(&findings::setup(&chosen.name, &chosen.config));
    console.printer.findings(&findings::to_make(&chosen.name, &to_make));
    match found.iter().flatten().find_map(|field| field.as_ref().err()) {
        Some(_) => Err(CliError::usage("not every field is there")),
        None => Ok(()),
    }
}

fn plan(args: PlanArgs, console: &Console) -> Result<(), CliError> {
    let PlanArgs { target, run, allow_large_changes, full, table } = args;
    let chosen = ChosenTarget::of(target, console)?;
    let destination = destination(table, None, None)?;
    let wanted = Wanted::of(&FinishedRun::open(&run)?)?;
    let folder = PushFolder::open(&chosen.folder).map_err(PushError::Store)?;
    let ledger = Ledger::read(folder.text()?.lines());
    let mut target = chosen.open(&ledger, full, &SystemPacer)?;
    let found = survey(&chosen.name, &chosen.config, &wanted, &mut *target)?;
    let basis = PlanBasis {
        target: &chosen.name,
        config: &chosen.config,
        fields: &found.fields,
        current: &found.current,
        acknowledged: &ledger.acknowledged(&place(&chosen.config)),
        made_at: &SystemPacer.now(),
        writes_whole_records: !target.is_remote(),
        allows_large_changes: allow_large_changes,
    };
    let plan = Plan::make(&wanted, &basis)?;
    folder.save(PLAN, &plan.text())?;
    emit_plain(&plan_spec().table(&plan.deals, 2)?, &destination, console)?;
    console.printer.finding(&findings::planned(&plan));
    Ok(())
}

fn apply(args: ApplyArgs, with_rejected: bool, console: &Console) -> Result<(), CliError> {
    let ApplyArgs { target, limit, table } = args;
    let chosen = ChosenTarget::of(target, console)?;
    let mut folder = PushFolder::open(&chosen.folder).map_err(PushError::Store)?;
    let plan = Plan::read(plan_of(&chosen.folder)?.as_deref(), &chosen.name, &chosen.config)?;
    // Only files are numbered by what the ledger says; the push itself reads it again.
    let is_file = chosen.config.target == PushTarget::File;
    let ledger = if is_file { Ledger::read(folder.text()?.lines()) } else { Ledger::default() };
    let mut target = chosen.open_for(&plan, &ledger, &SystemPacer)?;
    check_fields(&plan, &chosen.config, &mut *target)?;
    let application = Application::new(&plan, &chosen.config, &mut folder, &mut *target, &SystemPacer, chance());
    let stop = application.run(PushSelection { limit, with_rejected }, console)?;
    show(&chosen, &plan, stop.as_ref(), limit, table, console)
}

fn status(args: StatusArgs, console: &Console) -> Result<(), CliError> {
    let StatusArgs { target, table } = args;
    let chosen = ChosenTarget::of(target, console)?;
    let plan = Plan::read(plan_of(&chosen.folder)?.as_deref(), &chosen.name, &chosen.config)?;
    show(&chosen, &plan, None, None, table, console)
}

/// Prints the books of `plan`; an error where they are not all of outcomes that stay.
fn show(
    chosen: &ChosenTarget,
    plan: &Plan,
    stop: Option<&PushStop>,
    limit: Option<usize>,
    table: TableArgs,
    console: &Console,
) -> Result<(), CliError> {
    let destination = destination(table, None, None)?;
    let receipt = Receipt::of(plan, &Ledger::read(text_of(&chosen.folder)?.lines()));
    let rows = receipt_spec().table(&receipt.lines, 2)?;
    if destination.format == TableFormat::Json {
        let document = receipt_document(&receipt, stop.map(|stop| stop.message.as_str()));
        emit_document(&document, &rows, &destination, console)?;
    } else {
        emit_plain(&rows, &destination, console)?;
    }
    console.printer.findings(&findings::books(&chosen.name, &receipt));
    show_files(chosen, &receipt, console);
    if receipt.is_complete() && stop.is_none() {
        return Ok(());
    }
    Err(unfinished(&receipt, stop, limit))
}

/// Why the books are not all of outcomes that stay, and what to do. A push whose key is refused is not to be tried again.
fn unfinished(receipt: &Receipt, stop: Option<&PushStop>, limit: Option<usize>) -> CliError {
    let (unknown, rejected) = (receipt.count(PushOutcome::Unknown), receipt.count(PushOutcome::Rejected));
    let message = match (stop, limit) {
        (Some(PushStop { kind: StopKind::Refused, message }), _) => {
            return CliError::usage(format!("the push stopped: {message}"));
        }
        (Some(stop), _) => format!("the push stopped: {stop}"),
        (None, Some(limit)) if rejected == 0 => {
            let taken = receipt.count(PushOutcome::Written) + receipt.count(PushOutcome::Rounded);
            let message = format!("{taken} of {} written, limited to {limit} at a time", taken + unknown);
            return CliError::new(ErrorKind::Incomplete, message).hint("`dealcast push resume` writes the rest");
        }
        (None, _) => format!("the push is not complete: {unknown} unknown, {rejected} rejected"),
    };
    CliError::new(ErrorKind::Incomplete, message)
        .hint("`dealcast push resume` goes on; `dealcast push retry` also tries again what was refused")
}

/// Names the files that were made.
fn show_files(chosen: &ChosenTarget, receipt: &Receipt, console: &Console) {
    let files = receipt
        .lines
        .iter()
        .filter(|line| chosen.config.target == PushTarget::File && line.outcome == PushOutcome::Written);
    for line in files {
        let file = chosen.folder.join("files").join(Path::new(&line.reason));
        console.printer.finding(&findings::file(
            &chosen.name,
            &file.display().to_string(),
            line.deals,
            chosen.config.layout,
        ));
    }
}

fn verify(args: VerifyArgs, console: &Console) -> Result<(), CliError> {
    let VerifyArgs { target, sample, table } = args;
    let chosen = ChosenTarget::of(target, console)?;
    let destination = destination(table, None, None)?;
    if chosen.config.target == PushTarget::File {
        return Err(CliError::usage("files cannot be read again where they were imported")
            .hint("import the CRM's own export, and plan again"));
    }
    let plan = Plan::read(plan_of(&chosen.folder)?.as_deref(), &chosen.name, &chosen.config)?;
    let ledger = Ledger::read(text_of(&chosen.folder)?.lines());
    let mut target = chosen.open(&ledger, false, &SystemPacer)?;
    check_fields(&plan, &chosen.config, &mut *target)?;
    let verified = read_again(&plan, &ledger, &mut *target, sample).map_err(PushError::Stopped)?;
    emit_plain(&verification_spec().table(&verified, 2)?, &destination, console)?;
    console.printer.finding(&findings::verified(&chosen.name, &verified));
    if verified.iter().all(|deal| deal.holding == Holding::Same) {
        return Ok(());
    }
    Err(CliError::new(ErrorKind::Incomplete, "the target does not hold what was pushed")
        .hint("`dealcast push plan` finds what differs"))
}
