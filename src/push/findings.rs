//! What a push has to say, in sentences.

use crate::config::{ImportLayout, PushConfig};
use crate::push::ledger::{LastLine, PushOutcome};
use crate::push::plan::{Plan, PlanStep, PlannedDeal};
use crate::push::planning::NewerPlanning;
use crate::push::probe::{ProbeVerdict, ProbedField};
use crate::push::receipt::Receipt;
use crate::push::record_ids::{IdForm, foreign_id};
use crate::push::setup::how;
use crate::push::target::ToMake;
use crate::push::targets::layout_columns;
use crate::push::verify::{Holding, VerifiedDeal};
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::words::count;

/// Most ids that are named.
const EXAMPLES: usize = 3;

fn target(name: &str) -> Subject {
    Subject::named("push target", name)
}

fn text(text: &str) -> Quantity {
    Quantity::Text(text.to_owned())
}

fn numbered(finding: Finding, numbers: impl IntoIterator<Item = (&'static str, u64)>) -> Finding {
    let numbers = numbers.into_iter().map(|(name, number)| (name.into(), Quantity::Count(number)));
    Finding { numbers: numbers.collect(), ..finding }
}

/// What a plan would do.
#[must_use]
pub fn planned(plan: &Plan) -> Finding {
    let of = |step| plan.deals.iter().filter(|deal| deal.step == step).count() as u64;
    let (write, unchanged, missing) = (of(PlanStep::Write), of(PlanStep::Unchanged), of(PlanStep::Missing));
    let sentence = format!(
        "plan {}: {} to write, {unchanged} unchanged, {missing} missing in {}",
        plan.id,
        count(write, "deal"),
        plan.target
    );
    let numbers =
        [("planned", plan.deals.len() as u64), ("write", write), ("unchanged", unchanged), ("missing", missing)];
    numbered(Finding::info("push.planned", target(&plan.target), sentence), numbers).with("plan", text(&plan.id))
}

/// Deals whose ids cannot be of the CRM that `config` names; nothing where all may be.
#[must_use]
pub fn foreign_ids(plan: &Plan, config: &PushConfig) -> Option<Finding> {
    let is_missing = |deal: &&PlannedDeal| deal.step == PlanStep::Missing;
    let told =
        plan.deals.iter().filter(is_missing).filter_map(|deal| Some((&deal.deal, foreign_id(config, &deal.deal)?)));
    let foreign: Vec<(&String, IdForm)> = told.collect();
    let (_, form) = foreign.first()?;
    let examples: Vec<String> = foreign.iter().take(EXAMPLES).map(|(deal, _)| format!("{deal:?}")).collect();
    let sentence = format!(
        "{} not sent: {} ({}), expected {}",
        count(foreign.len() as u64, "deal"),
        form.reason,
        examples.join(", "),
        form.looks
    );
    Some(
        numbered(
            Finding::warning("push.foreign_ids", target(&plan.target), sentence),
            [("deals", foreign.len() as u64)],
        )
        .with("examples", text(&examples.join(", "))),
    )
}

/// That the saved plan is not the newest that was wanted.
#[must_use]
pub fn older_plan(plan: &Plan, newer: &NewerPlanning) -> Finding {
    let sentence = format!(
        "plan {} has the scores of {}; a newer one, begun at {}, {}",
        plan.id,
        plan.as_of,
        newer.begun,
        newer.became()
    );
    let finding = Finding::warning("push.older_plan", target(&plan.target), sentence);
    finding.with("plan", text(&plan.id)).with("as_of", text(&plan.as_of)).with("begun", text(&newer.begun))
}

/// What would be sent of a plan.
#[must_use]
pub fn would_send(plan: &Plan, deals: usize) -> Finding {
    let sentence = format!("plan {}: {} would be sent to {}", plan.id, count(deals as u64, "deal"), plan.target);
    numbered(Finding::info("push.dry_run", target(&plan.target), sentence), [("deals", deals as u64)])
        .with("plan", text(&plan.id))
}

/// That nothing is left to try a target with.
#[must_use]
pub fn nothing_to_probe(plan: &Plan) -> Finding {
    let sentence =
        format!("plan {}: nothing is to be written, so there is no record to try {} with", plan.id, plan.target);
    Finding::info("push.nothing_to_probe", target(&plan.target), sentence).with("plan", text(&plan.id))
}

/// What became of the record that was tried.
#[must_use]
pub fn probed(plan: &Plan, line: &LastLine, fields: &[ProbedField]) -> Finding {
    let same = fields.iter().filter(|field| field.verdict == ProbeVerdict::Same).count() as u64;
    let outcome = line.outcome.unwrap_or(PushOutcome::Unknown).name();
    let sentence = format!(
        "deal {} is {outcome}: {same} of {} hold what was sent",
        line.deal,
        count(fields.len() as u64, "field")
    );
    let numbers = [("fields", fields.len() as u64), ("same", same)];
    numbered(Finding::info("push.probed", target(&plan.target), sentence), numbers)
        .with("deal", text(&line.deal))
        .with("outcome", text(outcome))
}

/// What became of a plan.
#[must_use]
pub fn books(name: &str, receipt: &Receipt) -> Vec<Finding> {
    let parts: Vec<String> =
        PushOutcome::ALL.iter().map(|outcome| format!("{} {}", receipt.count(*outcome), outcome.name())).collect();
    let sentence = format!("plan {}: {} planned = {}", receipt.plan, receipt.planned, parts.join(" + "));
    let numbers = PushOutcome::ALL.iter().map(|outcome| (outcome.name(), receipt.count(*outcome)));
    let of_books = numbered(
        Finding::info("push.books", target(name), sentence),
        [("planned", receipt.planned)].into_iter().chain(numbers),
    )
    .with("plan", text(&receipt.plan));
    let damaged = (receipt.damaged > 0).then(|| {
        let lines = count(receipt.damaged, "line");
        let sentence =
            format!("{lines} of the ledger cannot be read, as a crash leaves them; those deals count as not answered");
        numbered(Finding::warning("push.damaged_ledger", target(name), sentence), [("lines", receipt.damaged)])
    });
    [of_books].into_iter().chain(damaged).collect()
}

/// Where the books of a plan are kept.
#[must_use]
pub fn receipt(name: &str, path: &str) -> Finding {
    Finding::info("push.receipt", target(name), format!("receipt: {path}")).with("path", text(path))
}

/// What became of the push to one target at the end of a run; what kept it from its end, if anything did.
#[must_use]
pub fn closed(name: &str, outcome: Result<&str, &str>) -> Finding {
    match outcome {
        Ok(done) => Finding::info("push.closed", target(name), format!("{name}: {done}")).with("outcome", text(done)),
        Err(problem) => {
            Finding::warning("push.closed", target(name), format!("{name}: {problem}")).with("outcome", text(problem))
        }
    }
}

/// What was found when records were read again.
#[must_use]
pub fn verified(name: &str, deals: &[VerifiedDeal]) -> Finding {
    let of = |holding| deals.iter().filter(|deal| deal.holding == holding).count() as u64;
    let (same, different, gone) = (of(Holding::Same), of(Holding::Different), of(Holding::Gone));
    let read = count(deals.len() as u64, "deal");
    let sentence =
        format!("{read} read again: {same} hold what was pushed, {different} hold something else, {gone} are gone");
    let numbers = [("same", same), ("different", different), ("gone", gone)];
    if different + gone == 0 {
        numbered(Finding::info("push.verified", target(name), sentence), numbers)
    } else {
        numbered(Finding::warning("push.verified", target(name), sentence), numbers)
    }
}

/// How custom fields are made.
#[must_use]
pub fn setup(name: &str, config: &PushConfig) -> Finding {
    Finding::info("push.setup", target(name), how(config.target, config.layout))
}

/// What the first write makes.
#[must_use]
pub fn to_make(name: &str, to_make: &ToMake) -> Vec<Finding> {
    let of = |statement: &String| {
        Finding::info("push.to_make", target(name), format!("the first write does: {statement}"))
            .with("statement", text(statement))
    };
    to_make.statements.iter().map(of).collect()
}

/// A file that is ready to be imported.
#[must_use]
pub fn file(name: &str, path: &str, deals: u64, layout: Option<ImportLayout>) -> Finding {
    let verified = layout.map(|layout| layout_columns(layout).1).unwrap_or_default();
    let sentence = format!("{path} holds {} to import ({verified})", count(deals, "deal"));
    numbered(Finding::info("push.file", target(name), sentence), [("deals", deals)]).with("path", text(path))
}
