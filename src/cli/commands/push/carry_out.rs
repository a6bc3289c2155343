//! Each part of `dealcast push`: the steps it is made of, and what is printed of the result.

use dealcast::config::PushTarget;
use dealcast::push::columns::{fields_spec, plan_spec, probe_spec, receipt_document, receipt_spec, verification_spec};
use dealcast::push::error::{PushError, PushStop};
use dealcast::push::findings;
use dealcast::push::ledger::{Ledger, LedgerScope, PushOutcome};
use dealcast::push::pending::{PushSelection, to_send};
use dealcast::push::plan::{Plan, PlannedDeal};
use dealcast::push::planning::PlanUse;
use dealcast::push::probe::probed;
use dealcast::push::receipt::Receipt;
use dealcast::push::setup::{needed, table_to_make};
use dealcast::push::survey::{check_fields, resolve};
use dealcast::push::target::TargetField;
use dealcast::push::value::FieldValues;
use dealcast::store::push_folder::{HELD, PushFolder};

use super::arguments::{ApplyArgs, PlanArgs, ProbeArgs, PushCommand, SetupArgs, StatusArgs, VerifyArgs};
use super::chosen::ChosenTarget;
use super::failure::{unfinished, while_asking, while_reading_again};
use super::shown::{show_books, show_files, show_plan};
use super::steps::{PlanWishes, all_held};
use crate::cli::args::{TableArgs, TableFormat};
use crate::cli::clock::SystemPacer;
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::{emit_document, emit_plain};
use crate::cli::error::CliError;

/// One record.
const ONE: PushSelection = PushSelection { limit: Some(1), with_rejected: false };

/// Does a part of a push.
pub(crate) fn push(command: PushCommand, console: &Console) -> Result<(), CliError> {
    match command {
        PushCommand::Setup(args) => check_setup(args, console),
        PushCommand::Plan(args) => plan(args, console),
        PushCommand::Probe(args) => probe(args, console),
        PushCommand::Apply(args) => apply(args, PlanUse::Send, false, console),
        PushCommand::Resume(args) => apply(args, PlanUse::GoOn, false, console),
        PushCommand::Retry(args) => apply(args, PlanUse::GoOn, true, console),
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
        let resolved = resolve(&chosen.config, &mut *target).map_err(|stop| while_asking(PushError::Stopped(stop)))?;
        let there: Vec<TargetField> = resolved.iter().filter_map(|field| field.as_ref().ok().cloned()).collect();
        let to_make = target.to_make(&there).map_err(|stop| while_asking(PushError::Stopped(stop)))?;
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
    let folder = PushFolder::open(&chosen.folder).map_err(PushError::Store)?;
    let plan = chosen.make_plan(&folder, &run, PlanWishes { allow_large_changes, full })?;
    emit_plain(&plan_spec().table(&plan.deals, 2)?, &destination, console)?;
    show_plan(&chosen, &plan, console);
    Ok(())
}

/// Writes one record, and says field by field what became of it.
fn probe(args: ProbeArgs, console: &Console) -> Result<(), CliError> {
    let ProbeArgs { target, table } = args;
    let chosen = ChosenTarget::of(target, console)?;
    let destination = destination(table, None, None)?;
    if !chosen.can_be_read() {
        return Err(
            CliError::usage("files cannot be tried with one record").hint("import a file of `push apply --limit 3`")
        );
    }
    let mut folder = PushFolder::open(&chosen.folder).map_err(PushError::Store)?;
    let (plan, _) = chosen.saved_plan(PlanUse::Send)?;
    let scope = LedgerScope::plan(&plan.id);
    if to_send(&plan, &Ledger::in_folder(&chosen.folder, scope)?, ONE).is_empty() {
        console.printer.finding(&findings::nothing_to_probe(&plan));
        return Ok(());
    }
    let sent = chosen.send(&mut folder, &plan, ONE, console)?;
    let ledger = Ledger::in_folder(&chosen.folder, scope)?;
    if let Some(line) = ledger.last() {
        let mut again = chosen.open(&ledger, false, &SystemPacer)?;
        let held = check_fields(&plan, &chosen.config, &mut *again)
            .and_then(|()| again.read_some(&[&line.deal], &plan.fields).map_err(PushError::Stopped))
            .map_err(|error| while_reading_again(error, &chosen.name))?;
        let fields = probed(&plan, line, held.get(&line.deal).unwrap_or(&FieldValues::new()));
        emit_plain(&probe_spec().table(&fields, 2)?, &destination, console)?;
        console.printer.finding(&findings::probed(&plan, line, &fields));
    }
    match (&sent.stop, ledger.last().and_then(|line| line.outcome)) {
        (None, Some(PushOutcome::Written | PushOutcome::Rounded)) => {
            Ok(folder.remove(HELD).map_err(PushError::Store)?)
        }
        (stop, _) => unfinished(&sent.receipt, stop.as_ref(), None).map_or(Ok(()), Err),
    }
}

fn apply(args: ApplyArgs, usage: PlanUse, with_rejected: bool, console: &Console) -> Result<(), CliError> {
    let ApplyArgs { target, limit, allow_older_plan, dry_run, table } = args;
    let usage = if allow_older_plan { PlanUse::Older } else { usage };
    let chosen = ChosenTarget::of(target, console)?;
    let selection = PushSelection { limit, with_rejected };
    if dry_run {
        return rehearse(&chosen, usage, selection, table, console);
    }
    let mut folder = PushFolder::open(&chosen.folder).map_err(PushError::Store)?;
    let (plan, newer) = chosen.saved_plan(usage)?;
    console.printer.findings(newer.map(|newer| findings::older_plan(&plan, &newer)).as_slice());
    chosen.check_not_held()?;
    let sent = chosen.send(&mut folder, &plan, selection, console)?;
    show(&chosen, &plan, sent.stop.as_ref(), table, console)?;
    console.printer.finding(&findings::receipt(&chosen.name, &sent.path.display().to_string()));
    unfinished(&sent.receipt, sent.stop.as_ref(), limit).map_or(Ok(()), Err)
}

/// Says what would be sent of the saved plan, once it is sure that the target still takes it. Writes nothing, here or there.
fn rehearse(
    chosen: &ChosenTarget,
    usage: PlanUse,
    selection: PushSelection,
    table: TableArgs,
    console: &Console,
) -> Result<(), CliError> {
    let destination = destination(table, None, None)?;
    let (plan, newer) = chosen.saved_plan(usage)?;
    console.printer.findings(newer.map(|newer| findings::older_plan(&plan, &newer)).as_slice());
    let ledger = Ledger::in_folder(&chosen.folder, LedgerScope::both(&plan))?;
    let mut target = chosen.open(&ledger, false, &SystemPacer)?;
    check_fields(&plan, &chosen.config, &mut *target)?;
    let deals: Vec<PlannedDeal> = to_send(&plan, &ledger, selection).into_iter().cloned().collect();
    emit_plain(&plan_spec().table(&deals, 2)?, &destination, console)?;
    console.printer.finding(&findings::would_send(&plan, deals.len()));
    Ok(())
}

fn status(args: StatusArgs, console: &Console) -> Result<(), CliError> {
    let StatusArgs { target, table } = args;
    let chosen = ChosenTarget::of(target, console)?;
    let (plan, newer) = chosen.saved_plan(PlanUse::Older)?;
    console.printer.findings(newer.map(|newer| findings::older_plan(&plan, &newer)).as_slice());
    let receipt = show(&chosen, &plan, None, table, console)?;
    chosen.check_not_held()?;
    unfinished(&receipt, None, None).map_or(Ok(()), Err)
}

/// Prints the books of `plan`.
fn show(
    chosen: &ChosenTarget,
    plan: &Plan,
    stop: Option<&PushStop>,
    table: TableArgs,
    console: &Console,
) -> Result<Receipt, CliError> {
    let destination = destination(table, None, None)?;
    let receipt = Receipt::of(plan, &Ledger::in_folder(&chosen.folder, LedgerScope::plan(&plan.id))?);
    let rows = receipt_spec().table(&receipt.lines, 2)?;
    if destination.format == TableFormat::Json {
        let document = receipt_document(&receipt, stop.map(|stop| stop.message.as_str()));
        emit_document(&document, &rows, &destination, console)?;
    } else {
        emit_plain(&rows, &destination, console)?;
    }
    show_books(chosen, &receipt, console);
    show_files(chosen, &receipt, console);
    Ok(receipt)
}

fn verify(args: VerifyArgs, console: &Console) -> Result<(), CliError> {
    let VerifyArgs { target, sample, table } = args;
    let chosen = ChosenTarget::of(target, console)?;
    let destination = destination(table, None, None)?;
    if !chosen.can_be_read() {
        return Err(CliError::usage("files cannot be read again where they were imported")
            .hint("import the CRM's own export, and plan again"));
    }
    let (plan, _) = chosen.saved_plan(PlanUse::Older)?;
    let verified = chosen.read_again(&plan, sample)?;
    emit_plain(&verification_spec().table(&verified, 2)?, &destination, console)?;
    console.printer.finding(&findings::verified(&chosen.name, &verified));
    all_held(&plan, &verified)
}
