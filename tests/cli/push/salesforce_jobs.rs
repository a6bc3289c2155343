//! Salesforce's Bulk API 2.0: many changes as a job, its three lists, and a push that is killed while one is under way.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::cloud::{assert_right, double, planned, scored};
use super::espocrm::assert_nothing_twice;
use super::salesforce_double::{OneRecord, SalesforceDouble};
use super::scene::{books, count};
use crate::harness::PROGRAM;

/// So few that the scored deals are many.
const JOBS: &str = "bulk_from = 10\nmax_reject_share = 1.0";

#[test]
fn many_changes_go_as_a_job_whose_lists_say_what_became_of_each() {
    let (double, deals) = (double::<SalesforceDouble>(), scored());
    let desk = planned::<SalesforceDouble>(&double.url, JOBS);
    let [gone, locked, refused, unprocessed] = [3, 4, 5, 6].map(|at| deals[at].deal.as_str());
    double.crm().cloud.records.remove(gone);
    for (deal, special) in
        [(locked, OneRecord::Locked), (refused, OneRecord::Refused), (unprocessed, OneRecord::Unprocessed)]
    {
        double.crm().special.insert(deal.to_owned(), special);
    }
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    for line in ["missing,ENTITY_IS_DELETED,1", "rejected,FIELD_CUSTOM_VALIDATION_EXCEPTION,1"] {
        assert!(told.stdout.contains(line), "{line}: {}", told.stdout);
    }
    assert_eq!(count(&books(&desk), "written"), deals.len() - 2);
    assert_right(&double, &[gone, refused]);
    assert_nothing_twice(&double.crm().cloud.writes);
    assert_eq!(double.crm().jobs.len(), 1, "the few that were left went without a job");
    desk.ok("push verify");
}

#[test]
fn a_job_that_fails_as_a_whole_is_halved_until_the_record_at_fault_is_alone() {
    let (double, deals) = (double::<SalesforceDouble>(), scored());
    let desk = planned::<SalesforceDouble>(&double.url, JOBS);
    let spoiler = deals[11].deal.as_str();
    double.crm().special.insert(spoiler.to_owned(), OneRecord::SpoilsAll);
    assert_eq!(desk.run("push apply").code, 5);
    let told = books(&desk);
    assert_eq!((count(&told, "written"), count(&told, "rejected")), (deals.len() - 1, 1), "{told}");
    assert_right(&double, &[spoiler]);
    assert_nothing_twice(&double.crm().cloud.writes);
    assert!(double.crm().jobs.iter().filter(|job| job.state == "Failed").count() > 1, "halves are jobs too");
}

#[test]
fn killed_while_a_job_is_under_way_the_next_push_waits_for_it_and_sends_nothing_twice() {
    let (double, deals) = (double::<SalesforceDouble>(), scored().len());
    let desk = planned::<SalesforceDouble>(&double.url, JOBS);
    double.crm().holds_jobs = true;
    let mut push = Command::new(PROGRAM);
    push.current_dir(desk.path("")).args(["push", "apply", "-q"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut push = push.spawn().unwrap();
    let is_made = || double.crm().jobs.iter().any(|job| job.state == "UploadComplete");
    for _ in 0..4000 {
        if is_made() {
            break;
        }
        sleep(Duration::from_millis(5));
    }
    assert!(is_made(), "no job was made");
    push.kill().unwrap();
    push.wait().unwrap();
    assert_eq!(count(&books(&desk), "unknown"), deals - 1);
    assert_eq!(double.crm().cloud.writes.len(), 1, "the job has not begun");
    double.crm().holds_jobs = false;
    desk.ok("push resume");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_eq!(double.crm().jobs.len(), 1, "it was waited for, not sent again");
    assert_right(&double, &[]);
    assert_nothing_twice(&double.crm().cloud.writes);
}
