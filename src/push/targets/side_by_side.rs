//! Servers that take one record a request: several requests on the way at once.

use std::panic::resume_unwind;
use std::thread;

use crate::push::error::PushStop;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange};

/// Sends every record of `batch` on its own, all at once: a batch is as long as there may be requests on the way. Where one
/// of them ends the push, the others have their answers all the same.
pub(super) fn side_by_side(
    batch: &[RecordChange],
    send: impl Fn(&RecordChange) -> Result<RecordAnswer, PushStop> + Sync,
) -> BatchReply {
    let replies: Vec<Result<RecordAnswer, PushStop>> = match batch {
        [one] => vec![send(one)],
        _ => thread::scope(|scope| {
            let sent: Vec<_> = batch.iter().map(|change| scope.spawn(|| send(change))).collect();
            sent.into_iter().map(|reply| reply.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        }),
    };
    let stop = replies.iter().find_map(|reply| reply.as_ref().err().cloned());
    let answer = |reply: Result<RecordAnswer, PushStop>| {
        reply.unwrap_or_else(|stop| RecordAnswer::Unknown { status: None, code: stop.message })
    };
    BatchReply { answers: replies.into_iter().map(answer).collect(), stop }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::error::StopKind;
    use crate::push::value::FieldValues;

    #[test]
    fn every_record_has_its_answer_in_order_also_where_one_ends_the_push() {
        let change = |deal: &str| RecordChange { deal: deal.to_owned(), new: FieldValues::new() };
        let batch = ["a", "b", "c"].map(change);
        let taken = |deal: &str| RecordAnswer::Taken { status: None, code: Some(deal.to_owned()), echo: None };
        let reply = side_by_side(&batch, |change| match change.deal.as_str() {
            "b" => Err(PushStop::new(StopKind::Refused, "401")),
            deal => Ok(taken(deal)),
        });
        let lost = RecordAnswer::Unknown { status: None, code: "401".to_owned() };
        assert_eq!(reply.answers, [taken("a"), lost, taken("c")]);
        assert_eq!(reply.stop.map(|stop| stop.kind), Some(StopKind::Refused));
    }
}
