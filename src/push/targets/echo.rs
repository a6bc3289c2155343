//! Servers whose answer to a write does not say what is stored: the records of a batch are read again.

use std::collections::BTreeMap;

use crate::push::error::{PushStop, StopKind};
use crate::push::target::{BatchReply, RecordAnswer, RecordChange};
use crate::push::value::FieldValues;

/// The answers of `reply` with what `read` says that the records hold. Records that were taken have it as their echo; where they
/// cannot be read, nobody knows. Records that were rejected and are not there are missing.
pub(super) fn with_echo(
    batch: &[RecordChange],
    reply: BatchReply,
    read: impl FnOnce(&[&str]) -> Result<BTreeMap<String, FieldValues>, PushStop>,
) -> BatchReply {
    let BatchReply { mut answers, stop } = reply;
    let is_open = |answer: &RecordAnswer| {
        matches!(answer, RecordAnswer::Taken { echo: None, .. } | RecordAnswer::Rejected { .. })
    };
    let open: Vec<usize> = (0..answers.len()).filter(|at| is_open(&answers[*at])).collect();
    let deals: Vec<&str> = open.iter().map(|at| batch[*at].deal.as_str()).collect();
    let told = if stop.is_some() || deals.is_empty() { Ok(BTreeMap::new()) } else { read(&deals) };
    let (held, failed) = match told {
        Ok(held) => (held, None),
        Err(failed) => (BTreeMap::new(), Some(failed)),
    };
    let was_read = stop.is_none() && failed.is_none();
    for at in open {
        let held = held.get(&batch[at].deal).cloned();
        answers[at] = match (answers[at].clone(), held) {
            (RecordAnswer::Taken { status, code, .. }, Some(held)) => {
                RecordAnswer::Taken { status, code, echo: Some(held) }
            }
            // It is asked for again later.
            (RecordAnswer::Taken { status, .. }, None) => {
                RecordAnswer::Unknown { status, code: "taken, and not found when read again".to_owned() }
            }
            (RecordAnswer::Rejected { status, code }, None) if was_read => RecordAnswer::Missing { status, code },
            (answer, _) => answer,
        };
    }
    // What is odd about reading is no reason to end the push: the records are read again one by one.
    let stop = stop.or_else(|| failed.filter(|failed| failed.kind != StopKind::Strange));
    BatchReply { answers, stop }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_has_its_echo_and_what_is_not_there_is_missing() {
        let batch = ["a", "b", "c"].map(|deal| RecordChange { deal: deal.to_owned(), new: FieldValues::new() });
        let taken = RecordAnswer::Taken { status: Some(200), code: None, echo: None };
        let rejected = RecordAnswer::Rejected { status: Some(200), code: "no".to_owned() };
        let reply = || BatchReply { answers: vec![taken.clone(), taken.clone(), rejected.clone()], stop: None };
        let held = BTreeMap::from([("a".to_owned(), FieldValues::new())]);
        let read = with_echo(&batch, reply(), |deals| {
            assert_eq!(deals, ["a", "b", "c"]);
            Ok(held)
        });
        let echoed = RecordAnswer::Taken { status: Some(200), code: None, echo: Some(FieldValues::new()) };
        assert_eq!(read.answers[0], echoed);
        assert!(matches!(read.answers[1], RecordAnswer::Unknown { .. }), "{:?}", read.answers[1]);
        assert_eq!(read.answers[2], RecordAnswer::Missing { status: Some(200), code: "no".to_owned() });
        let unread = with_echo(&batch, reply(), |_| Err(PushStop::new(StopKind::Unreachable, "gone")));
        assert!(matches!(unread.answers[0], RecordAnswer::Unknown { .. }));
        assert_eq!((unread.answers[2].clone(), unread.stop.is_some()), (rejected, true));
    }
}
