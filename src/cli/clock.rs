//! The machine's clock, in the configured time zone: the only place where the present and chance come in.

use std::thread;
use std::time::Duration;

use dealcast::config::Config;
use dealcast::domain::day::Day;
use dealcast::push::pacer::Pacer;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::error::CliError;

/// This moment.
pub(crate) fn now(config: &Config) -> Result<Zoned, CliError> {
    let name = &config.calendar.time_zone;
    let zone = TimeZone::get(name).map_err(|error| CliError::usage(format!("calendar.time_zone {name:?}: {error}")))?;
    Ok(moment().to_zoned(zone))
}

fn moment() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the command line is where time comes in")]
    Timestamp::now()
}

/// A number nobody can foretell, for the jitter of pauses.
pub(crate) fn chance() -> u64 {
    u64::from(moment().subsec_nanosecond().unsigned_abs()) ^ (u64::from(std::process::id()) << 32)
}

/// Time as it passes.
pub(crate) struct SystemPacer;

impl Pacer for SystemPacer {
    fn now(&self) -> String {
        moment().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    fn pause(&self, time: Duration) {
        thread::sleep(time);
    }
}

/// This day.
pub(crate) fn today(config: &Config) -> Result<Day, CliError> {
    Ok(now(config)?.date().into())
}
