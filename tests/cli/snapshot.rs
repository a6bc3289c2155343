//! Keeping dated copies of a deals table whose CRM has no history, and reading them in its place.

use std::fs;
use std::process::Stdio;

use crate::harness::{Desk, PROGRAM, names};

const CONFIG: &str = "[sources.deals]\npath = \"export.csv\"\nkeep_in = \"kept\"\ncolumns = { deal_id = \"Record ID\", \
                      stage = \"Deal Stage\", created_at = \"Create Date\", amount = \"Amount\" }\n";
const HEADER: &str = "Record ID,Deal Stage,Create Date,Amount,Phone\n";

/// A desk with the copies of two Mondays: 1 moves, 2 stays, 3 is gone, 4 is new.
fn two_mondays() -> Desk {
    let desk = Desk::empty();
    desk.write("dealcast.toml", CONFIG);
    let first = "1,Talks,2026-01-02,10,+33 1\n2,Talks,2026-01-02,20,\"a, b\"\n3,Talks,2026-01-02,30,\n";
    desk.write("export.csv", format!("{HEADER}{first}"));
    let said = desk.ok("snapshot --day 2026-01-05").stderr;
    assert!(said.contains("deals_2026-01-05.csv: 3 deals new, 0 changed, 0 gone, 0 as before"), "{said}");
    desk.write(
        "export.csv",
        format!("{HEADER}4,Talks,2026-01-09,40,\n2,Talks,2026-01-02,20,\"a, b\"\n1,Offer,2026-01-02,10,+33 1\n"),
    );
    let said = desk.ok("snapshot --day 2026-01-12").stderr;
    assert!(said.contains("deals_2026-01-12.csv: 1 deal new, 1 changed, 1 gone, 1 as before"), "{said}");
    desk
}

#[test]
fn a_copy_holds_what_is_new_has_changed_or_is_gone() {
    let desk = two_mondays();
    let first = "Record ID,Deal Stage,Create Date,Amount,Phone,gone\n1,Talks,2026-01-02,10,+33 1,\n2,Talks,2026-01-02,20,\"a, b\",\n3,Talks,2026-01-02,30,,\n";
    assert_eq!(desk.read("kept/deals_2026-01-05.csv"), first);
    let second = "Record ID,Deal Stage,Create Date,Amount,Phone,gone\n1,Offer,2026-01-02,10,+33 1,\n4,Talks,2026-01-09,40,,\n3,Talks,2026-01-02,30,,yes\n";
    assert_eq!(desk.read("kept/deals_2026-01-12.csv"), second);
    // the same export again, on the same day and a week later
    desk.ok("snapshot --day 2026-01-12");
    assert_eq!(desk.read("kept/deals_2026-01-12.csv"), second);
    let said = desk.ok("snapshot --day 2026-01-19").stderr;
    assert!(said.contains("nothing to add to"), "{said}");
    let refused = desk.run("snapshot --day 2026-01-07");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("has a copy of 2026-01-12 already"), "{}", refused.stderr);
}

#[test]
fn every_command_reads_the_copies_in_the_place_of_the_table() {
    let desk = two_mondays();
    let story = desk.ok("history 1 --format csv").stdout;
    assert!(story.contains("2026-01-12") && story.contains("Talks,Offer"), "{story}");
    // a file that is named is what is wanted
    let named = desk.ok("history 1 --deals export.csv --format csv").stdout;
    assert!(!named.contains("Talks,Offer"), "{named}");
    let checked = desk.ok("check").stdout;
    assert!(checked.contains("vanished_deal"), "3 is gone: {checked}");
}

#[test]
fn the_nightly_run_keeps_a_copy_unless_it_looks_back() {
    let desk = two_mondays();
    desk.ok("run --as-of 2026-01-13 --out past");
    assert_eq!(names(&desk.path("kept")), ["deals_2026-01-05.csv", "deals_2026-01-12.csv"]);
    desk.write(
        "export.csv",
        format!("{HEADER}4,Offer,2026-01-09,40,\n2,Talks,2026-01-02,20,\"a, b\"\n1,Offer,2026-01-02,10,+33 1\n"),
    );
    let said = desk.ok("run --out now").stderr;
    assert!(said.contains("0 deals new, 1 changed, 0 gone, 2 as before"), "{said}");
    assert_eq!(names(&desk.path("kept")).len(), 3);
    let into_copies = desk.run("run --out kept");
    assert_eq!(into_copies.code, 2, "{}", into_copies.stderr);
}

#[test]
fn a_copy_put_right_replaces_the_first_and_a_cut_export_none() {
    let desk = Desk::empty();
    fs::create_dir(desk.path("crm")).unwrap();
    let way = "path = \"export.csv\"\nseparator = \";\"\nencoding = \"windows-1252\"";
    desk.write("crm/dealcast.toml", CONFIG.replace("path = \"export.csv\"", way));
    let export = |rows: &str| {
        let text = format!("{HEADER}{rows}").replace(',', ";");
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
        desk.write("crm/export.csv", bytes);
    };
    let rows = "1,Talks,2026-01-02,10,Müller\n2,Talks,2026-01-02,20,\n3,Talks,2026-01-02,30,\n";
    let snapshot = |day: &str| desk.run(&format!("snapshot --config crm/dealcast.toml --day {day}"));
    export(rows);
    assert_eq!(snapshot("2026-01-05").code, 0);
    export(&rows.replace("1,Talks", "1,Won"));
    let changed = snapshot("2026-01-12");
    assert!(changed.stderr.contains("1 changed, 0 gone, 2 as before"), "{}", changed.stderr);
    export(rows);
    let again = snapshot("2026-01-12");
    assert!(again.stderr.contains("nothing to add to"), "{}", again.stderr);
    assert_eq!(names(&desk.path("crm/kept")), ["deals_2026-01-05.csv"]);
    export("1,Talks,2026-01-02,10,\n");
    let cut = snapshot("2026-01-19");
    assert_eq!(cut.code, 3, "{}", cut.stderr);
    assert!(cut.stderr.contains("holds 1 deals, where the copies so far hold 3"), "{}", cut.stderr);
}

/// Two at once: what is new rests on the copies that are there when the folder is free, not on those before.
#[test]
fn a_copy_waits_for_another_and_knows_it() {
    let desk = Desk::empty();
    desk.write("dealcast.toml", CONFIG);
    desk.write("export.csv", format!("{HEADER}1,Talks,2026-01-02,10,\n"));
    fs::create_dir(desk.path("kept")).unwrap();
    let held = fs::File::open(desk.path("kept")).unwrap();
    held.lock().unwrap();
    let other = std::process::Command::new(PROGRAM)
        .args(["snapshot", "--day", "2026-01-12"])
        .current_dir(desk.path(""))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    desk.write("kept/deals_2026-01-05.csv", format!("{},gone\n1,Talks,2026-01-02,10,,\n", HEADER.trim_end()));
    held.unlock().unwrap();
    let said = String::from_utf8(other.wait_with_output().unwrap().stderr).unwrap();
    assert!(said.contains("nothing to add to") && said.contains("1 as before"), "{said}");
}

#[test]
fn an_export_without_a_row_ends_no_deal() {
    let desk = two_mondays();
    desk.write("export.csv", HEADER);
    let refused = desk.run("snapshot --day 2026-01-19");
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("holds 0 deals, where the copies so far hold 3"), "{}", refused.stderr);
    assert_eq!(names(&desk.path("kept")).len(), 2);
}

/// Before: a check looked at the export alone, as of the day after its newest event, or at the copies without today's.
#[test]
fn a_check_sees_what_the_run_will_see_once_it_has_kept_its_copy() {
    let desk = Desk::empty();
    desk.write("dealcast.toml", CONFIG);
    desk.write("export.csv", format!("{HEADER}1,Talks,2026-01-02,10,+33 1\n2,Talks,2026-01-02,20,x\n"));
    let as_of = |said: &str| said.lines().find(|line| line.contains("data as of")).map(str::to_owned).unwrap();
    for _ in 0..2 {
        let checked = as_of(&desk.ok("check").stderr);
        assert!(!desk.path("out").exists() && checked.contains("the day after the newest event"), "{checked}");
        let ran = as_of(&desk.ok("run --out out").stderr);
        assert_eq!(checked, ran);
        fs::remove_dir_all(desk.path("out")).unwrap();
        // tomorrow's copy is one more file: that of today cannot tell what is new
        let today = names(&desk.path("kept")).pop().unwrap();
        fs::rename(desk.path("kept").join(today), desk.path("kept/deals_2026-01-05.csv")).unwrap();
        desk.write("export.csv", format!("{HEADER}1,Offer,2026-01-02,10,+33 1\n2,Talks,2026-01-02,20,x\n"));
    }
}

#[test]
fn a_clock_that_is_behind_is_told_what_helps_a_run() {
    let desk = two_mondays();
    desk.write("kept/deals_2199-01-01.csv", format!("{},gone\n1,Talks,2026-01-02,10,,\n", HEADER.trim_end()));
    let refused = desk.run("run --out now");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("`dealcast run --as-of` keeps none"), "{}", refused.stderr);
}

#[test]
fn a_past_day_sees_a_deal_that_vanished_later() {
    let desk = two_mondays();
    let past = desk.ok("history 3 --as-of 2026-01-10 --format csv").stdout;
    assert!(past.contains("2026-01-02") && past.contains("Talks"), "{past}");
    let now = desk.run("history 3 --as-of 2026-01-13");
    assert!(now.stderr.contains("no deal \"3\" was there"), "{}", now.stderr);
}

#[test]
fn without_a_folder_it_says_what_to_name() {
    let desk = Desk::empty();
    desk.write("deals.csv", "deal_id,stage\n1,Talks\n");
    let refused = desk.run("snapshot --deals deals.csv");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--into DIR"), "{}", refused.stderr);
}
