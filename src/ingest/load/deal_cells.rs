//! The cells of one row of the deals table, held to the rules: when it was created and closed, and whether its status, its
//! stage and its closing day agree.

use std::borrow::Cow;

use crate::config::Rule;
use crate::domain::day::Moment;
use crate::domain::inputs::{deals as col, stage_history};
use crate::domain::stage::{StageKind, is_deleted, kind_of_word};
use crate::ingest::cells::amount::currency_in;
use crate::ingest::cells::currency::{NamedCurrency, currency_beside};
use crate::ingest::decode::chunk::RawCell;
use crate::ingest::issues::excerpt;
use crate::ingest::load::deals_part::DealCells;
use crate::ingest::load::unknown_stages::{UnknownStages, known_stage};
use crate::ingest::reader::{CellResult, RowReader, Stop};
use crate::ingest::written::is_nothing;

/// `of_copy`: other copies may tell when a deal closed.
pub(super) fn read_cells(
    reader: &mut RowReader<'_>,
    kind: Option<StageKind>,
    of_copy: bool,
    decimals: u32,
) -> Result<DealCells, Stop> {
    let created = created(reader)?;
    let status = status(reader)?;
    let expected_close = reader.day(col::EXPECTED_CLOSE_DATE)?;
    let DealSpan { created, closed } =
        closed(reader, created, status.or(kind).filter(|kind| !of_copy || *kind == StageKind::Open))?;
    agrees(reader, kind, status, closed.filter(|_| expected_close.is_some()))?;
    let amount = reader.amount(col::AMOUNT, decimals)?;
    let category = reader.category_of(reader.cell(col::FORECAST_CATEGORY), col::FORECAST_CATEGORY)?;
    let probability = reader.chance_of(reader.cell(col::PROBABILITY), col::PROBABILITY)?;
    Ok(DealCells {
        created: created.into(),
        closed: closed.into(),
        status,
        category,
        amount: amount.into(),
        expected_close: expected_close.into(),
        probability,
    })
}

/// The currency the amount names, where the row has no other and it is not that of amounts that name none.
pub(super) fn currency_of_amount(reader: &mut RowReader<'_>) -> CellResult<String> {
    let RawCell::Text(text) = reader.cell(col::AMOUNT) else { return Ok(None) };
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') || !reader.cell(col::CURRENCY).is_empty() {
        return Ok(None);
    }
    let usual = &reader.context.default_currency;
    match currency_in(&text).and_then(|word| currency_beside(&word, usual)) {
        None => Ok(None),
        Some(NamedCurrency::Code(code)) => Ok(Some(code)),
        Some(NamedCurrency::Sign(sign, codes)) => {
            let all = codes.join(", ");
            let reason = format!("the sign of several currencies ({all}): `default_currency` under [money] says which");
            reader.breaks(Rule::UnknownCurrency, col::AMOUNT, &text, &reason)?;
            Ok(Some(sign))
        }
    }
}

fn created(reader: &mut RowReader<'_>) -> CellResult<Moment> {
    let created = reader.moment(col::CREATED_AT)?;
    if created.is_none() && reader.layout.has(col::CREATED_AT) && is_nothing(&reader.cell(col::CREATED_AT)) {
        reader.breaks(Rule::MissingCreatedAt, col::CREATED_AT, "", "expected a date")?;
    }
    Ok(created)
}

/// The stage a deal is in: the one it entered last, where no column has it and each stage has one with the day.
pub(super) fn stage<'a>(reader: &mut RowReader<'a>) -> Result<Cow<'a, str>, Stop> {
    let layout = reader.layout;
    if layout.has(col::STAGE) || !layout.has_entered() {
        return reader.required(col::STAGE, Rule::MissingStage, "a stage");
    }
    let mut last: Option<(Moment, &str)> = None;
    for (stage, cell) in layout.entered(reader.chunk, reader.row) {
        // their style was decided under the column a history has them in
        let Some(at) = reader.moment_of(cell, stage_history::CHANGED_AT)? else { continue };
        if last.is_none_or(|(before, _)| at >= before) {
            last = Some((at, stage));
        }
    }
    match last {
        Some((_, stage)) => Ok(Cow::Borrowed(stage)),
        None => reader.required(col::STAGE, Rule::MissingStage, "the day it entered a stage"),
    }
}

/// What a deal's stage says of it. A stage of deleted deals holds none that count, unless the configuration lists it.
pub(super) fn kind_of_stage(
    reader: &mut RowReader<'_>,
    stage: &str,
    unknown: &mut UnknownStages,
) -> CellResult<StageKind> {
    if is_deleted(stage) && reader.context.stage(stage).is_none() {
        return Err(reader.reject(Rule::Deleted, col::STAGE, stage, "the deal is deleted"));
    }
    known_stage(reader, col::STAGE, stage, unknown)
}

fn status(reader: &mut RowReader<'_>) -> CellResult<StageKind> {
    let cell = reader.cell(col::STATUS);
    let Some(text) = cell.clone().text() else { return Ok(None) };
    match kind_of_word(&text) {
        Some(status) => Ok(Some(status)),
        None if is_deleted(&text) => Err(reader.reject(Rule::Deleted, col::STATUS, &text, "the deal is deleted")),
        None => {
            let expected = "expected open, won or lost; [sources.deals.values.status] translates other words";
            reader.unreadable(Rule::BadStatus, col::STATUS, cell, expected)
        }
    }
}

/// Holds what status, stage and closing day say against each other. `closed` is a closing day beside an expected one.
fn agrees(
    reader: &mut RowReader<'_>,
    stage: Option<StageKind>,
    status: Option<StageKind>,
    closed: Option<Moment>,
) -> Result<(), Stop> {
    let (Some(status), column) = (status, col::STATUS) else { return Ok(()) };
    let of_stage = stage.filter(|stage| *stage != StageKind::Open && *stage != status);
    let value = || reader.text(column).unwrap_or_default().into_owned();
    let reason = match (of_stage, status, closed) {
        (Some(_), ..) => {
            let stage = reader.text(col::STAGE).unwrap_or_default();
            format!("contradicts the stage {:?}; the status decides", excerpt(&stage))
        }
        (None, StageKind::Open, Some(at)) => {
            format!("contradicts the closing day {}; the status decides, and the day is a plan", at.day())
        }
        _ => return Ok(()),
    };
    let value = value();
    reader.breaks(Rule::ContradictingOutcome, column, &value, &reason)
}

/// When a deal was created and closed.
struct DealSpan {
    created: Option<Moment>,
    closed: Option<Moment>,
}

/// The closing day beside the day of creation: a deal that was entered after it had closed counts as created then.
fn closed(reader: &mut RowReader<'_>, created: Option<Moment>, kind: Option<StageKind>) -> Result<DealSpan, Stop> {
    let Some(closed) = reader.moment(col::CLOSED_AT)? else {
        match kind {
            Some(StageKind::Won) => {
                reader.breaks(Rule::WonWithoutCloseDate, col::CLOSED_AT, "", "expected the day it was won")?;
            }
            Some(StageKind::Lost) => {
                reader.breaks(Rule::LostWithoutCloseDate, col::CLOSED_AT, "", "expected the day it was lost")?;
            }
            Some(StageKind::Open) | None => {}
        }
        return Ok(DealSpan { created, closed: None });
    };
    let Some(at) = created else { return Ok(DealSpan { created, closed: Some(closed) }) };
    // of an open deal it is a plan, which may be older than the record of the deal
    if closed.day() < at.day() && kind != Some(StageKind::Open) {
        let value = reader.text(col::CLOSED_AT).unwrap_or_default();
        let reason = format!("expected {} or later, when it was created", at.day());
        reader.breaks(Rule::ClosedBeforeCreated, col::CLOSED_AT, &value, &reason)?;
        return Ok(DealSpan { created: Some(closed), closed: Some(closed) });
    }
    // a closing date without a time of day is not before the hour of creation
    let closed = if closed.day() == at.day() { closed.max(at) } else { closed };
    Ok(DealSpan { created, closed: Some(closed) })
}
