//! Salesforce: scores in an object of their own beside the opportunities.

use std::collections::BTreeMap;

use serde_json::json;

use super::cloud::{cloud_desk, plan, scored};
use super::cloud_double::CloudCrm;
use super::double::{Double, Fault};
use super::espocrm::assert_nothing_twice;
use super::salesforce_double::{LOOKUP, SalesforceDouble};
use super::scene::{books, count};
use crate::harness::{Desk, Table};

const OBJECT: &str = "Deal_Score__c";

/// The id of the record of a deal.
fn own(deal: &str) -> String {
    format!("a0X{}", &deal[3..])
}

/// Every deal but the first has a record; the second has a younger one beside it.
fn double() -> Double<SalesforceDouble> {
    let deals: Vec<String> = scored().iter().skip(1).map(|deal| deal.deal.clone()).collect();
    let mut of: BTreeMap<String, String> = deals.iter().map(|deal| (own(deal), deal.clone())).collect();
    of.insert("a0Z000000000001".to_owned(), deals[0].clone());
    let mut crm = SalesforceDouble::of_deals(of.keys().map(String::as_str));
    crm.fields.insert(LOOKUP, json!({ "type": "reference", "custom": true, "referenceTo": ["Opportunity"] }));
    (crm.object, crm.deals) = (OBJECT, of);
    Double::start(crm)
}

fn scores_desk(url: &str, more: &str) -> Desk {
    cloud_desk::<SalesforceDouble>(url, &format!("object = \"{OBJECT}\"\ndeal_field = \"{LOOKUP}\"\n{more}"))
}

#[test]
fn records_of_scores_are_found_by_their_deal_and_updated_and_none_is_made() {
    for more in ["", "bulk_from = 10"] {
        let (double, deals) = (double(), scored());
        let desk = scores_desk(&double.url, more);
        let planned = plan(&desk);
        assert_eq!(planned.code, 0, "{}", planned.stderr);
        let steps = Table::parse(&planned.stdout);
        assert_eq!(steps.column("step").iter().filter(|step| **step == "missing").count(), 1);
        // Each command is a process of its own, which knows no record yet.
        desk.run("push apply --limit 3");
        double.crm().cloud.faults = [Fault::None, Fault::Reset].into_iter().collect();
        desk.ok("push apply");
        let told = books(&desk);
        assert_eq!((count(&told, "written"), count(&told, "missing")), (deals.len() - 1, 1), "{told}");
        for deal in deals.iter().skip(1) {
            let held = double.crm().cloud.records[&own(&deal.deal)]["Win_Probability__c"].as_f64().unwrap();
            assert!((held - deal.chance).abs() < 1e-6, "{}: {held} for {}", deal.deal, deal.chance);
        }
        assert!(double.crm().cloud.records["a0Z000000000001"].is_empty(), "the younger one is left alone");
        assert_eq!(double.crm().cloud.records.len(), deals.len());
        assert_nothing_twice(&double.crm().cloud.writes);
        desk.ok("push verify");
        let again = Table::parse(&plan(&desk).stdout);
        assert!(!again.column("step").contains(&"write"));
    }
}

#[test]
fn a_record_that_is_gone_is_missing_and_a_field_that_is_no_lookup_is_told() {
    let (double, deals) = (double(), scored());
    let desk = scores_desk(&double.url, "");
    plan(&desk);
    double.crm().cloud.records.remove(&own(&deals[4].deal));
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "missing"), 2);
    double.crm().fields.get_mut(LOOKUP).unwrap()["referenceTo"] = json!(["Account"]);
    let refused = plan(&desk);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("Opportunity__c is no lookup to opportunities"), "{}", refused.stderr);
    for (told, config) in [
        ("`push.crm.deal_field` is absent", "object = \"Deal_Score__c\""),
        ("`push.crm.object` is absent", "deal_field = \"Opportunity__c\""),
        ("`push.crm.object` is \"Task\"", "object = \"Task\"\ndeal_field = \"Opportunity__c\""),
    ] {
        let refused = plan(&cloud_desk::<SalesforceDouble>(&double.url, config));
        assert!(refused.code == 2 && refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
}
