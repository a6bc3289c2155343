//! The tables a push prints: what is planned, what became of it, what is still held, which fields are needed.

use crate::push::ledger::PushOutcome;
use crate::push::plan::PlannedDeal;
use crate::push::probe::ProbedField;
use crate::push::receipt::{Receipt, ReceiptLine};
use crate::push::setup::NeededField;
use crate::push::value::{FieldValue, FieldValues};
use crate::push::verify::VerifiedDeal;
use crate::report::column::{Column, TableSpec};
use crate::report::invariants::Invariant;

fn cell(value: &FieldValue) -> String {
    match value {
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Text(text) => text.clone(),
    }
}

fn json(values: &FieldValues) -> Option<String> {
    if values.is_empty() { None } else { serde_json::to_string(values).ok() }
}

/// `cScore: 61 -> 73`, of every field that is a reason to write.
fn change(deal: &PlannedDeal) -> Option<String> {
    let of = |field: &String| {
        let old = deal.old.get(field).map_or_else(|| "nothing".to_owned(), cell);
        Some(format!("{field}: {old} -> {}", cell(deal.new.get(field)?)))
    };
    let changes: Vec<String> = deal.changed.iter().filter_map(of).collect();
    (!changes.is_empty()).then(|| changes.join("; "))
}

/// The columns of `push_plan`.
#[must_use]
pub fn plan_spec() -> TableSpec<PlannedDeal> {
    TableSpec::new(
        "push_plan",
        "scored open deal",
        vec![
            Column::text("deal_id", "id of the deal", |deal: &PlannedDeal| Some(deal.deal.as_str().into())),
            Column::text("step", "what is to be done", |deal: &PlannedDeal| Some(deal.step.name().into())).one_of(&[
                "write",
                "unchanged",
                "missing",
            ]),
            Column::text("reason", "why; of a write, what differs", |deal: &PlannedDeal| {
                Some(deal.reason.as_str().into())
            }),
            Column::text("change", "the fields that differ, before and after", |deal: &PlannedDeal| {
                change(deal).map(Into::into)
            })
            .empty("nothing is to be written"),
            Column::json("old", "what the target holds in the fields to be written", |deal: &PlannedDeal| {
                json(&deal.old).map(Into::into)
            })
            .empty("nothing is to be written, or it holds nothing"),
            Column::json("new", "what is to be written", |deal: &PlannedDeal| json(&deal.new).map(Into::into))
                .empty("nothing is to be written"),
        ],
    )
    .holds([Invariant::Key(&["deal_id"])])
}

/// The columns of `push_receipt`.
#[must_use]
pub fn receipt_spec() -> TableSpec<ReceiptLine> {
    TableSpec::new(
        "push_receipt",
        "outcome and reason; the deals add up to those planned",
        vec![
            Column::text("outcome", "what became of the deals", |line: &ReceiptLine| Some(line.outcome.name().into()))
                .one_of(&["written", "unchanged", "rounded", "rejected", "missing", "unknown"]),
            Column::text("reason", "why, in the target's words where it has some", |line: &ReceiptLine| {
                (!line.reason.is_empty()).then(|| line.reason.as_str().into())
            })
            .empty("nothing is to be said"),
            Column::integer("deals", "how many", |line: &ReceiptLine| i64::try_from(line.deals).ok()).at_least(1),
        ],
    )
    .holds([Invariant::Key(&["outcome", "reason"])])
}

/// The columns of `push_verification`.
#[must_use]
pub fn verification_spec() -> TableSpec<VerifiedDeal> {
    TableSpec::new(
        "push_verification",
        "deal that was read again",
        vec![
            Column::text("deal_id", "id of the deal", |deal: &VerifiedDeal| Some(deal.deal.as_str().into())),
            Column::text("holding", "what it holds against what it took", |deal: &VerifiedDeal| {
                Some(deal.holding.name().into())
            })
            .one_of(&["same", "different", "gone"]),
        ],
    )
    .holds([Invariant::Key(&["deal_id"])])
}

/// The columns of `push_probe`.
#[must_use]
pub fn probe_spec() -> TableSpec<ProbedField> {
    TableSpec::new(
        "push_probe",
        "field of the one record that was written to try the target",
        vec![
            Column::text("deal_id", "id of the deal", |field: &ProbedField| Some(field.deal.as_str().into())),
            Column::text("field", "what goes in", |field: &ProbedField| Some(field.of.name().into())),
            Column::text("custom_field", "its name in the configuration", |field: &ProbedField| {
                Some(field.name.as_str().into())
            }),
            Column::text("before", "what it held", |field: &ProbedField| {
                field.before.as_ref().map(cell).map(Into::into)
            })
            .empty("it held nothing"),
            Column::text("sent", "what it was sent", |field: &ProbedField| Some(cell(&field.sent).into())),
            Column::text("echo", "what the target answered that it holds", |field: &ProbedField| {
                field.echo.as_ref().map(cell).map(Into::into)
            })
            .empty("the answer does not say"),
            Column::text("held", "what it holds when it is read again", |field: &ProbedField| {
                field.held.as_ref().map(cell).map(Into::into)
            })
            .empty("it holds nothing"),
            Column::text(
                "verdict",
                "`as sent`, how far a number was rounded, how far text was cut, or `not stored`",
                |field: &ProbedField| Some(field.verdict.words().into()),
            ),
        ],
    )
    .holds([Invariant::Key(&["deal_id", "field"])])
}

/// The columns of `push_fields`.
#[must_use]
pub fn fields_spec() -> TableSpec<NeededField> {
    TableSpec::new(
        "push_fields",
        "custom field that scores are fed into",
        vec![
            Column::text("field", "what goes in", |field: &NeededField| Some(field.of.name().into())),
            Column::text("custom_field", "its name in the configuration", |field: &NeededField| {
                Some(field.name.as_str().into())
            }),
            Column::text("make_as", "the type to make it with", |field: &NeededField| Some(field.make.into())),
            Column::text("state", "`there`, what is wrong, or `not checked`", |field: &NeededField| {
                Some(field.state.as_str().into())
            }),
        ],
    )
    .holds([Invariant::Key(&["field"])])
}

/// A receipt as a document.
#[must_use]
pub fn receipt_document(receipt: &Receipt, stopped: Option<&str>) -> serde_json::Value {
    let counts: serde_json::Map<String, serde_json::Value> = PushOutcome::ALL
        .into_iter()
        .map(|outcome| (outcome.name().to_owned(), receipt.count(outcome).into()))
        .collect();
    let lines = receipt
        .lines
        .iter()
        .map(|line| serde_json::json!({ "outcome": line.outcome.name(), "reason": line.reason, "deals": line.deals }));
    serde_json::json!({
        "plan": receipt.plan,
        "planned": receipt.planned,
        "counts": counts,
        "reasons": lines.collect::<Vec<_>>(),
        "damaged_ledger_lines": receipt.damaged,
        "stopped": stopped,
        "complete": receipt.is_complete(),
    })
}
