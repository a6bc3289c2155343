//! `dealcast simulate`: a seeded sales world, written aside and put in place whole.

use std::fs;
use std::path::Path;

use dealcast::simulate::{FileFormat, WorldConfig, simulate as make_world};

use crate::cli::Session;
use crate::cli::args::{SimulateArgs, WorldFormat};
use crate::cli::error::CliError;
use crate::cli::words::count;

/// The file every world has.
const WORLD_FILE: &str = "dealcast.toml";
/// The folder every world has.
const TRUTH: &str = "truth";

pub(crate) fn simulate(args: SimulateArgs, session: &Session) -> Result<(), CliError> {
    let SimulateArgs {
        deals,
        seed,
        first_day,
        as_of,
        format,
        owners,
        one_currency,
        signal,
        drift,
        missing,
        activity,
        rush,
        reopen,
        no_loss_reason,
        out,
    } = args;
    let default = WorldConfig::default();
    let config = WorldConfig {
        deals,
        seed,
        first_day: first_day.unwrap_or(default.first_day),
        as_of: as_of.unwrap_or(default.as_of),
        format: match format {
            WorldFormat::Csv => FileFormat::Csv,
            WorldFormat::Parquet => FileFormat::Parquet,
        },
        owners,
        multi_currency: !one_currency,
        signal,
        drift,
        missing,
        activity,
        rush,
        reopen,
        loss_reason: !no_loss_reason,
    };
    config.check()?;
    check_replaceable(&out)?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |action: &str, error: &std::io::Error| {
        CliError::internal(format!("cannot {action} {}: {error}", out.display()))
    };
    fs::create_dir_all(parent).map_err(|e| cannot("write", &e))?;
    let aside =
        tempfile::Builder::new().prefix(".dealcast-world-").tempdir_in(parent).map_err(|e| cannot("write", &e))?;
    let summary = make_world(&config, aside.path(), &session.progress)?;
    session.progress.finish();
    if out.exists() {
        fs::remove_dir_all(&out).map_err(|e| cannot("replace", &e))?;
    }
    let made = aside.keep();
    fs::rename(&made, &out).map_err(|e| cannot("write", &e))?;
    readable_by_all(&out).map_err(|e| cannot("write", &e))?;
    session.printer.say(format!(
        "{}: {} won, {} lost, {} open on {}",
        count(summary.deals, "deal"),
        count(summary.won, "deal"),
        summary.lost,
        summary.open,
        config.as_of
    ));
    let history = summary.files.iter().map(|file| file.rows).sum();
    session.printer.say(format!(
        "{} in {} files; try: dealcast run --config {}",
        count(history, "row"),
        summary.files.len(),
        out.join(WORLD_FILE).display()
    ));
    Ok(())
}

/// A world may replace an earlier world or an empty folder, nothing else.
fn check_replaceable(out: &Path) -> Result<(), CliError> {
    let Ok(mut entries) = fs::read_dir(out) else {
        if out.exists() {
            return Err(CliError::usage(format!("{} is a file, expected a folder", out.display())));
        }
        return Ok(());
    };
    if entries.next().is_none() || (out.join(WORLD_FILE).is_file() && out.join(TRUTH).is_dir()) {
        return Ok(());
    }
    let message = format!("{} holds something else than a simulated world, which this would replace", out.display());
    Err(CliError::usage(message).hint("name a new folder with --out"))
}

/// Temporary folders are private; a world is as readable as any other new folder.
fn readable_by_all(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}
