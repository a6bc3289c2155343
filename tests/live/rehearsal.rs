//! The suite itself, started as people start it, against doubles that are not as empty as a fresh server: records of other people,
//! fields of another type, a role with few rights, a number format that spoils amounts.

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::double::{Crm, Double};
use crate::espocrm_double::{self, EspoDouble};
use crate::vtiger_double::{self, VtigerDouble};

const ESPO: [&str; 3] = ["64f1a0c9d1e2f3a4b", "64f1a0c9d1e2f3a4c", "64f1a0c9d1e2f3a4d"];
const VTIGER: [&str; 3] = ["13x512", "13x514", "13x515"];

/// Every rehearsal.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("push_to_espocrm_double", espocrm),
        Trial::test("push_to_espocrm_double_by_imports", espocrm_by_imports),
        Trial::test("push_to_espocrm_double_that_refuses_one_deal", espocrm_refuses),
        Trial::test("push_to_espocrm_double_whose_field_is_another", espocrm_field),
        Trial::test("push_to_vtiger_double", vtiger),
        Trial::test("push_to_vtiger_double_that_spoils_amounts", vtiger_spoils),
        Trial::test("push_with_half_of_the_variables", half),
    ]
}

/// What a suite that was started said.
struct Said {
    is_passed: bool,
    text: String,
}

/// Starts the suite with a server in its environment.
fn started(target: &str, variables: &[(&str, &str)]) -> Result<Said, Failed> {
    let mut suite = Command::new(std::env::current_exe()?);
    suite.args(["--exact", &format!("push_to_{target}_server")]);
    for (part, value) in variables {
        suite.env(format!("DEALCAST_LIVE_{}_{part}", target.to_uppercase()), value);
    }
    let output = suite.output()?;
    let text = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    Ok(Said { is_passed: output.status.success(), text })
}

impl Said {
    fn assert(&self, is_passed: bool, parts: &[&str]) {
        assert_eq!(self.is_passed, is_passed, "{}", self.text);
        for part in parts {
            assert!(self.text.contains(part), "{part}: {}", self.text);
        }
    }

    /// The folder that was kept, which is removed here.
    fn assert_kept(&self, more: &[&str]) {
        let folder = self.text.split("Kept in ").nth(1).and_then(|rest| rest.split(": before.json").next()).unwrap();
        let folder = Path::new(folder);
        for name in ["before.json", "dealcast.toml"].iter().chain(more) {
            assert!(folder.join(name).is_file(), "{name}: {}", self.text);
        }
        assert!(!folder.join("key").exists(), "the key is not kept");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

/// What every play that ends well says.
const WHOLE: [&str; 9] = [
    "nothing is created, no other deal is touched",
    "push setup",
    "push probe",
    "push apply",
    "killed",
    "push resume",
    "push verify",
    "What the play leaves behind:",
    "To empty the fields",
];

/// EspoCRM's double with 450 deals of other people; the second of the play's own is filled.
fn espo_double() -> Double<EspoDouble> {
    let others: Vec<String> = (0..450).map(|at| format!("64f1a0c9d1e2f{at:04}")).collect();
    let mut crm = EspoDouble::new(others.iter().map(String::as_str).chain(ESPO));
    crm.page = 50;
    crm.records.get_mut(ESPO[1]).unwrap().insert("cWinScore".to_owned(), 0.31.into());
    Double::start(crm)
}

fn start_espo(double: &Double<EspoDouble>, deals: &[&str], more: &[(&str, &str)]) -> Result<Said, Failed> {
    let (deals, fields) =
        (deals.join(","), "probability=cWinScore,score=cScore,model_id=cScoreModel,scored_at=cScoredAt");
    let of = [("URL", double.url.as_str()), ("KEY", espocrm_double::KEY), ("DEALS", &deals), ("FIELDS", fields)];
    started("espocrm", &[&of[..], more].concat())
}

/// What was filled is as it was, nothing was created, no other deal was touched.
fn assert_left_alone(double: &Double<EspoDouble>) {
    let crm = double.crm();
    assert_eq!((crm.records.len(), crm.records[ESPO[1]]["cWinScore"].as_f64()), (453, Some(0.31)));
    assert!(crm.writes.iter().all(|(deal, _)| ESPO.contains(&deal.as_str())));
}

fn espocrm() -> Result<(), Failed> {
    let double = espo_double();
    let said = start_espo(&double, &ESPO, &[])?;
    said.assert(true, &WHOLE);
    said.assert(true, &["cWinScore: 0.31, as before", "it was empty before"]);
    assert_left_alone(&double);
    assert!(double.crm().records[ESPO[0]]["cWinScore"].as_f64().is_some(), "what was empty stays filled");
    Ok(())
}

fn espocrm_by_imports() -> Result<(), Failed> {
    let double = espo_double();
    let more: Vec<String> = (0..5).map(|at| format!("64f1a0c9d1e2f{at:04}")).collect();
    let deals: Vec<&str> = ESPO.into_iter().chain(more.iter().map(String::as_str)).collect();
    start_espo(&double, &deals, &[("BULK_FROM", "2")])?.assert(true, &WHOLE);
    assert!(double.crm().imports.begun >= 2, "{} imports", double.crm().imports.begun);
    Ok(())
}

fn espocrm_refuses() -> Result<(), Failed> {
    let double = espo_double();
    double.crm().uneditable = vec![ESPO[2]];
    let said = start_espo(&double, &ESPO, &[])?;
    said.assert(
        false,
        &["broke off at this step: writing the others", "No edit access.", "cWinScore: 0.31, as before"],
    );
    said.assert_kept(&["push/live/plan.json", "push/live/ledger.jsonl"]);
    assert_left_alone(&double);
    assert!(double.crm().writes.iter().all(|(deal, _)| deal != ESPO[2]));
    Ok(())
}

fn espocrm_field() -> Result<(), Failed> {
    let double = espo_double();
    double.crm().fields.insert("cScore", serde_json::json!({ "type": "link", "isCustom": true }));
    let said = start_espo(&double, &ESPO, &[])?;
    said.assert(
        false,
        &["broke off at this step: looking up the fields", "cScore is of type link", "Nothing was written."],
    );
    said.assert_kept(&[]);
    assert!(double.crm().writes.is_empty());
    // A deal that is none of the server's.
    double.crm().fields.insert("cScore", serde_json::json!({ "type": "int", "isCustom": true }));
    let said = start_espo(&double, &[ESPO[0], "64f1a0c9d1e2fffff"], &[])?;
    said.assert(
        false,
        &["the server has no deal 64f1a0c9d1e2fffff, or its user does not see it", "Nothing was written."],
    );
    said.assert_kept(&[]);
    assert!(double.crm().writes.is_empty());
    Ok(())
}

fn vtiger_double() -> Double<VtigerDouble> {
    let mut crm = VtigerDouble::new(VTIGER);
    // A first page of other people's deals, which the user may not see.
    crm.crowd(130);
    crm.hidden = (1..=130).collect();
    Double::start(crm)
}

fn start_vtiger<C: Crm>(double: &Double<C>) -> Result<Said, Failed> {
    let (deals, fields) = (VTIGER.join(","), "probability=cf_win_score,model_id=cf_score_model,scored_at=cf_scored_on");
    let of = [("URL", double.url.as_str()), ("KEY", vtiger_double::KEY), ("USER", "scorer"), ("DEALS", &deals)];
    started("vtiger", &[&of[..], &[("FIELDS", fields)]].concat())
}

fn vtiger() -> Result<(), Failed> {
    let double = vtiger_double();
    start_vtiger(&double)?.assert(true, &WHOLE);
    let crm = double.crm();
    assert_eq!(crm.records.len(), 133);
    assert!(VTIGER.iter().all(|deal| crm.score(deal) == 0.0), "0 is what they held");
    assert!(VTIGER.iter().all(|deal| crm.amount(deal) == "12500.50000000"));
    Ok(())
}

fn vtiger_spoils() -> Result<(), Failed> {
    let double = vtiger_double();
    (double.crm().separator, double.crm().shows_user) = (',', false);
    let said = start_vtiger(&double)?;
    said.assert(false, &["changed amount from 12500.50000000", "writing one deal and comparing its fields"]);
    said.assert_kept(&["push/live/plan.json", "push/live/ledger.jsonl"]);
    assert_eq!(double.crm().amount(VTIGER[1]), "12500.50000000", "only the first one was touched");
    Ok(())
}

fn half() -> Result<(), Failed> {
    let said = started("vtiger", &[("URL", "http://127.0.0.1:9"), ("DEALS", "13x2")])?;
    let parts = [
        "DEALCAST_LIVE_VTIGER_USER is not set",
        "DEALCAST_LIVE_VTIGER_FIELDS is not set",
        "neither DEALCAST_LIVE_VTIGER_KEY_FILE",
    ];
    said.assert(false, &parts);
    Ok(())
}
