//! EspoCRM's import for many records: every record has its own outcome, and nothing is imported twice.

use std::collections::BTreeSet;

use serde_json::json;

use super::double::Fault;
use super::espocrm::{assert_nothing_twice, assert_right, double, espo_desk};
use super::espocrm_double::KEY;
use super::espocrm_imports::DEFAULT_CURRENCY;
use super::scene::{books, count, plan, scored};
use crate::harness::Table;

/// Imports from the first change on.
const BULK: &str = "bulk_from = 2";

#[test]
fn many_records_are_imported_read_again_and_planned_as_unchanged() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, BULK);
    plan(&desk, "first");
    desk.ok("push apply");
    assert_eq!(double.crm().imports.rows, [deals - 1], "the first one is tried alone, the others go together");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
    assert!(double.crm().records.values().all(|record| record["cScoredAt"].as_str().unwrap().ends_with(" 00:00:00")));
    desk.ok("push verify");
    let again = plan(&desk, "first");
    assert_eq!(Table::parse(&again.stdout).column("step"), vec!["unchanged"; deals]);
    desk.ok("push apply");
    assert_eq!(double.crm().writes.len(), deals);
}

#[test]
fn an_import_names_no_currency_so_that_an_empty_one_becomes_the_servers_own() {
    for (more, expected) in [(BULK, json!(DEFAULT_CURRENCY)), ("bulk_from = 0", json!(null))] {
        let double = double();
        let desk = espo_desk(&double.url, KEY, more);
        plan(&desk, "first");
        desk.ok("push apply");
        let currencies: Vec<_> = {
            let crm = double.crm();
            let mut records: Vec<_> = crm.records.values().collect();
            records.sort_by_key(|record| record["createdAt"].as_u64());
            records.iter().map(|record| record["amountCurrency"].clone()).collect()
        };
        // The first one is tried alone.
        for (at, currency) in currencies.iter().enumerate().skip(1) {
            assert_eq!(*currency, if at % 2 == 0 { json!("GBP") } else { expected.clone() }, "{more}: {at}");
        }
    }
}

#[test]
fn a_few_records_an_import_that_is_switched_off_and_a_user_who_may_not_go_one_by_one() {
    for (more, are_allowed) in [("", true), ("bulk_from = 0", true), (BULK, false)] {
        let (double, deals) = (double(), scored("first").len());
        double.crm().imports.are_allowed = are_allowed;
        let desk = espo_desk(&double.url, KEY, more);
        plan(&desk, "first");
        desk.ok("push apply");
        let begun = double.crm().imports.begun;
        assert_eq!((begun, double.crm().writes.len()), (0, deals), "{more}");
        assert_right(&double);
    }
}

#[test]
fn a_role_that_may_import_only_in_part_stops_nothing() {
    // A role that may not look at imports could not wait for one whose answer is lost: it gets none.
    for (closed, begun) in [("list", 0), ("file", 0), ("run", 0), ("errors", 1)] {
        let (double, deals) = (double(), scored("first"));
        double.crm().imports.closed = match closed {
            "list" => &["list"],
            "file" => &["file"],
            "run" => &["run"],
            _ => &["errors"],
        };
        let desk = espo_desk(&double.url, KEY, &format!("{BULK}\nmax_reject_share = 1.0"));
        plan(&desk, "first");
        // Two the import does not take, and does not say why.
        double.crm().imports.broken = BTreeSet::from([deals[4].deal.clone(), deals[7].deal.clone()]);
        desk.ok("push apply");
        assert_eq!((count(&books(&desk), "written"), double.crm().imports.begun), (deals.len(), begun), "{closed}");
        assert_right(&double);
        assert_nothing_twice(&double.crm().writes);
    }
    // One whose address is locked out stops, and goes on later.
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, BULK);
    plan(&desk, "first");
    double.crm().imports.closed = &["errors", "everything"];
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 2, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("refuses this address (403)"), "{}", stopped.stderr);
    double.crm().failed_logins = 0;
    double.crm().imports.closed = &[];
    desk.ok("push resume");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn rows_an_import_refuses_are_told_with_its_reason_or_sent_on_their_own() {
    let (double, deals) = (double(), scored("first"));
    let desk = espo_desk(&double.url, KEY, &format!("{BULK}\nmax_reject_share = 1.0"));
    plan(&desk, "first");
    // One is deleted since, one has an empty field that somebody made required: a single write looks at its own fields only.
    double.crm().records.remove(&deals[3].deal);
    double.crm().imports.broken = BTreeSet::from([deals[4].deal.clone()]);
    // What the field takes was changed since: half of the chances are over it.
    let mut chances: Vec<f64> = deals.iter().map(|deal| deal.chance).collect();
    chances.sort_by(f64::total_cmp);
    let most = chances[chances.len() / 2].max(deals[0].chance);
    let field = |most: f64| json!({ "type": "float", "max": most, "decimalPlaces": 6, "isCustom": true });
    double.crm().fields.insert("cWinScore", field(most));
    let told = desk.run("push apply --format csv");
    assert_eq!(told.code, 5, "{}", told.stderr);
    assert!(told.stdout.contains("missing,Not-Found,1"), "{}", told.stdout);
    let over = deals.iter().filter(|deal| deal.chance > most + 1e-6).count();
    assert!(told.stdout.contains("rejected,Validation cWinScore max,"), "{}", told.stdout);
    let told = books(&desk);
    assert_eq!(count(&told, "missing"), 1);
    assert!(count(&told, "rejected").abs_diff(over) <= 2, "{told} for {over}");
    assert_eq!(double.crm().imports.begun, 1);
    double.crm().fields.insert("cWinScore", field(1.0));
    desk.ok("push retry");
    assert_eq!(count(&books(&desk), "written"), deals.len() - 1);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn whatever_becomes_of_an_import_every_deal_ends_right_and_is_written_once() {
    let faults =
        [Fault::Drop, Fault::Reset, Fault::Half, Fault::BadGateway, Fault::Busy, Fault::Failure, Fault::NotHere];
    for fault in faults {
        let (double, deals) = (double(), scored("first").len());
        let desk = espo_desk(&double.url, KEY, BULK);
        plan(&desk, "first");
        double.crm().faults = [Fault::None, fault].into_iter().collect();
        desk.ok("push apply");
        assert_eq!(count(&books(&desk), "written"), deals, "{fault:?}");
        assert_right(&double);
        assert_nothing_twice(&double.crm().writes);
    }
}

#[test]
fn an_import_that_goes_on_without_its_sender_is_waited_for_by_whoever_comes_next() {
    let (double, deals) = (double(), scored("first").len());
    let desk = espo_desk(&double.url, KEY, BULK);
    plan(&desk, "first");
    // A few rows, then the gateway gives up; the server goes on.
    double.crm().imports.gives_up_after = Some(deals / 3);
    desk.ok("push apply");
    assert_eq!((count(&books(&desk), "written"), double.crm().imports.begun), (deals, 1));
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
    // One that ends in the middle and says so with success: the rest is sent on its own.
    let double = self::double();
    let desk = espo_desk(&double.url, KEY, BULK);
    plan(&desk, "first");
    double.crm().imports.break_off = true;
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn a_dead_import_is_waited_for_as_long_as_an_answer_and_one_of_the_other_day_not_at_all() {
    for (days, seconds, looks) in [(2, 30, 1), (0, 1, 3), (0, 2, 5)] {
        let double = double();
        let desk = espo_desk(&double.url, KEY, &format!("timeout_seconds = {seconds}"));
        double.crm().imports.dead_for_days = Some(days);
        assert_eq!(plan(&desk, "first").code, 0);
        assert_eq!(double.crm().imports.looks, looks, "{days} days ago, {seconds} s");
    }
}

#[test]
fn a_field_the_user_may_not_edit_is_found_first_and_a_smaller_page_is_taken() {
    let double = double();
    double.crm().closed = vec!["cScore"];
    double.crm().page = 7;
    let desk = espo_desk(&double.url, KEY, "");
    let refused = plan(&desk, "first");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("cScore is closed to this user"), "{}", refused.stderr);
    double.crm().closed.clear();
    let planned = plan(&desk, "first");
    assert_eq!(Table::parse(&planned.stdout).column("step"), vec!["write"; scored("first").len()]);
}
