//! What Salesforce, HubSpot and Zoho are all to do: set up, planned, written, verified; every fault; sessions; secrets.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use super::cloud_double::{CLIENT, CloudCrm, REFRESH, SECRET, TOKEN};
use super::double::{Double, Fault};
use super::espocrm::assert_nothing_twice;
use super::hubspot_double::HubspotDouble;
use super::salesforce_double::SalesforceDouble;
use super::scene::{Runs, Scored, books, count, desk, scored_in};
use super::secrets::{LOUDEST, assert_without, bytes_below};
use super::zoho_double::ZohoDouble;
use crate::harness::{Desk, Finished, Table};

/// The folder of the run `first` or `second`, with ids of 15 digits, which Salesforce, HubSpot and Zoho could have given.
pub fn cloud_run(name: &str) -> PathBuf {
    static RUNS: OnceLock<Runs> = OnceLock::new();
    RUNS.get_or_init(|| Runs::of_deals("006000000000")).desk.path(name)
}

/// A double that holds every scored deal of the first run.
pub fn double<C: CloudCrm>() -> Double<C> {
    Double::start(C::of_deals(scored().iter().map(|deal| deal.deal.as_str())))
}

pub fn scored() -> Vec<Scored> {
    scored_in(&cloud_run("first"))
}

/// A desk for the double at `url`, whose client logs in.
pub fn cloud_desk<C: CloudCrm>(url: &str, more: &str) -> Desk {
    let (target, chance) = C::TARGET;
    let desk = desk(&format!(
        "[push.crm]\ntarget = \"{target}\"\nurl = \"{url}\"\nsecret = {{ file = \"secret\" }}\n{more}\n\
         [push.crm.login]\ntoken_url = \"{url}/token\"\nclient_id = \"{CLIENT}\"\nrefresh_token = {{ file = \"refresh\" }}\n\
         [push.crm.fields]\nprobability = \"{chance}\"\n{}\n",
        C::FIELDS
    ));
    desk.write("secret", format!("{SECRET}\n"));
    desk.write("refresh", format!("{REFRESH}\n"));
    desk
}

pub fn plan(desk: &Desk) -> Finished {
    desk.run(&format!("push plan --format csv --run {}", cloud_run("first").display()))
}

/// A plan that is made, whatever it says.
pub fn planned<C: CloudCrm>(url: &str, more: &str) -> Desk {
    let desk = cloud_desk::<C>(url, more);
    let planned = plan(&desk);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    desk
}

/// Every scored deal but those in `but` holds what the run says.
pub fn assert_right<C: CloudCrm>(double: &Double<C>, but: &[&str]) {
    for deal in scored().iter().filter(|deal| !but.contains(&deal.deal.as_str())) {
        let held = double.crm().cloud().records[&deal.deal].get(C::TARGET.1).cloned();
        let held = held.and_then(|held| held.as_f64().or_else(|| held.as_str()?.parse().ok())).unwrap_or(-1.0);
        assert!((held - deal.chance).abs() < 1e-6, "{}: {held} for {}", deal.deal, deal.chance);
    }
}

fn goes_full_circle<C: CloudCrm>() {
    let (double, deals) = (double::<C>(), scored().len());
    let desk = cloud_desk::<C>(&double.url, "");
    assert_eq!(desk.ok("push setup --format csv").stdout.matches(",there").count(), 5);
    let planned = plan(&desk);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert_eq!(Table::parse(&planned.stdout).column("step"), vec!["write"; deals]);
    assert!(double.crm().cloud().writes.is_empty(), "a plan writes nothing");
    let canary = desk.run("push apply --limit 3");
    assert_eq!((canary.code, double.crm().cloud().writes.len()), (5, 3), "{}", canary.stderr);
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_right(&double, &[]);
    assert_nothing_twice(&double.crm().cloud().writes);
    let verified = desk.ok("push verify");
    assert!(verified.stderr.contains(&format!("{deals} hold what was pushed")), "{}", verified.stderr);
    let again = plan(&desk);
    assert_eq!(Table::parse(&again.stdout).column("step"), vec!["unchanged"; deals]);
    desk.ok("push apply");
    assert_eq!(double.crm().cloud().writes.len(), deals);
    // Somebody else's value is found.
    let first = scored()[0].deal.clone();
    double.crm().cloud().records.get_mut(&first).unwrap().insert(C::TARGET.1.to_owned(), "0.000001".into());
    assert_eq!(desk.run("push verify").code, 5);
}

/// Whatever becomes of a batch, every deal ends right and is written once.
fn survives_faults<C: CloudCrm>(more: &str) {
    let faults =
        [Fault::Drop, Fault::Reset, Fault::Half, Fault::BadGateway, Fault::Busy, Fault::Failure, Fault::NotHere];
    // What stands in between has no word of the vendor's, and the records were written all the same.
    let between = if more.is_empty() {
        &[Fault::After(400), Fault::After(408), Fault::After(425), Fault::After(524)][..]
    } else {
        &[]
    };
    for fault in faults.into_iter().chain([Fault::Unauthorised]).chain(between.iter().copied()) {
        let (double, deals) = (double::<C>(), scored().len());
        let desk = planned::<C>(&double.url, more);
        double.crm().cloud().faults = [Fault::None, fault, Fault::None, fault].into_iter().collect();
        desk.ok("push apply");
        assert_eq!(count(&books(&desk), "written"), deals, "{fault:?}");
        assert_right(&double, &[]);
        assert_nothing_twice(&double.crm().cloud().writes);
    }
    // Two failures in a row: the batch is halved, and nothing is refused that was not at fault.
    let (double, deals) = (double::<C>(), scored().len());
    let desk = planned::<C>(&double.url, more);
    double.crm().cloud().faults = [Fault::None, Fault::Failure, Fault::Failure].into_iter().collect();
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_nothing_twice(&double.crm().cloud().writes);
    // A limit of the day.
    let desk = planned::<C>(&double.url, &format!("epsilon = 0.0\n{more}"));
    double.crm().cloud().records.values_mut().for_each(serde_json::Map::clear);
    double.crm().cloud().writes.clear();
    assert_eq!(plan(&desk).code, 0);
    double.crm().cloud().faults = [Fault::None, Fault::Quota].into_iter().collect();
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("asks to wait 86400 seconds"), "{}", stopped.stderr);
    assert_eq!(count(&books(&desk), "unknown"), deals - 1);
    desk.ok("push resume");
    assert_right(&double, &[]);
    assert_nothing_twice(&double.crm().cloud().writes);
}

/// Logins and requests so far.
fn asked<C: CloudCrm>(double: &Double<C>) -> (usize, usize) {
    let mut crm = double.crm();
    let cloud = crm.cloud();
    (cloud.logins, cloud.requests)
}

fn logs_in_again_once<C: CloudCrm>() {
    let (double, deals) = (double::<C>(), scored().len());
    double.crm().cloud().session_length = 2;
    let desk = planned::<C>(&double.url, "");
    desk.ok("push apply");
    assert!(double.crm().cloud().logins > 2, "{}", double.crm().cloud().logins);
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_nothing_twice(&double.crm().cloud().writes);
    // A token that is refused as soon as it is given out: the end, after two.
    double.crm().cloud().refuses_tokens = true;
    let before = asked(&double);
    let refused = desk.run("push setup");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("refuses a token it has just given out (401"), "{}", refused.stderr);
    assert_eq!(asked(&double), (before.0 + 2, before.1 + 2));
    // A client that is not known.
    desk.write("secret", "wrong-secret-marked-1c\n");
    let refused = plan(&desk);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("the login is refused: invalid_client"), "{}", refused.stderr);
}

fn keeps_secrets<C: CloudCrm>() {
    let double = double::<C>();
    double.crm().cloud().session_length = 3;
    let desk = cloud_desk::<C>(&double.url, "");
    let plan = format!("push plan --run {}", cloud_run("first").display());
    for part in ["push setup", &plan, "push apply --limit 2", "push resume --format json", "push verify", "push status"]
    {
        double.crm().cloud().faults = [Fault::Half, Fault::Drop, Fault::Failure].into_iter().collect();
        assert_hushed(&desk, part);
    }
    assert!(!double.crm().cloud().writes.is_empty(), "the secrets were used");
    double.crm().cloud().refuses_tokens = true;
    assert_hushed(&desk, "push setup");
    desk.write("refresh", "another\n");
    assert_hushed(&desk, "push setup");
    assert_kept(&bytes_below(&desk.path("push")), "the folder of the push");
}

fn assert_kept(bytes: &[u8], place: &str) {
    for secret in [SECRET, REFRESH, TOKEN] {
        assert_without(bytes, secret, place);
    }
}

fn assert_hushed(desk: &Desk, part: &str) {
    for more in ["-vvv", "-vvv --log-format json"] {
        let loud = format!("{part} {more}");
        let Output { stdout, stderr, .. } = desk.command(&loud).env("DEALCAST_LOG", LOUDEST).output().unwrap();
        assert_kept(&stdout, &format!("standard output of {loud}"));
        assert_kept(&stderr, &format!("standard error of {loud}"));
    }
    assert!(Path::new(&desk.path("secret")).exists());
}

#[test]
fn salesforce_goes_full_circle() {
    goes_full_circle::<SalesforceDouble>();
}

#[test]
fn hubspot_goes_full_circle() {
    goes_full_circle::<HubspotDouble>();
}

#[test]
fn zoho_goes_full_circle() {
    goes_full_circle::<ZohoDouble>();
}

#[test]
fn salesforce_survives_every_fault_of_a_batch() {
    survives_faults::<SalesforceDouble>("");
}

#[test]
fn salesforces_jobs_survive_every_fault() {
    survives_faults::<SalesforceDouble>("bulk_from = 10");
}

#[test]
fn hubspot_survives_every_fault_of_a_batch() {
    survives_faults::<HubspotDouble>("");
}

#[test]
fn zoho_survives_every_fault_of_a_batch() {
    survives_faults::<ZohoDouble>("");
}

#[test]
fn a_session_that_ends_is_opened_again_once() {
    logs_in_again_once::<SalesforceDouble>();
    logs_in_again_once::<HubspotDouble>();
    logs_in_again_once::<ZohoDouble>();
}

#[test]
fn client_secrets_refresh_tokens_and_access_tokens_are_said_nowhere() {
    keeps_secrets::<SalesforceDouble>();
    keeps_secrets::<HubspotDouble>();
    keeps_secrets::<ZohoDouble>();
}
