//! Zoho CRM: a word for each record in order, requests refused as a whole, workflows that do not start.

use super::cloud::{assert_right, cloud_desk, double, plan, planned, scored};
use super::double::FailingRequests;
use super::espocrm::assert_nothing_twice;
use super::scene::{books, count};
use super::zoho_double::ZohoDouble;

#[test]
fn each_record_has_its_word_also_where_none_is_taken() {
    let (double, deals) = (double::<ZohoDouble>(), scored());
    let desk = planned::<ZohoDouble>(&double.url, "max_reject_share = 1.0\ntries = 2");
    let (gone, refused) = (&deals[3].deal, &deals[5].deal);
    double.crm().cloud.records.remove(gone);
    double.crm().refused.insert(refused.clone(), "INVALID_DATA");
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    for line in ["missing,INVALID_DATA id,1", "rejected,INVALID_DATA Win_Probability,1"] {
        assert!(told.stdout.contains(line), "{line}: {}", told.stdout);
    }
    assert_eq!(count(&books(&desk), "written"), deals.len() - 2);
    // 400 with a word for the only record.
    double.crm().refused.insert(refused.clone(), "RECORD_LOCKED");
    let told = desk.run("push retry --format csv");
    assert!(told.stdout.contains("rejected,RECORD_LOCKED Win_Probability,1"), "{}", told.stdout);
    double.crm().refused.clear();
    desk.ok("push retry");
    assert_right(&double, &[gone]);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn a_request_that_is_refused_for_one_deal_is_halved_until_that_one_is_alone() {
    let (double, deals) = (double::<ZohoDouble>(), scored());
    let desk = planned::<ZohoDouble>(&double.url, "max_reject_share = 1.0");
    let spoiler = &deals[9].deal;
    double.crm().spoils_all = Some(spoiler.clone());
    let told = desk.run("push apply --format csv");
    assert!(told.stdout.contains("rejected,INVALID_DATA,1"), "{}", told.stdout);
    assert_eq!(count(&books(&desk), "written"), deals.len() - 1);
    assert_right(&double, &[spoiler]);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn workflows_start_only_where_the_configuration_wants_them_to() {
    for (more, started) in [("", false), ("automations = true", true)] {
        let double = double::<ZohoDouble>();
        let desk = planned::<ZohoDouble>(&double.url, more);
        desk.ok("push apply");
        assert_eq!(double.crm().automations > 0, started, "{more}");
    }
}

#[test]
fn a_record_that_is_locked_is_sent_again_on_its_own_after_a_pause() {
    let (double, deals) = (double::<ZohoDouble>(), scored());
    let desk = planned::<ZohoDouble>(&double.url, "max_reject_share = 1.0\ntries = 3");
    // Two tries long, and longer than anybody waits.
    let (short, long) = (&deals[3].deal, &deals[5].deal);
    double.crm().locked = [(short.clone(), 2), (long.clone(), 3)].into_iter().collect();
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    assert!(told.stdout.contains("rejected,RECORD_LOCKED,1"), "{}", told.stdout);
    assert_eq!(count(&books(&desk), "written"), deals.len() - 1);
    // The first record alone, the others together, the locked ones twice again.
    assert_eq!(double.crm().cloud.write_requests, 4);
    desk.ok("push retry");
    assert_right(&double, &[]);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn a_login_that_fails_is_tried_once_more_and_no_refusal() {
    let double = double::<ZohoDouble>();
    let desk = cloud_desk::<ZohoDouble>(&double.url, "");
    double.fail(FailingRequests::next("/token", 1));
    let once = plan(&desk);
    assert_eq!(once.code, 0, "{}", once.stderr);
    double.fail(FailingRequests::next("/token", usize::MAX));
    let always = plan(&desk);
    assert_eq!(always.code, 5, "{}", always.stderr);
    assert!(always.stderr.contains("the server fails (500)"), "{}", always.stderr);
}
