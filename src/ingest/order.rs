//! Which table is loaded when: the files a [`Config`] names to [`Loaded`].
//!
//! Deals come first, since most tables point to them. Their log and their activities are read beside each other. The tables
//! of few rows come last. Reads no cell itself; each table has its loader in `load`.

use std::path::Path;
use std::sync::Arc;

use crate::config::{ColumnNames, Config, TableSource};
use crate::domain::code::Dictionary;
use crate::domain::ids::OwnerId;
use crate::domain::inputs::InputTable;
use crate::domain::progress::Progress;
use crate::ingest::context::ReadContext;
use crate::ingest::decode::files::{InputPath, io_error, resolve};
use crate::ingest::error::IngestError;
use crate::ingest::first_stages::add_first_stages;
use crate::ingest::load::activities::ActivitiesLoad;
use crate::ingest::load::columns::{translate, translation};
use crate::ingest::load::deals::DealsLoad;
use crate::ingest::load::history::HistoryLoad;
use crate::ingest::load::history_part::HistoryColumns;
use crate::ingest::load::leads::{LeadsLoad, LoadedLeads};
use crate::ingest::load::raw_deals::{RawDeals, RawDealsLoad};
use crate::ingest::load::small::{self, InCurrency, ReadRow, RowList};
use crate::ingest::load::touches::TouchesLoad;
use crate::ingest::loaded::{FilesRead, Loaded};
use crate::ingest::lookup;
use crate::ingest::lookup_table::LookupTable;
use crate::ingest::name_order::put_names_in_order;
use crate::ingest::newest_event::newest_event;
use crate::ingest::spellings::fold_spellings;
use crate::ingest::stream::{Job, LoadedTable, TableLoad, load_table};
use crate::ingest::streams::check_streams;
use crate::ingest::tables::{Activities, Tables};
use crate::ingest::twice::TableRow;

/// Loads every table `config` names; its paths are relative to `base`.
///
/// # Errors
/// [`IngestError`] where a file cannot be read, a column is missing, a row breaks a rule of severity `error`, or too
/// many rows are rejected.
pub fn load(config: &Config, base: &Path, progress: &dyn Progress) -> Result<Loaded, IngestError> {
    InputFiles::find(config, base, ReadContext::new(config), progress)?.load()
}

/// Where the history in a file of deals is: what says how the file is written, and which deal a row is.
fn history_in(deals: &TableSource) -> TableSource {
    let of_id = |(name, _): &(&String, &ColumnNames)| *name == DEAL_ID;
    TableSource {
        columns: deals.columns.iter().filter(of_id).map(|(name, names)| (name.clone(), names.clone())).collect(),
        entered: deals.entered.clone(),
        filters: deals.filters.clone(),
        separator: deals.separator,
        encoding: deals.encoding.clone(),
        date_order: deals.date_order,
        null_values: deals.null_values.clone(),
        ..TableSource::at(deals.path.clone())
    }
}

/// The column that says which deal a row is about.
const DEAL_ID: &str = crate::domain::inputs::deals::SPEC.columns[crate::domain::inputs::deals::DEAL_ID].name;

/// The rows of the deals table as its files have them, file by file; no date or amount is looked at.
///
/// # Errors
/// As [`load`].
pub fn load_raw_deals(config: &Config, base: &Path, progress: &dyn Progress) -> Result<Vec<RawDeals>, IngestError> {
    let files = InputFiles::find(config, base, ReadContext::new(config), progress)?;
    let (load, _) = files.table(InputTable::Deals, RawDealsLoad::default)?.ok_or(IngestError::NoDeals)?;
    Ok(load.into_parts())
}

/// A table that is given, with its files.
struct FoundTable<'a> {
    table: InputTable,
    source: &'a TableSource,
    files: Vec<InputPath>,
}

/// The tables to load.
struct InputFiles<'a> {
    base: &'a Path,
    context: ReadContext<'a>,
    progress: &'a dyn Progress,
    found: Vec<FoundTable<'a>>,
}

impl<'a> InputFiles<'a> {
    /// Finds all files before the first is read: a wrong path should not cost minutes.
    fn find(
        config: &'a Config,
        base: &'a Path,
        context: ReadContext<'a>,
        progress: &'a dyn Progress,
    ) -> Result<Self, IngestError> {
        if !config.sources.has(InputTable::Deals) {
            return Err(IngestError::NoDeals);
        }
        check_streams(config, base)?;
        let mut found = Vec::new();
        for (table, source) in config.sources.iter() {
            found.push(FoundTable { table, source, files: resolve(&source.path, base)? });
        }
        let bytes = found.iter().flat_map(|table| &table.files).map(|file| file.bytes).sum();
        progress.begin("load", bytes);
        Ok(Self { base, context, progress, found })
    }

    fn load(mut self) -> Result<Loaded, IngestError> {
        let (mut deals, mut read) = self.deals()?;
        let sole = deals.sole_currency(&self.context);
        if let Some(sole) = &sole {
            self.context.default_currency.clone_from(sole);
            if deals.has_defaulted_currency() {
                (deals, read) = self.deals()?;
            }
        }
        let decimals = deals.decimals();
        let (history, activities) = rayon::join(|| self.history(&deals, &decimals), || self.activities(&deals));
        let ((mut history, history_files), (activities, activity_files)) = (history?, activities?);
        history.scale_chances();
        history.append(deals.take_copied());
        read.add(history_files)?;
        read.add(activity_files)?;
        deals.date_undated(|| history.events(), activities.deal.iter().zip(&activities.at));
        let mut tables = Tables { activities, ..Tables::default() };
        let owners_of_leads = self.marketing(&mut deals, &mut tables, &mut read)?;
        deals.finish(&mut tables)?;
        history.finish(&mut tables);
        let owners = translation(&owners_of_leads, |name| tables.owners.intern(name));
        tables.leads.owner.iter_mut().for_each(|code| *code = translate(&owners, *code));
        for table in InputTable::ALL {
            self.small(*table, &mut tables, &mut read)?;
        }
        fold_spellings(&mut tables)?;
        put_names_in_order(&mut tables)?;
        add_first_stages(&mut tables, |stage| self.context.kind_of(stage));
        tables.sole_currency = sole.filter(|sole| tables.currencies.names().all(|name| name == sole));
        tables.newest = newest_event(&tables, |stage| self.context.kind_of(stage));
        Ok(Loaded { tables, inputs: read.inputs, issues: read.issues })
    }

    fn deals(&self) -> Result<(DealsLoad, FilesRead), IngestError> {
        let source = self.found.iter().find(|found| found.table == InputTable::Deals).map(|found| found.source);
        let (deals, read) = self.table(InputTable::Deals, || DealsLoad::new(source))?.ok_or(IngestError::NoDeals)?;
        deals.unknown_stages().check(InputTable::Deals)?;
        if read.inputs.iter().all(|input| input.rows == 0 || input.table != InputTable::Deals.name()) {
            let file = read.inputs.first().map_or_else(String::new, |input| input.path.clone());
            return Err(IngestError::NoRows { file });
        }
        read.some_used(InputTable::Deals)?;
        Ok((deals, read))
    }

    fn history(&self, deals: &DealsLoad, decimals: &[u32]) -> Result<(HistoryColumns, FilesRead), IngestError> {
        let loaded = match deals.has_entered_columns() && !self.has(InputTable::StageHistory) {
            true => {
                self.table_from(InputTable::Deals, InputTable::StageHistory, || HistoryLoad::new(deals, decimals))?
            }
            false => self.table(InputTable::StageHistory, || HistoryLoad::new(deals, decimals))?,
        };
        let Some((history, read)) = loaded else { return Ok(Default::default()) };
        let history = history.into_columns();
        history.unknown_stages().check(InputTable::StageHistory)?;
        Ok((history, read))
    }

    fn activities(&self, deals: &DealsLoad) -> Result<(Activities, FilesRead), IngestError> {
        let loaded = self.table(InputTable::Activities, || ActivitiesLoad::new(deals))?;
        Ok(loaded.map_or_else(Default::default, |(load, read)| (load.into_activities(), read)))
    }

    /// Leads and touches into `tables`, and where deals came from into `deals`. Returns the names behind the leads' owner
    /// codes.
    fn marketing(
        &self,
        deals: &mut DealsLoad,
        tables: &mut Tables,
        read: &mut FilesRead,
    ) -> Result<Dictionary<OwnerId>, IngestError> {
        let leads = match self.table(InputTable::Leads, || LeadsLoad::new(deals))? {
            Some((load, files)) => {
                read.add(files)?;
                load.into_leads()
            }
            None => LoadedLeads::default(),
        };
        if let Some((load, files)) = self.table(InputTable::Touches, || TouchesLoad::new(deals, &leads))? {
            read.add(files)?;
            load.finish(tables);
        }
        let owners = leads.finish(tables);
        deals.take_origins(&tables.leads, &tables.sources, &tables.campaigns);
        Ok(owners)
    }

    /// Loads a table of few rows. A table that is declared anew gets its loader here.
    fn small(&self, table: InputTable, tables: &mut Tables, read: &mut FilesRead) -> Result<(), IngestError> {
        match table {
            // Loaded before: they need each other.
            InputTable::Deals
            | InputTable::StageHistory
            | InputTable::Activities
            | InputTable::Leads
            | InputTable::Touches => {}
            InputTable::Quotas => {
                for InCurrency { mut row, currency } in self.rows(table, small::quota, read)? {
                    row.currency = tables.currency(&currency);
                    tables.quotas.push(row);
                }
            }
            InputTable::Users => tables.users = self.rows(table, small::user, read)?,
            InputTable::FxRates => {
                for InCurrency { mut row, currency } in self.rows(table, small::rate, read)? {
                    row.currency = tables.currency(&currency);
                    tables.fx_rates.push(row);
                }
            }
            InputTable::CampaignCosts => {
                for InCurrency { mut row, currency } in self.rows(table, small::cost, read)? {
                    row.currency = tables.currency(&currency);
                    tables.campaign_costs.push(row);
                }
            }
            InputTable::Revisions => {
                for InCurrency { mut row, currency } in self.rows(table, small::revision, read)? {
                    row.currency = tables.currency(&currency);
                    tables.revisions.push(row);
                }
            }
        }
        Ok(())
    }

    /// The rows of a table of few rows; none where it is not given.
    fn rows<T: TableRow + Send + Sync>(
        &self,
        table: InputTable,
        read_row: ReadRow<T>,
        read: &mut FilesRead,
    ) -> Result<Vec<T>, IngestError> {
        let Some((load, files)) = self.table(table, || RowList::new(read_row))? else { return Ok(Vec::new()) };
        read.add(files)?;
        Ok(load.rows)
    }

    fn has(&self, table: InputTable) -> bool {
        self.found.iter().any(|found| found.table == table)
    }

    /// One table with its lookups; `None` where it is not given.
    fn table<L: TableLoad>(
        &self,
        table: InputTable,
        make: impl Fn() -> L,
    ) -> Result<Option<(L, FilesRead)>, IngestError> {
        self.table_from(table, table, make)
    }

    /// A table from the files of another: of a file of deals with a column for every stage their history is a part.
    fn table_from<L: TableLoad>(
        &self,
        given: InputTable,
        table: InputTable,
        make: impl Fn() -> L,
    ) -> Result<Option<(L, FilesRead)>, IngestError> {
        let Some(FoundTable { source, files, .. }) = self.found.iter().find(|found| found.table == given) else {
            return Ok(None);
        };
        let of_table;
        let source = if given == table {
            *source
        } else {
            of_table = history_in(source);
            &of_table
        };
        let none: &[Arc<LookupTable>] = &[];
        let (spec, context, progress) = (table.spec(), &self.context, self.progress);
        let job = Job { spec, source, files, lookups: none, context, progress };
        let (lookups, lookup_inputs, lookup_issues) = lookup::read_all(source, self.base, &job)?;
        let LoadedTable { load, mut inputs, mut issues } = load_table(&Job { lookups: &lookups, ..job }, make)?;
        inputs.extend(lookup_inputs);
        issues.merge(lookup_issues).map_err(|error| io_error("rejects", error))?;
        Ok(Some((load, FilesRead { inputs, issues })))
    }
}
