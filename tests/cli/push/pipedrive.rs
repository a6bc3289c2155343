//! Pipedrive's interface, against a double that behaves as its documentation says.

use super::double::Double;
use super::pipedrive_double::{CHANCE, GRADE, KEY, PipedriveDouble};
use super::scene::{books, count, desk, plan, scored};
use super::secrets::run_all;
use super::suite::{assert_all_right, goes_all_the_way, stands_every_fault, stops_and_goes_on};
use crate::harness::Desk;

const RUN: &str = "numbered";

/// One field by its key, the others by what they are called.
fn section(url: &str, secret: &str) -> String {
    format!(
        "[push.crm]\ntarget = \"pipedrive\"\nurl = \"{url}\"\nsecret = {secret}\nmax_reject_share = 1.0\n\
         [push.crm.fields]\nprobability = \"{CHANCE}\"\ngrade = \"Win grade\"\nscored_at = \"Scored at\"\n"
    )
}

pub fn pipedrive_desk(url: &str) -> Desk {
    let desk = desk(&section(url, "{ file = \"key\" }"));
    desk.write("key", format!("{KEY}\n"));
    desk
}

pub fn double() -> Double<PipedriveDouble> {
    Double::start(PipedriveDouble::new(scored(RUN).iter().map(|deal| deal.deal.as_str())))
}

#[test]
fn scores_are_planned_written_and_planned_as_unchanged() {
    let double = double();
    goes_all_the_way(&double, &pipedrive_desk(&double.url), RUN);
    assert!(double.crm().records.values().all(|record| record[GRADE].is_i64()), "a choice is written by its number");
}

#[test]
fn whatever_becomes_of_an_answer_every_deal_ends_right_and_is_written_once() {
    let double = double();
    stands_every_fault(&double, &pipedrive_desk(&double.url), RUN);
}

#[test]
fn a_quota_and_a_refused_key_stop_it_and_a_deal_that_is_gone_is_missing() {
    let double = double();
    stops_and_goes_on(&double, &pipedrive_desk(&double.url), RUN);
}

#[test]
fn the_tokens_of_the_day_stop_it_at_once_and_it_goes_on_tomorrow() {
    let (double, deals) = (double(), scored(RUN).len());
    let desk = pipedrive_desk(&double.url);
    plan(&desk, RUN);
    double.crm().tokens = 52;
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("of the day"), "{}", stopped.stderr);
    assert_eq!(double.crm().writes.len(), 10);
    double.crm().tokens = usize::MAX;
    desk.ok("push resume");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_all_right(&double, RUN, &[]);
}

#[test]
fn fields_are_checked_first() {
    let double = double();
    let desk = pipedrive_desk(&double.url);
    let text = desk.read("dealcast.toml");
    desk.write("dealcast.toml", text.replace("\"Scored at\"", "\"Label\"").replace("Win grade", "Win grades"));
    let refused = plan(&desk, RUN);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    for told in ["Win grades is not there", "Label is Pipedrive's own"] {
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
}

#[test]
fn the_key_is_seen_nowhere() {
    let double = double();
    run_all(&desk(&section(&double.url, "{ env = \"ESPO_KEY\" }")), KEY, RUN, &|| {});
    assert!(!double.crm().writes.is_empty(), "the key was used");
}
