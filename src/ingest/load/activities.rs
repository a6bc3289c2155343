//! The activities table.

use crate::config::Rule;
use crate::domain::inputs::activities as col;
use crate::ingest::cells::amount::Exact;
use crate::ingest::load::columns::translation;
use crate::ingest::load::deals::DealsLoad;
use crate::ingest::load::history::deal_of;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::tables::Activities;
use crate::ingest::twice::{ClaimCell, Marks, Settling};

/// Loads the activities on the deals in `deals`.
pub(crate) struct ActivitiesLoad<'a> {
    deals: &'a DealsLoad,
    all: ActivityColumns,
}

/// The activities of one chunk, or of all of them.
#[derive(Default)]
pub(crate) struct ActivityColumns {
    rows: Activities,
    marks: Marks,
}

impl<'a> ActivitiesLoad<'a> {
    pub(crate) fn new(deals: &'a DealsLoad) -> Self {
        Self { deals, all: ActivityColumns::default() }
    }

    /// What was loaded.
    pub(crate) fn into_activities(self) -> Activities {
        self.all.rows
    }

    /// What a row says, in the order of the table's columns.
    fn cells(&self, row: usize) -> Vec<ClaimCell> {
        let Activities { deal, at, kind, count, kinds } = &self.all.rows;
        vec![
            ClaimCell::word(Some(self.deals.id(deal[row]))),
            ClaimCell::number(Some(at[row].0)),
            ClaimCell::word(kinds.name(kind[row])),
            ClaimCell::number(Some(count[row])),
        ]
    }
}

impl crate::ingest::stream::TableLoad for ActivitiesLoad<'_> {
    type ChunkPart = ActivityColumns;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        let deal = deal_of(reader, col::DEAL_ID, self.deals, part.rows.deal.last().copied())?;
        let Some(at) = reader.moment(col::OCCURRED_AT)? else {
            let missing = reader.cell(col::OCCURRED_AT).is_empty();
            let rule = if missing { Rule::MissingValue } else { Rule::BadDate };
            return Err(reader.reject(rule, col::OCCURRED_AT, "", "expected a date"));
        };
        let count = count(reader)?;
        let kind = reader.text(col::KIND);
        let kind = kind.as_deref().unwrap_or("activity");
        match reader.text(col::ACTIVITY_ID) {
            Some(id) => part.marks.push_id(&id, reader.place()),
            None => part.marks.push((deal, at, kind, count), reader.unread(), at.has_time(), reader.place()),
        }
        let rows = &mut part.rows;
        rows.kind.push(rows.kinds.intern(kind));
        rows.deal.push(deal);
        rows.at.push(at);
        rows.count.push(count);
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart) {
        let ActivityColumns { rows: part, marks } = part;
        self.all.marks.append(marks);
        let all = &mut self.all.rows;
        let kinds = translation(&part.kinds, |name| all.kinds.intern(name));
        all.kind.extend(part.kind.into_iter().map(|kind| kinds[kind.index()]));
        all.deal.extend(part.deal);
        all.at.extend(part.at);
        all.count.extend(part.count);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) -> Result<(), Stop> {
        let marks = std::mem::take(&mut self.all.marks);
        if let Some(keep) = settling.events(&marks, self.all.rows.deal.len(), |row| self.cells(row))? {
            self.all.rows.retain(&keep);
        }
        Ok(())
    }
}

/// How many at once: a whole number, 1 where the row does not say.
fn count(reader: &mut RowReader<'_>) -> Result<u32, Stop> {
    let Some(Exact { mantissa, scale }) = reader.exact(col::COUNT)? else { return Ok(1) };
    let unit = 10_i128.pow(scale.min(30));
    let whole = u32::try_from(mantissa / unit).ok().filter(|_| mantissa % unit == 0 && mantissa >= 0);
    match whole {
        Some(count) => Ok(count),
        None => {
            let cell = reader.cell(col::COUNT);
            Ok(reader.unreadable(Rule::BadNumber, col::COUNT, cell, "expected a whole number")?.unwrap_or(1))
        }
    }
}
