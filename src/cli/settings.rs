//! Arguments to settings: configuration found and read, flags laid over it, paths resolved.

use std::path::{Path, PathBuf};

use dealcast::config::Config;
use dealcast::domain::inputs::InputTable;
use dealcast::run::inputs::Inputs;

use super::args::{InputArgs, SourceArgs};
use super::error::CliError;
use super::printer::Printer;

/// Configuration used where none is named and this exists.
const DEFAULT_CONFIG: &str = "dealcast.toml";

/// What a command reads: the kept copies of the deals table where the configuration has some and no flag names another file.
pub(crate) fn resolve(args: InputArgs, printer: Printer) -> Result<Inputs, CliError> {
    let is_named = args.sources.tables.0.iter().any(|(table, _)| *table == InputTable::Deals);
    let inputs = resolve_export(args, printer)?;
    if is_named { Ok(inputs) } else { Ok(inputs.from_copies()?) }
}

/// Reads the configuration and lays the flags over it. Paths in the file are relative to the file, paths in flags
/// to the working folder. The deals table is the one the CRM exported.
pub(crate) fn resolve_export(args: InputArgs, printer: Printer) -> Result<Inputs, CliError> {
    let InputArgs { sources: SourceArgs { config, data, tables }, as_of } = args;
    let (mut config, file) = read_config(config, printer)?;
    let own_folder = file.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
    let base = data.unwrap_or(own_folder);
    for (table, path) in tables.0 {
        // The mapping of columns stays: the same export, another file.
        config.sources.get_or_default(table).path = from_working_folder(path, &base)?;
    }
    if !config.sources.has(InputTable::Deals) {
        let hint = "name the export with --deals FILE, or a configuration with --config FILE";
        return Err(CliError::usage("no deals table is given").hint(hint));
    }
    Ok(Inputs { config, base, file, as_of })
}

/// The configuration named, else that of the working folder, else the usual one; with its file, if it has one.
pub(super) fn read_config(named: Option<PathBuf>, printer: Printer) -> Result<(Config, Option<PathBuf>), CliError> {
    let path = match named {
        Some(path) => path,
        None if Path::new(DEFAULT_CONFIG).is_file() => {
            printer.say(format!("using {DEFAULT_CONFIG} of this folder"));
            PathBuf::from(DEFAULT_CONFIG)
        }
        None => return Ok((Config::default(), None)),
    };
    Ok((Config::read(&path)?, Some(path)))
}

/// A flag's path so that it can be found from `base`: as typed where that is the working folder.
fn from_working_folder(path: String, base: &Path) -> Result<String, CliError> {
    if path == "-" || base.as_os_str().is_empty() {
        return Ok(path);
    }
    let absolute = std::path::absolute(&path).map_err(|e| {
        CliError::usage(format!("{path:?} is no path: {e}"))
            .hint("name a file, a folder of parts or a pattern such as \"deals_*.csv\"")
    })?;
    absolute.into_os_string().into_string().map_err(|_| CliError::usage(format!("{path:?} is not UTF-8")))
}
