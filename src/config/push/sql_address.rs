//! Where is a database server, and who asks it? `postgres://user@host:5432/database` in, a [`SqlAddress`] out.
//!
//! An address never holds a password: it would stand in the configuration. What is refused is not repeated.

use std::path::{Path, PathBuf};

/// A database on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlAddress {
    /// Who asks.
    pub user: String,
    /// Where it is.
    pub place: SqlPlace,
    /// Of a host, or of PostgreSQL's socket.
    pub port: u16,
    /// Its name.
    pub database: String,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlPlace {
    /// A name or number.
    Host(String),
    /// A socket of this machine: of PostgreSQL the folder it is in, of MySQL the socket itself.
    Socket(PathBuf),
}

/// What an address is, and what it is expected to be.
pub(in crate::config) struct AddressFault {
    pub got: &'static str,
    pub expected: String,
}

impl SqlAddress {
    /// Reads an address that begins with one of `schemes`.
    #[must_use]
    pub fn read(url: &str, schemes: &[&str], port: u16) -> Option<Self> {
        Self::parse(url, schemes, port).ok()
    }

    /// The same, or what is wrong with it.
    pub(in crate::config) fn parse(url: &str, schemes: &[&str], port: u16) -> Result<Self, AddressFault> {
        let scheme = schemes.first().copied().unwrap_or_default();
        let fault = |got| AddressFault { got, expected: format!("{scheme}://USER@HOST:{port}/DATABASE") };
        let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)?.strip_prefix("://"));
        let rest = rest.ok_or_else(|| fault("an address that begins otherwise"))?;
        let (user, rest) = rest.split_once('@').ok_or_else(|| fault("an address without a user"))?;
        if user.contains(':') || rest.contains('@') {
            let expected = "an address without one: `secret` says where the password comes from".to_owned();
            return Err(AddressFault { got: "an address with a password", expected });
        }
        let (rest, socket) = rest.split_once('?').map_or((rest, None), |(rest, more)| (rest, Some(more)));
        let (host, database) = rest.split_once('/').ok_or_else(|| fault("an address without a database"))?;
        let (user, database) = (unescaped(user), unescaped(database));
        let is_plain = |text: &str| !text.is_empty() && !text.contains(['\0', '/', '?', '#']);
        if !is_plain(&user) || !is_plain(&database) {
            return Err(fault("an address without user or database"));
        }
        let (host, port) = host_and_port(host, port).ok_or_else(|| fault("an address with another port"))?;
        let place = match socket.map(|more| more.split_once('=')) {
            None if host.is_empty() => return Err(fault("an address without a host")),
            None => SqlPlace::Host(host),
            Some(Some(("socket", path))) if host.is_empty() && Path::new(path).is_absolute() => {
                SqlPlace::Socket(PathBuf::from(path))
            }
            Some(_) => {
                let expected = format!("{scheme}://USER@/DATABASE?socket=/PATH, or none");
                return Err(AddressFault { got: "an address with other parameters", expected });
            }
        };
        Ok(Self { user, place, port, database })
    }

    /// Whether what goes there stays on this machine.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        match &self.place {
            SqlPlace::Socket(_) => true,
            SqlPlace::Host(host) => {
                host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
            }
        }
    }
}

/// `[::1]:5432` and `db.example.com` as a host and a port.
fn host_and_port(text: &str, usual: u16) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(six) => {
            let (host, rest) = six.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Some(usual), |port| port.parse().ok())?;
    let is_plain = host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'));
    is_plain.then(|| (host.to_owned(), port))
}

/// `a%40b` as `a@b`.
fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let escaped = code.filter(|_| *first == b'%');
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<SqlAddress, String> {
        let fault = |AddressFault { got, expected }| format!("{got}, expected {expected}");
        SqlAddress::parse(url, &["postgres", "postgresql"], 5432).map_err(fault)
    }

    #[test]
    fn user_place_port_and_database_are_read() {
        let address = read("postgres://scores%40crm@db.example.com/sales").expect("an address");
        assert_eq!((address.user.as_str(), address.port, address.database.as_str()), ("scores@crm", 5432, "sales"));
        assert_eq!(address.place, SqlPlace::Host("db.example.com".to_owned()));
        assert!(!address.is_on_this_machine());
        let six = read("postgresql://a@[::1]:5433/b").expect("an address");
        assert_eq!((six.place.clone(), six.port), (SqlPlace::Host("::1".to_owned()), 5433));
        assert!(six.is_on_this_machine());
        let socket = read("postgres://a@/b?socket=/run/postgresql").expect("an address");
        assert_eq!(socket.place, SqlPlace::Socket(PathBuf::from("/run/postgresql")));
        assert!(
            socket.is_on_this_machine() && read("postgres://a@localhost.b/c").is_ok_and(|a| !a.is_on_this_machine())
        );
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for url in [
            "postgres://a:hush@db/b",
            "postgres://a@db/b?password=hush",
            "postgres://a:hu@sh@db/b",
            "postgres://db/b",
            "mysql://a@db/b",
            "postgres://a@db",
            "postgres://a@db:hush/b",
            "postgres://a@/b",
            "postgres://@db/b",
            "postgres://a@db/b?socket=/run",
        ] {
            let told = read(url).expect_err(url);
            assert!(!told.contains("hush") && !told.contains("hu@sh") && told.contains(", expected "), "{told}");
        }
        assert!(read("postgres://a:hush@db/b").is_err_and(|told| told.starts_with("an address with a password")));
    }
}
