//! May secrets and scores be sent to an address? Over TLS, or to this machine.

use crate::config::fault::Fault;

/// A fault at `key` where neither.
pub(super) fn check_url(key: &str, url: &str) -> Result<(), Fault> {
    // A user, a password or a query may be secrets: they are not repeated.
    let shown = || {
        let plain = url.split('@').next_back().unwrap_or_default();
        plain.split_once(['?', '#']).map_or_else(|| plain.to_owned(), |(before, _)| format!("{before}..."))
    };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest.filter(|rest| !rest.is_empty()) else {
        return Err(Fault::new(key, format!("{:?}", shown()), "an address that begins with https://"));
    };
    if rest.contains(['@', '?', '#']) || rest.contains(char::is_whitespace) {
        return Err(Fault::new(key, format!("{:?}", shown()), "an address without user, password, query and blanks"));
    }
    if url.starts_with("http://") && !is_loopback(rest) {
        return Err(Fault::new(key, format!("{url:?}"), "https:// for everything but this machine"));
    }
    Ok(())
}

/// Whether secrets may be sent to an address a server names.
#[must_use]
pub fn is_safe_address(url: &str) -> bool {
    check_url("", url).is_ok()
}

/// Whether the host that `rest` of an address begins with is this machine.
fn is_loopback(rest: &str) -> bool {
    let host = rest.split('/').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn what_may_be_a_secret_is_not_repeated_where_it_stands_in_the_wrong_place() {
        let section = |url: &str, secret: &str| {
            format!("[push.e]\ntarget = \"espocrm\"\nurl = \"{url}\"\n{secret}\nfields = {{ score = \"cScore\" }}\n")
        };
        let right = "secret = { env = \"KEY\" }";
        for text in [
            section("https://a.example/?key=hush", right),
            section("https://user:hush@a.example", right),
            section("ftp://a.example/#hush", right),
            section("https://a.example", "secret = \"hush\""),
            section("https://a.example", "secret = { value = \"hush\" }"),
            section("https://a.example", "[push.e.secret]\nvalue = \"hush\""),
        ] {
            let told = Config::parse(&text, "dealcast.toml").expect_err("refused").to_string();
            assert!(!told.contains("hush"), "{told}");
            assert!(told.contains("expected"), "{told}");
        }
    }
}
