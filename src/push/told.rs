//! What does an answer say beside its content? How long to wait, and in a few words why it fails. Pure.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;

/// Most characters of what a server says of its failure.
const LONGEST: usize = 160;

/// How long a server asks to wait: seconds, or the moment of a `Retry-After` against the one the server calls now (`Date`).
/// Without that one a moment says nothing: this machine's clock may go otherwise.
pub(super) fn pause_asked_for(retry_after: Option<&str>, date: Option<&str>) -> Option<Duration> {
    let until = retry_after?.trim();
    if let Ok(seconds) = until.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text: &str| DateTimeParser::new().parse_timestamp(text.trim()).ok();
    let pause = moment(until)?.duration_since(moment(date?)?);
    Some(Duration::try_from(pause).unwrap_or_default())
}

/// That a server fails, with the first words of its answer where they are no page.
pub(super) fn failure(url: &str, status: u16, body: &str) -> String {
    let said: String = body.trim().lines().next().unwrap_or_default().chars().take(LONGEST).collect();
    let is_page = said.is_empty() || said.starts_with('<');
    let said = if is_page { String::new() } else { format!(": {said}") };
    format!("{url}: the server fails ({status}){said}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_moment_by_the_servers_own_clock() {
        let now = Some("Fri, 27 Nov 2026 23:52:10 GMT");
        let seconds = |asked: Option<&str>, date| pause_asked_for(asked, date).map(|pause| pause.as_secs());
        assert_eq!(seconds(Some(" 7 "), None), Some(7));
        assert_eq!(seconds(Some("Fri, 27 Nov 2026 23:52:40 GMT"), now), Some(30));
        assert_eq!(seconds(Some("Sat, 28 Nov 2026 23:52:10 GMT"), now), Some(86_400));
        assert_eq!(seconds(Some("Fri, 27 Nov 2026 23:52:00 GMT"), now), Some(0));
        for (asked, date) in [
            (Some("Fri, 27 Nov 2026 23:52:40 GMT"), None),
            (Some("Fri, 27 Nov 2026 23:52:40 GMT"), Some("noon")),
            (Some("soon"), now),
            (None, now),
        ] {
            assert_eq!(seconds(asked, date), None, "{asked:?} {date:?}");
        }
    }

    #[test]
    fn a_failure_is_told_in_the_words_of_the_server_but_no_page_is() {
        let told = |body: &str| failure("https://crm", 500, body);
        assert_eq!(told("<html>\nOops"), "https://crm: the server fails (500)");
        assert_eq!(told(""), "https://crm: the server fails (500)");
        assert_eq!(told("{\"code\":\"X\"}\ntrace"), "https://crm: the server fails (500): {\"code\":\"X\"}");
        assert!(told(&"a".repeat(1000)).len() < 220);
    }
}
