//! Files to [`Tables`]: what the CRM exported, decoded, typed, checked, with every rejected row accounted for.
//!
//! Knows file formats and dirty input; knows nothing of models or reports. `decode` turns files into chunks of cells,
//! `layout` finds the contract's columns in them, `cells` reads single cells, `reader` holds them to the rules,
//! `stream` runs it in parallel and in order, `load` has one loader per table.

mod cells;
mod context;
mod decode;
mod error;
mod evidence;
mod issue_columns;
mod issues;
mod layout;
mod load;
mod lookup;
mod reader;
pub mod schema;
mod stream;
pub mod tables;

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::config::{Config, Source};
use crate::domain::code::Dictionary;
use crate::domain::progress::Progress;

use context::Context;
use decode::files::{InputPath, io_error, resolve};
use load::activities::ActivitiesLoad;
use load::columns::{translate, translation};
use load::deals::DealsLoad;
use load::history::{HistoryColumns, HistoryLoad};
use load::leads::{LeadsLoad, LoadedLeads};
use load::small::{self, Priced, RowList};
use load::touches::TouchesLoad;
use lookup::LookupTable;
use schema::TableSpec;
use stream::{Job, Load, LoadedTable, load_table};
use tables::{Activities, Tables};

pub use error::IngestError;
pub use issue_columns::{issues_spec, issues_table};
pub use issues::{Issue, Issues, Reject};
pub use stream::READER_THREAD;

/// What was loaded, from what, and what was wrong with it.
#[derive(Debug)]
pub struct Loaded {
    /// The tables.
    pub tables: Tables,
    /// The files, in the order of the contract's tables; lookups last of their table, under the name `lookup`.
    pub inputs: Vec<InputFile>,
    /// Warnings and rejects.
    pub issues: Issues,
}

/// One file that was read. `rows` = `used` + `rejected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// Table of the contract, or `lookup`.
    pub table: &'static str,
    /// File name.
    pub path: String,
    /// Size as stored.
    pub bytes: u64,
    /// BLAKE3 checksum of the file as stored, in hexadecimal.
    pub blake3: String,
    /// Rows below the header.
    pub rows: u64,
    /// Rows that are in the tables (or, like a blank quota, say nothing).
    pub used: u64,
    /// Rows in `rejects.csv`.
    pub rejected: u64,
}

/// Loads every table `config` names; its paths are relative to `base`.
///
/// # Errors
/// [`IngestError`] where a file cannot be read, a column is missing, a row breaks a rule of severity `error`, or too
/// many rows are rejected.
pub fn load(config: &Config, base: &Path, progress: &dyn Progress) -> Result<Loaded, IngestError> {
    let context = Context::new(config);
    let session = Session::open(config, base, &context, progress)?;
    session.load()
}

/// The tables to load, with their files found.
struct Session<'a> {
    base: &'a Path,
    context: &'a Context<'a>,
    progress: &'a dyn Progress,
    sources: Vec<(&'static TableSpec, &'a Source, Vec<InputPath>)>,
}

/// Inputs and issues of one table.
#[derive(Default)]
struct Account {
    inputs: Vec<InputFile>,
    issues: Issues,
}

impl<'a> Session<'a> {
    /// Finds all files before the first is read: a wrong path should not cost minutes.
    fn open(
        config: &'a Config,
        base: &'a Path,
        context: &'a Context<'a>,
        progress: &'a dyn Progress,
    ) -> Result<Self, IngestError> {
        let from = &config.sources;
        let wanted: [(&'static TableSpec, &Option<Source>); 10] = [
            (&schema::deals::SPEC, &from.deals),
            (&schema::stage_history::SPEC, &from.stage_history),
            (&schema::activities::SPEC, &from.activities),
            (&schema::leads::SPEC, &from.leads),
            (&schema::touches::SPEC, &from.touches),
            (&schema::quotas::SPEC, &from.quotas),
            (&schema::users::SPEC, &from.users),
            (&schema::fx_rates::SPEC, &from.fx_rates),
            (&schema::campaign_costs::SPEC, &from.campaign_costs),
            (&schema::revisions::SPEC, &from.revisions),
        ];
        if from.deals.is_none() {
            return Err(IngestError::NoDeals);
        }
        let given: Vec<_> = wanted.into_iter().filter_map(|(spec, source)| Some((spec, source.as_ref()?))).collect();
        check_standard_input(&given)?;
        let mut sources = Vec::new();
        for (spec, source) in given {
            sources.push((spec, source, resolve(&source.path, base)?));
        }
        let bytes = sources.iter().flat_map(|(_, _, files)| files).map(|file| file.bytes).sum();
        progress.begin("load", bytes);
        Ok(Self { base, context, progress, sources })
    }

    fn load(&self) -> Result<Loaded, IngestError> {
        let (mut deals, mut account) =
            self.table(&schema::deals::SPEC, DealsLoad::default)?.ok_or(IngestError::NoDeals)?;
        deals.unknown_stages().check("deals")?;
        if account.inputs.iter().all(|input| input.rows == 0 || input.table == "lookup") {
            let file = account.inputs.first().map_or_else(String::new, |input| input.path.clone());
            return Err(IngestError::NoRows { file });
        }
        let decimals = deals.decimals();
        let (history, activities) = rayon::join(|| self.history(&deals, &decimals), || self.activities(&deals));
        let ((history, history_account), (activities, activities_account)) = (history?, activities?);
        account.add(history_account)?;
        account.add(activities_account)?;
        deals.date_undated(history.events().chain(activities.deal.iter().zip(&activities.at)));
        let mut tables = Tables { activities, ..Tables::default() };
        let owners_of_leads = self.marketing(&mut deals, &mut tables, &mut account)?;
        deals.finish(&mut tables)?;
        history.finish(&mut tables);
        let owners = translation(&owners_of_leads, |name| tables.owners.intern(name));
        tables.leads.owner.iter_mut().for_each(|code| *code = translate(&owners, *code));
        self.small(&mut tables, &mut account)?;
        Ok(Loaded { tables, inputs: account.inputs, issues: account.issues })
    }

    fn history(&self, deals: &DealsLoad, decimals: &[u32]) -> Result<(HistoryColumns, Account), IngestError> {
        let loaded = self.table(&schema::stage_history::SPEC, || HistoryLoad::new(deals, decimals))?;
        let Some((history, account)) = loaded else { return Ok(Default::default()) };
        let history = history.into_columns();
        history.unknown_stages().check("stage_history")?;
        Ok((history, account))
    }

    fn activities(&self, deals: &DealsLoad) -> Result<(Activities, Account), IngestError> {
        let loaded = self.table(&schema::activities::SPEC, || ActivitiesLoad::new(deals))?;
        Ok(loaded.map_or_else(Default::default, |(load, account)| (load.into_activities(), account)))
    }

    /// Leads and touches into `tables`, and where deals came from into `deals`. Returns the names behind the leads' owner
    /// codes.
    fn marketing(
        &self,
        deals: &mut DealsLoad,
        tables: &mut Tables,
        account: &mut Account,
    ) -> Result<Dictionary, IngestError> {
        let loaded = self.table(&schema::leads::SPEC, || LeadsLoad::new(deals))?;
        let leads = match loaded {
            Some((load, more)) => {
                account.add(more)?;
                load.into_leads()
            }
            None => LoadedLeads::default(),
        };
        if let Some((load, more)) = self.table(&schema::touches::SPEC, || TouchesLoad::new(deals, &leads))? {
            account.add(more)?;
            load.finish(tables);
        }
        let owners = leads.finish(tables);
        deals.take_origins(&tables.leads, &tables.sources, &tables.campaigns);
        Ok(owners)
    }

    fn small(&self, tables: &mut Tables, account: &mut Account) -> Result<(), IngestError> {
        for (mut quota, currency) in self.rows(&schema::quotas::SPEC, small::quota, account)? {
            quota.currency = tables.currency(&currency);
            tables.quotas.push(quota);
        }
        tables.users = self.rows(&schema::users::SPEC, small::user, account)?;
        let mut rates: Vec<Priced<tables::FxRate>> = self.rows(&schema::fx_rates::SPEC, small::rate, account)?;
        rates.sort_by(|a, b| (&a.1, a.0.day).cmp(&(&b.1, b.0.day)));
        for (mut rate, currency) in rates {
            rate.currency = tables.currency(&currency);
            tables.fx_rates.push(rate);
        }
        for (mut cost, currency) in self.rows(&schema::campaign_costs::SPEC, small::cost, account)? {
            cost.currency = tables.currency(&currency);
            tables.campaign_costs.push(cost);
        }
        for (mut revision, currency) in self.rows(&schema::revisions::SPEC, small::revision, account)? {
            revision.currency = tables.currency(&currency);
            tables.revisions.push(revision);
        }
        Ok(())
    }

    /// The rows of a small table; none where it is not given.
    fn rows<T: Send + Sync>(
        &self,
        spec: &'static TableSpec,
        read: fn(&mut reader::Reader<'_>) -> Result<Option<T>, reader::Stop>,
        account: &mut Account,
    ) -> Result<Vec<T>, IngestError> {
        let Some((load, more)) = self.table(spec, || RowList::new(read))? else { return Ok(Vec::new()) };
        account.add(more)?;
        Ok(load.rows)
    }

    /// One table with its lookups; `None` where it is not given.
    fn table<L: Load>(
        &self,
        spec: &'static TableSpec,
        make: impl Fn() -> L,
    ) -> Result<Option<(L, Account)>, IngestError> {
        let Some((_, source, files)) = self.sources.iter().find(|(given, _, _)| std::ptr::eq(*given, spec)) else {
            return Ok(None);
        };
        let none: &[Arc<LookupTable>] = &[];
        let job = Job { spec, source, files, lookups: none, context: self.context, progress: self.progress };
        let (lookups, lookup_inputs, lookup_issues) = lookup::read_all(source, self.base, &job)?;
        let LoadedTable { load, mut inputs, mut issues } = load_table(&Job { lookups: &lookups, ..job }, make)?;
        inputs.extend(lookup_inputs);
        issues.merge(lookup_issues).map_err(|error| io_error("rejects", error))?;
        Ok(Some((load, Account { inputs, issues })))
    }
}

impl Account {
    fn add(&mut self, other: Self) -> Result<(), IngestError> {
        self.inputs.extend(other.inputs);
        self.issues.merge(other.issues).map_err(|error| io_error("rejects", error))
    }
}

/// Standard input is one stream: one table can be read from it.
fn check_standard_input(given: &[(&'static TableSpec, &Source)]) -> Result<(), IngestError> {
    let mut readers = given.iter().filter(|(_, source)| source.path == "-");
    match (readers.next(), readers.next()) {
        (Some((first, _)), Some((second, _))) => Err(IngestError::Config {
            key: format!("sources.{}.path", second.name),
            problem: format!("is standard input, which {} is read from already", first.name),
            hint: Some("only one table can come from standard input".to_owned()),
        }),
        _ => Ok(()),
    }
}
