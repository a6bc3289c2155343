//! Arguments to settings: configuration found and read, flags laid over it, paths resolved.

use std::path::{Path, PathBuf};

use dealcast::config::{Config, Source};
use dealcast::run::inputs::Inputs;

use super::args::InputArgs;
use super::error::CliError;
use super::printer::Printer;

/// Configuration used where none is named and this exists.
const DEFAULT_CONFIG: &str = "dealcast.toml";

/// Reads the configuration and lays the flags over it. Paths in the file are relative to the file, paths in flags
/// to the working folder.
pub(crate) fn resolve(args: InputArgs, printer: Printer) -> Result<Inputs, CliError> {
    let InputArgs {
        config,
        data,
        deals,
        stage_history,
        activities,
        leads,
        touches,
        quotas,
        users,
        fx_rates,
        campaign_costs,
        revisions,
        as_of,
    } = args;
    let (mut config, own_folder) = read_config(config, printer)?;
    let base = data.unwrap_or(own_folder);
    let sources = &mut config.sources;
    let overrides = [
        (deals, &mut sources.deals),
        (stage_history, &mut sources.stage_history),
        (activities, &mut sources.activities),
        (leads, &mut sources.leads),
        (touches, &mut sources.touches),
        (quotas, &mut sources.quotas),
        (users, &mut sources.users),
        (fx_rates, &mut sources.fx_rates),
        (campaign_costs, &mut sources.campaign_costs),
        (revisions, &mut sources.revisions),
    ];
    for (flag, source) in overrides {
        if let Some(path) = flag {
            // The mapping of columns stays: the same export, another file.
            source.get_or_insert_with(Source::default).path = from_working_folder(path, &base)?;
        }
    }
    if config.sources.deals.is_none() {
        let hint = "name the export with --deals FILE, or a configuration with --config FILE";
        return Err(CliError::usage("no deals table is given").hint(hint));
    }
    Ok(Inputs { config, base, as_of })
}

pub(super) fn read_config(named: Option<PathBuf>, printer: Printer) -> Result<(Config, PathBuf), CliError> {
    let path = match named {
        Some(path) => path,
        None if Path::new(DEFAULT_CONFIG).is_file() => {
            printer.say(format!("using {DEFAULT_CONFIG} of this folder"));
            PathBuf::from(DEFAULT_CONFIG)
        }
        None => return Ok((Config::default(), PathBuf::new())),
    };
    let config = Config::read(&path)?;
    Ok((config, path.parent().map(Path::to_owned).unwrap_or_default()))
}

/// A flag's path so that it can be found from `base`: as typed where that is the working folder.
fn from_working_folder(path: String, base: &Path) -> Result<String, CliError> {
    if path == "-" || base.as_os_str().is_empty() {
        return Ok(path);
    }
    let absolute = std::path::absolute(&path).map_err(|e| CliError::usage(format!("{path:?} is no path: {e}")))?;
    absolute.into_os_string().into_string().map_err(|_| CliError::usage(format!("{path:?} is not UTF-8")))
}
