//! The deals table: rows to columns, and columns into the tables.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use polars::prelude::{Column, DataFrame};

use crate::config::{Copies, Rule, TableSource, Vanished};
use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CampaignId, CurrencyId, Id, LeadIx, RowIx, SourceId};
use crate::domain::inputs::deals as col;
use crate::domain::maybe::{Compact, Maybe};
use crate::domain::money::exponent;
use crate::domain::spelling::key as spelling_key;
use crate::ingest::cells::ids::reduced;
use crate::ingest::cells::nothing::{flag, is_nobody};
use crate::ingest::cells::own_value::ValueStyle;
use crate::ingest::context::ReadContext;
use crate::ingest::error::IngestError;
use crate::ingest::load::columns::{
    Codes, IdIndex, amount_column, code_column, day_column, moment_column, number_column, optional_code_column,
    text_column,
};
use crate::ingest::load::copies::{Followed, follow};
use crate::ingest::load::copy_rows::{CopyRules, RejectedInCopies};
use crate::ingest::load::deal_cells::{currency_of_amount, kind_of_stage, read_cells, stage};
use crate::ingest::load::deals_part::{DealsPart, NAMED};
use crate::ingest::load::history_part::HistoryColumns;
use crate::ingest::load::unknown_stages::UnknownStages;
use crate::ingest::newest_event::newest_day;
use crate::ingest::reader::{CellResult, RowReader, Stop};
use crate::ingest::tables::{Dating, Deals, Leads, Tables, category_code, status_code};
use crate::ingest::twice::Settling;

/// Loads deals.
#[derive(Default)]
pub(crate) struct DealsLoad {
    /// What is configured of dated copies.
    copies: Option<Copies>,
    vanished: Vanished,
    /// What differs between dated copies.
    copied: HistoryColumns,
    /// Deals that are gone from the copies, with the day since when.
    gone: BTreeMap<RowIx, Day>,
    all: DealsPart,
    index: IdIndex<RowIx>,
    /// Rows with what is left of their ids without what programs lose, in its order; asked for where an id is unknown.
    near: OnceLock<Vec<(String, RowIx)>>,
    /// Ids of rows that were rejected, and why.
    rejected: HashMap<String, Rule>,
    dating: Dating,
    /// How the files write the numbers and dates of their own columns.
    styles: BTreeMap<String, ValueStyle>,
    /// Columns a history may tell of, by what the configuration says the file calls them, in any spelling.
    called: BTreeMap<String, &'static str>,
}

impl crate::ingest::stream::TableLoad for DealsLoad {
    type ChunkPart = DealsPart;

    fn read(&self, reader: &mut RowReader<'_>, part: &mut Self::ChunkPart) -> Result<(), Stop> {
        part.start(reader);
        let id = reader.required(col::DEAL_ID, Rule::MissingId, "an id")?;
        let stage = stage(reader)?;
        let kind = kind_of_stage(reader, &stage, &mut part.unknown_stages)?;
        let of_amount = currency_of_amount(reader)?;
        let is_named = of_amount.is_some() || !reader.cell(col::CURRENCY).is_empty();
        let currency = match of_amount {
            Some(currency) => Cow::Owned(currency),
            None => reader.currency(col::CURRENCY)?,
        };
        let copied = Self::copied_on(reader)?;
        let cells = read_cells(reader, kind, copied.is_some(), part.decimals.of(&currency))?;
        if reader.layout.has_newest() {
            let changed = reader.changed(col::CREATED_AT)?;
            part.changed.push(changed);
        }
        if let Some(day) = copied {
            part.push_copy(day, is_gone(reader), cells.status.or(kind));
        }
        part.ids.push(&id);
        part.stage.push(Some(&stage));
        part.currency.push(Some(&currency));
        part.has_defaulted_currency |= !is_named;
        part.has_named_default |= is_named && currency == reader.context.default_currency;
        part.push(reader, cells);
        Ok(())
    }

    fn rejected(&self, reader: &RowReader<'_>, rule: Rule, part: &mut Self::ChunkPart) {
        if let Some(id) = reader.text(col::DEAL_ID) {
            let copied = reader.layout.copied_on().or_else(|| reader.day_if_any(col::COPIED_AT));
            // whatever is wrong with the row, it says that the deal is gone
            let in_copy = if is_gone(reader) { Rule::Deleted } else { rule };
            part.rejected_in_copies.extend(copied.map(|day| (id.clone().into_owned(), day, in_copy)));
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
        all.owner.forget(is_nobody);
        all.percent = all.chances.settle(settling)?;
        let counting = if all.copied.is_empty() {
            settling.ids(&all.ids, |row| all.claim(row))?
        } else {
            let mut rejected = RejectedInCopies::new();
            for (id, day, rule) in std::mem::take(&mut all.rejected_in_copies) {
                rejected.entry(id).or_default().insert(day, rule);
            }
            let mode = self.copies.unwrap_or(Copies::Whole);
            let rules = CopyRules { mode, vanished: &self.vanished, rejected: &rejected };
            let Followed { counting, gone, rejected, history } = follow(all, &rules, settling)?;
            self.gone = gone;
            note_rejected(&mut self.rejected, rejected.into_iter().map(|id| (id, Rule::Deleted)).collect());
            self.copied = history;
            counting
        };
        all.take_rows(&counting);
        self.index = IdIndex::of(std::mem::take(&mut all.ids));
        Ok(())
    }
}

/// Whether a row of a dated copy says that its deal is gone: by a word for yes, or by the day since when.
pub(super) fn is_gone(reader: &RowReader<'_>) -> bool {
    reader.text(col::GONE).is_some_and(|text| flag(&text) != Some(false))
}

/// Notes ids of rejected rows; of several rules for one id the first in the order of rules, so that the order of rows is no
/// matter.
pub(super) fn note_rejected(known: &mut HashMap<String, Rule>, rejected: Vec<(String, Rule)>) {
    for (id, rule) in rejected {
        let first = known.entry(id).or_insert(rule);
        *first = rule.min(*first);
    }
}

/// The columns of deals of which a log of fields tells.
const TOLD: [&str; 6] = ["stage", "amount", "expected_close_date", "owner", "forecast_category", "probability"];

/// What the configuration says the file calls the columns of which a history may tell too.
fn called_columns(source: &TableSource) -> BTreeMap<String, &'static str> {
    let named = TOLD.iter().filter_map(|&name| Some((name, source.columns.get(name)?.recipe())));
    let headers = named.flat_map(|(name, recipe)| recipe.first_filled.into_iter().map(move |header| (header, name)));
    headers.map(|(header, name)| (spelling_key(&header), name)).collect()
}

impl DealsLoad {
    /// Loads the deals of `source`.
    pub(crate) fn new(source: Option<&TableSource>) -> Self {
        let vanished = source.map_or_else(Vanished::new, |source| source.vanished.clone());
        let called = source.map(called_columns).unwrap_or_default();
        Self { copies: source.and_then(|source| source.copies), vanished, called, ..Self::default() }
    }

    /// The column a history may tell of that the file of the deals calls so.
    pub(crate) fn column_called(&self, name: &str) -> Option<&'static str> {
        self.called.get(&spelling_key(name)).copied()
    }

    /// What differs between dated copies of the table, once.
    pub(crate) fn take_copied(&mut self) -> HistoryColumns {
        std::mem::take(&mut self.copied)
    }

    /// The day of the copy a row stands in, where the table is a series of copies.
    fn copied_on(reader: &mut RowReader<'_>) -> CellResult<Day> {
        if reader.layout.has(col::COPIED_AT) {
            return match reader.day(col::COPIED_AT)? {
                Some(day) => Ok(Some(day)),
                None => Err(reader.reject(Rule::MissingValue, col::COPIED_AT, "", "expected the day of the copy")),
            };
        }
        Ok(reader.layout.copied_on())
    }

    /// Row of a deal, or the rule that took it out, if one did.
    pub(crate) fn row(&self, id: &str) -> Result<RowIx, Option<Rule>> {
        self.index.row(id).ok_or_else(|| self.rejected.get(id).copied())
    }

    /// The ids of the deals that differ from `id` in what programs lose only: leading zeros, case, signs. In their order.
    pub(crate) fn near(&self, id: &str) -> Vec<&str> {
        let rows = self.near.get_or_init(|| {
            let ids = (0..self.index.ids().len()).map(RowIx::at);
            let mut rows: Vec<(String, RowIx)> = ids.map(|row| (reduced(self.id(row)), row)).collect();
            rows.sort_unstable();
            rows
        });
        let wanted = reduced(id);
        let begin = rows.partition_point(|(reduced, _)| *reduced < wanted);
        rows[begin..].iter().take_while(|(reduced, _)| *reduced == wanted).map(|(_, row)| self.id(*row)).collect()
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

    /// The only currency that deals name, where nobody named a base or a default currency.
    pub(crate) fn sole_currency(&self, context: &ReadContext<'_>) -> Option<String> {
        let default = context.default_currency.as_str();
        let is_named = |name: &&str| *name != default || self.all.has_named_default;
        let mut named = self.all.currency.names.names().filter(is_named);
        let sole = named.next().filter(|_| context.currency_is_assumed)?;
        named.next().is_none().then(|| sole.to_owned())
    }

    /// Whether the file has a column for every stage that says when a deal entered it.
    pub(crate) fn has_entered_columns(&self) -> bool {
        self.all.has_entered_columns
    }

    /// Whether some deals name no currency.
    pub(crate) fn has_defaulted_currency(&self) -> bool {
        self.all.has_defaulted_currency
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
            Some(_) => match all.says_created.iter().filter(|says| !**says).count() {
                0 => Dating::Given,
                undated => Dating::InSomeFiles { undated: undated as u64 },
            },
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
        let Self { all, index, dating, gone, .. } = self;
        tables.dating = dating;
        tables.gone = gone;
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
