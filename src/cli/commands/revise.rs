//! `dealcast revise`: append a forecast or an adjustment to the revisions.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use dealcast::domain::inputs::InputTable;
use dealcast::domain::money;
use dealcast::run::answers::{Appended, appended};
use dealcast::store::folder::outside_runs;
use dealcast::store::revisions::append;
use rust_decimal::Decimal;

use crate::cli::clock::now;
use crate::cli::console::Console;
use crate::cli::error::{CliError, ErrorKind};
use crate::cli::settings::read_config;

/// Where revisions go if nothing names a file.
const DEFAULT_FILE: &str = "revisions.csv";

#[derive(Debug, Args)]
pub(crate) struct ReviseArgs {
    /// Configuration; `dealcast.toml` in this folder if there is one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// CSV file to append to; `sources.revisions` of the configuration, else revisions.csv, if not given
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Who makes it; the owner if not given. By anybody else it is an adjustment
    #[arg(long)]
    pub author: Option<String>,
    /// Whose forecast it is
    #[arg(long)]
    pub owner: String,
    /// The period, such as 2026-Q1
    #[arg(long)]
    pub period: String,
    /// What the amount stands for: forecast, commit, best case...
    #[arg(long, default_value = "forecast")]
    pub category: String,
    /// With a decimal point, without thousands marks
    #[arg(long, allow_negative_numbers = true)]
    pub amount: String,
    /// The base currency if not given
    #[arg(long)]
    pub currency: Option<String>,
    /// Free text
    #[arg(long)]
    pub note: Option<String>,
}

pub(crate) fn revise(args: ReviseArgs, console: &Console) -> Result<(), CliError> {
    let ReviseArgs { config, file, author, owner, period, category, amount, currency, note } = args;
    let (config, own_file) = read_config(config, console.printer)?;
    let base = own_file.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
    let path = match (file, config.sources.get(InputTable::Revisions)) {
        (Some(file), _) => file,
        (None, Some(source)) => base.join(&source.path),
        (None, None) => base.join(DEFAULT_FILE),
    };
    if path.extension().is_some_and(|extension| extension != "csv") || (path.exists() && !path.is_file()) {
        let message = format!("{} is no CSV file, which revisions are appended to", path.display());
        return Err(CliError::usage(message).hint("name one with --file"));
    }
    outside_runs(&path)?;
    let calendar = config.fiscal_calendar();
    let period = calendar.parse(&period).ok_or_else(|| {
        CliError::usage(format!("{period:?} is no period, expected one such as {}", calendar.labels()))
    })?;
    let currency = currency.unwrap_or_else(|| config.money.base_currency.to_string()).to_uppercase();
    if !money::is_iso(&currency) && currency != config.money.base_currency.to_uppercase() {
        return Err(CliError::usage(format!("{currency:?} is no currency")).hint("write an ISO 4217 code such as EUR"));
    }
    let decimals = money::exponent(&currency);
    let digits = amount.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    let number: Option<Decimal> = amount.parse().ok().filter(|number: &Decimal| number.normalize().scale() <= decimals);
    let number = number.filter(|number| digits && money::to_minor(*number, decimals).is_some());
    let Some(amount) = number.map(|number| number.to_string()) else {
        let message = format!("{amount:?} is no amount of {currency}");
        return Err(
            CliError::usage(message).hint("write it with a decimal point and without thousands marks: 125000.50")
        );
    };
    let now = now(&config)?.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let owner = named("--owner", &owner)?;
    let author = author.map_or(Ok(owner.clone()), |author| named("--author", &author))?;
    let category = named("--category", &category)?;
    let cell = |column: &str| match column {
        "submitted_at" => now.clone(),
        "author" => author.clone(),
        "owner" => owner.clone(),
        "period" => period.to_string(),
        "category" => category.clone(),
        "amount" => amount.clone(),
        "currency" => currency.clone(),
        "note" => note.clone().unwrap_or_default(),
        _ => String::new(),
    };
    append(&path, cell).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => CliError::usage(format!("{}: {error}", path.display()))
            .hint("revisions are appended to files with the columns `dealcast revise` gives a new one"),
        _ => CliError::of_io(ErrorKind::Usage, format!("{} cannot be written: {error}", path.display()), &error),
    })?;
    console.printer.finding(&appended(Appended {
        is_adjustment: author != owner,
        owner: &owner,
        period,
        category: &category,
        amount: &amount,
        currency: &currency,
        file: &path.display().to_string(),
    }));
    Ok(())
}

/// What a row cannot do without.
fn named(flag: &str, value: &str) -> Result<String, CliError> {
    let value = value.trim();
    if value.is_empty() { Err(CliError::usage(format!("{flag} is blank"))) } else { Ok(value.to_owned()) }
}
