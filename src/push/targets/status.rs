//! Does the status of an answer leave open what became of a write? For every target that speaks HTTP; what an answer says in words
//! each reads itself.

/// Whether a record must be read before anyone knows: everything but success and a refusal. 408, 425 and 499 are said by what
/// stands in between and gave up; so are 502 to 504 and what Cloudflare has from 520 on. A 500 has a rule of its own.
pub(super) fn leaves_open(status: u16) -> bool {
    !matches!(status, 200 | 400..=499) || matches!(status, 408 | 425 | 499)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_and_refusals_are_clear() {
        for open in [100, 202, 302, 408, 425, 499, 501, 502, 503, 504, 505, 520, 522, 524, 599] {
            assert!(leaves_open(open), "{open}");
        }
        for clear in [200, 400, 401, 403, 404, 409, 412, 422] {
            assert!(!leaves_open(clear), "{clear}");
        }
    }
}
