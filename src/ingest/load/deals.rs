//! The deals table: rows to columns, and columns into the tables.

use std::collections::{BTreeMap, HashMap};

use polars::prelude::{Column, DataFrame};

use crate::config::Rule;
use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CampaignId, CurrencyId, Id, LeadIx, RowIx, SourceId};
use crate::domain::inputs::deals as col;
use crate::domain::maybe::{Compact, Maybe};
use crate::domain::money::exponent;
use crate::domain::stage::StageKind;
use crate::ingest::cells::own_value::ValueStyle;
use crate::ingest::cells::words;
use crate::ingest::error::IngestError;
use crate::ingest::load::columns::{
    Codes, IdIndex, amount_column, code_column, day_column, moment_column, number_column, optional_code_column,
    text_column,
};
use crate::ingest::load::deals_part::{DealCells, DealsPart, NAMED};
use crate::ingest::load::unknown_stages::{UnknownStages, known_stage};
use crate::ingest::newest_event::newest_day;
use crate::ingest::reader::{CellResult, RowReader, Stop};
use crate::ingest::tables::{Dating, Deals, Leads, Tables, category_code, status_code};
use crate::ingest::twice::Settling;

/// Loads deals.
#[derive(Default)]
pub(crate) struct DealsLoad {
    all: DealsPart,
    index: IdIndex<RowIx>,
    /// Ids of rows that were rejected, and why.
    rejected: HashMap<String, Rule>,
    dating: Dating,
    /// How the files write the numbers and dates of their own columns.
    styles: BTreeMap<String, ValueStyle>,
}

impl crate::ingest::stream::TableLoad for DealsLoad {
    type ChunkPart = DealsPart;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        part.start(reader);
        let id = reader.required(col::DEAL_ID, Rule::MissingId, "an id")?;
        let stage = reader.required(col::STAGE, Rule::MissingStage, "a stage")?;
        let kind = known_stage(reader, col::STAGE, &stage, &mut part.unknown_stages)?;
        let currency = reader.currency(col::CURRENCY)?;
        let cells = read_cells(reader, kind, part.decimals.of(&currency))?;
        part.ids.push(&id);
        part.stage.push(Some(&stage));
        part.currency.push(Some(&currency));
        part.push(reader, cells);
        Ok(())
    }

    fn rejected(&self, reader: &RowReader<'_>, rule: Rule, part: &mut Self::ChunkPart) {
        if let Some(id) = reader.text(col::DEAL_ID) {
            part.rejected.push((id.into_owned(), rule));
        }
    }

    fn append(&mut self, mut part: Self::ChunkPart) {
        note_rejected(&mut self.rejected, std::mem::take(&mut part.rejected));
        self.all.append(part);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) -> Result<(), Stop> {
        let all = &mut self.all;
        self.styles = all.settle_extras(settling.usual);
        let counting = settling.ids(&all.ids, |row| all.claim(row))?;
        all.take_rows(&counting);
        self.index = IdIndex::of(std::mem::take(&mut all.ids));
        Ok(())
    }
}

/// Notes ids of rejected rows; of several rules for one id the first in the order of rules, so that the order of rows is no
/// matter.
pub(super) fn note_rejected(known: &mut HashMap<String, Rule>, rejected: Vec<(String, Rule)>) {
    for (id, rule) in rejected {
        let first = known.entry(id).or_insert(rule);
        *first = rule.min(*first);
    }
}

fn read_cells(reader: &mut RowReader<'_>, kind: Option<StageKind>, decimals: u32) -> Result<DealCells, Stop> {
    let created = created(reader)?;
    let status = status(reader)?;
    let closed = closed(reader, created, status.or(kind))?;
    let amount = reader.amount(col::AMOUNT, decimals)?;
    let expected_close = reader.day(col::EXPECTED_CLOSE_DATE)?;
    let category = reader.category_of(reader.cell(col::FORECAST_CATEGORY), col::FORECAST_CATEGORY)?;
    let probability = reader.chance_of(reader.cell(col::PROBABILITY), col::PROBABILITY)?;
    Ok(DealCells {
        created: created.into(),
        closed: closed.into(),
        status,
        category,
        amount: amount.into(),
        expected_close: expected_close.into(),
        probability: probability.into(),
    })
}

fn created(reader: &mut RowReader<'_>) -> CellResult<Moment> {
    let created = reader.moment(col::CREATED_AT)?;
    if created.is_none() && reader.layout.has(col::CREATED_AT) && reader.cell(col::CREATED_AT).is_empty() {
        reader.breaks(Rule::MissingCreatedAt, col::CREATED_AT, "", "expected a date")?;
    }
    Ok(created)
}

fn status(reader: &mut RowReader<'_>) -> CellResult<StageKind> {
    let cell = reader.cell(col::STATUS);
    let Some(text) = cell.clone().text() else { return Ok(None) };
    match words::status(&text) {
        Some(status) => Ok(Some(status)),
        None => reader.unreadable(Rule::BadStatus, col::STATUS, cell, "expected open, won or lost"),
    }
}

fn closed(reader: &mut RowReader<'_>, created: Option<Moment>, kind: Option<StageKind>) -> CellResult<Moment> {
    let closed = reader.moment(col::CLOSED_AT)?;
    let Some(closed) = closed else {
        match kind {
            Some(StageKind::Won) => {
                reader.breaks(Rule::WonWithoutCloseDate, col::CLOSED_AT, "", "expected the day it was won")?;
            }
            Some(StageKind::Lost) => {
                reader.breaks(Rule::LostWithoutCloseDate, col::CLOSED_AT, "", "expected the day it was lost")?;
            }
            Some(StageKind::Open) | None => {}
        }
        return Ok(None);
    };
    let Some(created) = created else { return Ok(Some(closed)) };
    if closed.day() < created.day() {
        let value = reader.text(col::CLOSED_AT).unwrap_or_default();
        let reason = format!("expected {} or later, when it was created", created.day());
        reader.breaks(Rule::ClosedBeforeCreated, col::CLOSED_AT, &value, &reason)?;
    }
    // a closing date without a time of day is not before the hour of creation
    Ok(Some(closed.max(created)))
}

impl DealsLoad {
    /// Row of a deal, or the rule that took it out, if one did.
    pub(crate) fn row(&self, id: &str) -> Result<RowIx, Option<Rule>> {
        self.index.row(id).ok_or_else(|| self.rejected.get(id).copied())
    }

    /// The id of the deal in `row`.
    pub(crate) fn id(&self, row: RowIx) -> &str {
        self.index.ids().get(row.index())
    }

    /// When the deal in `row` was created, if that is known.
    pub(crate) fn created(&self, row: RowIx) -> Option<Moment> {
        self.all.created.get(row.index()).and_then(|at| at.get())
    }

    /// Names of the columns that say of what sort a deal is, the contract's and the input's own.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &str> {
        let named =
            NAMED.iter().filter(|field| self.all.present.contains(*field)).map(|field| col::SPEC.columns[*field].name);
        named.chain(self.all.extras.iter().map(|(name, _)| name.as_str()))
    }

    /// How the files write the numbers or dates of one of their own columns.
    pub(crate) fn style(&self, column: &str) -> Option<ValueStyle> {
        self.styles.get(column).copied()
    }

    /// Decimal places by currency.
    pub(crate) fn decimals(&self) -> Vec<u32> {
        self.all.currency.names.names().map(exponent).collect()
    }

    /// Currency of the deal in `row`.
    pub(crate) fn currency(&self, row: RowIx) -> Option<CurrencyId> {
        self.all.currency.codes.get(row.index()).and_then(|id| id.get())
    }

    /// Stages outside the configured list.
    pub(crate) fn unknown_stages(&self) -> &UnknownStages {
        &self.all.unknown_stages
    }

    /// Deals without a creation date get the moment of their own first known event; where there is none, the day of
    /// the newest event of the whole input: all that is known of such a deal is that it exists by then. An activity may
    /// be planned and is no such event; nor is what lies far beyond all others.
    pub(crate) fn date_undated<'a, Changes: Iterator<Item = (&'a RowIx, &'a Moment)>>(
        &mut self,
        changes: impl Fn() -> Changes,
        activities: impl Iterator<Item = (&'a RowIx, &'a Moment)>,
    ) {
        let all = &mut self.all;
        if all.created.iter().all(|at| at.is_some()) {
            return;
        }
        let mut first: Vec<Maybe<Moment>> = vec![Maybe::NONE; all.created.len()];
        for (deal, at) in changes().chain(activities) {
            let first = &mut first[deal.index()];
            *first = first.get().map_or(*at, |first| first.min(*at)).into();
        }
        let dated = all.created.iter().chain(&all.closed).filter_map(|at| at.get());
        let newest = newest_day(dated.chain(changes().map(|(_, at)| *at)));
        self.dating = match newest {
            None => Dating::Nowhere,
            Some(_) if !all.present.contains(&col::CREATED_AT) => Dating::ByEvents,
            Some(_) => Dating::Given,
        };
        let newest = newest.unwrap_or(Day(0)).start();
        for ((created, closed), first) in all.created.iter_mut().zip(&all.closed).zip(first) {
            if created.is_none() {
                *created = first.get().into_iter().chain(closed.get()).min().unwrap_or(newest).into();
            }
        }
    }

    /// Gives deals without a source or campaign those of the lead they came from: the earliest one created by their day.
    pub(crate) fn take_origins(
        &mut self,
        leads: &Leads,
        sources: &Dictionary<SourceId>,
        campaigns: &Dictionary<CampaignId>,
    ) {
        let mut first: Vec<Maybe<LeadIx>> = vec![Maybe::NONE; self.all.created.len()];
        for (lead, deal) in
            leads.deal.iter().enumerate().filter_map(|(lead, deal)| Some((LeadIx::at(lead), deal.get()?)))
        {
            let born = leads.born(lead);
            let known = &mut first[deal.index()];
            let in_time = self.created(deal).is_some_and(|created| born.0.day() <= created.day());
            if in_time && known.get().is_none_or(|known| born < leads.born(known)) {
                *known = lead.into();
            }
        }
        self.fill_in(col::SOURCE, &first, &leads.source, sources);
        self.fill_in(col::CAMPAIGN, &first, &leads.campaign, campaigns);
    }

    /// Gives deals without a word in `field` the one `of_lead` has for their lead.
    fn fill_in<T: Id + Compact>(
        &mut self,
        field: usize,
        leads: &[Maybe<LeadIx>],
        of_lead: &[Maybe<T>],
        names: &Dictionary<T>,
    ) {
        let Some(column) = NAMED.iter().position(|named| *named == field) else { return };
        let Codes { names: own, codes } = &mut self.all.named[column];
        for (code, lead) in codes.iter_mut().zip(leads).filter(|(code, _)| code.is_none()) {
            if let Some(name) = lead.get().and_then(|lead| names.name(of_lead[lead.index()])) {
                *code = own.intern(name).into();
                self.all.present.insert(field);
            }
        }
    }

    /// Moves the deals and their dictionaries into `tables`.
    pub(crate) fn finish(self, tables: &mut Tables) -> Result<(), IngestError> {
        let Self { all, index, dating, .. } = self;
        tables.dating = dating;
        let rows = all.created.len();
        let has = |field: usize| all.present.contains(&field);
        let mut columns: Vec<Column> = vec![
            text_column("deal_id", index.ids()),
            code_column("stage", &all.stage.codes),
            moment_column("created_at", &all.created),
            code_column("currency", &all.currency.codes),
        ];
        tables.stage_names = all.stage.names;
        all.currency.names.names().for_each(|name| {
            tables.currency(name);
        });
        columns.extend(has(col::AMOUNT).then(|| amount_column("amount_minor", &all.amount)));
        columns.extend(has(col::CLOSED_AT).then(|| moment_column("closed_at", &all.closed)));
        let statuses = all.status.iter().map(|status| status.map(status_code));
        columns.extend(has(col::STATUS).then(|| optional_code_column("status", statuses)));
        let categories = all.category.iter().map(|category| category.map(category_code));
        columns.extend(has(col::FORECAST_CATEGORY).then(|| optional_code_column("forecast_category", categories)));
        columns.extend(has(col::EXPECTED_CLOSE_DATE).then(|| day_column("expected_close_date", &all.expected_close)));
        columns.extend(has(col::NAME).then(|| text_column("name", &all.name)));
        let scale = if all.percent { 100.0 } else { 1.0 };
        let chances = || all.probability.iter().map(|chance| chance.get().map_or(f64::NAN, |of| of / scale)).collect();
        columns.extend(has(col::PROBABILITY).then(|| number_column("probability", chances())));
        columns.extend(has(col::OWNER).then(|| code_column("owner", &all.owner.codes)));
        tables.owners = all.owner.names;
        let mut dictionaries = BTreeMap::new();
        for (codes, field) in all.named.into_iter().zip(NAMED).filter(|(_, field)| has(*field)) {
            let name = col::SPEC.columns[field].name;
            columns.push(code_column(name, &codes.codes));
            dictionaries.insert(name.to_owned(), codes.names);
        }
        let mut extras = Vec::new();
        for (name, extra) in all.extras {
            let (column, dictionary) = extra.into_column(&name, rows);
            columns.push(column);
            dictionaries.extend(dictionary.map(|dictionary| (name.clone(), dictionary)));
            extras.push(name);
        }
        tables.deals = Deals::new(DataFrame::new(rows, columns)?, dictionaries, extras)?;
        Ok(())
    }
}
