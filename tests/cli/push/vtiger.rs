//! vtiger: pages, sessions that end, rounding without a word, failures without a reason.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use super::double::{Double, FailingRequests, Fault};
use super::scene::{books, count, desk, plan, scored};
use super::suite::Peer;
use super::vtiger_double::{KEY, VtigerDouble};
use crate::harness::{Desk, Table};

pub fn vtiger_desk(url: &str, more: &str) -> Desk {
    let desk = desk(&format!(
        "[push.crm]\ntarget = \"vtiger\"\nurl = \"{url}\"\nuser = \"scorer\"\nsecret = {{ file = \"key\" }}\n{more}\n\
         [push.crm.fields]\nprobability = \"cf_win_score\"\nmodel_id = \"cf_score_model\"\nscored_at = \"cf_scored_on\"\n"
    ));
    desk.write("key", KEY);
    desk
}

pub fn double() -> Double<VtigerDouble> {
    Double::start(VtigerDouble::new(scored("first").iter().map(|deal| deal.deal.as_str())))
}

impl Peer for VtigerDouble {
    fn done(&self) -> Vec<(String, Value)> {
        self.writes.iter().map(|(id, value)| (id.to_string(), value.clone())).collect()
    }

    fn faults(&mut self) -> &mut VecDeque<Fault> {
        &mut self.faults
    }

    fn chance(&self, deal: &str) -> f64 {
        self.score(deal)
    }

    fn remove(&mut self, deal: &str) {
        self.records.remove(&number(deal));
    }
}

/// The number of a record.
fn number(deal: &str) -> u64 {
    deal.trim_start_matches("13x").parse().unwrap()
}

fn assert_right(double: &Double<VtigerDouble>, within: f64) {
    for deal in scored("first") {
        let held = double.crm().score(&deal.deal);
        assert!((held - deal.chance).abs() <= within, "{}: {held} for {}", deal.deal, deal.chance);
    }
}

#[test]
fn numbers_are_rounded_by_the_server_and_found_and_not_sent_again() {
    let (double, deals) = (double(), scored("first").len());
    double.crm().decimals = 2;
    // More records than a page holds, which never says that there are more.
    double.crm().crowd(250);
    let desk = vtiger_desk(&double.url, "epsilon = 0.0");
    desk.ok("push setup");
    assert_eq!(plan(&desk, "first").code, 0);
    desk.ok("push apply");
    let told = books(&desk);
    assert_eq!(count(&told, "written") + count(&told, "rounded"), deals, "{told}");
    assert!(count(&told, "rounded") > deals / 2, "{told}");
    assert_right(&double, 0.005);
    desk.ok("push verify");
    let again = plan(&desk, "first");
    assert_eq!(Table::parse(&again.stdout).column("step"), vec!["unchanged"; deals]);
}

#[test]
fn a_user_without_decimals_is_found_at_the_first_record() {
    let double = double();
    // "NULL (fresh install, first-login setup not done) -> 1.000000"
    double.crm().decimals = 0;
    let desk = vtiger_desk(&double.url, "");
    plan(&desk, "first");
    let stopped = desk.run("push apply");
    assert_eq!((stopped.code, double.crm().writes.len()), (5, 1), "{}", stopped.stderr);
    assert!(
        stopped.stderr.contains("keeps too few decimals") || stopped.stderr.contains("was not stored"),
        "{}",
        stopped.stderr
    );
}

#[test]
fn a_session_that_ends_is_opened_again_and_a_wrong_key_is_not_tried_twice() {
    let deals = scored("first").len();
    for ended in ["INVALID_SESSIONID", "SESSION_EXPIRED", "SESSION_LEFT_IDLE"] {
        let double = double();
        let desk = vtiger_desk(&double.url, "");
        (double.crm().ended, double.crm().session_length) = (ended, 9);
        plan(&desk, "first");
        desk.ok("push apply");
        assert!(double.crm().logins > 2, "{}", double.crm().logins);
        let told = books(&desk);
        assert_eq!(count(&told, "written") + count(&told, "rounded"), deals, "{ended}");
        assert_right(&double, 0.000_01);
        let written: BTreeSet<u64> = double.crm().writes.iter().map(|(id, _)| *id).collect();
        assert_eq!((written.len(), double.crm().writes.len()), (deals, deals));
    }
    let double = double();
    let desk = vtiger_desk(&double.url, "");
    desk.write("key", "wrong");
    let refused = plan(&desk, "first");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("INVALID_USER_CREDENTIALS"), "{}", refused.stderr);
}

#[test]
fn deleted_deals_failures_and_lost_answers_are_each_told_apart() {
    let (double, deals) = (double(), scored("first"));
    let desk = vtiger_desk(&double.url, "max_reject_share = 1.0\nparallel = 1");
    plan(&desk, "first");
    double.crm().remove(&deals[2].deal);
    double.crm().faults =
        [Fault::None, Fault::Reset, Fault::None, Fault::Failure, Fault::Failure, Fault::Half, Fault::Drop]
            .into_iter()
            .chain([Fault::After(408), Fault::After(425), Fault::After(522)])
            .collect();
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    for line in ["missing,ACCESS_DENIED,1", "rejected,server error twice,1"] {
        assert!(told.stdout.contains(line), "{line}: {}", told.stdout);
    }
    // Lost answers were found when they were read again.
    let told = books(&desk);
    assert_eq!(count(&told, "written") + count(&told, "rounded"), deals.len() - 2, "{told}");
    desk.ok("push retry");
    assert_eq!(count(&books(&desk), "missing"), 1);
    let written: BTreeSet<u64> = double.crm().writes.iter().map(|(id, _)| *id).collect();
    assert_eq!((written.len(), double.crm().writes.len()), (deals.len() - 1, deals.len() - 1));
}

#[test]
fn a_failure_on_the_way_to_a_plan_is_tried_once_more_and_one_that_stays_is_no_fault_of_the_configuration() {
    for operation in ["getchallenge", "login", "describe", "query"] {
        let double = double();
        let desk = vtiger_desk(&double.url, "");
        double.fail(FailingRequests::next(operation, 1));
        let once = plan(&desk, "first");
        assert_eq!(once.code, 0, "{operation}: {}", once.stderr);
        double.fail(FailingRequests::next(operation, usize::MAX));
        let always = plan(&desk, "first");
        assert_eq!(always.code, 5, "{operation}: {}", always.stderr);
        for told in ["the server fails (500)", "try again later; nothing was written"] {
            assert!(always.stderr.contains(told), "{operation}: {}", always.stderr);
        }
        assert!(double.crm().writes.is_empty());
    }
}

#[test]
fn a_record_whose_reading_is_odd_keeps_no_other_one_from_its_score() {
    let (double, deals) = (double(), scored("first"));
    let desk = vtiger_desk(&double.url, "max_reject_share = 1.0");
    plan(&desk, "first");
    double.crm().remove(&deals[6].deal);
    double.crm().odd = Some(number(&deals[6].deal));
    let told = desk.run("push apply");
    assert_eq!(told.code, 5, "{}", told.stderr);
    let told = books(&desk);
    assert_eq!((count(&told, "unknown"), count(&told, "missing")), (1, 0), "{told}");
    assert_eq!(count(&told, "written") + count(&told, "rounded"), deals.len() - 1, "{told}");
    double.crm().odd = None;
    desk.run("push resume");
    assert_eq!(count(&books(&desk), "missing"), 1);
}

#[test]
fn a_user_whose_number_format_spoils_amounts_is_refused_or_found_at_the_first_record() {
    let (double, first) = (double(), scored("first")[0].deal.clone());
    let desk = vtiger_desk(&double.url, "");
    plan(&desk, "first");
    double.crm().separator = ',';
    for part in ["push setup", "push apply"] {
        let refused = desk.run(part);
        assert_eq!((refused.code, double.crm().writes.len()), (2, 0), "{part}: {}", refused.stderr);
    }
    let refused = plan(&desk, "first");
    assert!(refused.stderr.contains("has \",\" as decimal separator"), "{}", refused.stderr);
    // A server that does not let its users look at themselves.
    double.crm().shows_user = false;
    plan(&desk, "first");
    let stopped = desk.run("push apply");
    assert_eq!((stopped.code, double.crm().writes.len()), (5, 1), "{}", stopped.stderr);
    assert!(
        stopped.stderr.contains(&format!("writing deal {first} changed amount from 12500.50000000 to 12500500")),
        "{}",
        stopped.stderr
    );
    // No later command spoils another one, until somebody tries a record.
    for command in ["push resume", "push retry", "push apply"] {
        let held = desk.run(command);
        assert_eq!((held.code, double.crm().writes.len()), (2, 1), "{command}: {}", held.stderr);
        assert!(held.stderr.contains("nothing is sent until one record was tried"), "{}", held.stderr);
    }
    double.crm().separator = '.';
    desk.ok("push probe");
    desk.ok("push resume");
    assert_right(&double, 0.000_01);
    assert!(scored("first").iter().skip(1).all(|deal| double.crm().amount(&deal.deal) == "12500.50000000"));
}

#[test]
fn a_profile_that_may_not_edit_opportunities_is_told_before_anything_is_written() {
    let double = double();
    double.crm().updateable = false;
    let refused = plan(&vtiger_desk(&double.url, ""), "first");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("its user's profile lets it edit no opportunity"), "{}", refused.stderr);
}

#[test]
fn records_the_user_may_not_see_are_missing_and_hide_no_other_one() {
    let (double, deals) = (double(), scored("first"));
    // A page whose records are all of other people comes back empty, though more follow.
    double.crm().crowd(250);
    double.crm().hidden = (1..=250).chain([number(&deals[3].deal)]).collect();
    let desk = vtiger_desk(&double.url, "");
    let planned = plan(&desk, "first");
    let steps = Table::parse(&planned.stdout);
    assert_eq!(steps.column("step").into_iter().filter(|step| *step == "write").count(), deals.len() - 1);
    desk.ok("push apply");
    let told = books(&desk);
    assert_eq!((count(&told, "missing"), count(&told, "written") + count(&told, "rounded")), (1, deals.len() - 1));
}

#[test]
fn an_exception_of_the_server_is_a_failure_and_a_record_that_is_gone_is_missing_whatever_it_is_called() {
    for gone in ["RECORD_NOT_FOUND", "INVALID_ID_ATTRIBUTE"] {
        let (double, deals) = (double(), scored("first"));
        let desk = vtiger_desk(&double.url, "max_reject_share = 1.0\nparallel = 1");
        plan(&desk, "first");
        double.crm().remove(&deals[2].deal);
        (double.crm().gone, double.crm().exceptions) = (gone, 1);
        desk.ok("push apply");
        let told = books(&desk);
        assert_eq!((count(&told, "missing"), count(&told, "rejected")), (1, 0), "{told}");
        assert_eq!(count(&told, "written") + count(&told, "rounded"), deals.len() - 1, "{told}");
    }
}
