//! What every command that reads the CRM's tables does first: load them, say how that went, resolve the filters.

use std::io::{self, Write};
use std::path::Path;

use dealcast::books::filter::ForecastFilter;
use dealcast::domain::day::Day;
use dealcast::domain::ids::DealIx;
use dealcast::domain::period::Period;
use dealcast::domain::spelling::nearest;
use dealcast::domain::stage::ForecastCategory;
use dealcast::report::format::{self, Format, Stamp};
use dealcast::report::table::Table;
use dealcast::run::questions::{AsOf, DealFilter};
use dealcast::store::folder::write_file;
use dealcast::store::models::Registry;

use super::Session;
use super::args::{DealFilterArgs, TableArgs, TableFormat};
use super::error::CliError;
use super::settings::Inputs;
use dealcast::report::words::count;

/// Loads the tables and says from which day they are looked at.
pub(crate) fn load(inputs: &Inputs, session: &Session) -> Result<AsOf, CliError> {
    load_with_earlier(inputs, |_| Vec::new(), session)
}

/// The same, with the open deals of earlier days, which may depend on the day.
pub(crate) fn load_with_earlier(
    inputs: &Inputs,
    days: impl FnOnce(Day) -> Vec<Day>,
    session: &Session,
) -> Result<AsOf, CliError> {
    let as_of = AsOf::load_with_earlier(&inputs.config, &inputs.base, inputs.as_of, days, &session.progress)?;
    let source = if as_of.day_defaulted { " (the day after the newest event)" } else { "" };
    let rejected = as_of.issues.rejects() - as_of.issues.filtered();
    session.printer.say(format!("as of {}{source}: {}", as_of.day(), count(as_of.timeline.deals.len() as u64, "deal")));
    if rejected > 0 {
        session.printer.warn(format!("{} set aside; `dealcast check` says why", count(rejected, "row")));
    }
    Ok(as_of)
}

/// Where the deal `id` stands in the timeline, or the deal that the lead `id` became.
pub(crate) fn find(id: &str, as_of: &AsOf) -> Result<DealIx, CliError> {
    let (deals, leads) = (&as_of.tables.deals, &as_of.tables.leads);
    let ids = || as_of.timeline.deals.iter().map(|head| deals.id(head.row).unwrap_or_default());
    if let Some(deal) = ids().position(|known| known == id) {
        return Ok(DealIx::at(deal));
    }
    if let Some(lead) = leads.ids.iter().position(|known| known == id) {
        let deal = as_of.timeline.deals.iter().position(|head| leads.deal[lead].get() == Some(head.row));
        return deal
            .map(DealIx::at)
            .ok_or_else(|| CliError::usage(format!("lead {id:?} had become no deal before {}", as_of.day())));
    }
    let error = CliError::usage(format!("no deal {id:?} was there before {}", as_of.day()));
    Err(match nearest(id, ids()) {
        Some(guess) => error.hint(format!("did you mean {guess:?}?")),
        None => error,
    })
}

/// The folder of models. That it is one is checked before the long work, not when a model is to be saved.
pub(crate) fn registry(folder: &Path) -> Result<Registry, CliError> {
    if folder.exists() && !folder.is_dir() {
        let message = format!("{} is a file, expected a folder of models", folder.display());
        return Err(CliError::usage(message).hint("name a folder with --models, or the file with --model"));
    }
    Ok(Registry::open(folder))
}

impl DealFilterArgs {
    /// As a filter of deals; `periods` are those they were created in.
    pub(crate) fn deals(&self, inputs: &Inputs, periods: &[String]) -> Result<DealFilter, CliError> {
        let (categories, created_in) = (self.categories()?, parse_periods(periods, inputs)?);
        Ok(DealFilter { columns: self.columns(), categories, created_in })
    }

    /// The columns with the values they may have.
    pub(crate) fn columns(&self) -> Vec<(String, Vec<String>)> {
        let currencies = self.currency.iter().map(|code| code.to_uppercase()).collect();
        let given = [
            ("owner", self.owner.clone()),
            ("team", self.team.clone()),
            ("region", self.region.clone()),
            ("currency", currencies),
        ];
        let given = given.into_iter().filter(|(_, values)| !values.is_empty());
        given.map(|(column, values)| (column.to_owned(), values)).collect()
    }

    /// As a filter of a forecast; `periods` are those to report.
    pub(crate) fn forecast(&self, inputs: &Inputs, periods: &[String]) -> Result<ForecastFilter, CliError> {
        Ok(ForecastFilter {
            owners: self.owner.clone(),
            teams: self.team.clone(),
            regions: self.region.clone(),
            periods: parse_periods(periods, inputs)?,
            currencies: self.currency.iter().map(|code| code.to_uppercase()).collect(),
            categories: self.categories()?,
        })
    }

    fn categories(&self) -> Result<Vec<ForecastCategory>, CliError> {
        let parse = |label: &String| {
            let hint = "pipeline, best-case, commit, closed or omitted";
            ForecastCategory::from_label(label).ok_or_else(|| {
                CliError::usage(format!("--category is {label:?}, expected a forecast category")).hint(hint)
            })
        };
        self.category.iter().map(parse).collect()
    }
}

fn parse_periods(labels: &[String], inputs: &Inputs) -> Result<Vec<Period>, CliError> {
    let calendar = inputs.config.fiscal_calendar();
    let parse = |label: &String| {
        let hint = format!("write {} (fiscal)", calendar.labels());
        calendar
            .parse(label)
            .ok_or_else(|| CliError::usage(format!("--period is {label:?}, expected a period")).hint(hint))
    };
    labels.iter().map(parse).collect()
}

/// What the tables of a command carry about their origin.
pub(crate) fn stamp(as_of: &AsOf, model_id: Option<&str>) -> Stamp {
    Stamp { as_of: Some(as_of.day().to_string()), model_id: model_id.map(str::to_owned) }
}

/// Prints a table, or writes it to a file of its name in the folder asked for: complete, or not at all.
pub(crate) fn emit(table: &Table, args: &TableArgs, stamp: &Stamp, session: &Session) -> Result<(), CliError> {
    session.progress.finish();
    let Some(folder) = &args.out else { return session.printer.table(table, args.format, stamp) };
    let format = match args.format {
        TableFormat::Table | TableFormat::Csv => Format::Csv,
        TableFormat::Json => Format::Json,
        TableFormat::Parquet => Format::Parquet,
    };
    let name = format!("{}.{}", table.name(), format.extension());
    put(&folder.join(name), table.rows() as u64, session, |out| format::write(table, format, stamp, out))
}

/// Prints a JSON document about `rows` things, or writes it to the file `name`.json in the folder asked for.
pub(crate) fn emit_document(
    document: &serde_json::Value,
    (name, rows): (&str, usize),
    args: &TableArgs,
    session: &Session,
) -> Result<(), CliError> {
    session.progress.finish();
    let text = format!("{document:#}\n");
    let Some(folder) = &args.out else { return session.printer.text(&text) };
    put(&folder.join(format!("{name}.json")), rows as u64, session, |out| out.write_all(text.as_bytes()))
}

fn put(
    path: &Path,
    rows: u64,
    session: &Session,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> Result<(), CliError> {
    write_file(path, |out| content(out).map(|()| Some(rows)))?;
    session.printer.say(format!("wrote {} ({})", path.display(), count(rows, "row")));
    Ok(())
}
