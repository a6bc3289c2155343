//! What is written under faults: the books close, nothing arrives twice, every deal ends right.

use crate::domain::progress::Progress;
use crate::push::apply::Application;
use crate::push::error::{PushStop, StopKind};
use crate::push::fixtures::{Fault, Memory, NoTime, config, fields, number, odd_chances, plan, wanted};
use crate::push::judge::holds_all;
use crate::push::ledger::{Ledger, LedgerScope, PushOutcome};
use crate::push::pending::PushSelection;
use crate::push::plan::Plan;
use crate::push::receipt::{NOT_SENT, Receipt};
use crate::push::wanted::Wanted;
use crate::store::push_folder::{LEDGER, PushFolder, each_line};

struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// A folder, a target and a plan for it.
struct Stand {
    folder: PushFolder,
    target: Memory,
    plan: Plan,
    more: &'static str,
    home: tempfile::TempDir,
}

impl Stand {
    fn new(deals: usize, faults: &[Fault], more: &'static str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let folder = PushFolder::open(&home.path().join("crm")).expect("opens");
        let mut target = Memory::new(deals, 0.1);
        let plan = plan(&wanted(deals), &target.records, &config(more));
        target.faults = faults.iter().copied().collect();
        Self { folder, target, plan, more, home }
    }

    /// The same after a crash that left `ledger`.
    fn reopened_after(&mut self, ledger: &str) {
        let folder = self.home.path().join("after");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(LEDGER), ledger).expect("a ledger");
        self.folder = PushFolder::open(&folder).expect("opens");
    }

    fn go(&mut self, selection: PushSelection) -> Option<PushStop> {
        let (config, pacer) = (config(self.more), NoTime);
        let application = Application::new(&self.plan, &config, &mut self.folder, &mut self.target, &pacer, 1);
        application.run(selection, &Quiet).expect("the ledger is written")
    }

    fn ledger(&self) -> Ledger {
        Ledger::in_folder(self.folder.path(), LedgerScope::both(&self.plan)).expect("lines")
    }

    fn receipt(&self) -> Receipt {
        let receipt = Receipt::of(&self.plan, &self.ledger());
        let sum: u64 = PushOutcome::ALL.iter().map(|outcome| receipt.count(*outcome)).sum();
        assert_eq!(sum, receipt.planned, "the books close: {receipt:?}");
        receipt
    }

    fn counts(&self) -> [u64; 6] {
        let receipt = self.receipt();
        PushOutcome::ALL.map(|outcome| receipt.count(outcome))
    }

    /// Every deal holds what was wanted, and nothing arrived twice.
    fn assert_right(&self) {
        for (i, (deal, held)) in self.target.records.iter().enumerate() {
            assert!(holds_all(held, &number(0.5 + i as f64 / 100.0), &fields()), "{deal}: {held:?}");
            let times = self.target.arrived.iter().filter(|(arrived, _)| arrived == deal).count();
            assert_eq!(times, 1, "{deal} arrived {times} times");
        }
    }
}

#[test]
fn lost_answers_and_lost_requests_end_right_and_nothing_arrives_twice() {
    let faults =
        [Fault::None, Fault::AnswerLost, Fault::Lost, Fault::None, Fault::Lost, Fault::AnswerLost, Fault::Failure];
    let mut stand = Stand::new(8, &faults, "");
    assert_eq!(stand.go(PushSelection::default()), None);
    assert_eq!(stand.counts(), [8, 0, 0, 0, 0, 0]);
    stand.assert_right();
    assert!(stand.receipt().lines.iter().any(|line| line.reason.starts_with("arrived")), "{:?}", stand.receipt());
}

#[test]
fn a_plain_failure_twice_is_a_refusal_and_a_retry_tries_anew() {
    let mut stand = Stand::new(3, &[Fault::None, Fault::Failure, Fault::Failure], "max_reject_share = 1.0");
    assert_eq!(stand.go(PushSelection::default()), None);
    assert_eq!(stand.counts(), [2, 0, 0, 1, 0, 0]);
    assert_eq!(stand.go(PushSelection::default()), None);
    assert_eq!(stand.counts(), [2, 0, 0, 1, 0, 0], "resuming leaves refusals alone");
    assert_eq!(stand.go(PushSelection { with_rejected: true, limit: None }), None);
    assert_eq!(stand.counts(), [3, 0, 0, 0, 0, 0]);
    stand.assert_right();
}

#[test]
fn a_refused_key_stops_at_once_and_the_rest_is_not_sent() {
    let mut stand = Stand::new(5, &[Fault::None, Fault::None, Fault::Unauthorised], "");
    assert_eq!(stand.go(PushSelection::default()).map(|stop| stop.kind), Some(StopKind::Refused));
    assert_eq!(stand.counts(), [2, 0, 0, 0, 0, 3]);
    let not_sent: u64 =
        stand.receipt().lines.iter().filter(|line| line.reason == NOT_SENT).map(|line| line.deals).sum();
    assert_eq!(not_sent, 2);
    assert_eq!(stand.go(PushSelection::default()), None);
    assert_eq!(stand.counts(), [5, 0, 0, 0, 0, 0]);
    stand.assert_right();
}

#[test]
fn a_field_that_keeps_no_decimals_or_ignores_the_first_write_stops_the_push() {
    let mut coarse = Stand::new(4, &[], "");
    coarse.target.decimals = Some(0);
    assert_eq!(coarse.go(PushSelection::default()).map(|stop| stop.kind), Some(StopKind::Rounding));
    assert_eq!(coarse.target.arrived.len(), 1, "one record is the probe");
    assert_eq!(coarse.counts(), [0, 0, 0, 1, 0, 3], "what is stored far off does not stay");
    coarse.target.decimals = None;
    assert_eq!(coarse.go(PushSelection { with_rejected: true, limit: None }), None);
    assert_eq!(coarse.counts(), [4, 0, 0, 0, 0, 0], "it is sent again once the field keeps it");
    let mut deaf = Stand::new(4, &[Fault::Ignored], "");
    let stop = deaf.go(PushSelection::default()).expect("a stop");
    assert!(stop.message.contains("w was not stored"), "{stop}");
    assert_eq!(deaf.counts(), [0, 0, 0, 1, 0, 3]);
    let mut fine = Stand::new(4, &[], "epsilon = 0.0");
    fine.target.decimals = Some(1);
    fine.plan = plan(&wanted(1), &fine.target.records, &config("epsilon = 0.0"));
    assert_eq!((fine.go(PushSelection::default()), fine.counts()), (None, [1, 0, 0, 0, 0, 0]));
}

#[test]
fn a_server_that_is_gone_stops_the_push_and_one_odd_record_does_not() {
    let faults: Vec<Fault> = [Fault::None].into_iter().chain([Fault::Lost; 15]).collect();
    let mut gone = Stand::new(8, &faults, "");
    assert_eq!(gone.go(PushSelection::default()).map(|stop| stop.kind), Some(StopKind::Unreachable));
    assert_eq!((gone.counts(), gone.target.faults.len()), ([1, 0, 0, 0, 0, 7], 0), "three records were tried");
    let mut odd = Stand::new(8, &[Fault::None, Fault::Lost], "");
    odd.target.strange = Some("d01");
    assert_eq!((odd.go(PushSelection::default()), odd.counts()), (None, [7, 0, 0, 0, 0, 1]));
    assert!(odd.receipt().lines.iter().any(|line| line.reason == "an odd answer"), "{:?}", odd.receipt());
    odd.target.strange = None;
    assert_eq!((odd.go(PushSelection::default()), odd.counts()), (None, [8, 0, 0, 0, 0, 0]));
    odd.assert_right();
}

#[test]
fn too_many_refusals_stop_the_push_and_a_limit_is_a_canary() {
    let mut stand = Stand::new(40, &[Fault::Refusal; 40], "");
    let stop = stand.go(PushSelection { limit: Some(2), with_rejected: false });
    assert_eq!((stop, stand.counts()[3]), (None, 2));
    assert_eq!(stand.go(PushSelection::default()).map(|stop| stop.kind), Some(StopKind::Rejects));
    assert_eq!(stand.counts(), [0, 0, 0, 22, 0, 18]);
}

#[test]
fn a_push_that_was_killed_after_any_line_of_the_ledger_is_resumed_right() {
    let faults = [Fault::None, Fault::AnswerLost, Fault::Lost, Fault::Failure, Fault::None];
    let mut whole = Stand::new(5, &faults, "");
    whole.go(PushSelection::default());
    let mut lines = Vec::new();
    each_line(whole.folder.path(), |line| lines.push(format!("{line}\n"))).expect("lines");
    // Also with half of the next line, as a kill while it is written leaves it: nothing was sent for it yet, or its answer is not noted.
    for (killed_after, half) in (0..=lines.len()).flat_map(|lines| [(lines, false), (lines, true)]) {
        // The ledger as it was then, and the records as they were: what was sent before the kill had arrived.
        let mut stand = Stand::new(5, &[], "");
        stand.plan = whole.plan.clone();
        let mut kept = lines[..killed_after].concat();
        if half {
            let next = lines.get(killed_after).map_or("", String::as_str);
            kept.push_str(&next[..next.len() / 2]);
        }
        stand.reopened_after(&kept);
        for (deal, standing) in stand.ledger().standings().clone() {
            let arrived = whole.target.records[&deal].clone();
            if standing.outcome != Some(PushOutcome::Unknown) {
                stand.target.arrived.push((deal.clone(), arrived.clone()));
                stand.target.records.insert(deal, arrived);
            }
        }
        assert_eq!(stand.go(PushSelection::default()), None);
        assert_eq!(stand.counts(), [5, 0, 0, 0, 0, 0], "killed after {killed_after} lines, half {half}");
        assert_eq!(stand.ledger().damaged, usize::from(half && killed_after < lines.len()));
        stand.assert_right();
    }
}

#[test]
fn a_server_that_fails_at_everything_is_left_alone_after_five_records_and_gone_on_with() {
    let mut broken = Stand::new(40, &[Fault::Failure; 10], "");
    let stop = broken.go(PushSelection::default()).expect("a stop");
    assert_eq!(stop.kind, StopKind::Rejects);
    assert!(stop.message.starts_with("5 of 5 answers are failures of the server"), "{stop}");
    assert_eq!(broken.counts(), [0, 0, 0, 5, 0, 35]);
    assert_eq!(broken.go(PushSelection::default()), None, "the server is well again");
    assert_eq!(broken.counts(), [35, 0, 0, 5, 0, 0]);
    assert_eq!(broken.go(PushSelection { with_rejected: true, limit: None }), None);
    broken.assert_right();
    // One that took a record, or refused one in words, works.
    for first in [Fault::None, Fault::Refusal] {
        let faults: Vec<Fault> = [first].into_iter().chain([Fault::Failure; 10]).collect();
        let mut works = Stand::new(40, &faults, "max_reject_share = 0.5");
        assert_eq!(works.go(PushSelection::default()), None);
        assert_eq!(works.counts()[0] + works.counts()[3], 40);
    }
    let mut patient = Stand::new(12, &[Fault::Failure; 20], "max_reject_share = 1.0");
    assert_eq!(patient.go(PushSelection::default()), None, "somebody wants no end");
    assert_eq!(patient.counts(), [2, 0, 0, 10, 0, 0]);
}

#[test]
fn one_bad_record_does_not_take_its_batch_with_it() {
    for fails_plainly in [false, true] {
        let mut stand = Stand::new(24, &[], "");
        (stand.target.batch_size, stand.target.poison, stand.target.fails_plainly) = (24, Some("d17"), fails_plainly);
        assert_eq!(stand.go(PushSelection::default()), None);
        assert_eq!(stand.counts(), [23, 0, 0, 1, 0, 0], "{:?}", stand.receipt());
        assert_eq!(stand.target.arrived.len(), 23, "nothing arrived twice");
        stand.target.poison = None;
        assert_eq!(stand.go(PushSelection { with_rejected: true, limit: None }), None);
        stand.assert_right();
    }
}

#[test]
fn a_batch_of_which_some_answers_are_lost_ends_right() {
    let faults = [Fault::None, Fault::AnswerLost, Fault::Lost, Fault::None, Fault::Failure, Fault::Lost, Fault::Lost];
    let mut stand = Stand::new(20, &faults, "");
    (stand.target.batch_size, stand.target.strange) = (8, Some("d02"));
    assert_eq!(stand.go(PushSelection::default()), None);
    assert_eq!(stand.counts(), [19, 0, 0, 0, 0, 1], "{:?}", stand.receipt());
    stand.target.strange = None;
    assert_eq!((stand.go(PushSelection::default()), stand.counts()), (None, [20, 0, 0, 0, 0, 0]));
    stand.assert_right();
}

#[test]
fn records_go_alone_until_one_holds_what_it_was_sent() {
    let mut stand = Stand::new(10, &[Fault::Refusal, Fault::Refusal], "");
    stand.target.batch_size = 4;
    stand.target.records.remove("d00");
    assert_eq!(stand.go(PushSelection::default()), None);
    assert_eq!(stand.counts(), [7, 0, 0, 2, 1, 0]);
    assert_eq!(stand.target.sizes, [1, 1, 1, 1, 4, 2], "a deal that is gone and two refusals prove nothing");
}

#[test]
fn of_records_sent_on_their_own_each_is_refused_after_its_own_two_failures() {
    let failures = [Fault::Failure; 8];
    let faults: Vec<Fault> = [Fault::None].into_iter().chain(failures).collect();
    let mut stand = Stand::new(9, &faults, "max_reject_share = 1.0");
    (stand.target.batch_size, stand.target.sends_each) = (4, true);
    assert_eq!(stand.go(PushSelection::default()), None);
    assert_eq!(stand.counts(), [5, 0, 0, 4, 0, 0]);
    assert_eq!(stand.target.sizes, [1, 4, 4, 4], "four failed twice, together on the way");
}

#[test]
fn what_was_stored_rounded_before_the_server_failed_counts_as_rounded_and_is_known_from_then_on() {
    let mut stand = Stand::new(3, &[Fault::None, Fault::Failure, Fault::StoredAndFailed], "epsilon = 0.0");
    stand.target.decimals = Some(2);
    let wanted = Wanted { deals: odd_chances(3), ..wanted(3) };
    stand.plan = plan(&wanted, &stand.target.records, &config("epsilon = 0.0"));
    assert_eq!(stand.go(PushSelection::default()), None);
    assert_eq!(stand.counts(), [0, 0, 3, 0, 0, 0], "{:?}", stand.receipt());
    assert_eq!(stand.ledger().acknowledged().len(), 3, "what is held is known, so that it is not written again");
}

#[test]
fn a_refused_record_that_holds_its_value_after_all_is_known_from_then_on() {
    let mut stand = Stand::new(2, &[Fault::None, Fault::Refusal], "max_reject_share = 1.0");
    assert_eq!((stand.go(PushSelection::default()), stand.counts()), (None, [1, 0, 0, 1, 0, 0]));
    // Somebody else, or a request that came late, wrote it meanwhile.
    let new = stand.plan.deals[1].new.clone();
    stand.target.records.insert("d01".to_owned(), new);
    assert_eq!(stand.go(PushSelection { with_rejected: true, limit: None }), None);
    assert_eq!((stand.counts(), stand.target.arrived.len()), ([2, 0, 0, 0, 0, 0], 1));
    assert_eq!(stand.ledger().acknowledged().len(), 2);
}
