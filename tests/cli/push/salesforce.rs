//! Salesforce: single records of a request, a request that is refused as a whole, limits, a ready token, forms of ids.

use super::cloud::{assert_right, cloud_desk, double, plan, planned, scored};
use super::cloud_double::{CloudCrm, TOKEN};
use super::double::Fault;
use super::espocrm::assert_nothing_twice;
use super::salesforce_double::{OneRecord, SalesforceDouble};
use super::scene::{books, count, desk};
use crate::harness::Table;

#[test]
fn locked_refused_and_deleted_records_of_one_request_are_each_told_apart() {
    let (double, deals) = (double::<SalesforceDouble>(), scored());
    let desk = planned::<SalesforceDouble>(&double.url, "max_reject_share = 1.0");
    let (gone, locked, refused) = (&deals[3].deal, &deals[4].deal, &deals[5].deal);
    double.crm().cloud.records.remove(gone);
    double.crm().special =
        [(locked.clone(), OneRecord::Locked), (refused.clone(), OneRecord::Refused)].into_iter().collect();
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    for line in ["missing,ENTITY_IS_DELETED,1", "rejected,FIELD_CUSTOM_VALIDATION_EXCEPTION,1"] {
        assert!(told.stdout.contains(line), "{line}: {}", told.stdout);
    }
    assert_eq!(count(&books(&desk), "written"), deals.len() - 2);
    assert_right(&double, &[gone, refused]);
    // The first record alone, the others together, the locked one again: three requests.
    assert_eq!(double.crm().cloud.write_requests, 3);
    double.crm().special.clear();
    desk.ok("push retry");
    assert_right(&double, &[gone]);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn a_request_that_is_refused_for_one_record_is_halved_until_that_one_is_alone() {
    let (double, deals) = (double::<SalesforceDouble>(), scored());
    let desk = planned::<SalesforceDouble>(&double.url, "max_reject_share = 1.0");
    let spoiler = &deals[7].deal;
    double.crm().special.insert(spoiler.clone(), OneRecord::SpoilsAll);
    let told = desk.run("push apply --format csv");
    assert!(told.stdout.contains("rejected,JSON_PARSER_ERROR,1"), "{}", told.stdout);
    assert_eq!(count(&books(&desk), "written"), deals.len() - 1);
    assert_right(&double, &[spoiler]);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn used_up_requests_stop_the_push_and_it_is_resumed() {
    let (double, deals) = (double::<SalesforceDouble>(), scored().len());
    let desk = planned::<SalesforceDouble>(&double.url, "");
    double.crm().cloud.faults = [Fault::None, Fault::Reset].into_iter().collect();
    desk.run("push apply --limit 2");
    double.crm().is_used_up = true;
    let stopped = desk.run("push resume");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("REQUEST_LIMIT_EXCEEDED"), "{}", stopped.stderr);
    double.crm().is_used_up = false;
    desk.ok("push resume");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn a_ready_token_needs_no_login_and_one_that_is_refused_ends_it_after_one_request() {
    let double = double::<SalesforceDouble>();
    let text = format!(
        "[push.crm]\ntarget = \"salesforce\"\nurl = \"{}\"\nsecret = {{ command = [\"cat\", \"token\"] }}\n\
         [push.crm.fields]\nprobability = \"Win_Probability__c\"\n",
        double.url
    );
    let desk = desk(&text);
    desk.write("token", format!("{TOKEN}-0\n"));
    assert_eq!(plan(&desk).code, 0);
    desk.ok("push apply");
    assert_right(&double, &[]);
    assert_eq!(double.crm().cloud.logins, 0);
    desk.write("token", "ended\n");
    let before = double.crm().cloud.requests;
    let refused = desk.run("push setup");
    assert_eq!((refused.code, double.crm().cloud.requests - before), (2, 1), "{}", refused.stderr);
    assert!(refused.stderr.contains("refuses the token (401, INVALID_SESSION_ID)"), "{}", refused.stderr);
}

#[test]
fn fields_that_cannot_take_scores_are_told_before_anything_is_written() {
    let double = double::<SalesforceDouble>();
    for (name, key, value) in [
        ("Win_Probability__c", "type", serde_json::json!("percent")),
        ("Win_Score__c", "updateable", serde_json::json!(false)),
        ("Score_Model__c", "calculated", serde_json::json!(true)),
    ] {
        double.crm().fields.get_mut(name).unwrap()[key] = value;
    }
    double.crm().fields.remove("Factors__c");
    let refused = plan(&cloud_desk::<SalesforceDouble>(&double.url, ""));
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    for told in [
        "is of type percent",
        "Win_Score__c cannot be edited",
        "Score_Model__c is a formula",
        "Factors__c is not there",
    ] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
}

#[test]
fn both_forms_of_an_id_are_one_record() {
    let mut crm = SalesforceDouble::of_deals(scored().iter().map(|deal| deal.deal.as_str()));
    let gone = scored()[0].deal.clone();
    crm.cloud.records.remove(&gone);
    let double = super::double::Double::start(crm);
    let desk = cloud_desk::<SalesforceDouble>(&double.url, "");
    let planned = plan(&desk);
    // Answers have 18 characters, the run 15.
    let steps = Table::parse(&planned.stdout);
    assert_eq!(steps.column("step").iter().filter(|step| **step == "missing").count(), 1);
    desk.ok("push apply");
    assert_right(&double, &[&gone]);
}
