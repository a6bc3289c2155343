//! EspoCRM: set up, planned, tried, written, verified, and what ends it at once.

use serde_json::Value;

use super::double::Double;
use super::espocrm_double::{EspoDouble, KEY};
use super::scene::{books, count, desk, plan, scored};
use crate::harness::{Desk, Table};

/// A section for the double at `url`.
pub fn section(url: &str, more: &str) -> String {
    format!(
        "[push.crm]\ntarget = \"espocrm\"\nurl = \"{url}\"\nsecret = {{ env = \"ESPO_KEY\" }}\n{more}\n[push.crm.fields]\n\
         probability = \"cWinScore\"\nscore = \"cScore\"\nmodel_id = \"cScoreModel\"\nscored_at = \"cScoredAt\"\n"
    )
}

/// A desk for the double at `url`. The key comes from a file: tests run side by side in one environment.
pub fn espo_desk(url: &str, key: &str, more: &str) -> Desk {
    let desk = desk(&section(url, more).replace("{ env = \"ESPO_KEY\" }", "{ file = \"key\" }"));
    desk.write("key", format!("{key}\n"));
    desk
}

/// A double that holds every scored deal of the first run.
pub fn double() -> Double<EspoDouble> {
    Double::start(EspoDouble::new(scored("first").iter().map(|deal| deal.deal.as_str())))
}

/// Every scored deal holds what the run says.
pub fn assert_right(double: &Double<EspoDouble>) {
    for deal in scored("first") {
        let held = double.crm().records[&deal.deal]["cWinScore"].as_f64().unwrap_or(-1.0);
        assert!((held - deal.chance).abs() < 1e-6, "{}: {held} for {}", deal.deal, deal.chance);
    }
}

/// No deal was written twice with one value.
pub fn assert_nothing_twice(writes: &[(String, Value)]) {
    let mut seen: Vec<(&String, &Value)> = writes.iter().map(|(deal, value)| (deal, value)).collect();
    seen.sort_by_key(|(deal, value)| ((*deal).clone(), value.to_string()));
    let before = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), before, "{} writes repeat one", before - seen.len());
}

#[test]
fn scores_are_planned_tried_written_verified_and_planned_again() {
    let double = double();
    let deals = scored("first").len();
    let desk = espo_desk(&double.url, KEY, "");
    assert_eq!(desk.ok("push setup --format csv").stdout.matches(",there").count(), 4);
    let planned = plan(&desk, "first");
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert_eq!(Table::parse(&planned.stdout).column("step"), vec!["write"; deals]);
    for row in Table::parse(&planned.stdout).iter() {
        assert!(row.get("change").starts_with("cScore: nothing -> "), "{}", row.get("change"));
        assert!(row.get("change").contains("; cWinScore: nothing -> "), "{}", row.get("change"));
    }
    assert!(double.crm().writes.is_empty(), "a plan writes nothing");
    // A first few to look at.
    let canary = desk.run("push apply --limit 3");
    assert_eq!((canary.code, double.crm().writes.len()), (5, 3), "{}", canary.stderr);
    assert!(canary.stderr.contains(&format!("3 of {deals} written, limited to 3")), "{}", canary.stderr);
    assert!(!canary.stderr.contains("error"), "{}", canary.stderr);
    assert_eq!(count(&books(&desk), "unknown"), deals - 3);
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
    assert!(double.crm().records.values().all(|record| record["versionNumber"] == 2 && record["probability"] == 10));
    let verified = desk.ok("push verify");
    assert!(verified.stderr.contains(&format!("{deals} hold what was pushed")), "{}", verified.stderr);
    desk.ok("push verify --sample 5");
    // The same night again: nothing to do.
    let again = plan(&desk, "first");
    assert_eq!(Table::parse(&again.stdout).column("step"), vec!["unchanged"; deals]);
    desk.ok("push apply");
    assert_eq!(double.crm().writes.len(), deals);
}

#[test]
fn a_later_run_writes_only_what_changed_and_what_somebody_else_wrote_is_found() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "");
    plan(&desk, "first");
    desk.ok("push apply");
    let before = double.crm().writes.len();
    let planned = plan(&desk, "second");
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let table = Table::parse(&planned.stdout);
    let steps = table.column("step");
    let writes = steps.iter().filter(|step| **step == "write").count();
    // Deals that were opened since are not in the double.
    assert!(writes > 0 && writes < steps.len(), "{steps:?}");
    assert_eq!(desk.run("push apply").code, 0);
    assert_eq!(double.crm().writes.len() - before, writes);
    let somebody =
        scored("second").iter().find(|deal| double.crm().records.contains_key(&deal.deal)).unwrap().deal.clone();
    let planned_deals: Vec<String> =
        table.iter().filter(|row| row.get("step") == "write").map(|row| row.get("deal_id").to_owned()).collect();
    let of_plan = planned_deals.first().cloned().unwrap_or(somebody);
    double.crm().records.get_mut(&of_plan).unwrap().insert("cWinScore".to_owned(), 0.999_9.into());
    let found = desk.run("push verify");
    assert_eq!(found.code, 5, "{}", found.stderr);
    assert!(found.stderr.contains("1 hold something else"), "{}", found.stderr);
}

#[test]
fn a_wrong_key_ends_it_after_one_request() {
    let double = double();
    let desk = espo_desk(&double.url, "wrong", "");
    for part in ["push setup", &format!("push plan --run {}", super::scene::run("first").display())] {
        let before = double.crm().requests;
        let refused = desk.run(part);
        assert_eq!((refused.code, double.crm().requests - before), (2, 1), "{}", refused.stderr);
        assert!(refused.stderr.contains("refuses the key (401)"), "{}", refused.stderr);
    }
}

#[test]
fn a_field_that_is_not_there_or_of_another_type_is_found_before_anything_is_written() {
    let double = double();
    double.crm().fields.remove("cScoreModel");
    double.crm().fields.insert("cScore", serde_json::json!({ "type": "varchar", "maxLength": 5, "isCustom": true }));
    let desk = espo_desk(&double.url, KEY, "");
    let refused = plan(&desk, "first");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    for told in ["cScoreModel is not there", "cScore is of another type", "dealcast push setup"] {
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
    let setup = desk.run("push setup --format csv");
    assert_eq!(setup.code, 2);
    assert!(setup.stdout.contains("cScoreModel,Varchar,cScoreModel is not there"), "{}", setup.stdout);
    assert!(double.crm().writes.is_empty());
}

#[test]
fn a_field_of_the_crms_own_is_not_written_and_one_that_changed_since_the_plan_is_found() {
    let double = double();
    double.crm().fields.insert("description", serde_json::json!({ "type": "text" }));
    let desk = espo_desk(&double.url, KEY, "");
    let config = desk.read("dealcast.toml");
    desk.write("dealcast.toml", format!("{config}top_factors = \"description\"\n"));
    let refused = plan(&desk, "first");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("description is EspoCRM's own"), "{}", refused.stderr);
    desk.write("dealcast.toml", config.clone());
    assert_eq!(plan(&desk, "first").code, 0);
    double.crm().fields.insert("cScoreModel", serde_json::json!({ "type": "text", "isCustom": true }));
    let changed = desk.run("push apply");
    assert_eq!(changed.code, 2, "{}", changed.stderr);
    assert!(changed.stderr.contains("cScoreModel is of another type since it was made"), "{}", changed.stderr);
    double
        .crm()
        .fields
        .insert("cScoreModel", serde_json::json!({ "type": "varchar", "maxLength": 80, "isCustom": true }));
    // Another server under the same name.
    desk.write("dealcast.toml", config.replace(&double.url, "http://127.0.0.1:9"));
    for part in ["push apply", "push status", "push verify"] {
        let refused = desk.run(part);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(refused.stderr.contains("another target or other fields"), "{}", refused.stderr);
    }
    desk.write("dealcast.toml", config);
    // A key that is refused after the plan was made: nothing to go on with.
    desk.write("key", "wrong");
    let refused = desk.run("push apply");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(!refused.stderr.contains("push resume"), "{}", refused.stderr);
    assert!(double.crm().writes.is_empty());
}

#[test]
fn deals_that_are_gone_are_missing_and_refused_ones_are_told_with_the_servers_reason() {
    let double = double();
    let deals = scored("first");
    let (gone, later) = (deals[0].deal.clone(), deals[1].deal.clone());
    double.crm().records.remove(&gone);
    let desk = espo_desk(&double.url, KEY, "max_reject_share = 1.0");
    plan(&desk, "first");
    double.crm().records.remove(&later);
    // "PUT value over max": what the field takes was changed since.
    double.crm().fields.insert(
        "cWinScore",
        serde_json::json!({ "type": "float", "max": 0.000_001, "decimalPlaces": 6, "isCustom": true }),
    );
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    assert!(told.stdout.contains("missing,no such record,"), "{}", told.stdout);
    assert!(told.stdout.contains("rejected,validationFailure cWinScore max,"), "{}", told.stdout);
    let before = books(&desk);
    assert_eq!((count(&before, "missing"), count(&before, "rejected")), (2, deals.len() - 2));
    double
        .crm()
        .fields
        .insert("cWinScore", serde_json::json!({ "type": "float", "max": 1, "decimalPlaces": 6, "isCustom": true }));
    desk.ok("push retry");
    assert_eq!(count(&books(&desk), "written"), deals.len() - 2);
}

#[test]
fn one_push_at_a_time() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "");
    plan(&desk, "first");
    double.slow_down(std::time::Duration::from_millis(30));
    let mut first = std::process::Command::new(crate::harness::PROGRAM);
    let mut first = first.current_dir(desk.path("")).args(["push", "apply", "-q"]).spawn().unwrap();
    while double.crm().writes.is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert_eq!(desk.run("push apply").code, 6);
    assert!(first.wait().unwrap().success());
    assert_right(&double);
}

#[test]
fn an_address_that_is_none_of_espocrms_and_a_role_that_opens_no_opportunities_are_told_as_what_they_are() {
    let double = double();
    let desk = espo_desk(&format!("{}/api/v1", double.url), KEY, "");
    let refused = desk.run("push setup");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("no EspoCRM is at this address (name it without /api/v1)"), "{}", refused.stderr);
    double.crm().is_open = false;
    let refused = plan(&espo_desk(&double.url, KEY, ""), "first");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("its role opens no opportunities to it"), "{}", refused.stderr);
}

#[test]
fn a_server_below_an_address_that_counts_no_lists_is_read_to_the_end() {
    for page in [7, 200] {
        let double = double();
        (double.crm().base, double.crm().counts, double.crm().page) = ("/crm", false, page);
        let desk = espo_desk(&format!("{}/crm/", double.url), KEY, "bulk_from = 2");
        let deals = scored("first").len();
        assert_eq!(Table::parse(&plan(&desk, "first").stdout).column("step"), vec!["write"; deals]);
        desk.ok("push apply");
        assert_eq!((count(&books(&desk), "written"), double.crm().imports.begun), (deals, 1));
        assert_right(&double);
    }
}
