//! HubSpot: errors that name single deals, requests refused as a whole, limits of ten seconds and of the day.

use super::cloud::{assert_right, cloud_desk, double, plan, planned, scored};
use super::espocrm::assert_nothing_twice;
use super::hubspot_double::HubspotDouble;
use super::scene::{books, count};

#[test]
fn errors_are_matched_to_their_deals_by_trace_and_by_id() {
    let (double, deals) = (double::<HubspotDouble>(), scored());
    let desk = planned::<HubspotDouble>(&double.url, "max_reject_share = 1.0");
    let (gone, refused) = (&deals[3].deal, &deals[5].deal);
    double.crm().cloud.records.remove(gone);
    double.crm().refused.insert(refused.clone());
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    for line in ["missing,OBJECT_NOT_FOUND,1", "rejected,VALIDATION_ERROR INVALID_INTEGER,1"] {
        assert!(told.stdout.contains(line), "{line}: {}", told.stdout);
    }
    assert_eq!(count(&books(&desk), "written"), deals.len() - 2);
    assert_right(&double, &[gone, refused]);
    double.crm().refused.clear();
    desk.ok("push retry");
    assert_right(&double, &[gone]);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn a_request_that_is_refused_for_one_deal_is_halved_until_that_one_is_alone() {
    let (double, deals) = (double::<HubspotDouble>(), scored());
    let desk = planned::<HubspotDouble>(&double.url, "max_reject_share = 1.0");
    let spoiler = &deals[9].deal;
    double.crm().spoils_all.insert(spoiler.clone());
    let told = desk.run("push apply --format csv");
    assert!(told.stdout.contains("rejected,VALIDATION_ERROR PROPERTY_DOESNT_EXIST,1"), "{}", told.stdout);
    assert_eq!(count(&books(&desk), "written"), deals.len() - 1);
    assert_right(&double, &[spoiler]);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn what_an_answer_leaves_out_is_read_and_not_taken_for_stored() {
    let (double, deals) = (double::<HubspotDouble>(), scored().len());
    let desk = planned::<HubspotDouble>(&double.url, "");
    double.crm().leaves_out_properties = true;
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_right(&double, &[]);
}

#[test]
fn a_limit_of_ten_seconds_is_waited_for_and_one_of_the_day_stops_the_push() {
    let (double, deals) = (double::<HubspotDouble>(), scored().len());
    let desk = planned::<HubspotDouble>(&double.url, "");
    double.crm().limits = vec!["TEN_SECONDLY_ROLLING", "TEN_SECONDLY_ROLLING"];
    desk.run("push apply --limit 2");
    assert_eq!(count(&books(&desk), "written"), 2);
    double.crm().limits = vec!["DAILY"; 20];
    let before = double.crm().cloud.requests;
    let stopped = desk.run("push resume");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("the limit of the day is used up"), "{}", stopped.stderr);
    assert_eq!(double.crm().cloud.requests - before, 1, "it is not asked again");
    double.crm().limits.clear();
    desk.ok("push resume");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_nothing_twice(&double.crm().cloud.writes);
}

#[test]
fn calculated_and_read_only_properties_are_refused() {
    let double = double::<HubspotDouble>();
    double.crm().properties.get_mut("win_score").unwrap()["calculated"] = true.into();
    double.crm().properties.get_mut("score_model").unwrap()["modificationMetadata"]["readOnlyValue"] = true.into();
    double.crm().properties.get_mut("score_factors").unwrap()["hubspotDefined"] = true.into();
    double.crm().properties.remove("scored_at");
    let refused = plan(&cloud_desk::<HubspotDouble>(&double.url, ""));
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    for told in [
        "win_score is calculated or read-only",
        "score_model is calculated or read-only",
        "score_factors is HubSpot's own",
        "scored_at is not there",
    ] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
}
