//! The machine's clock, in the configured time zone: the only place where the present comes in.

use dealcast::config::Config;
use dealcast::domain::day::Day;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::error::CliError;

/// This moment.
pub(crate) fn now(config: &Config) -> Result<Zoned, CliError> {
    let name = &config.calendar.time_zone;
    let zone = TimeZone::get(name).map_err(|error| CliError::usage(format!("calendar.time_zone {name:?}: {error}")))?;
    #[expect(clippy::disallowed_methods, reason = "the command line is where time comes in")]
    let now = Timestamp::now();
    Ok(now.to_zoned(zone))
}

/// This day.
pub(crate) fn today(config: &Config) -> Result<Day, CliError> {
    Ok(now(config)?.date().into())
}
