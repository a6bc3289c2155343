//! The leads table: who may become a customer, and which deal came of it.
//!
//! A lead has converted if it names a deal, a day of conversion or a status that says so. It was disqualified if its status
//! or a closing day says so. Every other one is open.

use std::collections::HashMap;

use crate::config::Rule;
use crate::domain::code::Dictionary;
use crate::domain::day::Moment;
use crate::domain::ids::{CampaignId, LeadIx, OwnerId, RowIx, SourceId};
use crate::domain::inputs::leads as col;
use crate::domain::maybe::Maybe;
use crate::ingest::cells::nothing::is_nobody;
use crate::ingest::cells::words;
use crate::ingest::load::columns::{Codes, IdIndex, Texts, take_rows, translate, translation};
use crate::ingest::load::deals::{DealsLoad, note_rejected};
use crate::ingest::reader::{RowReader, Stop};
use crate::ingest::tables::{LeadEnd, Leads, Tables};
use crate::ingest::twice::{Claim, ClaimCell, RowPlace, Settling};

/// The leads of one chunk, or of all of them.
#[derive(Default)]
pub(crate) struct LeadColumns {
    places: Vec<RowPlace>,
    /// When rows were last changed, where the mapping says so.
    changed: Vec<Option<Moment>>,
    ids: Texts,
    deal: Vec<Maybe<RowIx>>,
    created: Vec<Moment>,
    end: Vec<LeadEnd>,
    ended: Vec<Maybe<Moment>>,
    owner: Codes<OwnerId>,
    source: Codes<SourceId>,
    campaign: Codes<CampaignId>,
    rejected: Vec<(String, Rule)>,
}

/// Loads the leads, some of which became the deals in `deals`.
pub(crate) struct LeadsLoad<'a> {
    deals: &'a DealsLoad,
    loaded: LoadedLeads,
}

/// All leads, with names of their own.
#[derive(Default)]
pub(crate) struct LoadedLeads {
    all: LeadColumns,
    index: IdIndex<LeadIx>,
    rejected: HashMap<String, Rule>,
}

impl<'a> LeadsLoad<'a> {
    pub(crate) fn new(deals: &'a DealsLoad) -> Self {
        Self { deals, loaded: LoadedLeads::default() }
    }

    /// What was loaded, free of the deals.
    pub(crate) fn into_leads(self) -> LoadedLeads {
        self.loaded
    }

    /// The row of the deal a lead became, if it names one; inside, none where that is not in the table.
    fn deal(&self, reader: &mut RowReader<'_>, created: Moment) -> Result<Option<Maybe<RowIx>>, Stop> {
        let Some(id) = reader.text(col::DEAL_ID) else { return Ok(None) };
        match self.deals.row(&id) {
            Ok(row) => {
                if let Some(of_deal) = self.deals.created(row).filter(|of_deal| of_deal.day() < created.day()) {
                    let value = reader.text(col::CREATED_AT).unwrap_or_default();
                    let reason = format!("expected {} or earlier, when the deal it became was created", of_deal.day());
                    reader.breaks(Rule::LeadAfterDeal, col::CREATED_AT, &value, &reason)?;
                }
                Ok(Some(row.into()))
            }
            Err(Some(Rule::Filtered | Rule::Deleted)) => Ok(Some(Maybe::NONE)),
            Err(_) => {
                let reason = "expected the id of a deal in the deals table";
                reader.breaks(Rule::LeadOfUnknownDeal, col::DEAL_ID, &id, reason)?;
                Ok(Some(Maybe::NONE))
            }
        }
    }

    /// How the lead ended and when, as far as that is known.
    fn end(
        &self,
        reader: &mut RowReader<'_>,
        deal: Option<Maybe<RowIx>>,
        created: Moment,
    ) -> Result<(LeadEnd, Option<Moment>), Stop> {
        let converted_at = self.day_of_end(reader, col::CONVERTED_AT, created)?;
        let closed_at = self.day_of_end(reader, col::CLOSED_AT, created)?;
        let status = self.status(reader)?;
        if deal.is_some() || converted_at.is_some() || status == Some(LeadEnd::Converted) {
            let of_deal = deal.and_then(|row| self.deals.created(row.get()?)).map(|at| at.max(created));
            return Ok((LeadEnd::Converted, converted_at.or(of_deal).or(closed_at)));
        }
        if closed_at.is_some() || status == Some(LeadEnd::Disqualified) {
            if closed_at.is_none() {
                reader.breaks(Rule::LostWithoutCloseDate, col::CLOSED_AT, "", "expected the day it was given up")?;
            }
            return Ok((LeadEnd::Disqualified, closed_at));
        }
        Ok((LeadEnd::Open, None))
    }

    fn status(&self, reader: &mut RowReader<'_>) -> Result<Option<LeadEnd>, Stop> {
        let Some(word) = reader.text(col::STATUS) else { return Ok(None) };
        let status = words::lead_status(&word);
        if status.is_none() {
            let reason = "taken as open: the word is not known; `[sources.leads.values.status]` can translate it";
            reader.breaks(Rule::UnknownLeadStatus, col::STATUS, &word, reason)?;
        }
        Ok(status)
    }

    fn day_of_end(&self, reader: &mut RowReader<'_>, field: usize, created: Moment) -> Result<Option<Moment>, Stop> {
        let Some(at) = reader.moment(field)? else { return Ok(None) };
        if at.day() < created.day() {
            let value = reader.text(field).unwrap_or_default();
            let reason = format!("expected {} or later, when it was created", created.day());
            reader.breaks(Rule::ClosedBeforeCreated, field, &value, &reason)?;
        }
        Ok(Some(at.max(created)))
    }
}

impl crate::ingest::stream::TableLoad for LeadsLoad<'_> {
    type ChunkPart = LeadColumns;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        let id = reader.required(col::LEAD_ID, Rule::MissingId, "a lead id")?;
        let Some(created) = reader.moment(col::CREATED_AT)? else {
            let missing = reader.cell(col::CREATED_AT).is_empty();
            let rule = if missing { Rule::MissingValue } else { Rule::BadDate };
            return Err(reader.reject(rule, col::CREATED_AT, "", "expected a date"));
        };
        let deal = self.deal(reader, created)?;
        let (end, ended) = self.end(reader, deal, created)?;
        if reader.layout.has_newest() {
            let changed = reader.changed(col::CREATED_AT)?;
            part.changed.push(changed);
        }
        part.places.push(reader.place());
        part.ids.push(&id);
        part.deal.push(deal.unwrap_or_default());
        part.created.push(created);
        part.end.push(end);
        part.ended.push(ended.into());
        part.owner.push(reader.text(col::OWNER).as_deref());
        part.source.push(reader.text(col::SOURCE).as_deref());
        part.campaign.push(reader.text(col::CAMPAIGN).as_deref());
        Ok(())
    }

    fn rejected(&self, reader: &RowReader<'_>, rule: Rule, part: &mut Self::ChunkPart) {
        if let Some(id) = reader.text(col::LEAD_ID) {
            part.rejected.push((id.into_owned(), rule));
        }
    }

    fn append(&mut self, part: Self::ChunkPart) {
        let LoadedLeads { all, rejected, .. } = &mut self.loaded;
        all.places.extend(part.places);
        all.changed.extend(part.changed);
        all.ids.append(&part.ids);
        all.deal.extend(part.deal);
        all.created.extend(part.created);
        all.end.extend(part.end);
        all.ended.extend(part.ended);
        all.owner.append(&part.owner);
        all.source.append(&part.source);
        all.campaign.append(&part.campaign);
        note_rejected(rejected, part.rejected);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) -> Result<(), Stop> {
        let LoadedLeads { all, index, .. } = &mut self.loaded;
        all.owner.forget(is_nobody);
        let counting = settling.ids(&all.ids, |row| all.claim(row, self.deals))?;
        all.take_rows(&counting);
        *index = IdIndex::of(std::mem::take(&mut all.ids));
        Ok(())
    }
}

impl LeadColumns {
    /// What a row says, in the order of the table's columns; how it ended stands for status and both days.
    fn claim(&self, row: usize, deals: &DealsLoad) -> Claim {
        let cells = vec![
            ClaimCell::word(Some(self.ids.get(row))),
            ClaimCell::number(Some(self.created[row].0)),
            ClaimCell::word(self.deal[row].get().map(|deal| deals.id(deal))),
            ClaimCell::number(Some(self.end[row] as u8).filter(|end| *end != LeadEnd::Open as u8)),
            ClaimCell::number(self.ended[row].get().map(|at| at.0)),
            ClaimCell::word(self.owner.name(row)),
            ClaimCell::word(self.source.name(row)),
            ClaimCell::word(self.campaign.name(row)),
        ];
        Claim { cells, place: self.places[row], changed: self.changed.get(row).copied().flatten() }
    }

    /// Leaves the leads at `rows`, in that order; places stay behind.
    fn take_rows(&mut self, rows: &[u32]) {
        (self.places, self.changed) = (Vec::new(), Vec::new());
        self.ids.take_rows(rows);
        take_rows(&mut self.deal, rows);
        take_rows(&mut self.created, rows);
        take_rows(&mut self.end, rows);
        take_rows(&mut self.ended, rows);
        self.owner.take_rows(rows);
        self.source.take_rows(rows);
        self.campaign.take_rows(rows);
    }
}

impl LoadedLeads {
    /// The deal a lead became, if it did, or the rule that took the lead out, if one did.
    pub(crate) fn deal_of(&self, id: &str) -> Result<Maybe<RowIx>, Option<Rule>> {
        let row = self.index.row(id).ok_or_else(|| self.rejected.get(id).copied())?;
        Ok(self.all.deal[row.index()])
    }

    /// Moves the leads into `tables`. Owner ids stay those of the returned names.
    pub(crate) fn finish(self, tables: &mut Tables) -> Dictionary<OwnerId> {
        let Self { all, index, .. } = self;
        let sources = translation(&all.source.names, |name| tables.sources.intern(name));
        let campaigns = translation(&all.campaign.names, |name| tables.campaigns.intern(name));
        tables.leads = Leads {
            ids: index.ids().iter().map(str::to_owned).collect(),
            created: all.created,
            deal: all.deal,
            end: all.end,
            ended: all.ended,
            owner: all.owner.codes,
            source: all.source.codes.into_iter().map(|code| translate(&sources, code)).collect(),
            campaign: all.campaign.codes.into_iter().map(|code| translate(&campaigns, code)).collect(),
        };
        all.owner.names
    }
}
