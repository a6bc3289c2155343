//! The change log: snapshot-per-change rows and field-change rows.

use std::collections::BTreeMap;

use crate::config::Rule;
use crate::domain::day::Moment;
use crate::domain::ids::RowIx;
use crate::domain::inputs::stage_history as col;
use crate::domain::spelling::key as spelling_key;
use crate::ingest::cells::words;
use crate::ingest::decode::chunk::RawCell;
use crate::ingest::load::deals::DealsLoad;
use crate::ingest::load::history_part::HistoryColumns;
use crate::ingest::load::own_history::settle_own_columns;
use crate::ingest::load::restated::forget_restated;
use crate::ingest::load::unknown_stages::known_stage;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::tables::ChangeRow;
use crate::ingest::twice::{ClaimCell, Settling, ordered_bits};

/// Loads the change log of the deals in `deals`.
pub(crate) struct HistoryLoad<'a> {
    deals: &'a DealsLoad,
    decimals: &'a [u32],
    /// The deals table's own columns, by their names in any spelling.
    own_columns: BTreeMap<String, String>,
    all: HistoryColumns,
}

impl<'a> HistoryLoad<'a> {
    pub(crate) fn new(deals: &'a DealsLoad, decimals: &'a [u32]) -> Self {
        let own_columns = deals.attributes().map(|name| (spelling_key(name), name.to_owned())).collect();
        Self { deals, decimals, own_columns, all: HistoryColumns::default() }
    }

    /// What was loaded, free of the deals.
    pub(crate) fn into_columns(self) -> HistoryColumns {
        self.all
    }
}

/// The row number of a history or activity row's deal. Logs are often in deal order: `previous` is tried first.
pub(crate) fn deal_of(
    reader: &mut RowReader<'_>,
    field: usize,
    deals: &DealsLoad,
    previous: Option<RowIx>,
) -> Result<RowIx, Stop> {
    let id = reader.required(field, Rule::MissingId, "a deal id")?;
    if let Some(row) = previous.filter(|row| deals.id(*row) == id) {
        return Ok(row);
    }
    let why = match deals.row(&id) {
        Ok(row) => return Ok(row),
        Err(why) => why,
    };
    // rows of a deal that a filter took out, or that was deleted, go the same way, and do not count as faults
    let rule = if matches!(why, Some(Rule::Filtered | Rule::Deleted)) { Rule::Filtered } else { Rule::UnknownDeal };
    let reason = match why {
        Some(rule) => format!("its deal was rejected ({rule})"),
        None => match deals.near(&id).as_slice() {
            [] => "expected the id of a deal in the deals table".to_owned(),
            [near] => format!("expected the id of a deal in the deals table, which has {near:?}"),
            [first, second, ..] => {
                format!(
                    "expected the id of a deal in the deals table, which has several like it, such as {first:?} and {second:?}"
                )
            }
        },
    };
    match reader.breaks(rule, field, &id, &reason) {
        // even as a warning there is no deal to put the row to
        Ok(()) => Err(reader.reject(rule, field, &id, &reason)),
        Err(stop) => Err(stop),
    }
}

impl crate::ingest::stream::TableLoad for HistoryLoad<'_> {
    type ChunkPart = HistoryColumns;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        let deal = deal_of(reader, col::DEAL_ID, self.deals, part.changes.deal.last().copied())?;
        if reader.layout.has_entered() {
            return self.entered_stages(reader, part, deal);
        }
        let Some(at) = reader.moment(col::CHANGED_AT)? else {
            let missing = reader.cell(col::CHANGED_AT).is_empty();
            let rule = if missing { Rule::MissingValue } else { Rule::BadDate };
            return Err(reader.reject(rule, col::CHANGED_AT, "", "expected a date"));
        };
        let dated = at;
        let at = self.after_creation(reader, deal, at)?;
        let mut decimals = self.deals.currency(deal).and_then(|id| self.decimals.get(id.index()).copied()).unwrap_or(2);
        let change = ChangeRow::empty(deal, at);
        if reader.layout.has(col::FIELD) {
            self.field_change(reader, part, change, decimals)?;
            part.mark(reader, dated);
            return Ok(());
        }
        let mut change = change;
        if !reader.cell(col::CURRENCY).is_empty() {
            let currency = reader.currency(col::CURRENCY)?;
            decimals = part.decimals.of(&currency);
            change.currency = part.currencies.intern(&currency).into();
        }
        for field in
            [col::STAGE, col::AMOUNT, col::EXPECTED_CLOSE_DATE, col::OWNER, col::FORECAST_CATEGORY, col::PROBABILITY]
        {
            if reader.layout.has(field) {
                set(reader, part, &mut change, field, reader.cell(field), decimals)?;
            }
        }
        part.push_whole(reader, change);
        if self.own_changes(reader, part, deal, at) {
            let told = if change.stage.is_some() { &mut part.own_beside } else { &mut part.own_alone };
            *told += 1;
        }
        part.mark(reader, dated);
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart) {
        self.all.append(part);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) -> Result<(), Stop> {
        let (marks, ends) = (std::mem::take(&mut self.all.marks), std::mem::take(&mut self.all.ends));
        self.all.percent = self.all.chances.settle(settling)?;
        self.all.settle_stages(&marks, &ends, settling)?;
        settle_own_columns(&mut self.all.fields, self.all.old_values, self.deals, settling.usual);
        let all = &self.all;
        let keep = settling.events(&marks, ends.len(), |row| all.cells(ends[row] as usize - 1, self.deals))?;
        if let Some(keep) = keep {
            let mut of_change = vec![true; all.changes.len()];
            for row in (0..ends.len()).filter(|row| !keep[*row]) {
                let begin = if row == 0 { 0 } else { ends[row - 1] };
                of_change[begin as usize..ends[row] as usize].fill(false);
            }
            self.all.changes.retain(&of_change);
        }
        forget_restated(&mut self.all.changes);
        Ok(())
    }
}

impl HistoryColumns {
    /// Marks the row whose changes were appended last; `dated` is its moment as the file has it.
    fn mark(&mut self, reader: &RowReader<'_>, dated: Moment) {
        let (begin, end) = (self.ends.last().map_or(0, |end| *end as usize), self.changes.len());
        if begin == end {
            return;
        }
        let says = |i: usize| {
            let row = self.changes.get(i);
            let ChangeRow { deal, amount_minor, expected_close, category, probability, prior, .. } = row;
            let names = (self.stages.name(row.stage), self.owners.name(row.owner), self.currencies.name(row.currency));
            let numbers = [amount_minor.bits(), expected_close.bits(), probability.bits(), prior.into()];
            (deal, names, numbers, category.map(|category| category as u8))
        };
        let content = (dated, says(begin), (end - begin > 1).then(|| says(end - 1)));
        self.marks.push(content, reader.unread(), dated.has_time(), reader.place());
        self.ends.push(end as u32);
    }

    /// A row that tells of one of the deals table's own columns. An empty new value says that it was emptied.
    fn own_field_change(&mut self, reader: &RowReader<'_>, change: ChangeRow, column: &str) {
        // An empty old value is settled once all rows are there.
        self.fields.push(change.deal, change.at, true, column, reader.text(col::OLD_VALUE).as_deref());
        self.fields.push(change.deal, change.at, false, column, reader.text(col::NEW_VALUE).as_deref());
    }

    /// What a change says, in the order of the table's columns.
    fn cells(&self, i: usize, deals: &DealsLoad) -> Vec<ClaimCell> {
        let ChangeRow { deal, at, stage, amount_minor, expected_close, owner, category, probability, .. } =
            self.changes.get(i);
        vec![
            ClaimCell::word(Some(deals.id(deal))),
            ClaimCell::number(Some(at.0)),
            ClaimCell::word(self.stages.name(stage)),
            ClaimCell::number(amount_minor.get()),
            ClaimCell::number(expected_close.get().map(|day| day.0)),
            ClaimCell::word(self.owners.name(owner)),
            ClaimCell::number(category.map(|category| category as u8)),
            ClaimCell::number(probability.get().map(|chance| ordered_bits(chance.into()))),
        ]
    }
}

impl HistoryLoad<'_> {
    /// A change cannot precede its deal; an earlier hour of the same day moves to the creation.
    fn after_creation(&self, reader: &mut RowReader<'_>, deal: RowIx, at: Moment) -> Result<Moment, Stop> {
        let Some(created) = self.deals.created(deal) else { return Ok(at) };
        if at.day() < created.day() {
            let value = reader.text(col::CHANGED_AT).unwrap_or_default();
            let reason = format!("expected {} or later, when its deal was created", created.day());
            reader.breaks(Rule::HistoryBeforeCreation, col::CHANGED_AT, &value, &reason)?;
        }
        Ok(at.max(created))
    }

    /// A row that is a deal, with the day it entered each stage.
    fn entered_stages(&self, reader: &mut RowReader<'_>, part: &mut HistoryColumns, deal: RowIx) -> Result<(), Stop> {
        let layout = reader.layout;
        for (stage, cell) in layout.entered(reader.chunk, reader.row) {
            let Some(at) = reader.moment_of(cell, col::CHANGED_AT)? else { continue };
            let at = self.after_creation(reader, deal, at)?;
            known_stage(reader, col::STAGE, stage, &mut part.unknown_stages)?;
            let stage = part.stages.intern(stage).into();
            part.changes.push(ChangeRow { stage, ..ChangeRow::empty(deal, at) });
        }
        Ok(())
    }

    /// A row that tells of one field: what it was before, if the log says, and what it became.
    fn field_change(
        &self,
        reader: &mut RowReader<'_>,
        part: &mut HistoryColumns,
        change: ChangeRow,
        decimals: u32,
    ) -> Result<(), Stop> {
        part.old_values.rows += 1;
        part.old_values.filled += u64::from(!reader.cell(col::OLD_VALUE).is_empty());
        let Some(name) = reader.text(col::FIELD) else {
            return Err(reader.reject(Rule::MissingValue, col::FIELD, "", "expected the name of the changed field"));
        };
        let field = words::change_field(&name).or_else(|| self.deals.column_called(&name));
        if let (None, Some(column)) = (field, self.own_columns.get(&spelling_key(&name))) {
            part.own_field_change(reader, change, column);
            return Ok(());
        }
        let Some(field) = field.and_then(|name| col::SPEC.position(name)) else {
            return reader.breaks(Rule::UnusedField, col::FIELD, &name, "left out: the deals table has no such column");
        };
        let mut changes = Vec::with_capacity(2);
        for (column, prior) in [(col::OLD_VALUE, true), (col::NEW_VALUE, false)] {
            let cell = reader.layout.translate(field, reader.cell(column));
            if !cell.is_empty() {
                let mut change = ChangeRow { prior, ..change };
                set(reader, part, &mut change, field, cell, decimals)?;
                changes.push(change);
            } else if !prior && field == col::STAGE {
                reader.breaks(Rule::EmptyNewValue, column, "", "expected the new stage: the stay before ends here")?;
                changes.push(ChangeRow { stage_emptied: true, ..change });
            } else if !prior {
                reader.breaks(Rule::EmptyNewValue, column, "", "expected what is new: nothing changes")?;
            }
        }
        changes.into_iter().for_each(|change| part.changes.push(change));
        Ok(())
    }

    /// What a row that tells of the whole deal says of the deals table's own columns, and whether it says anything; an empty
    /// cell leaves them as they are.
    fn own_changes(&self, reader: &RowReader<'_>, part: &mut HistoryColumns, deal: RowIx, at: Moment) -> bool {
        if self.own_columns.is_empty() {
            return false;
        }
        let mut says = false;
        let HistoryColumns { own, fields, .. } = part;
        let own_column = |header: &str| self.own_columns.get(&spelling_key(header)).cloned();
        let own = own.get_or_insert_with(|| reader.unread_cells().map(|(header, _)| own_column(header)).collect());
        for (column, (_, cell)) in own.iter().zip(reader.unread_cells()) {
            if let (Some(column), Some(value)) = (column, cell.text()) {
                fields.push(deal, at, false, column, Some(&value));
                says = true;
            }
        }
        says
    }
}

/// Reads `cell` into the field of `change` that the column at `field` stands for; an empty cell leaves it as it is.
fn set<'a>(
    reader: &mut RowReader<'a>,
    part: &mut HistoryColumns,
    change: &mut ChangeRow,
    field: usize,
    cell: RawCell<'a>,
    decimals: u32,
) -> Result<(), Stop> {
    match field {
        col::STAGE => {
            if let Some(stage) = cell.text() {
                known_stage(reader, field, &stage, &mut part.unknown_stages)?;
                change.stage = part.stages.intern(&stage).into();
            }
        }
        col::OWNER => {
            if let Some(owner) = cell.text() {
                change.owner = part.owners.intern(&owner).into();
            }
        }
        col::AMOUNT => change.amount_minor = reader.amount_of(cell, field, decimals)?.into(),
        col::EXPECTED_CLOSE_DATE => {
            change.expected_close = reader.moment_of(cell, field)?.map(Moment::day).into();
        }
        col::FORECAST_CATEGORY => change.category = reader.category_of(cell, field)?,
        _ => {
            let written = cell.clone();
            let chance = reader.chance_of(cell, field)?;
            if let Some(chance) = chance {
                part.chances.note(chance, reader.place(), || written.text().unwrap_or_default().into_owned());
            }
            change.probability = chance.map(|chance| chance.number as f32).into();
        }
    }
    Ok(())
}
