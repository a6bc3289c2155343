//! The deals table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::{Column, DataFrame};

use crate::config::{Rule, RuleConfig, RuleSeverity};
use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CampaignId, CurrencyId, Id, LeadIx, OwnerId, RowIx, SourceId, StageNameId};
use crate::domain::inputs::deals as col;
use crate::domain::maybe::{Compact, Maybe};
use crate::domain::money::exponent;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::cells::words;
use crate::ingest::context::Decimals;
use crate::ingest::decode::chunk::RawCell;
use crate::ingest::error::IngestError;
use crate::ingest::issues::Notes;
use crate::ingest::load::columns::{
    Codes, Extra, IdIndex, Texts, amount_column, code_column, day_column, kept, moment_column, number_column,
    optional_code_column, text_column,
};
use crate::ingest::reader::{CellResult, RowReader, Stop, raise};
use crate::ingest::reject::Reject;
use crate::ingest::tables::{Deals, Leads, Tables, category_code, status_code};

/// Text columns with a dictionary of their own.
const NAMED: [usize; 6] = [col::ACCOUNT, col::SOURCE, col::PRODUCT, col::REGION, col::PIPELINE, col::CAMPAIGN];

/// What a deal row holds beside its names and extra columns.
#[derive(Clone, Copy)]
struct DealCells {
    created: Maybe<Moment>,
    closed: Maybe<Moment>,
    status: Option<StageKind>,
    category: Option<ForecastCategory>,
    amount: Maybe<i64>,
    expected_close: Maybe<Day>,
    probability: Maybe<f64>,
}

/// The deals of one chunk, or of all of them.
#[derive(Default)]
pub(crate) struct DealColumns {
    file: String,
    lines: Vec<u64>,
    ids: Texts,
    stage: Codes<StageNameId>,
    owner: Codes<OwnerId>,
    currency: Codes<CurrencyId>,
    name: Texts,
    named: [Codes; NAMED.len()],
    created: Vec<Maybe<Moment>>,
    closed: Vec<Maybe<Moment>>,
    status: Vec<Option<StageKind>>,
    category: Vec<Option<ForecastCategory>>,
    amount: Vec<Maybe<i64>>,
    expected_close: Vec<Maybe<Day>>,
    probability: Vec<Maybe<f64>>,
    percent: bool,
    extras: Vec<(String, Extra)>,
    present: BTreeSet<usize>,
    unknown_stages: UnknownStages,
    rejected: Vec<(String, Rule)>,
    decimals: Decimals,
}

/// Stages outside the configured list: rows, and where the first stands.
#[derive(Debug, Default)]
pub(crate) struct UnknownStages(BTreeMap<String, (u64, String, u64)>);

impl UnknownStages {
    pub(crate) fn add(&mut self, stage: &str, file: &str, line: u64) {
        self.0.entry(stage.to_owned()).or_insert_with(|| (0, file.to_owned(), line)).0 += 1;
    }

    pub(crate) fn merge(&mut self, later: Self) {
        for (stage, (rows, file, line)) in later.0 {
            self.0.entry(stage).or_insert((0, file, line)).0 += rows;
        }
    }

    /// An error where there are any.
    pub(crate) fn check(&self, table: &'static str) -> Result<(), IngestError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut stages: Vec<_> =
            self.0.iter().map(|(stage, (rows, file, line))| (stage.clone(), *rows, file.clone(), *line)).collect();
        stages.sort_by_key(|stage| std::cmp::Reverse(stage.1));
        Err(IngestError::UnknownStages { table, stages })
    }
}

/// Loads deals.
#[derive(Default)]
pub(crate) struct DealsLoad {
    all: DealColumns,
    index: IdIndex<RowIx>,
    /// Ids of rows that were rejected, and why.
    rejected: HashMap<String, Rule>,
}

impl crate::ingest::stream::TableLoad for DealsLoad {
    type ChunkPart = DealColumns;

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

    fn append(&mut self, mut part: Self::ChunkPart, notes: &mut Notes, rules: &RuleConfig) -> Result<(), Stop> {
        let mut keep = Vec::with_capacity(part.ids.len());
        for (row, id) in part.ids.iter().enumerate() {
            let fresh = self.index.add(id);
            keep.push(fresh);
            if !fresh {
                let (file, line, rule) = (part.file.clone(), part.lines[row], Rule::DuplicateId);
                let reason = "the id stands on an earlier row, which counts".to_owned();
                let reject = Reject { file, line, column: "deal_id".to_owned(), value: id.to_owned(), reason, rule };
                // one id is one deal: even as a warning the later row goes
                match rules.severity_of(rule) {
                    RuleSeverity::Error => raise(rules, notes, rule, || reject)?,
                    _ => notes.reject(reject),
                }
            }
        }
        self.rejected.extend(std::mem::take(&mut part.rejected));
        self.all.append(part, &keep);
        Ok(())
    }
}

/// What a stage says about the deal, if anything.
pub(crate) fn known_stage(
    reader: &mut RowReader<'_>,
    field: usize,
    stage: &str,
    unknown: &mut UnknownStages,
) -> Result<Option<StageKind>, Stop> {
    let context = reader.context;
    if let Some(kind) = context.stage(stage) {
        return Ok(kind);
    }
    if context.lists_stages() {
        // an error waits for the end of the table, to name every such stage at once
        if context.rules.severity_of(Rule::UnknownStage) == RuleSeverity::Error {
            let (file, line) = (&reader.layout.file, reader.line());
            unknown.add(stage, file, line);
        } else {
            reader.breaks(Rule::UnknownStage, field, stage, "expected a stage of the configured list")?;
        }
    }
    Ok(words::status(stage))
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
    if created.is_none() && reader.cell(col::CREATED_AT).is_empty() {
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

impl DealColumns {
    /// Takes over from the layout what all rows of the chunk share.
    fn start(&mut self, reader: &RowReader<'_>) {
        if self.file.is_empty() {
            self.file.clone_from(&reader.layout.file);
            self.present = (0..reader.spec.columns.len()).filter(|field| reader.layout.has(*field)).collect();
            for (i, name) in reader.layout.extras().enumerate() {
                let number = reader.layout.extra_is_number(reader.chunk, i);
                let extra = if number { Extra::Numbers(Vec::new()) } else { Extra::Text(Codes::default()) };
                self.extras.push((name.to_owned(), extra));
            }
        }
    }

    fn push(&mut self, reader: &RowReader<'_>, cells: DealCells) {
        self.lines.push(reader.line());
        self.owner.push(reader.text(col::OWNER).as_deref());
        self.name.push(&reader.text(col::NAME).unwrap_or_default());
        for (codes, field) in self.named.iter_mut().zip(NAMED) {
            codes.push(reader.text(field).as_deref());
        }
        self.created.push(cells.created);
        self.closed.push(cells.closed);
        self.status.push(cells.status);
        self.category.push(cells.category);
        self.amount.push(cells.amount);
        self.expected_close.push(cells.expected_close);
        self.probability.push(cells.probability);
        self.percent |= cells.probability.get().is_some_and(|chance| chance > 1.0);
        for (i, (_, extra)) in self.extras.iter_mut().enumerate() {
            let cell = reader.layout.extra(reader.chunk, reader.row, i);
            match extra {
                Extra::Text(codes) => codes.push(cell.text().as_deref()),
                Extra::Numbers(numbers) => numbers.push(as_number(&cell)),
            }
        }
    }

    /// Appends the kept rows of `part`; lines and ids stay behind.
    fn append(&mut self, part: Self, keep: &[bool]) {
        let before = self.created.len();
        self.stage.append(&part.stage, keep);
        self.owner.append(&part.owner, keep);
        self.currency.append(&part.currency, keep);
        for (own, part) in self.named.iter_mut().zip(&part.named) {
            own.append(part, keep);
        }
        part.name.iter().zip(keep).filter(|(_, keep)| **keep).for_each(|(name, _)| self.name.push(name));
        self.created.extend(kept(&part.created, keep));
        self.closed.extend(kept(&part.closed, keep));
        self.status.extend(kept(&part.status, keep));
        self.category.extend(kept(&part.category, keep));
        self.amount.extend(kept(&part.amount, keep));
        self.expected_close.extend(kept(&part.expected_close, keep));
        self.probability.extend(kept(&part.probability, keep));
        self.percent |= part.percent;
        for (name, extra) in part.extras {
            let own = match self.extras.iter().position(|(known, _)| *known == name) {
                Some(at) => at,
                None => {
                    self.extras.push((name, Extra::empty_like(&extra)));
                    self.extras.len() - 1
                }
            };
            self.extras[own].1.pad(before);
            self.extras[own].1.append(extra, keep);
        }
        self.present.extend(part.present);
        self.unknown_stages.merge(part.unknown_stages);
    }
}

fn as_number(cell: &RawCell<'_>) -> f64 {
    match cell {
        RawCell::Integer(value) => *value as f64,
        RawCell::Float(value) => *value,
        RawCell::Decimal(mantissa, scale) => *mantissa as f64 / 10_f64.powi(i32::from(*scale)),
        _ => f64::NAN,
    }
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
    /// the newest event of the whole input: all that is known of such a deal is that it exists by then.
    pub(crate) fn date_undated<'a>(&mut self, events: impl Iterator<Item = (&'a RowIx, &'a Moment)>) {
        let all = &mut self.all;
        if all.created.iter().all(|at| at.is_some()) {
            return;
        }
        let mut first: Vec<Maybe<Moment>> = vec![Maybe::NONE; all.created.len()];
        let mut newest = all.created.iter().chain(&all.closed).filter_map(|at| at.get()).max();
        for (deal, at) in events {
            let first = &mut first[deal.index()];
            *first = first.get().map_or(*at, |first| first.min(*at)).into();
            newest = newest.max(Some(*at));
        }
        let newest = newest.unwrap_or(Moment(0)).day().start();
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
        let Self { all, index, .. } = self;
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
