//! What does the status of an answer say by itself? The one table of statuses, for every target that speaks HTTP; what an
//! answer says in words each reads itself. `docs/push.md` has the same table for people.

/// What a status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusSays {
    /// Whoever answers has looked at it: success, or a refusal in the target's own words.
    Answered,
    /// Not now, nothing was done: 429. Asked or sent again after a pause that all connections keep.
    Later,
    /// Somebody gave up waiting, the server for the request or something in between for the server: 408, 425, 499, 502 to 504,
    /// and what Cloudflare has from 520 to 530. Asked again after a pause. Of a write nobody knows whether it was done: it is read.
    GaveUp,
    /// The server failed: 500 and every other from there on. Asked once more; a write that is answered 500 has a second try
    /// once it was read, of any other one nobody knows.
    Failed,
}

impl StatusSays {
    /// Of an answer.
    pub fn of(status: u16) -> Self {
        match status {
            429 => Self::Later,
            408 | 425 | 499 | 502..=504 | 520..=530 => Self::GaveUp,
            500.. => Self::Failed,
            _ => Self::Answered,
        }
    }
}

/// Whether a record must be read before anyone knows: everything but success and a refusal. A 500 has a rule of its own.
pub(super) fn leaves_open(status: u16) -> bool {
    !matches!(status, 200 | 400..=499) || StatusSays::of(status) == StatusSays::GaveUp
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

    #[test]
    fn what_gave_up_is_told_from_what_failed_and_from_what_answered() {
        let of = |says: StatusSays| (100..=599).filter(move |status| StatusSays::of(*status) == says);
        assert_eq!(of(StatusSays::Later).collect::<Vec<u16>>(), [429]);
        let gave_up: Vec<u16> = [408, 425, 499, 502, 503, 504].into_iter().chain(520..=530).collect();
        assert_eq!(of(StatusSays::GaveUp).collect::<Vec<u16>>(), gave_up);
        assert!(of(StatusSays::Failed).all(|status| status >= 500) && StatusSays::of(500) == StatusSays::Failed);
        assert!(of(StatusSays::Answered).all(|status| status < 500));
    }
}
