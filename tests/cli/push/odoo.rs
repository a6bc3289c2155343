//! Odoo's JSON-2 interface, against a double that behaves as its documentation says.

use serde_json::json;

use super::double::Double;
use super::odoo_double::{KEY, OdooDouble};
use super::scene::{books, count, desk, plan, scored};
use super::secrets::run_all;
use super::suite::{Peer, assert_all_right, goes_all_the_way, stands_every_fault, stops_and_goes_on};
use crate::harness::Desk;

const RUN: &str = "numbered";

fn section(url: &str, secret: &str) -> String {
    format!(
        "[push.crm]\ntarget = \"odoo\"\nurl = \"{url}\"\ndatabase = \"mycompany\"\nsecret = {secret}\nmax_reject_share = 1.0\n\
         [push.crm.fields]\nprobability = \"x_studio_win_chance\"\nscore = \"x_score\"\ngrade = \"x_grade\"\nscored_at = \"x_scored_at\"\n"
    )
}

pub fn odoo_desk(url: &str) -> Desk {
    let desk = desk(&section(url, "{ file = \"key\" }"));
    desk.write("key", format!("{KEY}\n"));
    desk
}

pub fn double() -> Double<OdooDouble> {
    Double::start(OdooDouble::new(scored(RUN).iter().map(|deal| deal.deal.as_str())))
}

#[test]
fn scores_are_planned_written_read_again_and_planned_as_unchanged() {
    let double = double();
    goes_all_the_way(&double, &odoo_desk(&double.url), RUN);
    assert!(double.crm().looks < 3 + scored(RUN).len(), "records are read again together");
}

#[test]
fn whatever_becomes_of_an_answer_every_deal_ends_right_and_is_written_once() {
    let double = double();
    stands_every_fault(&double, &odoo_desk(&double.url), RUN);
}

#[test]
fn a_quota_and_a_refused_key_stop_it_and_a_lead_that_is_gone_is_missing() {
    let double = double();
    stops_and_goes_on(&double, &odoo_desk(&double.url), RUN);
}

#[test]
fn leads_of_one_value_go_together_and_one_that_is_gone_keeps_none_of_them() {
    let double = double();
    let desk = odoo_desk(&double.url);
    let text = desk.read("dealcast.toml");
    desk.write(
        "dealcast.toml",
        text.replace("probability = \"x_studio_win_chance\"\nscore = \"x_score\"\n", "")
            .replace("scored_at = \"x_scored_at\"\n", ""),
    );
    plan(&desk, RUN);
    let deals = scored(RUN);
    double.crm().remove(&deals[5].deal);
    desk.run("push apply");
    let told = books(&desk);
    assert_eq!((count(&told, "missing"), count(&told, "written")), (1, deals.len() - 1), "{told}");
    assert!(double.crm().calls < deals.len(), "{} calls for {} deals", double.crm().calls, deals.len());
}

#[test]
fn archived_leads_are_read_a_locked_row_is_tried_again_and_a_refused_one_is_told() {
    let double = double();
    let deals = scored(RUN);
    double.crm().archive(&deals[1].deal);
    double.crm().locked = vec![deals[3].deal.clone()];
    double.crm().closed = vec![deals[4].deal.clone()];
    let desk = odoo_desk(&double.url);
    plan(&desk, RUN);
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    assert!(told.stdout.contains("AccessError"), "{}", told.stdout);
    assert_all_right(&double, RUN, &[&deals[4].deal]);
    assert_eq!(count(&books(&desk), "rejected"), 1);
}

#[test]
fn fields_are_checked_first() {
    let double = double();
    double.crm().fields["x_grade"] = json!({ "type": "selection", "selection": [["A", "A"]] });
    double.crm().fields.as_object_mut().unwrap().remove("x_score");
    let desk = odoo_desk(&double.url);
    let refused = plan(&desk, RUN);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    for told in ["x_score is not there", "x_grade is a selection without the values B, C, D"] {
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
    desk.write("key", "wrong");
    let refused = desk.run("push setup");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("refuses the key (401)"), "{}", refused.stderr);
}

#[test]
fn the_key_is_seen_nowhere() {
    let double = double();
    run_all(&desk(&section(&double.url, "{ env = \"ESPO_KEY\" }")), KEY, RUN, &|| {});
    assert!(!double.crm().writes.is_empty(), "the key was used");
}
