//! What does an error of MySQL or MariaDB mean? An error in, a [`SqlFault`] out.

use mysql::Error;

use crate::push::error::StopKind;
use crate::push::targets::sql::fault::SqlFault;

/// What an error says of what was sent.
pub(super) fn fault_of(error: &Error) -> SqlFault {
    match error {
        Error::MySqlError(told) => fault_of_code(told.code, &told.message),
        Error::TlsError(_) => SqlFault::stop(StopKind::Strange, format!("TLS: {error}")),
        Error::DriverError(mysql::DriverError::TlsNotSupported) => {
            SqlFault::stop(StopKind::Strange, "the server offers no TLS, which is required off this machine")
        }
        Error::DriverError(mysql::DriverError::UnknownAuthPlugin(_) | mysql::DriverError::CleartextPluginDisabled) => {
            SqlFault::stop(StopKind::Refused, format!("this way to log in is not known: {error}"))
        }
        // rustls tells of certificates over the connection.
        other if other.to_string().contains("certificate") => {
            SqlFault::stop(StopKind::Strange, format!("TLS: {other}"))
        }
        Error::DriverError(other) => SqlFault::Lost(other.to_string()),
        other => SqlFault::Lost(other.to_string()),
    }
}

fn fault_of_code(code: u16, message: &str) -> SqlFault {
    let said = |what: &str| format!("{what} ({code}: {message})");
    let stop = |kind, what: &str| SqlFault::stop(kind, said(what));
    match code {
        1205 | 1213 | 1020 => SqlFault::Busy(said("somebody else holds the rows")),
        1040 | 1203 | 1226 => SqlFault::Closed(said("the server takes no connection now")),
        1053 | 1077 | 1079 | 1152 | 1158..=1161 | 1927 => SqlFault::Lost(said("the connection ended")),
        1317 | 1907 | 1969 | 3024 => stop(StopKind::Unreachable, "a statement took too long"),
        1021 | 1114 => stop(StopKind::Unreachable, "the server's disk is full"),
        1290 | 1792 | 1836 => {
            stop(StopKind::Unreachable, "the server takes only what reads: it is a replica, or was set so")
        }
        1049 => stop(StopKind::Strange, "there is no such database"),
        1129 | 1130 => stop(StopKind::Refused, "the server refuses this address"),
        1045 | 1698 | 1820 | 1862 | 3118 | 4151 => {
            stop(StopKind::Refused, "the server refuses the user or the password")
        }
        1044 | 1142 | 1143 | 1227 | 1370 => {
            stop(StopKind::Refused, "the user may not do this; `dealcast help push-targets` names the grants")
        }
        // Too long, out of range, of another type or character set, empty, refused by a check, a key or a trigger; a table or a
        // column that somebody else made meanwhile.
        1048 | 1050 | 1060 | 1062 | 1216 | 1217 | 1264 | 1265 | 1292 | 1364 | 1366 | 1367 | 1406 | 1411 | 1451
        | 1452 | 1644 | 3819 | 4025 => SqlFault::Data(said("the server refuses a value")),
        1153 => stop(StopKind::Strange, "`max_allowed_packet` of the server is too small"),
        _ => stop(StopKind::Strange, "the server refuses a statement"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_they_mean_for_a_push() {
        let kind = |code: u16| match fault_of_code(code, "told") {
            SqlFault::Closed(_) => "closed".to_owned(),
            SqlFault::Lost(_) => "lost".to_owned(),
            SqlFault::Busy(_) => "busy".to_owned(),
            SqlFault::Data(_) => "data".to_owned(),
            SqlFault::Stop(stop) => format!("{:?}", stop.kind),
        };
        for (code, expected) in [
            (1213, "busy"),
            (1205, "busy"),
            (1040, "closed"),
            (1053, "lost"),
            (1406, "data"),
            (4025, "data"),
            (1045, "Refused"),
            (1142, "Refused"),
            (1114, "Unreachable"),
            (1290, "Unreachable"),
            (1049, "Strange"),
            (1064, "Strange"),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }
}
