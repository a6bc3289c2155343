//! Every way in which an answer can fail to arrive, on both servers: the books close, and nothing arrives twice.

use super::double::{FailingRequests, Fault};
use super::espocrm::{assert_nothing_twice, assert_right, double, espo_desk};
use super::espocrm_double::KEY;
use super::scene::{books, count, plan, scored};

#[test]
fn whatever_becomes_of_an_answer_every_deal_ends_right_and_is_written_once() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, "");
    plan(&desk, "first");
    let faults = [
        Fault::None,
        Fault::Drop,
        Fault::Reset,
        Fault::Half,
        Fault::BadGateway,
        Fault::Busy,
        Fault::Busy,
        Fault::None,
        Fault::Failure,
        Fault::None,
        Fault::Reset,
        Fault::Drop,
        Fault::NotHere,
    ];
    double.crm().faults = faults.into_iter().collect();
    let applied = desk.ok("push apply --format csv");
    assert!(applied.stdout.contains("written,\"arrived, found when read again\",4"), "{}", applied.stdout);
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn a_status_that_is_none_of_the_servers_own_says_nothing_of_the_record() {
    for bulk in ["parallel = 1", "parallel = 1\nbulk_from = 2"] {
        for status in [408, 413, 501, 505, 520, 524] {
            let (double, deals) = (double(), scored("first").len());
            let desk = espo_desk(&double.url, KEY, bulk);
            plan(&desk, "first");
            double.crm().faults = [Fault::None, Fault::After(status)].into_iter().collect();
            let told = desk.run("push apply");
            assert_eq!(told.code, 0, "{status}: {}", told.stderr);
            assert_eq!(count(&books(&desk), "written"), deals, "{status}");
            assert_right(&double);
            assert_nothing_twice(&double.crm().writes);
        }
    }
}

#[test]
fn what_gave_up_while_something_is_read_is_asked_again_and_one_that_stays_is_no_fault_of_the_configuration() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "tries = 2");
    for status in [408, 425, 499, 502, 503, 504, 520, 524, 530] {
        double.fail(FailingRequests { word: "Opportunity", after: 0, times: 1, status: Some(status) });
        let planned = plan(&desk, "first");
        assert_eq!(planned.code, 0, "{status}: {}", planned.stderr);
    }
    double.fail(FailingRequests { word: "Opportunity", after: 0, times: usize::MAX, status: Some(425) });
    let gone = plan(&desk, "first");
    assert_eq!(gone.code, 5, "{}", gone.stderr);
    assert!(
        gone.stderr.contains("the server answers 425") && gone.stderr.contains("try again later"),
        "{}",
        gone.stderr
    );
    // A refusal in the server's own name ends it.
    double.fail(FailingRequests { word: "Opportunity", after: 0, times: usize::MAX, status: Some(409) });
    assert_ne!(plan(&desk, "first").code, 0);
}

#[test]
fn a_server_that_fails_at_every_record_is_left_alone_soon() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, "");
    plan(&desk, "first");
    double.crm().faults = [Fault::Failure; 60].into_iter().collect();
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("5 of 5 answers are failures of the server"), "{}", stopped.stderr);
    assert_eq!(double.crm().faults.len(), 50, "five records, two tries each");
    let told = books(&desk);
    assert_eq!((count(&told, "rejected"), count(&told, "unknown")), (5, deals - 5), "{told}");
    double.crm().faults.clear();
    assert_eq!(desk.run("push resume").code, 5, "five are refused");
    assert_eq!(count(&books(&desk), "written"), deals - 5);
    desk.ok("push retry");
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn a_plain_failure_twice_is_refused_and_the_rest_goes_on() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, "max_reject_share = 1.0\nparallel = 1");
    plan(&desk, "first");
    double.crm().faults = [Fault::None, Fault::Failure, Fault::Failure].into_iter().collect();
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5);
    assert!(told.stdout.contains("rejected,server error twice,1"), "{}", told.stdout);
    assert_eq!(count(&books(&desk), "written"), deals - 1);
    desk.ok("push retry");
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn a_quota_of_the_day_stops_the_push_and_it_is_resumed() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, "parallel = 1");
    plan(&desk, "first");
    double.crm().faults = [Fault::None, Fault::None, Fault::Quota].into_iter().collect();
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 5);
    assert!(stopped.stderr.contains("asks to wait 86400 seconds"), "{}", stopped.stderr);
    let told = books(&desk);
    assert_eq!((count(&told, "written"), count(&told, "unknown")), (2, deals - 2));
    desk.ok("push resume");
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn a_server_that_is_gone_is_told_and_nothing_is_lost() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "timeout_seconds = 2\ntries = 2");
    plan(&desk, "first");
    double.is_gone.store(true, std::sync::atomic::Ordering::SeqCst);
    let gone = desk.run("push apply");
    assert_eq!(gone.code, 5, "{}", gone.stderr);
    assert!(gone.stderr.contains(&format!("{}: ", double.url)), "{}", gone.stderr);
    double.is_gone.store(false, std::sync::atomic::Ordering::SeqCst);
    desk.ok("push resume");
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn a_key_that_is_refused_on_the_way_is_no_push_to_go_on_with() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, "parallel = 1");
    plan(&desk, "first");
    double.crm().faults = [Fault::None, Fault::Unauthorised].into_iter().collect();
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 2, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("refuses the key (401)"), "{}", stopped.stderr);
    assert!(!stopped.stderr.contains("push resume"), "{}", stopped.stderr);
    assert_eq!(count(&books(&desk), "unknown"), deals - 1);
}

#[test]
fn a_failure_while_fields_are_looked_at_is_tried_once_more_and_claims_nothing_that_is_not_so() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "");
    plan(&desk, "first");
    double.fail(FailingRequests::next("Metadata", 1));
    desk.ok("push setup");
    desk.run("push apply --limit 3");
    double.fail(FailingRequests::next("Metadata", usize::MAX));
    for (command, claims) in [("push setup", true), ("push apply", false), ("push verify", false)] {
        let told = desk.run(command);
        assert_eq!(told.code, 5, "{command}: {}", told.stderr);
        assert!(told.stderr.contains("the server fails (500)"), "{command}: {}", told.stderr);
        assert_eq!(told.stderr.contains("nothing was written"), claims, "{command}: {}", told.stderr);
    }
}

#[test]
fn what_waits_for_its_turn_when_a_key_is_refused_is_not_sent() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, "parallel = 4\nrequests_per_second = 10");
    plan(&desk, "first");
    let faults = [Fault::None, Fault::Unauthorised, Fault::Unauthorised, Fault::Unauthorised, Fault::Unauthorised];
    double.crm().faults = faults.into_iter().collect();
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 2, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("refuses the key (401)"), "{}", stopped.stderr);
    assert_eq!(double.crm().faults.len(), 3, "one request met the refusal, three stayed here");
    assert_eq!(count(&books(&desk), "unknown"), deals - 1);
}
