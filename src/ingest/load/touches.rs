//! The touches table: what marketing did, and whom it reached.

use crate::config::Rule;
use crate::domain::ids::{CampaignId, RowIx, SourceId};
use crate::domain::inputs::touches as col;
use crate::domain::maybe::Maybe;
use crate::ingest::load::columns::{Codes, take_rows, translate, translation};
use crate::ingest::load::deals::DealsLoad;
use crate::ingest::load::leads::LoadedLeads;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::tables::{Tables, Touches};
use crate::ingest::twice::{ClaimCell, Marks, Settling};

/// The touches of one chunk, or of all of them.
#[derive(Default)]
pub(crate) struct TouchColumns {
    touches: Touches,
    source: Codes<SourceId>,
    campaign: Codes<CampaignId>,
    marks: Marks,
}

/// Loads the touches of the deals in `deals` and of the leads they came from.
pub(crate) struct TouchesLoad<'a> {
    deals: &'a DealsLoad,
    leads: &'a LoadedLeads,
    all: TouchColumns,
}

impl<'a> TouchesLoad<'a> {
    pub(crate) fn new(deals: &'a DealsLoad, leads: &'a LoadedLeads) -> Self {
        Self { deals, leads, all: TouchColumns::default() }
    }

    /// The row of the touched deal, be it named or come from the named lead.
    fn deal(&self, reader: &mut RowReader<'_>) -> Result<Maybe<RowIx>, Stop> {
        let (deal, lead) = (reader.text(col::DEAL_ID), reader.text(col::LEAD_ID));
        let mut why = None;
        for known in [
            deal.as_deref().map(|id| (id.to_owned(), col::DEAL_ID, self.deals.row(id).map(Maybe::from))),
            lead.as_deref().map(|id| (id.to_owned(), col::LEAD_ID, self.leads.deal_of(id))),
        ]
        .into_iter()
        .flatten()
        {
            match known {
                (_, _, Ok(row)) => return Ok(row),
                (id, field, Err(rule)) => why = why.or(Some((id, field, rule))),
            }
        }
        let Some((id, field, rule)) = why else {
            return Err(reader.reject(Rule::MissingId, col::DEAL_ID, "", "expected the id of a deal or of a lead"));
        };
        let (rule, reason) = match rule {
            Some(rule @ (Rule::Filtered | Rule::Deleted)) => {
                (Rule::Filtered, format!("its deal or lead was rejected ({rule})"))
            }
            Some(rule) => (Rule::TouchOfNobody, format!("its deal or lead was rejected ({rule})")),
            None => (Rule::TouchOfNobody, "expected the id of a deal or lead in its table".to_owned()),
        };
        Err(reader.reject(rule, field, &id, &reason))
    }

    /// What a row says, in the order of the table's columns.
    fn cells(&self, row: usize) -> Vec<ClaimCell> {
        let TouchColumns { touches, source, campaign, .. } = &self.all;
        vec![
            ClaimCell::number(Some(touches.at[row].0)),
            ClaimCell::word(source.name(row)),
            ClaimCell::word(touches.deal[row].get().map(|deal| self.deals.id(deal))),
            ClaimCell::word(campaign.name(row)),
        ]
    }

    /// Moves the touches into `tables`.
    pub(crate) fn finish(self, tables: &mut Tables) {
        let TouchColumns { touches, source, campaign, .. } = self.all;
        let sources = translation(&source.names, |name| tables.sources.intern(name));
        let campaigns = translation(&campaign.names, |name| tables.campaigns.intern(name));
        tables.touches = Touches {
            source: source.codes.into_iter().map(|code| translate(&sources, code)).collect(),
            campaign: campaign.codes.into_iter().map(|code| translate(&campaigns, code)).collect(),
            ..touches
        };
    }
}

impl crate::ingest::stream::TableLoad for TouchesLoad<'_> {
    type ChunkPart = TouchColumns;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        let Some(at) = reader.moment(col::TOUCHED_AT)? else {
            let missing = reader.cell(col::TOUCHED_AT).is_empty();
            let rule = if missing { Rule::MissingValue } else { Rule::BadDate };
            return Err(reader.reject(rule, col::TOUCHED_AT, "", "expected a date"));
        };
        let source = reader.required(col::SOURCE, Rule::MissingValue, "a source")?;
        let deal = self.deal(reader)?;
        let campaign = reader.text(col::CAMPAIGN);
        match reader.text(col::TOUCH_ID) {
            Some(id) => part.marks.push_id(&id, reader.place()),
            None => {
                let reached = (reader.text(col::DEAL_ID), reader.text(col::LEAD_ID));
                let content = (at, &source, &campaign, reached);
                part.marks.push(content, reader.unread(), at.has_time(), reader.place());
            }
        }
        part.source.push(Some(source.as_ref()).filter(|source| !source.is_empty()));
        part.campaign.push(campaign.as_deref());
        part.touches.at.push(at);
        part.touches.deal.push(deal);
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart) {
        let all = &mut self.all;
        all.source.append(&part.source);
        all.campaign.append(&part.campaign);
        all.touches.at.extend(part.touches.at);
        all.touches.deal.extend(part.touches.deal);
        all.marks.append(part.marks);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) -> Result<(), Stop> {
        let marks = std::mem::take(&mut self.all.marks);
        let rows = self.all.touches.at.len();
        let keep = settling.events(&marks, rows, |row| self.cells(row))?;
        let mut counting: Vec<u32> = (0..rows as u32).collect();
        counting.retain(|row| keep.as_ref().is_none_or(|keep| keep[*row as usize]));
        let all = &mut self.all;
        all.source.take_rows(&counting);
        all.campaign.take_rows(&counting);
        take_rows(&mut all.touches.at, &counting);
        take_rows(&mut all.touches.deal, &counting);
        all.put_in_order();
        Ok(())
    }
}

impl TouchColumns {
    /// By time, deal, source and campaign; ids stand in the order of names and deals in that of their ids.
    fn put_in_order(&mut self) {
        let key = |row: &u32| {
            let row = *row as usize;
            (self.touches.at[row], self.touches.deal[row], self.source.codes[row], self.campaign.codes[row])
        };
        let mut order: Vec<u32> = (0..self.touches.at.len() as u32).collect();
        order.sort_unstable_by_key(key);
        self.source.take_rows(&order);
        self.campaign.take_rows(&order);
        take_rows(&mut self.touches.at, &order);
        take_rows(&mut self.touches.deal, &order);
    }
}
