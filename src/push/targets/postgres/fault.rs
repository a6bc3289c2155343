//! What does an error of PostgreSQL mean? An error in, a [`SqlFault`] out.

use std::error::Error as _;

use postgres::Error;

use crate::push::error::StopKind;
use crate::push::targets::sql::fault::SqlFault;

/// What an error says of what was sent.
pub(super) fn fault_of(error: &Error) -> SqlFault {
    match (error.code(), error.as_db_error()) {
        (Some(state), Some(told)) => fault_of_state(state.code(), told.message()),
        _ => fault_without_state(error),
    }
}

/// What a code of five letters says. The first two are its class.
fn fault_of_state(state: &str, message: &str) -> SqlFault {
    let said = |what: &str| format!("{what} ({state}: {message})");
    let stop = |kind, what: &str| SqlFault::stop(kind, said(what));
    match (state, state.get(..2).unwrap_or_default()) {
        ("40001" | "40P01" | "55P03", _) => SqlFault::Busy(said("somebody else holds the rows")),
        ("53300" | "57P03", _) => SqlFault::Closed(said("the server takes no connection now")),
        // A server that is shut down has undone what was not committed; of the commit itself nobody knows.
        ("57P01" | "57P02", _) | (_, "08") => SqlFault::Lost(said("the connection ended")),
        ("57014", _) => stop(StopKind::Unreachable, "a statement took longer than `timeout_seconds`"),
        ("53100", _) => stop(StopKind::Unreachable, "the server's disk is full"),
        ("25006", _) => stop(StopKind::Unreachable, "the server takes only what reads: it is a standby, or was set so"),
        ("3D000", _) => stop(StopKind::Strange, "there is no such database"),
        ("3F000", _) => stop(StopKind::Strange, "there is no such schema"),
        ("42501", _) => {
            stop(StopKind::Refused, "the user may not do this; `dealcast help push-targets` names the grants")
        }
        ("28P01" | "28000", _) => stop(StopKind::Refused, "the server refuses the user or the password"),
        (_, "28") => stop(StopKind::Refused, "the server refuses the user"),
        // 42P07, 42701 and 42710: somebody else has made the table, a column or the table's row type at the same moment.
        (_, "22" | "23" | "P0") | ("42P07" | "42701" | "42710", _) => {
            SqlFault::Data(said("the server refuses a value"))
        }
        (_, "53") => stop(StopKind::Unreachable, "the server has run out of something"),
        _ => stop(StopKind::Strange, "the server refuses a statement"),
    }
}

/// Of what the server said nothing.
fn fault_without_state(error: &Error) -> SqlFault {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    if words.starts_with("error performing TLS handshake") {
        return SqlFault::stop(StopKind::Strange, words);
    }
    if words.starts_with("authentication error") || words.starts_with("invalid configuration") {
        return SqlFault::stop(StopKind::Refused, format!("the server and this user do not agree: {words}"));
    }
    SqlFault::Lost(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_they_mean_for_a_push() {
        let kind = |state: &str| match fault_of_state(state, "told") {
            SqlFault::Closed(_) => "closed".to_owned(),
            SqlFault::Lost(_) => "lost".to_owned(),
            SqlFault::Busy(_) => "busy".to_owned(),
            SqlFault::Data(_) => "data".to_owned(),
            SqlFault::Stop(stop) => format!("{:?}", stop.kind),
        };
        for (state, expected) in [
            ("40P01", "busy"),
            ("40001", "busy"),
            ("53300", "closed"),
            ("57P03", "closed"),
            ("57P01", "lost"),
            ("08006", "lost"),
            ("22003", "data"),
            ("23514", "data"),
            ("P0001", "data"),
            ("42710", "data"),
            ("28P01", "Refused"),
            ("42501", "Refused"),
            ("53100", "Unreachable"),
            ("25006", "Unreachable"),
            ("57014", "Unreachable"),
            ("3D000", "Strange"),
            ("42601", "Strange"),
        ] {
            assert_eq!(kind(state), expected, "{state}");
        }
        assert!(
            matches!(fault_of_state("53100", "no space"), SqlFault::Stop(stop) if stop.message.contains("disk is full (53100: no space)"))
        );
    }
}
