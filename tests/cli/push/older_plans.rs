//! A plan that is refused leaves the older one where it is: that is no longer taken for what is wanted.

use std::fs;

use serde_json::Value;

use super::double::{Double, FailingRequests};
use super::espocrm::{assert_nothing_twice, assert_right, double, espo_desk};
use super::espocrm_double::{EspoDouble, KEY};
use super::scene::{books, count, plan, scored};
use crate::harness::Desk;

/// Somebody's values far from ours, in every record that was not written: `push plan` refuses to plan.
fn change_much(double: &Double<EspoDouble>) {
    let score = scored("first").into_iter().map(|deal| (deal.deal, if deal.chance > 0.5 { 0.01 } else { 0.99 }));
    for (deal, far) in score {
        let record = double.crm().records[&deal].clone();
        if record.get("cScoreModel").is_none_or(Value::is_null) {
            double.crm().records.get_mut(&deal).unwrap().insert("cWinScore".to_owned(), far.into());
        }
    }
}

/// A planned push to a double, and then a plan that is refused.
fn refused_after(limit: Option<usize>) -> (Double<EspoDouble>, Desk) {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "max_large_share = 0.1");
    assert_eq!(plan(&desk, "first").code, 0);
    if let Some(limit) = limit {
        desk.run(&format!("push apply --limit {limit}"));
    }
    change_much(&double);
    let refused = plan(&desk, "first");
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    (double, desk)
}

#[test]
fn a_refused_plan_keeps_the_older_one_from_being_sent_until_somebody_says_so() {
    let (double, desk) = refused_after(None);
    for command in ["push apply", "push probe", "push resume", "push retry", "push apply --dry-run"] {
        let told = desk.run(command);
        assert_eq!(told.code, 2, "{command}: {}", told.stderr);
        for words in ["is older than one that was begun at", "was refused: ", "would change by", "--allow-older-plan"] {
            assert!(told.stderr.contains(words), "{command}: {words}: {}", told.stderr);
        }
        assert!(!told.stderr.contains("push resume"), "nothing was begun: {}", told.stderr);
    }
    assert!(double.crm().writes.is_empty());
    let status = desk.run("push status");
    assert!(status.stderr.contains("a newer one, begun at"), "{}", status.stderr);
    let sent = desk.ok("push apply --allow-older-plan");
    assert!(sent.stderr.contains("has the scores of") && sent.stderr.contains("was refused: "), "{}", sent.stderr);
    assert_eq!(count(&books(&desk), "written"), scored("first").len());
}

#[test]
fn what_was_begun_before_a_plan_was_refused_is_gone_on_with_and_not_begun_anew() {
    let (double, desk) = refused_after(Some(4));
    let told = desk.run("push apply");
    assert_eq!(told.code, 2, "{}", told.stderr);
    assert!(told.stderr.contains("`dealcast push resume` goes on with the older one"), "{}", told.stderr);
    assert_eq!(double.crm().writes.len(), 4);
    let resumed = desk.ok("push resume");
    assert!(resumed.stderr.contains("a newer one, begun at"), "{}", resumed.stderr);
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn the_next_plan_that_is_made_is_the_one_that_is_sent() {
    let (double, desk) = refused_after(Some(4));
    let run = super::scene::run("first");
    desk.ok(&format!("push plan --allow-large-changes --run {}", run.display()));
    assert!(!desk.path("push/crm/planning.json").exists());
    let applied = desk.ok("push apply");
    assert!(!applied.stderr.contains("a newer one"), "{}", applied.stderr);
    assert_right(&double);
}

#[test]
fn a_plan_that_was_killed_a_field_that_is_gone_and_a_run_that_is_not_there_leave_no_plan_to_send_either() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "tries = 1");
    assert_eq!(plan(&desk, "first").code, 0);
    let is_told = |reason: &str| {
        let told = desk.run("push apply");
        assert_eq!(told.code, 2, "{reason}: {}", told.stderr);
        assert!(told.stderr.contains(reason), "{reason}: {}", told.stderr);
        assert_eq!(plan(&desk, "first").code, 0, "planned again");
    };
    assert_ne!(desk.run("push plan --run nowhere").code, 0);
    is_told("was refused: ");
    double.fail(FailingRequests { word: "Opportunity", after: 0, times: 1, status: None });
    assert_eq!(plan(&desk, "first").code, 5);
    is_told(&double.url);
    let field = double.crm().fields.remove("cScore").unwrap();
    assert_eq!(plan(&desk, "first").code, 2);
    double.crm().fields.insert("cScore", field);
    is_told("cScore");
    // As a kill leaves it.
    fs::write(desk.path("push/crm/planning.json"), "{\"begun\":\"2027-01-05T02:00:00Z\",\"run\":\"out\"}").unwrap();
    is_told("begun at 2027-01-05T02:00:00Z, and that one did not come to its end");
    assert!(double.crm().writes.is_empty());
    desk.ok("push apply");
    assert_right(&double);
    // Where there is none at all, why is told too.
    fs::remove_dir_all(desk.path("push")).unwrap();
    assert_ne!(desk.run("push plan --run nowhere").code, 0);
    let none = desk.run("push apply");
    assert!(none.code == 2 && none.stderr.contains("the only one, begun at"), "{}", none.stderr);
}
