//! Is a section of a database server one that can be used? The section in, a fault out.

use crate::config::fault::Fault;
use crate::config::push::section::PushConfig;
use crate::config::push::sql_address::{AddressFault, SqlAddress, SqlPlace};

impl PushConfig {
    /// Address and table of a database server, and that nothing is there that is not for one.
    pub(super) fn check_sql(&self, name: &str) -> Result<(), Fault> {
        let fault = |key: &str, got: &str, expected: &str| Err(Fault::new(format!("push.{name}.{key}"), got, expected));
        let Some((schemes, port)) = self.target.sql_schemes() else { return Ok(()) };
        if !cfg!(feature = "sql") {
            return fault("target", schemes[0], "another one: this dealcast was built without its feature `sql`");
        }
        let Some(url) = &self.url else {
            return fault("url", "absent", &format!("{}://USER@HOST:{port}/DATABASE", schemes[0]));
        };
        let address = match SqlAddress::parse(url, schemes, port) {
            Ok(address) => address,
            Err(AddressFault { got, expected }) => return fault("url", got, &expected),
        };
        let is_socket = matches!(address.place, SqlPlace::Socket(_));
        let parts: Vec<&str> = self.table.split('.').collect();
        let is_name =
            |part: &&str| !part.is_empty() && part.trim() == *part && part.len() <= 63 && !part.contains('\0');
        if parts.len() > 2 || !parts.iter().all(is_name) {
            return fault("table", &format!("{:?}", self.table), "TABLE or SCHEMA.TABLE, of at most 63 letters each");
        }
        match (&self.secret, &self.user, &self.proxy, self.requests_per_second) {
            // A server may know the user of a socket by itself.
            (None, ..) if !is_socket => {
                fault("secret", "absent", "{ env = \"NAME\" }, { file = \"PATH\" } or { command = [\"PROGRAM\"] }")
            }
            (_, Some(_), ..) => fault("user", "there", "none: the address of a database names its user"),
            (_, _, Some(_), _) => fault("proxy", "there", "none: databases are reached directly"),
            (.., Some(_)) => fault("requests_per_second", "there", "none: a database is sent whole batches"),
            _ if self.login.is_some() => fault("login", "there", "none: a database takes the password itself"),
            _ if is_socket && self.ca_file.is_some() => fault("ca_file", "there", "none for a socket of this machine"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn told(text: &str) -> String {
        match Config::parse(text, "dealcast.toml") {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[cfg(not(feature = "sql"))]
    #[test]
    fn without_the_feature_a_database_is_refused_and_says_which_one_is_absent() {
        let refused = told(
            "[push.p]\ntarget = \"mysql\"\nurl = \"mysql://a@db/b\"\nsecret = { env = \"K\" }\nfields = { probability = \"probability\" }\n",
        );
        assert!(
            refused.contains("`push.p.target`") && refused.contains("built without its feature `sql`"),
            "{refused}"
        );
    }

    #[cfg(feature = "sql")]
    #[test]
    fn a_database_is_named_without_a_password_and_without_what_is_not_for_it() {
        let of = |url: &str, more: &str| {
            told(&format!(
                "[push.p]\ntarget = \"postgres\"\nurl = \"{url}\"\n{more}\nfields = {{ probability = \"probability\" }}\n"
            ))
        };
        let key = "secret = { env = \"KEY\" }";
        assert_eq!(of("postgres://a@db/b", key), "");
        assert_eq!(of("postgres://a@/b?socket=/run/postgresql", ""), "", "a socket may know its user");
        let refused = of("postgres://a:hush@db/b", key);
        assert!(
            refused.contains("`push.p.url` is an address with a password") && !refused.contains("hush"),
            "{refused}"
        );
        for (more, faulty) in [
            ("", "secret"),
            ("secret = { env = \"K\" }\nuser = \"a\"", "user"),
            ("secret = { env = \"K\" }\nproxy = \"http://p:1\"", "proxy"),
            ("secret = { env = \"K\" }\nrequests_per_second = 3", "requests_per_second"),
            ("secret = { env = \"K\" }\ntable = \"a.b.c\"", "table"),
        ] {
            let told = of("postgres://a@db/b", more);
            assert!(told.contains(&format!("`push.p.{faulty}` is ")), "{more}: {told}");
        }
        assert!(of("mysql://a@db/b", key).contains("begins otherwise"));
    }
}
