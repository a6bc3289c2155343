//! Files for imports: the layout of each CRM, only what changed, never lost and never twice.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::cloud::cloud_run;
use super::scene::{Runs, books, count, desk, plan, run, scored, scored_in};
use crate::harness::{Desk, Table, names};

fn file_desk(layout: &str, more: &str) -> Desk {
    desk(&format!(
        "[push.nightly]\ntarget = \"file\"\nlayout = \"{layout}\"\n{more}\n[push.nightly.fields]\n\
         probability = \"Win Probability\"\nscore = \"Win Score\"\nscored_at = \"Scored At\"\n"
    ))
}

/// A run whose deals have ids of Dynamics.
fn guids() -> PathBuf {
    static RUNS: OnceLock<Runs> = OnceLock::new();
    RUNS.get_or_init(|| Runs::of_deals("6b03eb07-2d4c-4f5a-9d0e-0a1b2c3d4")).desk.path("second")
}

/// The files that were made, in order.
fn files(desk: &Desk) -> Vec<String> {
    names(&desk.path("push/nightly/files"))
}

#[test]
fn every_layout_names_its_record_and_says_how_far_it_was_verified() {
    let (cloud, guids, numbered, first) = (cloud_run("first"), guids(), run("numbered"), run("first"));
    let expected = [
        ("salesforce", "Id", &cloud),
        ("hubspot", "Record ID", &cloud),
        ("vtiger", "Opportunity Number", &numbered),
        ("espocrm", "id", &first),
        ("zoho", "Record Id", &cloud),
        ("dynamics", "opportunityid", &guids),
    ];
    for (layout, id, run) in expected {
        let desk = file_desk(layout, "");
        let planned = desk.ok(&format!("push plan --run {}", run.display()));
        assert!(!planned.stderr.contains("not sent"), "{}", planned.stderr);
        let told = desk.ok("push apply").stderr;
        assert!(told.contains("was not tried") != (layout == "espocrm"), "{told}");
        let made = Table::read(&desk.path("push/nightly/files").join(&files(&desk)[0]));
        assert_eq!(made.names().collect::<Vec<_>>(), [id, "Win Score", "Win Probability", "Scored At"]);
        for (deal, row) in scored_in(run).iter().zip(made.iter()) {
            assert_eq!((row.get(id), row.get("Win Score")), (deal.deal.as_str(), deal.score.to_string().as_str()));
            assert!((row.get("Win Probability").parse::<f64>().unwrap() - deal.chance).abs() < 1e-6);
        }
        assert_eq!(made.rows(), scored_in(run).len());
    }
}

#[test]
fn a_run_of_another_crm_ends_at_the_plan_and_nothing_of_it_is_in_a_file() {
    for (layout, reason) in [
        ("salesforce", "the id cannot be one of Salesforce"),
        ("hubspot", "the id cannot be one of HubSpot"),
        ("zoho", "the id cannot be one of Zoho"),
        ("vtiger", "the id cannot be the number of an opportunity of vtiger"),
        ("dynamics", "the id cannot be one of Dynamics"),
    ] {
        let (desk, deals) = (file_desk(layout, ""), scored("first"));
        let planned = plan(&desk, "first");
        let none = format!("none of the {} deals of the run, such as {:?}: {reason}", deals.len(), deals[0].deal);
        assert_eq!(planned.code, 3, "{}", planned.stderr);
        assert!(planned.stderr.contains(&none), "{layout}: {}", planned.stderr);
        assert_eq!(desk.run("push apply").code, 2, "there is no plan");
        assert!(!desk.path("push/nightly/files").exists(), "{layout}");
    }
    let desk = desk("[push.crm]\ntarget = \"sqlite\"\nfile = \"t.sqlite\"\n[push.crm.fields]\nprobability = \"p\"\n");
    assert_eq!(plan(&desk, "first").code, 0, "a table of one's own takes any id");
}

#[test]
fn days_are_made_as_days_for_files_and_as_days_or_moments_for_servers_that_take_both() {
    let made_as = |section: &str| {
        let desk =
            desk(&format!("[push.crm]\n{section}\n[push.crm.fields]\nscore = \"cScore\"\nscored_at = \"cAt\"\n"));
        desk.ok("push setup --offline --format csv").stdout
    };
    let server = |target: &str| format!("target = \"{target}\"\nurl = \"https://crm\"\nsecret = {{ env = \"K\" }}");
    assert!(made_as(&server("espocrm")).contains("scored_at,cAt,Date or Date-Time,"));
    assert!(made_as(&server("hubspot")).contains("scored_at,cAt,Date picker or Date and time picker,"));
    assert!(made_as("target = \"file\"\nlayout = \"espocrm\"").contains("scored_at,cAt,Date,"));
}

#[test]
fn scores_of_dynamics_have_a_table_of_their_own_with_codes() {
    let section = |more: &str| {
        format!(
            "[push.d]\ntarget = \"file\"\nlayout = \"dynamics-scores\"\n[push.d.fields]\nscore = \"msdyn_score\"\n\
             grade = \"msdyn_grade\"\ntrend = \"msdyn_scoretrend\"\n{more}"
        )
    };
    let desk = desk(&section(""));
    desk.ok(&format!("push plan --run {}", guids().display()));
    desk.ok("push apply");
    let made = Table::read(&desk.path("push/d/files").join(&names(&desk.path("push/d/files"))[0]));
    let columns = ["msdyn_entityid", "msdyn_entitytype", "msdyn_score", "msdyn_grade", "msdyn_scoretrend"];
    assert_eq!(made.names().collect::<Vec<_>>(), columns);
    let told = Table::read(&guids().join("scores.csv"));
    let code = |words: &[&str], word: &str| {
        words.iter().position(|known| *known == word).map(|code| code.to_string()).unwrap_or_default()
    };
    for (score, row) in told.iter().zip(made.iter()) {
        assert_eq!((row.get("msdyn_entityid"), row.get("msdyn_entitytype")), (score.get("deal_id"), "opportunity"));
        assert_eq!(row.get("msdyn_grade"), code(&["A", "B", "C", "D"], score.get("grade")));
        assert_eq!(row.get("msdyn_scoretrend"), code(&["improving", "steady", "declining"], score.get("trend")));
    }
    desk.write("dealcast.toml", section("probability = \"msdyn_score2\"\n"));
    let refused = plan(&desk, "second");
    assert!(refused.code == 2 && refused.stderr.contains("the table has no column for it"), "{}", refused.stderr);
}

#[test]
fn the_next_file_has_only_what_changed_since_the_files_before() {
    let desk = file_desk("espocrm", "");
    plan(&desk, "first");
    desk.ok("push apply");
    plan(&desk, "first");
    desk.ok("push apply");
    assert_eq!(files(&desk).len(), 1, "nothing changed, no file");
    let planned = plan(&desk, "second");
    let writes = Table::parse(&planned.stdout).column("step").iter().filter(|step| **step == "write").count();
    assert!(writes > 0 && writes < scored("second").len(), "{writes}");
    desk.ok("push apply");
    let second = files(&desk).pop().unwrap();
    assert_eq!(Table::read(&desk.path("push/nightly/files").join(&second)).rows(), writes);
    // A file that was lost: everything again.
    desk.ok(&format!("push plan --full --run {}", run("second").display()));
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), scored("second").len());
}

#[test]
fn parts_add_up_and_lines_of_json_are_an_option() {
    let desk = file_desk("zoho", "format = \"jsonl\"");
    desk.ok(&format!("push plan --run {}", cloud_run("first").display()));
    assert_eq!(desk.run("push apply --limit 4").code, 5);
    desk.ok("push resume");
    let texts: Vec<String> = files(&desk).iter().map(|name| desk.read(&format!("push/nightly/files/{name}"))).collect();
    assert_eq!(texts.len(), 2);
    assert_eq!(texts[0].lines().count(), 4);
    let mut deals: Vec<String> = texts
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["Record Id"].as_str().unwrap().to_owned())
        .collect();
    deals.sort();
    assert_eq!(deals, scored_in(&cloud_run("first")).into_iter().map(|deal| deal.deal).collect::<Vec<_>>());
}

#[test]
fn what_cannot_be_done_is_told_with_what_would_do() {
    let desk = file_desk("zoho", "");
    let refused = desk.run("push apply");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("`dealcast push plan`"), "{}", refused.stderr);
    assert_eq!(desk.run("push plan other --run .").code, 2);
    assert_eq!(desk.run("push plan --run nowhere").code, 3);
    assert_eq!(desk.run("push verify").code, 2);
    assert!(desk.ok("push setup --format csv").stdout.contains("score,Win Score,Number,not checked"));
    let none = Desk::empty();
    assert!(none.run("push status").stderr.contains("no push target is configured"));
    let own = desk.read("dealcast.toml").replace("Win Probability", "Probability (%)");
    desk.write("dealcast.toml", own);
    let refused = desk.run("push status");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("the CRM's own fields are never overwritten"), "{}", refused.stderr);
}
