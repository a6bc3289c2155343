//! The activities table.

use crate::config::{Rule, RuleConfig};
use crate::domain::inputs::activities as col;
use crate::ingest::cells::amount::Exact;
use crate::ingest::issues::Notes;
use crate::ingest::load::columns::translation;
use crate::ingest::load::deals::DealsLoad;
use crate::ingest::load::history::deal_of;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::tables::Activities;

/// Loads the activities on the deals in `deals`.
pub(crate) struct ActivitiesLoad<'a> {
    deals: &'a DealsLoad,
    all: Activities,
}

impl<'a> ActivitiesLoad<'a> {
    pub(crate) fn new(deals: &'a DealsLoad) -> Self {
        Self { deals, all: Activities::default() }
    }

    /// What was loaded.
    pub(crate) fn into_activities(self) -> Activities {
        self.all
    }
}

impl crate::ingest::stream::TableLoad for ActivitiesLoad<'_> {
    type ChunkPart = Activities;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        let deal = deal_of(reader, col::DEAL_ID, self.deals, part.deal.last().copied())?;
        let Some(at) = reader.moment(col::OCCURRED_AT)? else {
            let missing = reader.cell(col::OCCURRED_AT).is_empty();
            let rule = if missing { Rule::MissingValue } else { Rule::BadDate };
            return Err(reader.reject(rule, col::OCCURRED_AT, "", "expected a date"));
        };
        let count = count(reader)?;
        let kind = reader.text(col::KIND);
        part.kind.push(part.kinds.intern(kind.as_deref().unwrap_or("activity")));
        part.deal.push(deal);
        part.at.push(at);
        part.count.push(count);
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart, _: &mut Notes, _: &RuleConfig) -> Result<(), Stop> {
        let all = &mut self.all;
        let kinds = translation(&part.kinds, |name| all.kinds.intern(name));
        all.kind.extend(part.kind.into_iter().map(|kind| kinds[kind.index()]));
        all.deal.extend(part.deal);
        all.at.extend(part.at);
        all.count.extend(part.count);
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
