//! One analysis at a time: formats, filters, standard input, and what tools around the command rely on.

use std::fs;

use crate::harness::{Desk, Row, TABLES, Table, names};
use crate::world::LAST_DAY;

#[test]
fn a_table_can_be_had_in_every_format() {
    let desk = Desk::with_world(300, LAST_DAY);
    let csv = Table::parse(&desk.ok(&format!("funnel {TABLES} --format csv")).stdout);
    let json: Vec<serde_json::Value> =
        serde_json::from_str(&desk.ok(&format!("funnel {TABLES} --format json")).stdout).unwrap();
    assert_eq!(csv.rows(), json.len());
    assert_eq!(csv.column("entered")[0], json[0]["entered"].to_string());
    let table = desk.ok(&format!("funnel {TABLES}"));
    assert!(table.stdout.contains("conversion") && !table.stdout.contains('\u{1b}'), "{}", table.stdout);
    assert!(table.stderr.starts_with("data as of "), "{}", table.stderr);
    let finished = desk.ok(&format!("funnel {TABLES} --format parquet --out tables --quiet"));
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
    assert_eq!(names(&desk.path("tables")), ["funnel.parquet"]);
    assert!(fs::read(desk.path("tables/funnel.parquet")).unwrap().starts_with(b"PAR1"));
}

#[test]
fn deals_can_come_from_standard_input() {
    let desk = Desk::with_world(300, LAST_DAY);
    let from_file = desk.ok("stagnation --deals deals.csv --format csv").stdout;
    let text = desk.read("deals.csv");
    let output = desk.command("stagnation --deals - --format csv").write_stdin(text).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), from_file);
    assert!(Table::parse(&from_file).rows() > 3);
}

#[test]
fn filters_narrow_and_groups_add_up() {
    let desk = Desk::with_world(600, LAST_DAY);
    let table = |arguments: &str| Table::parse(&desk.ok(&format!("{arguments} {TABLES} --format csv")).stdout);
    let all = table("stagnation");
    let (north, both) = (table("stagnation --team North"), table("stagnation --team North --team South"));
    assert!(north.rows() > 0 && north.rows() < all.rows());
    assert_eq!(both.rows(), all.rows());
    assert_eq!(table("stagnation --team North --owner rep1 --currency usd").rows(), 0, "rep1 is in South");
    for by in ["stage", "owner", "team"] {
        let groups = table(&format!("stagnation --by {by}"));
        let deals = |row: Row<'_>| -> usize {
            ["on_pace", "slow", "stalled"].iter().map(|status| row.get(status).parse::<usize>().unwrap()).sum()
        };
        let total = |of: &str| groups.iter().filter(|row| row.get("by") == of).map(deals).sum::<usize>();
        assert_eq!((total("all"), total(by)), (all.rows(), all.rows()), "{by}");
    }
    let forecast = table("forecast --owner rep1 --period 2025-Q4");
    assert!(forecast.rows() > 0);
    assert!(forecast.column("period").iter().all(|period| *period == "2025-Q4"));
    let teams = table("forecast --level team --level company --period 2025-Q4");
    assert_eq!(teams.column("node"), ["North", "North", "South", "South", "company", "company"]);
    let segments = table("funnel --by source --by team --period 2025-Q1").column("segment").join(",");
    assert!(segments.contains("source=Referral") && segments.contains("team=South"), "{segments}");
    let sources = table("sources --period 2025-Q1");
    assert_eq!(sources.column("source"), ["Cold call", "Referral", "Web"]);
}

#[test]
fn check_tells_what_is_wrong_and_stops_nothing_that_may_go_on() {
    let desk = Desk::with_world(300, LAST_DAY);
    let clean = desk.ok(&format!("check {TABLES}"));
    assert!(clean.stderr.contains("deals.csv: 300 rows = 300 used + 0 rejected"), "{}", clean.stderr);
    assert!(clean.stderr.contains("without activities: "), "{}", clean.stderr);
    desk.write("deals.csv", desk.read("deals.csv") + "D9998,x,y,Won,2025-01-01,5,USD,rep1,Web,,\n");
    let issues = Table::parse(&desk.ok(&format!("check {TABLES} --format csv")).stdout);
    assert_eq!(issues.column("rule"), ["won_without_close_date"]);
    assert_eq!((issues.column("count"), issues.column("line")), (vec!["1"], vec!["302"]));
    let rules = Table::parse(&desk.ok("check --rules --format csv").stdout);
    assert!(rules.column("rule").contains(&"duplicate_id"));
}

#[test]
fn the_documented_world_is_the_one_in_data() {
    let desk = Desk::empty();
    desk.ok("simulate --deals 3000 --seed 7 --out sample");
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let mut compared = 0;
    for folder in ["", "truth"] {
        for name in names(&shipped.join(folder)) {
            let (made, kept) = (desk.path("sample").join(folder).join(&name), shipped.join(folder).join(&name));
            if kept.is_file() {
                assert!(fs::read(made).unwrap() == fs::read(kept).unwrap(), "{folder}/{name} differs");
                compared += 1;
            }
        }
    }
    assert!(compared >= 9, "{compared}");
    assert_eq!(desk.names(), ["sample"], "nothing is left beside it");
    // An earlier world may be replaced, one with other things in it may not.
    desk.ok("simulate --deals 200 --format parquet --out sample --quiet");
    assert!(desk.path("sample/deals.parquet").is_file() && !desk.path("sample/deals.csv").exists());
    desk.write("sample/notes.txt", "mine");
    assert_eq!(desk.run("simulate --deals 200 --out sample").code, 2);
    assert_eq!(desk.run("simulate --deals 200 --signal 7 --out other").code, 2);
    assert!(!desk.path("other").exists());
}

#[test]
fn a_configuration_is_found_and_its_paths_are_its_own() {
    let desk = Desk::empty();
    desk.ok("simulate --deals 400 --out world --quiet");
    let from_outside = desk.ok("funnel --config world/dealcast.toml --format csv").stdout;
    let inside = desk.command("funnel --format csv").current_dir(desk.path("world")).output().unwrap();
    assert_eq!(String::from_utf8(inside.stdout).unwrap(), from_outside);
    assert!(String::from_utf8(inside.stderr).unwrap().contains("using dealcast.toml of this folder"));
    fs::copy(desk.path("world/dealcast.toml"), desk.path("elsewhere.toml")).unwrap();
    assert_eq!(desk.run("funnel --config elsewhere.toml").code, 3);
    assert_eq!(desk.ok("funnel --config elsewhere.toml --data world --format csv").stdout, from_outside);
}

#[test]
fn schemas_completions_and_help_are_there_for_tools() {
    let desk = Desk::empty();
    for of in ["config", "outputs"] {
        let schema: serde_json::Value = serde_json::from_str(&desk.ok(&format!("schema {of}")).stdout).unwrap();
        assert!(schema.is_object());
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(desk.ok(&format!("completions {shell}")).stdout.contains("dealcast"));
    }
    let help = desk.ok("--help").stdout;
    assert!(help.contains("Exit codes: 0 done") && help.contains("explain"), "{help}");
    assert_eq!(desk.ok("--version").stdout, concat!("dealcast ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn log_lines_are_json_where_asked_for_and_quiet_is_quiet() {
    let desk = Desk::with_world(300, LAST_DAY);
    let finished = desk.ok(&format!("run {TABLES} --out out --quiet --log-format json"));
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
    let logged = desk.command(&format!("funnel {TABLES} --quiet --log-format json --format csv"));
    let mut logged = logged;
    let output = logged.env("DEALCAST_LOG", "dealcast=debug").output().unwrap();
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    assert_eq!(desk.command("schema config").env("DEALCAST_LOG", "=,").output().unwrap().status.code(), Some(2));
}
