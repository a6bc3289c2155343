//! The touches table: what marketing did, and whom it reached.

use crate::config::{Rule, RuleConfig};
use crate::domain::ids::{CampaignId, RowIx, SourceId};
use crate::domain::inputs::touches as col;
use crate::domain::maybe::Maybe;
use crate::ingest::issues::Notes;
use crate::ingest::load::columns::{Codes, translate, translation};
use crate::ingest::load::deals::DealsLoad;
use crate::ingest::load::leads::LoadedLeads;
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::tables::{Tables, Touches};

/// The touches of one chunk, or of all of them.
#[derive(Default)]
pub(crate) struct TouchColumns {
    touches: Touches,
    source: Codes<SourceId>,
    campaign: Codes<CampaignId>,
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
            Some(Rule::Filtered) => (Rule::Filtered, "its deal or lead was rejected (filtered)".to_owned()),
            Some(rule) => (Rule::TouchOfNobody, format!("its deal or lead was rejected ({rule})")),
            None => (Rule::TouchOfNobody, "expected the id of a deal or lead in its table".to_owned()),
        };
        Err(reader.reject(rule, field, &id, &reason))
    }

    /// Moves the touches into `tables`.
    pub(crate) fn finish(self, tables: &mut Tables) {
        let TouchColumns { touches, source, campaign } = self.all;
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
        part.source.push(Some(source.as_ref()).filter(|source| !source.is_empty()));
        part.campaign.push(reader.text(col::CAMPAIGN).as_deref());
        part.touches.at.push(at);
        part.touches.deal.push(deal);
        Ok(())
    }

    fn append(&mut self, part: Self::ChunkPart, _: &mut Notes, _: &RuleConfig) -> Result<(), Stop> {
        let all = &mut self.all;
        let keep = vec![true; part.touches.at.len()];
        all.source.append(&part.source, &keep);
        all.campaign.append(&part.campaign, &keep);
        all.touches.at.extend(part.touches.at);
        all.touches.deal.extend(part.touches.deal);
        Ok(())
    }
}
