//! Log lines of the library (`tracing`) to standard error, as text or JSON.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::command_line::{LogFormat, SharedArgs};
use super::error::CliError;
use super::{plain, progress};

/// Filter variable, over `--verbose` and `--quiet`.
const VARIABLE: &str = "DEALCAST_LOG";

/// The libraries that keys, passwords and statements with their values pass through, by the first letters of their names.
const CARRIERS: [&str; 5] = ["ureq", "rustls", "tokio_postgres", "postgres", "mysql"];

/// Starts logging for the life of the process.
pub(crate) fn start(shared: &SharedArgs) -> Result<(), CliError> {
    let level = match (shared.quiet, shared.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, 2) => "debug",
        (false, _) => "trace",
    };
    // The libraries beneath have their own opinions about what is worth saying.
    let default = format!("warn,dealcast={level}");
    let filter = match std::env::var(VARIABLE) {
        Ok(text) => EnvFilter::try_new(&text)
            .map_err(|e| CliError::usage(format!("{VARIABLE} is {text:?}: {e}")).hint("try DEALCAST_LOG=debug"))?,
        Err(_) => EnvFilter::new(if shared.quiet { "error" } else { &default }),
    };
    // A line that cannot be written is no reason to stop.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    match shared.log_format {
        LogFormat::Text => {
            let lines = lines.with_writer(|| PlainLog).with_ansi(false).compact().with_target(false);
            lines.finish().with(filter_fn(|about| is_sayable(about.target()))).init();
        }
        LogFormat::Json => {
            let lines = lines.with_writer(io::stderr).json().flatten_event(true);
            lines.finish().with(filter_fn(|about| is_sayable(about.target()))).init();
        }
    }
    Ok(())
}

/// Whether a library may speak: what carries secrets says nothing, whatever is asked for.
fn is_sayable(target: &str) -> bool {
    !CARRIERS.iter().any(|carrier| target.starts_with(carrier))
}

/// Standard error for log lines that people read. A line comes as a whole.
struct PlainLog;

impl Write for PlainLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = plain::lines(&String::from_utf8_lossy(line)).into_owned();
        progress::aside(|| io::stderr().write_all(text.as_bytes())).map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_secrets_says_nothing_and_our_own_targets_of_the_same_name_do() {
        let carriers = [
            "ureq::run",
            "rustls::client",
            "tokio_postgres::query",
            "postgres_protocol",
            "mysql::conn",
            "mysql_common",
        ];
        for carrier in carriers {
            assert!(!is_sayable(carrier), "{carrier}");
        }
        for ours in ["dealcast::push::targets::mysql", "dealcast", "polars"] {
            assert!(is_sayable(ours), "{ours}");
        }
    }
}
